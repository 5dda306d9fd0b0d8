"""The ears of a process: one voice activity model over all its calls."""

import logging
from collections.abc import Sequence
from typing import Final

import numpy as np

from annie.kit.clock import Clock
from annie.kit.language import Language
from annie.speech.ears.activity import VoiceActivity
from annie.speech.ears.call import RECOGNITION_BOUND, CallEars, EarListener
from annie.speech.ears.turn_start import Window
from annie.speech.protocols import Pcm, SpeechToText

logger = logging.getLogger(__name__)

_SILENCE_DB: Final = -96.0


class Ears:
    """Hears every caller of a process; belongs to one event loop.

    A turn whose recognition takes more than ``bound`` seconds is delivered without words.
    """

    def __init__(
        self,
        activity: VoiceActivity,
        recognizer: SpeechToText,
        clock: Clock,
        bound: float = RECOGNITION_BOUND,
    ) -> None:
        self._activity = activity
        self._recognizer = recognizer
        self._clock = clock
        self._bound = bound
        self._ready: list[CallEars] = []

    def open(
        self, language: Language, listener: EarListener, hints: Sequence[str] = ()
    ) -> CallEars:
        """Ears for one call; ``hints`` are words of the bot's training, likeliest first."""
        return CallEars(
            row=self._activity.open(),
            language=language,
            listener=listener,
            hints=hints,
            recognizer=self._recognizer,
            clock=self._clock,
            bound=self._bound,
            on_window=self._ready.append,
            on_close=self._closed,
        )

    def process(self) -> None:
        """Judge all windows that have become complete, in one model run as a rule.

        Called once a tick, on the event loop, after every call's frame was fed. A
        listener that raises costs its own call that event, and no other call anything.
        """
        while self._ready:
            calls, self._ready[:] = list(self._ready), []
            taken: list[tuple[CallEars, Pcm]] = []
            for call in calls:
                window = None if call.closed else call.take_window()
                if window is not None:
                    taken.append((call, window))
            if taken:
                self._judge(taken)

    def _judge(self, taken: list[tuple[CallEars, Pcm]]) -> None:
        samples = np.stack([window for _, window in taken]).astype(np.float32) / np.float32(32768)
        probabilities = self._activity.probabilities([call.row for call, _ in taken], samples)
        power = np.mean(samples * samples, axis=1)
        levels = 10 * np.log10(np.maximum(power, 10 ** (_SILENCE_DB / 10)))
        for (call, window), probability, level in zip(
            taken, probabilities.tolist(), levels.tolist(), strict=True
        ):
            try:
                call.heard(window, Window(probability, level))
            except Exception:
                logger.exception("ear_listener_failed")
            if not call.closed and call.has_window:
                self._ready.append(call)

    def _closed(self, call: CallEars) -> None:
        self._activity.close(call.row)
