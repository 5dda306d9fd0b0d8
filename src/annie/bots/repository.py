"""All SQL of bots and FAQs."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select, update

from annie.bots.models import Bot, Faq
from annie.kit.context import Context
from annie.kit.paging import Page, Paged, paged
from annie.kit.tenancy import unscoped, visible


class BotRepository:
    """Bots and FAQs that the principal reaches."""

    def __init__(self, context: Context) -> None:
        self._session = context.session
        self._principal = context.principal

    async def get(self, bot_id: UUID) -> Bot | None:
        return await self._session.scalar(
            visible(select(Bot).where(Bot.id == bot_id), Bot, self._principal)
        )

    async def page(self, page: Page, *, org_id: UUID | None = None) -> Paged[Bot]:
        statement = visible(select(Bot), Bot, self._principal)
        if org_id is not None:
            statement = statement.where(Bot.org_id == org_id)
        return await paged(self._session, statement.order_by(Bot.id), page)

    async def outbound_among(self, bot_ids: Collection[UUID]) -> set[UUID]:
        """Those of ``bot_ids`` that make calls."""
        statement = visible(
            select(Bot.id).where(Bot.id.in_(bot_ids), Bot.outbound.is_(True)), Bot, self._principal
        )
        return set((await self._session.scalars(statement)).all())

    async def next_version(self, bot: Bot) -> None:
        """Count one change; in the database, so that two changes at once count as two."""
        await self._session.flush()
        await self._session.execute(
            visible(
                update(Bot)
                .where(Bot.id == bot.id)
                .values(version=Bot.version + 1)
                .execution_options(synchronize_session=False),
                Bot,
                self._principal,
            )
        )
        await self._session.refresh(bot, ["version", "updated_at"])

    async def faq(self, bot_id: UUID, faq_id: UUID) -> Faq | None:
        return await self._session.scalar(
            visible(select(Faq).where(Faq.id == faq_id, Faq.bot_id == bot_id), Faq, self._principal)
        )

    async def faqs(self, bot_id: UUID, page: Page) -> Paged[Faq]:
        statement = visible(select(Faq).where(Faq.bot_id == bot_id), Faq, self._principal)
        return await paged(self._session, statement.order_by(Faq.id), page)

    async def add(self, row: Bot | Faq) -> None:
        self._session.add(row)
        await self._session.flush()

    async def delete(self, row: Bot | Faq) -> None:
        await self._session.delete(row)
        await self._session.flush()


class LiveBots:
    """What a live call may know of the bot that answers the dialled number."""

    def __init__(self, context: Context) -> None:
        self._session = context.session

    async def get(self, bot_id: UUID) -> Bot | None:
        return await self._session.scalar(
            unscoped(
                select(Bot).where(Bot.id == bot_id), reason="the dialled number decides the bot"
            )
        )

    async def enabled_faqs(self, bot_id: UUID) -> list[Faq]:
        """Every FAQ that the bot may answer, in the order of creation."""
        statement = unscoped(
            select(Faq).where(Faq.bot_id == bot_id, Faq.enabled.is_(True)).order_by(Faq.id),
            reason="the dialled number decides the bot",
        )
        return list((await self._session.scalars(statement)).all())
