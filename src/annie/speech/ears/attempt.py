"""One try at the words of a turn, started before it is certain that the turn is over."""

import asyncio
import logging
from collections.abc import Callable

from annie.kit.clock import Clock
from annie.speech.protocols import Recognition, SpeechError, Transcript

logger = logging.getLogger(__name__)


class Attempt:
    """Recognition of a snapshot of a turn.

    ``end`` is the number of windows of the turn that it covers. ``done`` is called, on
    the event loop, once ``transcript`` or ``failed`` is set; never after ``cancel``.
    """

    def __init__(
        self, recognition: Recognition, end: int, clock: Clock, done: Callable[[], None]
    ) -> None:
        self.end = end
        self.transcript: Transcript | None = None
        self.failed = False
        self.finished_at = 0.0
        self._recognition = recognition
        self._clock = clock
        self._done = done
        self._cancelled = False
        self._finished = False
        self._task = asyncio.get_running_loop().create_task(self._run())

    def cancel(self) -> None:
        """Abandon the work and release what it holds; nothing is reported any more."""
        self._cancelled = True
        if not self._finished:
            self._task.cancel()
        self._recognition.close()

    async def _run(self) -> None:
        try:
            transcript = await self._recognition.finish()
        except SpeechError as error:
            logger.warning("recognition_failed", extra={"reason": str(error)})
            transcript = None
        except Exception:
            # Whatever an engine does, the caller must get the floor back.
            logger.exception("recognition_failed")
            transcript = None
        self._finished = True
        self._recognition.close()
        if self._cancelled:
            return
        self.transcript = transcript
        self.failed = transcript is None
        self.finished_at = self._clock.monotonic()
        try:
            self._done()
        except Exception:
            logger.exception("ear_listener_failed")
