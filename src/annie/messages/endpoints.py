"""Routes of staff messages."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query

from annie.kit.routing import RequestContext, RequestedPage, guarded_router
from annie.kit.schemas import Success
from annie.messages.schemas import (
    MessageStatus,
    MessageUpdate,
    StaffMessageList,
    StaffMessageOut,
)
from annie.messages.service import MessageService

router = guarded_router("/messages", "Messages")

MessageId = Annotated[UUID, Path(alias="messageId")]


@router.get("", summary="List messages")
async def list_messages(
    context: RequestContext,
    page: RequestedPage,
    org_id: Annotated[UUID | None, Query(alias="orgId")] = None,
    status: Annotated[MessageStatus | None, Query()] = None,
) -> Success[StaffMessageList]:
    """What callers left for the staff, newest first."""
    found = await MessageService(context).page(page, org_id=org_id, status=status)
    messages = [StaffMessageOut.model_validate(row) for row in found.rows]
    return Success(data=StaffMessageList(messages=messages, pagination=found.pagination))


@router.get("/{messageId}", summary="Get message")
async def get_message(message_id: MessageId, context: RequestContext) -> Success[StaffMessageOut]:
    message = await MessageService(context).get(message_id)
    return Success(data=StaffMessageOut.model_validate(message))


@router.patch("/{messageId}", summary="Update message")
async def update_message(
    message_id: MessageId, body: MessageUpdate, context: RequestContext
) -> Success[StaffMessageOut]:
    """Mark as READ or DONE, or as NEW again."""
    message = await MessageService(context).update(message_id, body)
    return Success(data=StaffMessageOut.model_validate(message))
