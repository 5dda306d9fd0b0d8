"""What every ``TextToSpeech`` must do; each implementation's tests inherit this."""

import asyncio

import numpy as np
import pytest

from annie.kit.language import Language, VoiceId
from annie.speech.protocols import Pcm, TextToSpeech, VoiceStyle

SENTENCES = {
    Language.ENGLISH: "Good morning, you have reached the front desk.",
    Language.SPANISH: "Buenos días, ha llamado a la recepción.",
    Language.FRENCH: "Bonjour, vous êtes bien à l'accueil.",
}


async def spoken(
    engine: TextToSpeech, text: str, language: Language, style: VoiceStyle | None = None
) -> Pcm:
    """All audio of ``text``."""
    chunks = [pcm async for pcm in engine.synthesize(text, language, style or VoiceStyle())]
    return np.concatenate(chunks) if chunks else np.zeros(0, np.int16)


class TextToSpeechContract:
    """Inherit, and give a fixture ``engine``."""

    @pytest.mark.parametrize("language", list(Language))
    async def test_every_language_and_voice_yields_16_bit_mono_audio(
        self, engine: TextToSpeech, language: Language
    ) -> None:
        for voice in VoiceId:
            pcm = await spoken(engine, SENTENCES[language], language, VoiceStyle(voice))
            assert pcm.dtype == np.int16
            assert pcm.ndim == 1
            assert 8000 < pcm.size < 8 * 8000
            assert np.abs(pcm.astype(int)).max() > 1000

    async def test_chunks_are_never_empty(self, engine: TextToSpeech) -> None:
        text = SENTENCES[Language.ENGLISH]
        async for pcm in engine.synthesize(text, Language.ENGLISH, VoiceStyle()):
            assert pcm.size > 0

    async def test_twice_the_text_is_about_twice_the_audio(self, engine: TextToSpeech) -> None:
        one = await spoken(engine, "one two three four five", Language.ENGLISH)
        two = await spoken(
            engine, "one two three four five one two three four five", Language.ENGLISH
        )
        assert 1.6 < two.size / one.size < 2.5

    async def test_a_faster_style_is_shorter(self, engine: TextToSpeech) -> None:
        text = SENTENCES[Language.SPANISH]
        slow = await spoken(engine, text, Language.SPANISH, VoiceStyle(speed=0.8))
        fast = await spoken(engine, text, Language.SPANISH, VoiceStyle(speed=1.3))
        assert fast.size < 0.8 * slow.size

    @pytest.mark.parametrize("text", ["", "   ", "...", "?!", "\n"])
    async def test_text_without_a_word_has_no_audio(self, engine: TextToSpeech, text: str) -> None:
        assert (await spoken(engine, text, Language.FRENCH)).size == 0

    async def test_requests_at_once_each_get_their_own_audio(self, engine: TextToSpeech) -> None:
        texts = ["one", "one two three four", "one two three four five six seven eight"]
        alone = [(await spoken(engine, text, Language.ENGLISH)).size for text in texts]
        together = await asyncio.gather(*(spoken(engine, text, Language.ENGLISH) for text in texts))
        assert [pcm.size for pcm in together] == pytest.approx(alone, rel=0.05)

    async def test_an_abandoned_request_leaves_the_engine_usable(
        self, engine: TextToSpeech
    ) -> None:
        stream = engine.synthesize(SENTENCES[Language.ENGLISH], Language.ENGLISH, VoiceStyle())
        task = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await spoken(engine, "Hello there.", Language.ENGLISH)).size > 1000
