"""Routes of bots and their FAQs."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query

from annie.bots.schemas import (
    BotCreate,
    BotList,
    BotOut,
    BotUpdate,
    FaqCreate,
    FaqList,
    FaqOut,
    FaqUpdate,
)
from annie.bots.service import BotService
from annie.kit.routing import RequestContext, RequestedPage, guarded_router
from annie.kit.schemas import Deleted, Success

router = guarded_router("/bots", "Bots")

BotId = Annotated[UUID, Path(alias="botId")]
FaqId = Annotated[UUID, Path(alias="faqId")]


@router.post("", status_code=201, summary="Create bot")
async def create_bot(body: BotCreate, context: RequestContext) -> Success[BotOut]:
    bot = await BotService(context).create(body)
    return Success(data=BotOut.model_validate(bot))


@router.get("", summary="List bots")
async def list_bots(
    context: RequestContext,
    page: RequestedPage,
    org_id: Annotated[UUID | None, Query(alias="orgId")] = None,
) -> Success[BotList]:
    """Oldest first."""
    found = await BotService(context).page(page, org_id=org_id)
    bots = [BotOut.model_validate(row) for row in found.rows]
    return Success(data=BotList(bots=bots, pagination=found.pagination))


@router.get("/{botId}", summary="Get bot")
async def get_bot(bot_id: BotId, context: RequestContext) -> Success[BotOut]:
    return Success(data=BotOut.model_validate(await BotService(context).get(bot_id)))


@router.patch("/{botId}", summary="Update bot")
async def update_bot(bot_id: BotId, body: BotUpdate, context: RequestContext) -> Success[BotOut]:
    """A call in progress goes on as it began; the next one gets the change."""
    bot = await BotService(context).update(bot_id, body)
    return Success(data=BotOut.model_validate(bot))


@router.delete("/{botId}", summary="Delete bot")
async def delete_bot(bot_id: BotId, context: RequestContext) -> Success[Deleted]:
    """Refused with 409 while phone numbers are attached to it."""
    await BotService(context).delete(bot_id)
    return Success(data=Deleted(id=str(bot_id)))


@router.post("/{botId}/faqs", status_code=201, summary="Create FAQ", tags=["FAQs"])
async def create_faq(bot_id: BotId, body: FaqCreate, context: RequestContext) -> Success[FaqOut]:
    faq = await BotService(context).add_faq(bot_id, body)
    return Success(data=FaqOut.model_validate(faq))


@router.get("/{botId}/faqs", summary="List FAQs", tags=["FAQs"])
async def list_faqs(
    bot_id: BotId, context: RequestContext, page: RequestedPage
) -> Success[FaqList]:
    """Oldest first."""
    found = await BotService(context).faqs(bot_id, page)
    faqs = [FaqOut.model_validate(row) for row in found.rows]
    return Success(data=FaqList(faqs=faqs, pagination=found.pagination))


@router.get("/{botId}/faqs/{faqId}", summary="Get FAQ", tags=["FAQs"])
async def get_faq(bot_id: BotId, faq_id: FaqId, context: RequestContext) -> Success[FaqOut]:
    return Success(data=FaqOut.model_validate(await BotService(context).faq(bot_id, faq_id)))


@router.patch("/{botId}/faqs/{faqId}", summary="Update FAQ", tags=["FAQs"])
async def update_faq(
    bot_id: BotId, faq_id: FaqId, body: FaqUpdate, context: RequestContext
) -> Success[FaqOut]:
    faq = await BotService(context).update_faq(bot_id, faq_id, body)
    return Success(data=FaqOut.model_validate(faq))


@router.delete("/{botId}/faqs/{faqId}", summary="Delete FAQ", tags=["FAQs"])
async def delete_faq(bot_id: BotId, faq_id: FaqId, context: RequestContext) -> Success[Deleted]:
    await BotService(context).delete_faq(bot_id, faq_id)
    return Success(data=Deleted(id=str(faq_id)))
