"""Writes a call's record in order, without the call ever waiting for the database.

Each call has a queue and one task that empties it. A database that is away is asked
again, with growing pauses, and the order is kept; what the database refuses for good
is logged and left out, so that one bad entry doesn't keep the rest from being stored.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final, Protocol
from uuid import UUID

from annie.agent.protocols import LeaveMessage
from annie.calls.limits import BoundExceeded, Limits, within
from annie.kit.clock import Clock
from annie.kit.ids import new_id
from annie.kit.language import Language
from annie.kit.link import CallFacts, MediaFigures

logger = logging.getLogger(__name__)

#: Pauses between the tries of one write, the last one repeated.
_PAUSES: Final = (0.1, 0.25, 0.5, 1.0, 2.0)
#: Entries of one call that wait for the database; beyond that spoken turns are left out.
_CAPACITY: Final = 1000


class StoreUnavailable(Exception):  # noqa: N818 - it names a state
    """The database can't be reached at the moment; the same write may work later."""


@dataclass(slots=True, frozen=True)
class CallOpening:
    """The head of a record."""

    conversation_id: UUID
    org_id: UUID
    bot_id: UUID | None
    number_id: UUID
    number: str
    caller_number: str
    language: Language
    facts: CallFacts
    started_at: datetime


@dataclass(slots=True, frozen=True)
class Entry:
    """One message of a record. ``role`` is ``user``, ``assistant`` or ``system``.

    ``timings`` are milliseconds since the caller's last sound, where they apply.
    """

    role: str
    content: str
    at: datetime
    message_id: UUID = field(default_factory=new_id)
    timings: dict[str, int] = field(default_factory=dict[str, int])
    digits: str = ""
    interrupted: bool = False


@dataclass(slots=True, frozen=True)
class CallEnding:
    """The end of a record; ``recorded`` says whether a recording was made.

    ``media`` is how the audio fared, ``None`` where the edge never said.
    """

    reason: str
    at: datetime
    detail: str = ""
    recorded: bool = False
    media: MediaFigures | None = None


class CallStore(Protocol):
    """Where records are kept. Every method raises ``StoreUnavailable`` when trying again helps."""

    async def open_call(self, opening: CallOpening) -> None: ...

    async def add(self, opening: CallOpening, entry: Entry) -> None: ...

    async def amend(self, opening: CallOpening, message_id: UUID, content: str) -> None: ...

    async def leave_message(
        self, opening: CallOpening, message_id: UUID, message: LeaveMessage
    ) -> None: ...

    async def close_call(self, opening: CallOpening, ending: CallEnding) -> None: ...


@dataclass(slots=True)
class _Write:
    name: str
    run: Callable[[], Awaitable[None]]
    done: "asyncio.Future[None] | None" = None


class Journal:
    """The record of one call being written. Nothing here blocks or raises but ``leave_message``."""

    def __init__(
        self, store: CallStore, opening: CallOpening, clock: Clock, limits: Limits
    ) -> None:
        self._store = store
        self._opening = opening
        self._clock = clock
        self._limits = limits
        self._queue: deque[_Write] = deque()
        self._wake = asyncio.Event()
        #: One row for the same message, however often it is tried or given.
        self._message_ids: dict[LeaveMessage, UUID] = {}
        self._closed = False
        self._skipped = 0
        self._task: asyncio.Task[None] | None = None

    @property
    def conversation_id(self) -> UUID:
        """The record's id."""
        return self._opening.conversation_id

    def open(self) -> None:
        """Begin the record and the task that writes it."""
        self._put("open_call", lambda: self._store.open_call(self._opening))
        self._task = asyncio.create_task(self._run(), name=f"journal {self.conversation_id}")

    def add(self, entry: Entry) -> None:
        """Add what was said."""
        self._put("add_message", lambda: self._store.add(self._opening, entry))

    def amend(self, message_id: UUID, content: str) -> None:
        """Correct what was said to what was heard."""
        self._put("amend_message", lambda: self._store.amend(self._opening, message_id, content))

    def close(self, ending: CallEnding) -> None:
        """End the record; the first call counts. The task ends once everything is written."""
        if self._closed:
            return
        self._put("close_call", lambda: self._store.close_call(self._opening, ending))
        self._closed = True
        self._wake.set()

    def leave(self) -> None:
        """Somebody else goes on with this record: write what there is, and don't close it."""
        self._closed = True
        self._wake.set()

    def keep_message(self, message: LeaveMessage) -> None:
        """Store a message for the staff like the rest of the record, as late as it may become.

        For the end of a call, when nobody waits any more to hear whether it is stored.
        """
        message_id = self._message_id(message)
        self._put(
            "leave_message", lambda: self._store.leave_message(self._opening, message_id, message)
        )

    def _message_id(self, message: LeaveMessage) -> UUID:
        return self._message_ids.setdefault(message, new_id())

    async def leave_message(self, message: LeaveMessage) -> bool:
        """Store a message for the staff. True once it is stored, False when it surely isn't.

        A message that couldn't be stored in time is withdrawn, also from the middle of
        its transaction, so that what the caller is told is also what has happened.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        message_id = self._message_id(message)
        write = _Write(
            "leave_message",
            lambda: self._store.leave_message(self._opening, message_id, message),
            done,
        )
        self._queue.append(write)
        self._wake.set()
        try:
            await within(self._clock, self._limits.store, asyncio.shield(done))
        except (BoundExceeded, asyncio.CancelledError) as error:
            done.cancel()
            if isinstance(error, asyncio.CancelledError):
                raise
            return False
        except Exception:
            return False
        return True

    async def drain(self, seconds: float) -> bool:
        """Wait until everything is written; False when the bound came first.

        What is unwritten then is given up with a log line.
        """
        task = self._task
        if task is None:
            return True
        try:
            await within(self._clock, seconds, asyncio.shield(task))
        except BoundExceeded:
            await self._give_up(task)
            return False
        except asyncio.CancelledError:
            await self._give_up(task)
            raise
        return True

    async def _give_up(self, task: asyncio.Task[None]) -> None:
        task.cancel()
        await asyncio.wait({task})
        logger.error(
            "record_incomplete",
            extra={
                "conversation_id": str(self.conversation_id),
                "unwritten": [write.name for write in self._queue],
            },
        )

    def _put(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        if self._closed:
            return
        if len(self._queue) >= _CAPACITY and name in ("add_message", "amend_message"):
            self._skipped += 1
            return
        self._queue.append(_Write(name, run))
        self._wake.set()

    async def _run(self) -> None:
        while True:
            while not self._queue:
                if self._closed:
                    if self._skipped:
                        logger.error(
                            "record_entries_skipped",
                            extra={
                                "conversation_id": str(self.conversation_id),
                                "skipped": self._skipped,
                            },
                        )
                    return
                self._wake.clear()
                await self._wake.wait()
            # Left in the queue until written, so that what is given up can be named.
            await self._write(self._queue[0])
            self._queue.popleft()

    async def _write(self, write: _Write) -> None:
        tries = 0
        while write.done is None or not write.done.done():
            work = asyncio.ensure_future(write.run())
            if write.done is not None:
                write.done.add_done_callback(partial(_withdraw, work))
            try:
                await within(self._clock, self._limits.write, work)
            except (StoreUnavailable, BoundExceeded) as error:
                if tries == 0:
                    logger.warning(
                        "record_write_retried", extra={"write": write.name, "error": str(error)}
                    )
                await self._clock.sleep(_PAUSES[min(tries, len(_PAUSES) - 1)])
                tries += 1
                continue
            except Exception as error:
                logger.exception(
                    "record_write_refused",
                    extra={
                        "write": write.name,
                        "conversation_id": str(self.conversation_id),
                    },
                )
                if write.done is not None and not write.done.done():
                    write.done.set_exception(error)
                return
            if write.done is not None and not write.done.done():
                write.done.set_result(None)
            return


def _withdraw(work: asyncio.Future[None], done: asyncio.Future[None]) -> None:
    if done.cancelled():
        work.cancel()
