"""How far an event loop is behind: what decides whether a process can take another call."""

import asyncio
from typing import Final

from annie.kit.clock import Clock

_PAUSE: Final = 0.05
#: What is left of a lag after one pause: a tenth after about two seconds.
_FADING: Final = 0.945


class LoopLag:
    """The worst recent lag of the loop that ``watch`` runs on, fading, in seconds."""

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
        self.seconds = max(lag, self.seconds * _FADING)
