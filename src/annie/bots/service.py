"""The rules of bots and their FAQs."""

from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from annie.bots.models import Bot, Faq
from annie.bots.repository import BotRepository
from annie.bots.schemas import BotCreate, BotUpdate, FaqCreate, FaqUpdate
from annie.kit.context import Context
from annie.kit.errors import ConflictError, FieldError, NotFoundError
from annie.kit.paging import Page, Paged
from annie.numbers.repository import NumberRepository
from annie.organizations.service import OrganizationService


class BotService:
    """What a principal may do with the bots that it reaches."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._repository = BotRepository(context)

    async def create(self, body: BotCreate) -> Bot:
        """Raises ``NotFoundError`` when the organization isn't reached."""
        await OrganizationService(self._context).get(body.org_id)
        bot = Bot(**_columns(body.model_dump()))
        await self._repository.add(bot)
        return bot

    async def get(self, bot_id: UUID) -> Bot:
        """Raises ``NotFoundError`` for what the principal doesn't reach."""
        bot = await self._repository.get(bot_id)
        if bot is None:
            raise NotFoundError(f"there is no bot {bot_id}")
        return bot

    async def page(self, page: Page, *, org_id: UUID | None = None) -> Paged[Bot]:
        return await self._repository.page(page, org_id=org_id)

    async def update(self, bot_id: UUID, body: BotUpdate) -> Bot:
        bot = await self.get(bot_id)
        changes = _columns(body.given())
        for name, value in changes.items():
            setattr(bot, name, value)
        if changes:
            await self._repository.next_version(bot)
        return bot

    async def delete(self, bot_id: UUID) -> None:
        """Delete a bot with its FAQs.

        Raises:
            ConflictError: phone numbers are attached to it; they are named.
        """
        bot = await self.get(bot_id)
        await self._refuse_if_in_use(bot_id)
        try:
            async with self._context.session.begin_nested():
                await self._repository.delete(bot)
        except IntegrityError:
            # A number was attached between the look and the deletion.
            await self._refuse_if_in_use(bot_id)
            raise

    async def _refuse_if_in_use(self, bot_id: UUID) -> None:
        numbers = [row.number for row in await NumberRepository(self._context).of_bot(bot_id)]
        if numbers:
            raise ConflictError(
                f"phone numbers are attached to the bot: {', '.join(numbers)}; "
                "detach them or attach them to another bot first",
                code="bot_in_use",
                details=[FieldError("phoneNumbers", number) for number in numbers],
            )

    async def add_faq(self, bot_id: UUID, body: FaqCreate) -> Faq:
        bot = await self.get(bot_id)
        faq = Faq(org_id=bot.org_id, bot_id=bot.id, **body.model_dump())
        await self._repository.add(faq)
        await self._repository.next_version(bot)
        return faq

    async def faq(self, bot_id: UUID, faq_id: UUID) -> Faq:
        await self.get(bot_id)
        faq = await self._repository.faq(bot_id, faq_id)
        if faq is None:
            raise NotFoundError(f"the bot has no FAQ {faq_id}")
        return faq

    async def faqs(self, bot_id: UUID, page: Page) -> Paged[Faq]:
        await self.get(bot_id)
        return await self._repository.faqs(bot_id, page)

    async def update_faq(self, bot_id: UUID, faq_id: UUID, body: FaqUpdate) -> Faq:
        bot = await self.get(bot_id)
        faq = await self.faq(bot_id, faq_id)
        changes = body.given()
        for name, value in changes.items():
            setattr(faq, name, value)
        if changes:
            await self._repository.next_version(bot)
        return faq

    async def delete_faq(self, bot_id: UUID, faq_id: UUID) -> None:
        bot = await self.get(bot_id)
        await self._repository.delete(await self.faq(bot_id, faq_id))
        await self._repository.next_version(bot)


def _columns(values: dict[str, Any]) -> dict[str, Any]:
    """Request values as columns: the deprecated switch isn't kept, greetings only where given."""
    values.pop("is_rag_enabled", None)
    if "localized_greetings" in values:
        values["localized_greetings"] = {
            str(language): {name: text for name, text in greetings.items() if text is not None}
            for language, greetings in values["localized_greetings"].items()
        }
    return values
