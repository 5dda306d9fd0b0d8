"""All SQL of conversations and their messages."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update

from annie.conversations.models import Conversation, Utterance
from annie.kit.context import Context
from annie.kit.paging import Page, Paged, paged
from annie.kit.tenancy import unscoped, visible


class ConversationRepository:
    """Conversations that the principal reaches."""

    def __init__(self, context: Context) -> None:
        self._session = context.session
        self._principal = context.principal

    async def get(self, conversation_id: UUID) -> Conversation | None:
        return await self._session.scalar(
            visible(
                select(Conversation).where(Conversation.id == conversation_id),
                Conversation,
                self._principal,
            )
        )

    async def page(
        self,
        page: Page,
        *,
        org_id: UUID | None,
        bot_id: UUID | None,
        include_archived: bool,
        include_children: bool,
    ) -> Paged[Conversation]:
        """Newest first."""
        statement = visible(select(Conversation), Conversation, self._principal)
        if org_id is not None:
            statement = statement.where(Conversation.org_id == org_id)
        elif not include_children:
            statement = statement.where(Conversation.org_id == self._principal.org_id)
        if bot_id is not None:
            statement = statement.where(Conversation.bot_id == bot_id)
        if not include_archived:
            statement = statement.where(Conversation.status != "ARCHIVED")
        newest = statement.order_by(Conversation.start_time.desc(), Conversation.id.desc())
        return await paged(self._session, newest, page)

    async def utterances(self, conversation_id: UUID) -> list[Utterance]:
        """In the order in which they were said."""
        statement = visible(
            select(Utterance)
            .where(Utterance.conversation_id == conversation_id)
            .order_by(Utterance.at, Utterance.id),
            Utterance,
            self._principal,
        )
        return list((await self._session.scalars(statement)).all())

    async def count_open(self, org_id: UUID) -> int:
        statement = visible(
            select(func.count())
            .select_from(Conversation)
            .where(Conversation.org_id == org_id, Conversation.status == "OPEN"),
            Conversation,
            self._principal,
        )
        return int(await self._session.scalar(statement) or 0)

    async def ids(self, org_id: UUID) -> set[UUID]:
        """Of every conversation of an organization."""
        statement = visible(
            select(Conversation.id).where(Conversation.org_id == org_id),
            Conversation,
            self._principal,
        )
        return set((await self._session.scalars(statement)).all())

    async def add(self, row: Conversation | Utterance) -> None:
        self._session.add(row)
        await self._session.flush()

    async def save(self) -> None:
        await self._session.flush()


class LiveConversations:
    """What a live call writes. The organization was decided by the dialled number.

    Every write may be repeated: a call whose database was away sends it again without
    knowing whether the first try was stored.
    """

    def __init__(self, context: Context) -> None:
        self._session = context.session

    async def get(self, conversation_id: UUID) -> Conversation | None:
        return await self._session.scalar(
            unscoped(
                select(Conversation).where(Conversation.id == conversation_id),
                reason="a live call writes its own record",
            )
        )

    async def put(self, row: Conversation | Utterance) -> None:
        """Store, unless a first try has: what was changed since then stays as it is."""
        table = type(row)
        stored = unscoped(
            select(table.id).where(table.id == row.id),
            reason="a live call writes its own record",
        )
        if await self._session.scalar(stored) is None:
            self._session.add(row)
            await self._session.flush()

    async def amend(self, message_id: UUID, content: str) -> None:
        """Correct what was said to what was heard."""
        await self._session.execute(
            unscoped(
                update(Utterance)
                .where(Utterance.id == message_id)
                .values(content=content, interrupted=True),
                reason="a live call writes its own record",
            )
        )

    async def close(self, conversation_id: UUID, values: dict[str, object]) -> None:
        await self._session.execute(
            unscoped(
                update(Conversation).where(Conversation.id == conversation_id).values(values),
                reason="a live call writes its own record",
            )
        )

    async def close_orphans(self, before: datetime, live: Collection[UUID] = ()) -> list[UUID]:
        """Close calls that began before ``before`` and aren't ``live``; their ids."""
        found = await self._session.scalars(
            unscoped(
                select(Conversation.id).where(
                    Conversation.medium == "VOICE",
                    Conversation.status == "OPEN",
                    Conversation.start_time < before,
                ),
                reason="a starting voice process cleans up after one that was killed",
            )
        )
        orphans = [each for each in found if each not in live]
        if orphans:
            await self._session.execute(
                unscoped(
                    update(Conversation)
                    .where(Conversation.id.in_(orphans))
                    .values(status="CLOSED", end_reason="system_failure", end_time=before),
                    reason="a starting voice process cleans up after one that was killed",
                )
            )
        return orphans
