"""How far an event loop is behind: what decides whether a process can take another call."""

import asyncio
from typing import Final

from annie.kit.clock import Clock

_PAUSE: Final = 0.05
#: Weight of the newest measurement: one stall alone is not yet a lag, half a second of it is.
_NEWEST: Final = 0.1


class LoopLag:
    """The mean lag of the loop that ``watch`` runs on, over about the last second, in seconds."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.seconds = 0.0

    async def watch(self) -> None:
        """Measure for ever: how much later than asked a short sleep ends."""
        while True:
            began = self._clock.monotonic()
            await asyncio.sleep(_PAUSE)
            self.note(self._clock.monotonic() - began - _PAUSE)

    def note(self, lag: float) -> None:
        """Something was done ``lag`` seconds late."""
        self.seconds += _NEWEST * (max(lag, 0.0) - self.seconds)
