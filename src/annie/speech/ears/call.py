"""The ears of one call: from frames to caller turns."""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, Protocol

import numpy as np

from annie.kit.clock import Clock
from annie.kit.language import Language
from annie.speech.ears.activity import WINDOW_SAMPLES, WINDOW_SECONDS
from annie.speech.ears.attempt import Attempt
from annie.speech.ears.back_channel import INTERJECTIONS
from annie.speech.ears.echo import EchoOfAnnie
from annie.speech.ears.turn_end import Pause, default_turn_end, longest_turn, patience
from annie.speech.ears.turn_start import Window, default_turn_start
from annie.speech.ears.utterance import Utterance
from annie.speech.protocols import (
    CallerTurn,
    Expectation,
    Pcm,
    SpeechError,
    SpeechToText,
    TurnTimings,
)

logger = logging.getLogger(__name__)

#: 300 ms before the speech, and the windows in which it was confirmed.
_PREROLL_WINDOWS: Final = 10 + 5
_CONFIRMED_WINDOWS: Final = 4
#: 128 ms: measured, later starts waste no fewer attempts until 250 ms.
_SPECULATE_WINDOWS: Final = 4
#: 96 ms: often only a weak sound within a word, so only while the recognizer is idle.
_TRY_WINDOWS: Final = 3
#: Seconds that a caller who has finished is kept waiting for the recognizer.
RECOGNITION_BOUND: Final = 3.0
#: A word or two, with what is kept of the time around them.
_INTERJECTION_SECONDS: Final = 1.6
_WINDOW_BYTES: Final = WINDOW_SAMPLES * 2


class EarListener(Protocol):
    """Told what the caller does; called on the event loop, in order."""

    def on_speech_started(self) -> None:
        """The caller really speaks: the moment to fall silent."""
        ...

    def on_turn(self, turn: CallerTurn) -> None:
        """The caller is done. ``text`` is empty when nothing intelligible was said."""
        ...


class CallEars:
    """Hears one caller. Made by ``Ears.open``; ``Ears.process`` moves it on."""

    def __init__(
        self,
        *,
        row: int,
        language: Language,
        listener: EarListener,
        hints: Sequence[str],
        recognizer: SpeechToText,
        clock: Clock,
        bound: float,
        on_window: Callable[["CallEars"], None],
        on_close: Callable[["CallEars"], None],
    ) -> None:
        self.row = row
        self.closed = False
        self._language = language
        self._listener = listener
        self._hints = tuple(hints)
        self._expected_hints: tuple[str, ...] = ()
        self._recognizer = recognizer
        self._clock = clock
        self._bound = bound
        self._on_window = on_window
        self._on_close = on_close
        self._expectation = Expectation.OPEN
        self._annie_speaking = False
        self._echo = EchoOfAnnie()
        self._fresh = bytearray()
        self._before: deque[Pcm] = deque(maxlen=_PREROLL_WINDOWS)
        self._turn_start = default_turn_start()
        self._turn_end = default_turn_end()
        self._utterance: Utterance | None = None
        self._speech_ended_at: float | None = None

    def feed(self, pcm: Pcm, said: Pcm | None = None) -> None:
        """Add what was heard, int16 8 kHz, normally 20 ms.

        ``said`` is what the line played to the caller meanwhile, for knowing its echo.
        """
        if self.closed:
            return
        if said is not None:
            self._echo.add(pcm, said)
        before = len(self._fresh)
        self._fresh += pcm.tobytes()
        if before < _WINDOW_BYTES <= len(self._fresh):
            self._on_window(self)

    def expect(self, expectation: Expectation, hints: Sequence[str] = ()) -> None:
        """What kind of answer comes next, and words likely to be in it (until the next call)."""
        self._expectation = expectation
        self._expected_hints = tuple(hints)

    def annie_speaking(self, speaking: bool) -> None:
        """While she speaks it takes surer, louder speech to begin a turn."""
        self._annie_speaking = speaking

    @property
    def speaking(self) -> bool:
        """Whether a turn is open: from ``on_speech_started`` until ``on_turn``."""
        return self._utterance is not None

    @property
    def speech_ended_at(self) -> float | None:
        """When the caller's voice was last heard (monotonic s); None before the first time."""
        return self._speech_ended_at

    def unfinished(self) -> CallerTurn | None:
        """The open turn with the words known by now; None without any. Waits for nothing.

        For a caller who is gone: nobody will say any more when the turn was over.
        """
        utterance = self._utterance
        turn = None if utterance is None else self._turn(utterance)
        return turn if turn is not None and turn.text else None

    def close(self) -> None:
        """Stop hearing; nothing is reported any more. May be called twice."""
        if self.closed:
            return
        self.closed = True
        if self._utterance is not None and self._utterance.attempt is not None:
            self._utterance.attempt.cancel()
        self._utterance = None
        self._on_close(self)

    def finish(self) -> None:
        """Nothing more will come: report the open turn, if any, as soon as it is recognized."""
        utterance = self._utterance
        if self.closed or utterance is None:
            return
        utterance.cut = True
        if utterance.attempt is None and not utterance.failures:
            self._recognize(utterance)
        self._decide(utterance)

    @property
    def has_window(self) -> bool:
        """Whether a complete window waits; for ``Ears``."""
        return len(self._fresh) >= _WINDOW_BYTES

    def take_window(self) -> Pcm | None:
        """The next complete window of 256 samples, if there is one; for ``Ears``."""
        if not self.has_window:
            return None
        window = np.frombuffer(bytes(self._fresh[:_WINDOW_BYTES]), np.int16)
        del self._fresh[:_WINDOW_BYTES]
        return window

    def heard(self, samples: Pcm, window: Window) -> None:
        """Judge one window of 256 samples; for ``Ears``."""
        if self.closed:
            return
        if self._utterance is None:
            self._await_speech(samples, window)
        else:
            self._follow(self._utterance, samples, window)

    def _await_speech(self, samples: Pcm, window: Window) -> None:
        self._before.append(samples)
        began = [each.began(window, self._annie_speaking) for each in self._turn_start]
        if not any(began) or self._echo.explains():
            return
        now = self._clock.monotonic()
        self._utterance = Utterance(
            windows=list(self._before),
            started_at=now - _CONFIRMED_WINDOWS * WINDOW_SECONDS,
            voiced_at=now,
            interrupted=self._annie_speaking,
        )
        self._speech_ended_at = now
        self._listener.on_speech_started()

    def _follow(self, utterance: Utterance, samples: Pcm, window: Window) -> None:
        now = self._clock.monotonic()
        resumed = utterance.add(samples, window.probability, window.level_db, now)
        self._speech_ended_at = utterance.voiced_at
        if utterance.cut:
            self._decide(utterance)
            return
        if resumed:
            utterance.give_up_attempt()
        if utterance.duration >= longest_turn(self._expectation):
            utterance.cut = True
        elif utterance.silent < _SPECULATE_WINDOWS and not self._worth_a_try(utterance):
            return
        if utterance.attempt is None and not utterance.failures:
            self._recognize(utterance)
        self._decide(utterance)

    def _worth_a_try(self, utterance: Utterance) -> bool:
        """Faint enough to be the end, though the model isn't sure yet; nobody else waits."""
        return utterance.faint >= _TRY_WINDOWS and self._recognizer.idle

    def _recognize(self, utterance: Utterance) -> None:
        hints = (*self._expected_hints, *self._hints)
        if utterance.interrupted and utterance.duration < _INTERJECTION_SECONDS:
            hints = (*INTERJECTIONS[self._language], *hints)
        try:
            recognition = self._recognizer.open(self._language, hints)
            recognition.feed(utterance.unsettled())
        except SpeechError as error:
            logger.warning("recognition_failed", extra={"reason": str(error)})
            utterance.failures += 1
            return
        utterance.attempt = Attempt(
            recognition, len(utterance.windows), self._clock, lambda: self._recognized(utterance)
        )

    def _recognized(self, utterance: Utterance) -> None:
        if self.closed or utterance is not self._utterance:
            return
        if utterance.attempt is not None and utterance.attempt.failed:
            utterance.failures += 1
            utterance.attempt = None
        self._decide(utterance)

    def _decide(self, utterance: Utterance) -> None:
        attempt = utterance.attempt
        known = attempt is not None and attempt.transcript is not None
        text, confidence = utterance.words() if known else (None, 0.0)
        pause = Pause(self._expectation, self._language, text, confidence, utterance.interrupted)
        if not utterance.cut and utterance.silence < patience(self._turn_end, pause):
            utterance.ended_at = None
            return
        now = self._clock.monotonic()
        if utterance.ended_at is None:
            utterance.ended_at = now
        if text is not None or utterance.failures > 1:
            self._deliver(utterance)
        elif now - utterance.ended_at >= self._bound:
            logger.warning("recognition_too_slow", extra={"seconds": self._bound})
            self._deliver(utterance)
        elif attempt is None:
            self._recognize(utterance)

    def _deliver(self, utterance: Utterance) -> None:
        turn = self._turn(utterance)
        attempt = utterance.attempt
        self._utterance = None
        self._before.clear()
        if attempt is not None:
            attempt.cancel()
            self._before.extend(utterance.windows[attempt.end :])
        for strategy in self._turn_start:
            strategy.reset()
        self._listener.on_turn(turn)

    def _turn(self, utterance: Utterance) -> CallerTurn:
        text, confidence = utterance.words()
        attempt = utterance.attempt
        now = self._clock.monotonic()
        done = attempt is not None and attempt.transcript is not None
        return CallerTurn(
            text=text,
            language=self._language,
            confidence=confidence,
            timings=TurnTimings(
                speech_start=utterance.started_at,
                speech_end=utterance.voiced_at,
                turn_end=utterance.ended_at if utterance.ended_at is not None else now,
                recognized=attempt.finished_at if attempt is not None and done else now,
                speculative=done and not utterance.cut and not utterance.failures,
            ),
            interrupted=utterance.interrupted,
        )
