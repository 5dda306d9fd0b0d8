"""The voice process: takes the calls that the edge offers, and looks after what they share."""

import asyncio
import logging
import time
from typing import Final

from annie.calls.checkpoint import Checkpoint
from annie.calls.meter import Meter
from annie.calls.protocols import CallLeg
from annie.calls.session import CallServices, CallSession, Rejoined
from annie.kit.lag import LoopLag
from annie.kit.link import CallResumed
from annie.speech.ears import Ears

logger = logging.getLogger(__name__)

#: Behind by more than this (s), one call more would be heard by all the others.
_FULL_SECONDS: Final = 0.08
#: Calls that are taken whatever the lag: with so few it isn't they that cause it.
_ALWAYS_TAKEN: Final = 8
#: What calls that are cut short get to write their records.
_CUT_SECONDS: Final = 3.0


class Voice:
    """The calls of one process. ``offer`` and ``tick`` are given to the link."""

    def __init__(self, services: CallServices, ears: Ears, lag: LoopLag) -> None:
        self._services = services
        self._ears = ears
        self._sessions: set[asyncio.Task[None]] = set()
        self._draining = False
        self.meter = Meter()
        self.lag = lag

    @property
    def calls(self) -> int:
        """Calls whose record isn't closed yet."""
        return len(self._sessions)

    def offer(self, leg: CallLeg) -> None:
        """An INVITE: take the call, or refuse it when this process is full or about to end."""
        busy = len(self._sessions) >= _ALWAYS_TAKEN and self.lag.seconds > _FULL_SECONDS
        if self._draining or busy:
            if busy:
                logger.warning(
                    "call_refused_for_load",
                    extra={"calls": self.calls, "lag_ms": round(self.lag.seconds * 1000)},
                )
            leg.listen(_Deaf())
            leg.reject(503, "Service Unavailable")
            return
        self._begin(CallSession(leg, self._services))

    def _begin(self, session: CallSession) -> None:
        task = asyncio.create_task(session.run(), name="call")
        self._sessions.add(task)
        task.add_done_callback(self._ended)

    def resume(self, leg: CallLeg, resumed: CallResumed) -> None:
        """An established call whose process was lost: go on with it.

        Also while draining: the caller is better off with a few seconds than with none.
        """
        checkpoint = Checkpoint.decode(resumed.state)
        if checkpoint is None:
            leg.listen(_Deaf())
            leg.hang_up()
            return
        logger.warning(
            "call_taken_over",
            extra={"conversation_id": str(resumed.conversation), "calls": self.calls},
        )
        self._begin(CallSession(leg, self._services, Rejoined(checkpoint, resumed.comforted)))

    def tick(self) -> None:
        """Every caller's frame of this tick was told: hear them all at once."""
        began = time.monotonic()
        self._ears.process()
        self.meter.tick(began, len(self._sessions))

    async def drain(self, seconds: float) -> bool:
        """Take no new calls, let the running ones end; what is left then is cut short.

        Returns whether all ended by themselves.
        """
        self._draining = True
        if not self._sessions:
            return True
        _, left = await asyncio.wait(self._sessions, timeout=seconds)
        if not left:
            return True
        logger.warning("calls_cut_short", extra={"calls": len(left)})
        # Cut once, a call closes its record; cut again, it gives up on the database.
        for _ in range(2):
            for task in left:
                task.cancel()
            _, left = await asyncio.wait(left, timeout=_CUT_SECONDS)
            if not left:
                break
        return False

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._sessions.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("session_failed", exc_info=error)


class _Deaf:
    """Listens to a call that was refused."""

    def on_established(self) -> None: ...

    def on_frame(self, pcm: object, played: object, lost: bool) -> None: ...

    def on_digit(self, digit: str) -> None: ...

    def on_ended(self, by: str, reason: str) -> None: ...
