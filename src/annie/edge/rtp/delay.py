"""How long received audio waits before it is played: as long as the network's jitter asks.

Each packet's transit time is compared with the shortest one seen lately; what it took
longer is its *excess*. The target is what all but the worst few of the last 256
packets needed. It follows a worse network at once, and a better one slowly.
"""

from typing import Final

_MASK: Final = 0xFFFFFFFF
_HALF: Final = 0x80000000

#: All in units of 1/8000 s. The step in which the target moves (10 ms) and its bounds.
STEP: Final = 80
SHORTEST: Final = 160
LONGEST: Final = 1600
#: Packets that are remembered (5 s of 20 ms packets).
WINDOW: Final = 256
#: Packets of the window that may come too late for the target: 1.5 %.
SPARED: Final = 4
#: Packets between two looks at whether less would do.
REVIEW: Final = 64

_BINS: Final = LONGEST // STEP


class TargetDelay:
    """``target`` in units of 1/8000 s, ``SHORTEST`` to ``LONGEST``.

    Transit times (arrival minus timestamp) are known up to a constant only, so all that
    is compared is relative to the first one after ``begin``. ``lead`` is what timestamps
    and the clock are apart when audio is due: ``timestamp + lead`` is its time.
    """

    __slots__ = (
        "_at",
        "_base",
        "_counts",
        "_former",
        "_least",
        "_reference",
        "_ring",
        "lead",
        "target",
    )

    def __init__(self) -> None:
        self._ring = bytearray(WINDOW)
        self._counts = [0] * _BINS
        self._counts[0] = WINDOW
        self._at = 0
        self._reference = 0
        self._base = self._least = self._former = 0
        self.target = SHORTEST
        self.lead = SHORTEST

    def begin(self, timestamp: int, clock: int) -> None:
        """A new time line: transit times from before say nothing about it; jitter does."""
        self._reference = clock - timestamp
        self._base = self._least = self._former = 0
        self.lead = self._reference + self.target

    def observe(self, timestamp: int, clock: int) -> None:
        """A packet of this ``timestamp`` arrived at ``clock``."""
        transit = clock - timestamp - self._reference
        if not -_HALF <= transit < _HALF:
            transit = ((transit + _HALF) & _MASK) - _HALF
        if transit < self._least:
            self._least = transit
            if transit < self._base:
                self._base = transit
                self.lead = self._reference + transit + self.target
        # No delay that we are ready to bear would have helped: that is a step of the peer's
        # clock, or as good as lost.
        excess = transit - self._base
        position = excess // STEP if excess < LONGEST else 0
        at = self._at
        forgotten = self._ring[at]
        if forgotten != position:
            self._ring[at] = position
            self._counts[forgotten] -= 1
            self._counts[position] += 1
            if position * STEP >= self.target:
                self._aim(max(self.target, self._needed()))
        self._at = at = (at + 1) % WINDOW
        if at % REVIEW == 0:
            self._review(at)

    def _review(self, at: int) -> None:
        if at == 0:
            # The shortest transit is forgotten in time, or a clock slower than ours (or a
            # route that became longer) would count as jitter for ever.
            self._base = min(self._former, self._least)
            self._former = self._least
            self._least = _HALF
        self._aim(max(self.target - STEP, self._needed()))

    def _aim(self, target: int) -> None:
        self.target = target
        self.lead = self._reference + self._base + target

    def _needed(self) -> int:
        spared = SPARED
        for position in range(_BINS - 1, 0, -1):
            spared -= self._counts[position]
            if spared < 0:
                return min((position + 1) * STEP, LONGEST)
        return SHORTEST
