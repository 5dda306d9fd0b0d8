"""The packet clock: which slots are due, on a schedule that doesn't drift.

20 ms are cut into ten slots of 2 ms. Calls are spread over the slots, so that their
packets leave evenly and no call waits behind hundreds of others. The schedule is
absolute: slot ``n`` is due at ``start + n * 2 ms`` however late the one before was.
"""

from typing import Final

SLOTS: Final = 10
SLOT_SECONDS: Final = 0.002
#: How far behind the clock may be and still make up for it, packet by packet (100 ms).
#: Beyond it time is skipped: a burst of stale packets would only delay the caller.
MAX_BEHIND: Final = 5 * SLOTS
#: Event loops keep time in milliseconds; a slot this near (seconds) is run at once.
TOLERANCE: Final = 0.0006


class Ticker:
    """Counts slots. ``position`` is the number of the next slot to run, ``skipped`` in ticks."""

    __slots__ = ("_start", "position", "skipped")

    def __init__(self, start: float) -> None:
        """``start`` is the monotonic time of slot 0."""
        self._start = start
        self.position = 0
        self.skipped = 0

    def due_at(self, position: int) -> float:
        """Monotonic time at which slot ``position`` is due."""
        return self._start + position * SLOT_SECONDS

    def catch_up(self, now: float) -> tuple[int, int]:
        """What to do at ``now``: ``(slots to run, ticks to skip before them)``.

        Only whole ticks are skipped, so that every slot is skipped equally often. The
        caller runs the slots one by one with ``step``.
        """
        behind = int((now + TOLERANCE - self.due_at(self.position)) / SLOT_SECONDS) + 1
        if now + TOLERANCE < self.due_at(self.position):
            return 0, 0
        skipped = 0
        if behind > MAX_BEHIND:
            skipped = (behind - MAX_BEHIND + SLOTS - 1) // SLOTS
            self.position += skipped * SLOTS
            self.skipped += skipped
            behind -= skipped * SLOTS
        return behind, skipped

    def step(self) -> None:
        """The slot at ``position`` was run."""
        self.position += 1

    def rest(self, now: float) -> None:
        """Nothing happened meanwhile: go on with the slot that is due next."""
        behind = int((now - self.due_at(self.position)) / SLOT_SECONDS) + 1
        if behind > 0:
            self.position += behind
