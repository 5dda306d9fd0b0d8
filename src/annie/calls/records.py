"""The records of calls in the database: ``CallStore`` over the conversations and messages."""

from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

from msgspec import structs
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from annie.agent.protocols import LeaveMessage
from annie.calls.journal import CallEnding, CallOpening, Entry, StoreUnavailable
from annie.conversations.models import Conversation, Utterance
from annie.conversations.repository import LiveConversations
from annie.kit.clock import Clock
from annie.kit.context import Context
from annie.kit.database import Database
from annie.kit.ids import new_id
from annie.kit.principal import Principal
from annie.messages.models import StaffMessage
from annie.messages.repository import LiveMessages
from annie.numbers.e164 import caller_number


class DatabaseStore:
    """Writes records; every write may be repeated without doubling anything."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def open_call(self, opening: CallOpening) -> None:
        facts = opening.facts
        diversion = facts.diversions[0] if facts.diversions else None
        async with self._context(opening.org_id) as context:
            await LiveConversations(context).put(
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

    async def add(self, opening: CallOpening, entry: Entry) -> None:
        async with self._context(opening.org_id) as context:
            await LiveConversations(context).put(
                Utterance(
                    id=entry.message_id,
                    org_id=opening.org_id,
                    conversation_id=opening.conversation_id,
                    role=entry.role,
                    content=entry.content.replace("\0", ""),
                    at=entry.at,
                    timings=dict(entry.timings),
                    digits=entry.digits[:64],
                    interrupted=entry.interrupted,
                )
            )

    async def amend(self, opening: CallOpening, message_id: UUID, content: str) -> None:
        async with self._context(opening.org_id) as context:
            await LiveConversations(context).amend(message_id, content)

    async def leave_message(
        self, opening: CallOpening, message_id: UUID, message: LeaveMessage
    ) -> None:
        async with self._context(opening.org_id) as context:
            await LiveMessages(context).put(
                StaffMessage(
                    id=message_id,
                    org_id=opening.org_id,
                    bot_id=opening.bot_id,
                    conversation_id=opening.conversation_id,
                    caller_name=message.caller_name.replace("\0", "")[:255],
                    callback_number=message.callback_number.replace("\0", "")[:64],
                    content=message.content.replace("\0", ""),
                    urgency="URGENT" if message.urgent else "NORMAL",
                    confirmed=message.confirmed,
                )
            )

    async def close_call(self, opening: CallOpening, ending: CallEnding) -> None:
        media = {} if ending.media is None else {"media": structs.asdict(ending.media)}
        async with self._context(opening.org_id) as context:
            await LiveConversations(context).close(
                opening.conversation_id,
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
        async with self._context(new_id()) as context:
            conversations = LiveConversations(context)
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
        async with self._context(new_id()) as context:
            for conversation_id in recorded:
                await LiveConversations(context).close(conversation_id, {"recorded": True})

    @asynccontextmanager
    async def _context(self, org_id: UUID) -> AsyncGenerator[Context]:
        try:
            async with self._database.session() as session:
                yield Context(session, Principal.acting_for(org_id), self._clock)
        except (OperationalError, InterfaceError, PoolTimeoutError, OSError) as error:
            raise StoreUnavailable(str(error)) from error
        except DBAPIError as error:
            if error.connection_invalidated:
                raise StoreUnavailable(str(error)) from error
            raise


def _fit(text: str, length: int) -> str | None:
    """What a peer sent, as a column can hold it; None when empty."""
    return text.replace("\0", "")[:length] or None
