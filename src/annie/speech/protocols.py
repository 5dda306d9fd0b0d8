"""What the live call asks of ears and mouth. PCM is int16 mono at 8 kHz throughout."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import numpy as np
import numpy.typing as npt

from annie.kit.language import Language, VoiceId

Pcm = npt.NDArray[np.int16]


class Expectation(StrEnum):
    """What kind of answer the dialogue waits for; it decides how patient the ears are."""

    OPEN = "open"
    YES_NO = "yes_no"
    NAME = "name"
    DIGITS = "digits"
    #: A free message: people pause while they think of the next sentence.
    DICTATION = "dictation"


@dataclass(slots=True, frozen=True)
class Transcript:
    """What a recognizer made of an utterance.

    ``text`` is empty when nothing was said (noise, silence, or an invention that a
    guard removed). ``confidence`` is 0 to 1. ``took_ms`` is the recognizer's own time.
    """

    text: str
    language: Language
    confidence: float
    took_ms: float = 0.0


class Recognition(Protocol):
    """One utterance being recognized."""

    def feed(self, pcm: Pcm) -> None:
        """Add audio."""
        ...

    @property
    def partial(self) -> str:
        """Best text so far; empty for engines without partial results."""
        ...

    async def finish(self) -> Transcript:
        """Text of all audio fed so far. May be called again after more audio was fed.

        Cancelling the awaiting task abandons the work. Raises ``SpeechError``.
        """
        ...

    def close(self) -> None:
        """Give up the utterance and release what it holds. May be called twice."""
        ...


class SpeechToText(Protocol):
    """A recognizer shared by all calls of a process."""

    @property
    def idle(self) -> bool:
        """Whether it has nothing to do: work that may turn out useless delays nobody."""
        ...

    def open(self, language: Language, hints: Sequence[str] = ()) -> Recognition:
        """Begin an utterance. ``hints`` are words likely to occur."""
        ...


@dataclass(slots=True, frozen=True)
class VoiceStyle:
    """How a number sounds: the stock voice and the number's own tuning (1.0 is neutral)."""

    voice: VoiceId = VoiceId.FRIENDLY_BRIGHT
    speed: float = 1.0


class TextToSpeech(Protocol):
    """A synthesizer shared by all calls of a process."""

    def synthesize(self, text: str, language: Language, style: VoiceStyle) -> AsyncIterator[Pcm]:
        """PCM chunks of ``text``, which is already in speakable words.

        Closing the iterator abandons the rest. Raises ``SpeechError``.
        """
        ...


class SpeechError(Exception):
    """An engine failed. The live call answers it with a fallback, never with silence."""


@dataclass(slots=True, frozen=True)
class TurnTimings:
    """Where the time of a turn went. Monotonic seconds of the process; None if not reached."""

    speech_start: float
    speech_end: float
    turn_end: float
    recognized: float
    #: True when the recognition started at the first short silence was used.
    speculative: bool = False


@dataclass(slots=True, frozen=True)
class CallerTurn:
    """What a caller said (or dialled) before giving the floor back."""

    text: str
    language: Language
    confidence: float
    timings: TurnTimings
    digits: str = ""
    interrupted: bool = field(default=False)
