"""Loads what a voice process hears, speaks and understands with.

Calls can be taken as soon as voice activity and synthesis are there, a third of a
second after the start; the recognizer and the meaning of words follow while the first
caller is still being greeted.
"""

import asyncio
import logging
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Final, TypeVar

from annie.agent.meaning import Meaning, warm
from annie.agent.training import Faq, compile_training
from annie.kit.clock import Clock
from annie.kit.language import Language
from annie.kit.settings import Settings
from annie.speech.ears import Ears
from annie.speech.engines.kokoro import VERSION, KokoroTts
from annie.speech.engines.nano_tts import NanoTts
from annie.speech.engines.silero import SileroVoiceActivity
from annie.speech.engines.whisper import WhisperRecognizer
from annie.speech.mouth.mouth import Mouth
from annie.speech.mouth.natural import NaturalVoice
from annie.speech.mouth.store import AudioStore
from annie.speech.protocols import SpeechError

logger = logging.getLogger(__name__)

#: 9 hours of speech made ahead; a bot with three languages has about 20 minutes.
VOICES_BYTES: Final = 512 * 2**20

T = TypeVar("T")


@dataclass(slots=True, frozen=True)
class Engines:
    """What a voice process hears and speaks with."""

    ears: Ears
    mouth: Mouth
    recognizer: WhisperRecognizer
    synthesizer: NanoTts
    #: Where it is installed, and wanted.
    natural: NaturalVoice | None

    async def close(self) -> None:
        """Let go of threads and processes."""
        self.recognizer.close()
        await self.synthesizer.close()
        if self.natural is not None:
            await self.natural.close()


async def load(clock: Clock, settings: Settings) -> Engines:
    """What is needed to greet a caller.

    Raises:
        SpeechError: a model is missing or can't be loaded; the message says what to do.
    """
    synthesizer = NanoTts()
    activity, _ = await asyncio.gather(
        _timed("voice_activity", clock, asyncio.to_thread(SileroVoiceActivity)),
        _timed("synthesizer", clock, synthesizer.start()),
    )
    recognizer = WhisperRecognizer()
    natural = _natural(clock, settings)
    return Engines(
        Ears(activity, recognizer, clock),
        Mouth(synthesizer, clock, natural=natural),
        recognizer,
        synthesizer,
        natural,
    )


def _natural(clock: Clock, settings: Settings) -> NaturalVoice | None:
    if not settings.natural_voices:
        return None
    try:
        engine = KokoroTts()
        store = AudioStore(settings.voices_dir, VOICES_BYTES)
    except SpeechError as error:
        logger.info("natural_voices_absent", extra={"reason": str(error)})
        return None
    except OSError as error:
        logger.error("natural_voices_not_kept", extra={"error": str(error)})
        return None
    return NaturalVoice(engine, VERSION, store, clock)


async def warm_up(engines: Engines, clock: Clock) -> None:
    """Load what is needed to understand a caller; whoever asks for it meanwhile waits for it.

    Raises:
        SpeechError: as ``load``.
    """
    await asyncio.gather(
        _timed("recognizer", clock, engines.recognizer.warm()),
        _timed("meaning", clock, asyncio.to_thread(_warm_meaning)),
    )


def _warm_meaning() -> None:
    """Load the encoder, and what each language needs beyond it."""
    warm()
    for language in Language:
        training = compile_training(language, "Annie", faqs=[Faq("Annie?", "Annie.")])
        Meaning(training).candidates("Annie?")


async def _timed(name: str, clock: Clock, work: Awaitable[T]) -> T:
    began = clock.monotonic()
    result = await work
    logger.debug(
        "engine_loaded", extra={"engine": name, "seconds": round(clock.monotonic() - began, 2)}
    )
    return result
