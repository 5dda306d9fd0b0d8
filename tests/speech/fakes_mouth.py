"""A synthesizer for virtual time: no words, but every property the mouth relies on."""

from collections.abc import AsyncGenerator

import numpy as np

from annie.kit.clock import Clock
from annie.kit.language import Language
from annie.speech.protocols import Pcm, SpeechError, VoiceStyle

_SAMPLE_RATE = 8000
_CHUNK = _SAMPLE_RATE // 5


class FakeTextToSpeech:
    """Audio of ``seconds_per_character``, divided by the style's speed, in 200 ms chunks.

    The first chunk takes ``latency_s`` of ``clock``, every further one ``chunk_s``.
    Each text has a tone of its own, so that tests can tell which one they hear.
    A text in ``failing`` raises ``SpeechError`` where its first chunk would be.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        latency_s: float = 0.05,
        chunk_s: float = 0.02,
        seconds_per_character: float = 0.06,
    ) -> None:
        self._clock = clock
        self._latency_s = latency_s
        self._chunk_s = chunk_s
        self._seconds_per_character = seconds_per_character
        self.failing: set[str] = set()
        #: Texts asked for, in order.
        self.asked: list[str] = []
        #: Texts whose audio was made to the end, in order.
        self.completed: list[str] = []

    def audio(self, text: str, style: VoiceStyle) -> Pcm:
        """The whole audio that ``text`` makes."""
        if not any(c.isalnum() for c in text):
            return np.zeros(0, np.int16)
        seconds = len(text) * self._seconds_per_character / style.speed
        hertz = 200 + sum(text.encode()) % 200
        time = np.arange(int(seconds * _SAMPLE_RATE)) / _SAMPLE_RATE
        return (5000 * np.sin(2 * np.pi * hertz * time)).astype(np.int16)

    async def synthesize(
        self, text: str, language: Language, style: VoiceStyle
    ) -> AsyncGenerator[Pcm, None]:
        """As ``TextToSpeech.synthesize``."""
        self.asked.append(text)
        pcm = self.audio(text, style)
        for start in range(0, pcm.size, _CHUNK):
            await self._clock.sleep(self._chunk_s if start else self._latency_s)
            if text in self.failing:
                raise SpeechError(f"told to fail over {text!r}")
            yield pcm[start : start + _CHUNK]
        self.completed.append(text)
