"""What callers say while measuring: synthesized beforehand, so that it costs nothing then."""

import audioop

import numpy as np

from annie.kit.language import Language, VoiceId
from annie.speech.engines.nano_tts import NanoTts
from annie.speech.protocols import Pcm, VoiceStyle

_LOUD = 300


class Voices:
    """Callers' sentences, int16 8 kHz."""

    def __init__(self) -> None:
        self._engine = NanoTts()

    async def say(
        self,
        text: str,
        language: Language,
        voice: VoiceId = VoiceId.CALM_REASSURING,
        speed: float = 1.0,
    ) -> Pcm:
        """One sentence."""
        style = VoiceStyle(voice, speed)
        chunks = [chunk async for chunk in self._engine.synthesize(text, language, style)]
        return np.concatenate(chunks)

    async def monologue(self, seconds: float) -> Pcm:
        """Somebody who talks without a pause, so that no turn ends meanwhile."""
        spoken = await self.say("I was calling about my appointment with you", Language.ENGLISH)
        frames = spoken[: len(spoken) // 160 * 160].reshape(-1, 160)
        loud = frames[np.abs(frames).max(axis=1) > _LOUD].ravel()
        return np.tile(loud, int(seconds * 8000 / len(loud)) + 1)[: int(seconds * 8000)]

    async def close(self) -> None:
        """End the synthesizer's process."""
        await self._engine.close()


def to_ulaw(pcm: Pcm) -> bytes:
    """µ-law (ITU-T G.711) of 8 kHz samples."""
    return audioop.lin2ulaw(pcm.astype("<i2").tobytes(), 2)


def through_g711(pcm: Pcm) -> Pcm:
    """What a telephone line leaves of ``pcm``."""
    return np.frombuffer(audioop.ulaw2lin(to_ulaw(pcm), 2), np.int16)
