"""The record of one call being written, without the call ever waiting for the database."""

import asyncio
import logging
from uuid import UUID

from annie.agent.protocols import LeaveMessage
from annie.calls.limits import BoundExceeded, Limits, within
from annie.calls.record import (
    AddEntry,
    AmendEntry,
    CallEnding,
    CallOpening,
    CloseCall,
    Entry,
    OpenCall,
    StoreMessage,
    Write,
)
from annie.calls.writer import RecordWriter, Settled
from annie.kit.clock import Clock
from annie.kit.ids import new_id

logger = logging.getLogger(__name__)


class Journal:
    """The record of one call. Nothing here blocks or raises but ``leave_message``."""

    def __init__(
        self, writer: RecordWriter, opening: CallOpening, clock: Clock, limits: Limits
    ) -> None:
        self._writer = writer
        self._opening = opening
        self._clock = clock
        self._limits = limits
        #: One row for the same message, however often it is tried or given.
        self._message_ids: dict[LeaveMessage, UUID] = {}
        self._closed = False
        self._last: Settled | None = None

    @property
    def conversation_id(self) -> UUID:
        """The record's id."""
        return self._opening.conversation_id

    def open(self) -> None:
        """Begin the record."""
        self._put(OpenCall(self._opening))

    def add(self, entry: Entry) -> None:
        """Add what was said."""
        self._put(AddEntry(self.conversation_id, self._opening.org_id, entry))

    def amend(self, message_id: UUID, content: str) -> None:
        """Correct what was said to what was heard."""
        self._put(AmendEntry(self.conversation_id, message_id, content))

    def close(self, ending: CallEnding) -> None:
        """End the record; the first call counts."""
        self._put(CloseCall(self.conversation_id, ending))
        self._closed = True

    def leave(self) -> None:
        """Somebody else goes on with this record: add no more, and don't close it."""
        self._closed = True

    def keep_message(self, message: LeaveMessage) -> None:
        """Store a message for the staff like the rest of the record, as late as it may become.

        For the end of a call, when nobody waits any more to hear whether it is stored.
        """
        self._put(self._store_message(message))

    async def leave_message(self, message: LeaveMessage) -> bool:
        """Store a message for the staff. True once it is stored, False when it surely isn't.

        A message that couldn't be stored in time is withdrawn, also from the middle of
        its transaction, so that what the caller is told is also what has happened.
        """
        stored = self._writer.put(self._store_message(message), withdrawable=True)
        try:
            return await within(self._clock, self._limits.store, asyncio.shield(stored)) is None
        except BoundExceeded:
            return False
        finally:
            stored.cancel()

    async def drain(self, seconds: float) -> bool:
        """Wait until everything is written; False when that is left to the writer."""
        if self._last is None or self._last.done():
            return True
        try:
            await within(self._clock, seconds, asyncio.shield(self._last))
        except BoundExceeded:
            logger.warning("record_late", extra={"conversation_id": str(self.conversation_id)})
            return False
        return True

    def _store_message(self, message: LeaveMessage) -> StoreMessage:
        message_id = self._message_ids.setdefault(message, new_id())
        opening = self._opening
        return StoreMessage(
            opening.conversation_id, opening.org_id, opening.bot_id, message_id, message
        )

    def _put(self, write: Write) -> None:
        if not self._closed:
            self._last = self._writer.put(write)
