"""Phrases rendered when the process starts, for when mouth or process fail later."""

import logging

import numpy as np

from annie.calls.limits import BoundExceeded, within
from annie.calls.phrases import Phrase, phrase
from annie.calls.ports import Mouth
from annie.kit.clock import Clock
from annie.kit.language import Language
from annie.kit.link import FRAME_SAMPLES, Comfort
from annie.speech.protocols import Pcm, SpeechError, VoiceStyle

logger = logging.getLogger(__name__)

#: What must be speakable without a mouth.
_RENDERED = (Phrase.COMFORT, Phrase.FAILURE, Phrase.SORRY)
_BOUND = 10.0


class Clips:
    """Sound of the phrases that stand in for a dead mouth."""

    def __init__(self) -> None:
        self._clips: dict[tuple[Phrase, Language], Pcm] = {}

    def get(self, which: Phrase, language: Language) -> Pcm | None:
        """The sound, if it could be rendered."""
        return self._clips.get((which, language))

    def comforts(self) -> list[Comfort]:
        """What the edge plays while nobody is there to speak, in each language."""
        found: list[Comfort] = []
        for language in Language:
            wait = self._clips.get((Phrase.COMFORT, language))
            farewell = self._clips.get((Phrase.FAILURE, language))
            if wait is not None and farewell is not None:
                found.append(Comfort(language.value, _frames(wait), _frames(farewell)))
        return found

    async def render(self, mouth: Mouth, clock: Clock) -> int:
        """Render all phrases in all languages; returns how many succeeded. Never raises."""
        for language in Language:
            for which in _RENDERED:
                try:
                    pcm = await within(clock, _BOUND, _spoken(mouth, which, language))
                except (SpeechError, BoundExceeded) as error:
                    logger.error(
                        "clip_failed",
                        extra={"clip": which.value, "language": language, "error": str(error)},
                    )
                else:
                    self._clips[which, language] = pcm
        return len(self._clips)


def _frames(pcm: Pcm) -> bytes:
    """Whole frames, the last one filled with silence."""
    return np.pad(pcm, (0, -len(pcm) % FRAME_SAMPLES)).astype("<i2").tobytes()


async def _spoken(mouth: Mouth, which: Phrase, language: Language) -> Pcm:
    parts = [pcm async for pcm in mouth.speak(phrase(which, language), language, VoiceStyle())]
    return np.concatenate(parts) if parts else np.zeros(0, np.int16)
