"""Writes the records of all calls of a process: what has accumulated, in one transaction.

One task empties one queue, so the order of each call is kept; it lives only while there is
something to write. A database that is away is asked again, with growing pauses, while
what waits is also kept in a file. What the database refuses for good is logged and left
out: the transaction it was in is then repeated one write at a time.
"""

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Final
from uuid import UUID

from annie.calls.backlog import Backlog
from annie.calls.limits import BoundExceeded, Limits, within
from annie.calls.record import (
    AddEntry,
    AmendEntry,
    CallStore,
    StoreUnavailable,
    Write,
    conversation_of,
)
from annie.kit.clock import Clock

logger = logging.getLogger(__name__)

#: Pauses between the tries of one round, the last one repeated (s).
_PAUSES: Final = (0.1, 0.25, 0.5, 1.0, 2.0)
#: Writes of one transaction: others want to write as well.
_ROUND: Final = 200
#: Spoken turns that wait for the database, of one call and of all; more are left out. What
#: opens and closes a record, and messages, always finds room.
_CALL_CAPACITY: Final = 1000
_CAPACITY: Final = 50_000

#: What a round gets to notice that the process ends.
_CANCEL_SECONDS: Final = 1.0

#: Why a write was refused, or None once it is stored.
Settled = asyncio.Future["Exception | None"]


@dataclass(slots=True, eq=False)
class _Item:
    write: Write
    settled: Settled = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    #: Somebody waits for it and may withdraw it: a file could not be told of that.
    withdrawable: bool = False
    #: It stands in the backlog's file.
    kept: bool = False


class RecordWriter:
    """All writes of a process. ``put`` never blocks; without a backlog nothing goes to disk."""

    def __init__(
        self, store: CallStore, clock: Clock, limits: Limits, backlog: Backlog | None = None
    ) -> None:
        self._store = store
        self._clock = clock
        self._limits = limits
        self._backlog = backlog
        self._queue: deque[_Item] = deque()
        self._waiting: Counter[UUID] = Counter()
        self._task: asyncio.Task[None] | None = None
        self._in_file = 0
        self._has_files = False
        self._skipped = 0
        #: Since when the database has been away, if it is.
        self._away_since: float | None = None

    @property
    def waiting(self) -> int:
        """Writes that aren't stored yet."""
        return len(self._queue)

    def put(self, write: Write, *, withdrawable: bool = False) -> Settled:
        """Write it when its turn comes. Cancelling what is returned withdraws it.

        A withdrawn write is not stored, not even from the middle of its transaction. Only
        what is ``withdrawable`` may be; it isn't kept beyond the process.
        """
        item = _Item(write, withdrawable=withdrawable)
        call = conversation_of(write)
        turn = isinstance(write, AddEntry | AmendEntry)
        if turn and (len(self._queue) >= _CAPACITY or self._waiting[call] >= _CALL_CAPACITY):
            self._skipped += 1
            item.settled.set_result(None)
            return item.settled
        self._queue.append(item)
        self._waiting[call] += 1
        self._begin()
        return item.settled

    async def adopt(self) -> list[Settled]:
        """Take over what processes that are gone couldn't write, each with its outcome."""
        if self._backlog is None:
            return []
        left = await asyncio.to_thread(self._backlog.adopt)
        # Before everything of this process: a call that goes on here began there.
        items = [_Item(write, kept=True) for write in left]
        self._queue.extendleft(reversed(items))
        self._waiting.update(conversation_of(write) for write in left)
        self._in_file += len(items)
        self._has_files = True
        if items:
            logger.warning("records_adopted", extra={"writes": len(items)})
        self._begin()
        return [item.settled for item in items]

    async def stop(self, seconds: float) -> int:
        """Write what can be written in time, keep the rest in a file; how much that is."""
        task = self._task
        if task is not None:
            try:
                await within(self._clock, seconds, asyncio.shield(task))
            except BoundExceeded:
                task.cancel()
                await asyncio.wait({task}, timeout=_CANCEL_SECONDS)
        left = len(self._queue)
        if left:
            await self._keep()
            logger.error("records_left_for_next_start", extra={"writes": left})
        if self._backlog is not None:
            self._backlog.close()
        return left

    def _begin(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="records")

    async def _run(self) -> None:
        tries = 0
        try:
            while self._queue:
                try:
                    await self._round(list(islice(self._queue, _ROUND)))
                except (StoreUnavailable, BoundExceeded) as error:
                    self._note_away(error)
                    await self._keep()
                    await self._clock.sleep(_PAUSES[min(tries, len(_PAUSES) - 1)])
                    tries += 1
                else:
                    tries = 0
                    await self._caught_up()
            await self._caught_up()
        finally:
            self._task = None

    async def _round(self, items: Sequence[_Item]) -> None:
        try:
            await self._attempt(items)
        except _Withdrawn:
            pass
        except (StoreUnavailable, BoundExceeded):
            raise
        except Exception as error:
            if len(items) > 1:
                for item in items:
                    await self._round([item])
                return
            self._refuse(items[0], error)
        else:
            for item in items:
                if not item.settled.done():
                    item.settled.set_result(None)
        self._forget_settled()

    async def _attempt(self, items: Sequence[_Item]) -> None:
        wanted = [item for item in items if not item.settled.done()]
        if not wanted:
            return
        work = asyncio.ensure_future(self._store.write([item.write for item in wanted]))
        watch = partial(_withdraw, work)
        for item in wanted:
            item.settled.add_done_callback(watch)
        try:
            await within(self._clock, self._limits.write, work)
        except BoundExceeded:
            if any(item.settled.cancelled() for item in wanted):
                raise _Withdrawn from None
            raise
        finally:
            for item in wanted:
                item.settled.remove_done_callback(watch)

    def _refuse(self, item: _Item, error: Exception) -> None:
        logger.error(
            "record_write_refused",
            exc_info=error,
            extra={
                "write": type(item.write).__name__,
                "conversation_id": str(conversation_of(item.write)),
            },
        )
        if not item.settled.done():
            item.settled.set_result(error)

    def _forget_settled(self) -> None:
        while self._queue and self._queue[0].settled.done():
            item = self._queue.popleft()
            self._in_file -= item.kept
            call = conversation_of(item.write)
            self._waiting[call] -= 1
            if not self._waiting[call]:
                del self._waiting[call]

    def _note_away(self, error: Exception) -> None:
        if self._away_since is None:
            self._away_since = self._clock.monotonic()
            logger.warning(
                "records_delayed", extra={"waiting": len(self._queue), "error": str(error)}
            )

    async def _caught_up(self) -> None:
        if self._has_files and not self._in_file and self._backlog is not None:
            self._has_files = False
            await asyncio.to_thread(self._backlog.clear)
        if self._away_since is not None and not self._in_file:
            seconds = self._clock.monotonic() - self._away_since
            self._away_since = None
            logger.warning("records_caught_up", extra={"seconds": round(seconds, 1)})
        if self._skipped:
            logger.error("record_entries_skipped", extra={"skipped": self._skipped})
            self._skipped = 0

    async def _keep(self) -> None:
        """Put into the file what isn't there yet."""
        fresh = [
            item
            for item in self._queue
            if not (item.kept or item.withdrawable or item.settled.done())
        ]
        if self._backlog is None or not fresh:
            return
        try:
            await asyncio.to_thread(self._backlog.append, [item.write for item in fresh])
        except OSError as error:
            logger.error("backlog_not_kept", extra={"writes": len(fresh), "error": str(error)})
            return
        for item in fresh:
            item.kept = True
        self._in_file += len(fresh)
        self._has_files = True


class _Withdrawn(Exception):  # noqa: N818 - it names what happened
    """A write of the round was taken back; the others are tried again without it."""


def _withdraw(work: "asyncio.Future[None]", settled: Settled) -> None:
    if settled.cancelled():
        work.cancel()
