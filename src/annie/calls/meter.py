"""Counts what a voice process needs for its calls: lateness of its ticks, and CPU."""

import time
from collections import deque
from typing import Final

from annie.kit.link import FRAME_MS

#: Ticks that the percentiles look back on: five minutes.
_WINDOW: Final = 15_000
#: A longer gap is no late tick but a time without calls.
_PAUSE: Final = 1.0


class Meter:
    """Figures since the process began, percentiles over the last five minutes of ticks."""

    def __init__(self) -> None:
        self._last: float | None = None
        self._late: deque[float] = deque(maxlen=_WINDOW)
        self._work: deque[float] = deque(maxlen=_WINDOW)
        self._call_ticks = 0
        self._cpu_began = time.process_time()
        self._cpu_in_calls = 0.0
        self._cpu_last = self._cpu_began
        self.ticks = 0

    def tick(self, began: float, calls: int) -> None:
        """A tick that began at monotonic ``began`` has been dealt with, for ``calls`` calls."""
        now = time.monotonic()
        cpu = time.process_time()
        if self._last is not None and began - self._last < _PAUSE:
            self._late.append(max(0.0, (began - self._last) * 1000 - FRAME_MS))
            if calls:
                self._cpu_in_calls += cpu - self._cpu_last
        self._last = began
        self._cpu_last = cpu
        self._work.append((now - began) * 1000)
        self._call_ticks += calls
        self.ticks += 1

    def figures(self) -> dict[str, float]:
        """Milliseconds unless named otherwise. CPU is of all threads, while calls were running."""
        seconds = self._call_ticks * FRAME_MS / 1000
        return {
            "ticks": self.ticks,
            "call_seconds": round(seconds, 2),
            "cpu_seconds": round(time.process_time() - self._cpu_began, 2),
            "cpu_ms_per_call_second": round(self._cpu_in_calls * 1000 / seconds, 2)
            if seconds
            else 0.0,
            "late_p50": _percentile(self._late, 50),
            "late_p99": _percentile(self._late, 99),
            "late_max": _percentile(self._late, 100),
            "work_p50": _percentile(self._work, 50),
            "work_p99": _percentile(self._work, 99),
        }


def _percentile(values: deque[float], percent: int) -> float:
    if not values:
        return 0.0
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, len(ordered) * percent // 100)], 3)
