"""Timer values of RFC 3261 (table 4) and the queue that all state machines share."""

import heapq
import itertools
from typing import Final, Protocol

#: Round-trip estimate, longest retransmission interval, longest life of a message (seconds).
T1: Final = 0.5
T2: Final = 4.0
T4: Final = 5.0
#: How long a transaction tries before it gives up: timers B, F, H, J, L, M.
GIVE_UP: Final = 64 * T1
#: Stopped timers that are borne besides as many as are running.
_SPARE: Final = 64


class TimerOwner(Protocol):
    """Something that has timers; they are told apart by name."""

    def fire(self, timer: str, now: float) -> None:
        """The timer of this name is due."""
        ...


class Timers:
    """Named deadlines of many owners. Starting a running timer moves it."""

    def __init__(self) -> None:
        self._deadlines: dict[tuple[TimerOwner, str], float] = {}
        self._heap: list[tuple[float, int, TimerOwner, str]] = []
        self._sequence = itertools.count()

    def __len__(self) -> int:
        return len(self._deadlines)

    @property
    def held(self) -> int:
        """How many entries there are, those of stopped timers included."""
        return len(self._heap)

    def start(self, owner: TimerOwner, timer: str, deadline: float) -> None:
        """Let ``owner.fire(timer)`` be called at ``deadline``."""
        self._deadlines[owner, timer] = deadline
        heapq.heappush(self._heap, (deadline, next(self._sequence), owner, timer))
        if len(self._heap) > 2 * len(self._deadlines) + _SPARE:
            self._sweep()

    def stop(self, owner: TimerOwner, *timers: str) -> None:
        """Forget timers, running or not."""
        for timer in timers:
            self._deadlines.pop((owner, timer), None)

    def next_deadline(self) -> float | None:
        """The earliest deadline."""
        self._drop_stale()
        return self._heap[0][0] if self._heap else None

    def fire_due(self, now: float) -> None:
        """Fire everything due at ``now``, earliest first."""
        self._drop_stale()
        while self._heap and self._heap[0][0] <= now:
            _, _, owner, timer = heapq.heappop(self._heap)
            del self._deadlines[owner, timer]
            owner.fire(timer, now)
            self._drop_stale()

    def _sweep(self) -> None:
        # Timers stopped long before they were due would pile up, and keep their owners.
        self._heap = [
            entry for entry in self._heap if self._deadlines.get((entry[2], entry[3])) == entry[0]
        ]
        heapq.heapify(self._heap)

    def _drop_stale(self) -> None:
        # Stopped and moved timers stay in the heap until they come to the top.
        heap = self._heap
        while heap and self._deadlines.get((heap[0][2], heap[0][3])) != heap[0][0]:
            heapq.heappop(heap)
