"""The records of calls in the database: ``CallStore`` over the conversations and messages."""

from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final, assert_never
from uuid import UUID

from msgspec import structs
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncSession

from annie.calls.record import (
    NO_ORGANIZATION,
    AddEntry,
    AmendEntry,
    CallOpening,
    CloseCall,
    OpenCall,
    StoreMessage,
    StoreUnavailable,
    Write,
)
from annie.conversations.models import Conversation, Utterance
from annie.conversations.repository import LiveConversations
from annie.kit.clock import Clock
from annie.kit.context import Context
from annie.kit.database import Database
from annie.kit.principal import Principal
from annie.messages.models import StaffMessage
from annie.messages.repository import LiveMessages
from annie.numbers.e164 import caller_number

#: Classes of SQLSTATE that say nothing against the write (PostgreSQL's appendix A): connections,
#: a standby that only reads, conflicts, lack of resources, locks and closed databases, a server
#: that is going down, its disk.
_PASSING: Final = frozenset({"08", "25", "40", "53", "55", "57", "58"})


class DatabaseStore:
    """Writes records; every write may be repeated without doubling or undoing anything."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def write(self, writes: Sequence[Write]) -> None:
        """Store all of them in one transaction.

        Raises:
            StoreUnavailable: try again later.
        """
        async with self._session() as session:
            for write in writes:
                match write:
                    case OpenCall():
                        await self._open(session, write.opening)
                    case AddEntry():
                        await self._add(session, write)
                    case AmendEntry():
                        conversations = LiveConversations(self._context(session, NO_ORGANIZATION))
                        await conversations.amend(write.message_id, write.content)
                    case StoreMessage():
                        await self._leave_message(session, write)
                    case CloseCall():
                        await self._close(session, write)
                    case _:
                        assert_never(write)

    async def _open(self, session: AsyncSession, opening: CallOpening) -> None:
        facts = opening.facts
        diversion = facts.diversions[0] if facts.diversions else None
        conversations = LiveConversations(self._context(session, opening.org_id))
        await conversations.put(
            Conversation(
                id=opening.conversation_id,
                org_id=opening.org_id,
                bot_id=opening.bot_id,
                phone_number_id=opening.number_id,
                medium="VOICE",
                status="OPEN",
                direction="INBOUND",
                language=opening.language.value,
                to_number=_fit(opening.number, 64),
                from_number=_fit(opening.caller_number or caller_number(facts.caller), 64),
                caller_name=_fit(facts.caller_name, 255),
                asserted_identity=_fit(facts.asserted_identity, 255),
                diverted_from=_fit(diversion.number, 255) if diversion else None,
                diverted_reason=_fit(diversion.reason, 64) if diversion else None,
                user_agent=_fit(facts.user_agent, 255),
                sip_call_id=_fit(facts.sip_call_id, 255),
                start_time=opening.started_at,
            )
        )

    async def _add(self, session: AsyncSession, write: AddEntry) -> None:
        entry = write.entry
        await LiveConversations(self._context(session, write.org_id)).put(
            Utterance(
                id=entry.message_id,
                org_id=write.org_id,
                conversation_id=write.conversation_id,
                role=entry.role,
                content=entry.content.replace("\0", ""),
                at=entry.at,
                timings=dict(entry.timings),
                digits=entry.digits[:64],
                interrupted=entry.interrupted,
            )
        )

    async def _leave_message(self, session: AsyncSession, write: StoreMessage) -> None:
        message = write.message
        await LiveMessages(self._context(session, write.org_id)).put(
            StaffMessage(
                id=write.message_id,
                org_id=write.org_id,
                bot_id=write.bot_id,
                conversation_id=write.conversation_id,
                caller_name=message.caller_name.replace("\0", "")[:255],
                callback_number=message.callback_number.replace("\0", "")[:64],
                content=message.content.replace("\0", ""),
                urgency="URGENT" if message.urgent else "NORMAL",
                confirmed=message.confirmed,
            )
        )

    async def _close(self, session: AsyncSession, write: CloseCall) -> None:
        ending = write.ending
        media = {} if ending.media is None else {"media": structs.asdict(ending.media)}
        await LiveConversations(self._context(session, NO_ORGANIZATION)).close(
            write.conversation_id,
            {
                "status": "CLOSED",
                "end_time": ending.at,
                "end_reason": _fit(ending.reason, 64),
                "end_detail": _fit(ending.detail, 1000),
                "recorded": ending.recorded,
                **media,
            },
        )

    async def close_orphans(
        self, before: datetime, recorded: Sequence[UUID] = (), live: Collection[UUID] = ()
    ) -> list[UUID]:
        """Close the records of calls that began before and that nobody is on; their ids.

        ``recorded`` names conversations whose recordings were salvaged, ``live`` those
        whose calls are up.

        Raises:
            StoreUnavailable: try again later.
        """
        async with self._session() as session:
            conversations = LiveConversations(self._context(session, NO_ORGANIZATION))
            for conversation_id in recorded:
                await conversations.close(conversation_id, {"recorded": True})
            return await conversations.close_orphans(before, live)

    async def tell_recorded(self, recorded: Sequence[UUID]) -> None:
        """These conversations have a recording after all.

        Raises:
            StoreUnavailable: try again later.
        """
        if not recorded:
            return
        async with self._session() as session:
            conversations = LiveConversations(self._context(session, NO_ORGANIZATION))
            for conversation_id in recorded:
                await conversations.close(conversation_id, {"recorded": True})

    def _context(self, session: AsyncSession, org_id: UUID) -> Context:
        return Context(session, Principal.acting_for(org_id), self._clock)

    @asynccontextmanager
    async def _session(self) -> AsyncGenerator[AsyncSession]:
        try:
            async with self._database.session() as session:
                yield session
        except (OperationalError, InterfaceError, PoolTimeoutError, OSError) as error:
            raise StoreUnavailable(str(error)) from error
        except DBAPIError as error:
            state: str = getattr(error.orig, "sqlstate", None) or ""
            if error.connection_invalidated or state[:2] in _PASSING:
                raise StoreUnavailable(str(error)) from error
            raise


def _fit(text: str, length: int) -> str | None:
    """What a peer sent, as a column can hold it; None when empty."""
    return text.replace("\0", "")[:length] or None
