"""Five natural voices in each language: made of what is installed, measured to differ."""

from itertools import combinations

import pytest

from annie.kit.language import Language, VoiceId
from annie.speech.engines.kokoro import KokoroTts
from annie.speech.kokoro_models import VOICES
from annie.speech.mouth.kokoro_voices import blend
from annie.speech.mouth.shaping import active_level_dbfs
from annie.speech.mouth.voices import MAX_SPEED, MIN_SPEED
from annie.speech.protocols import Pcm, VoiceStyle
from tests.speech.kokoro_installed import needs_kokoro
from tests.speech.pitch import pitch_hz
from tests.speech.tts_contract import spoken

pytestmark = pytest.mark.integration

SENTENCES = {
    Language.ENGLISH: "Please leave your name and number, and we will call you back tomorrow.",
    Language.SPANISH: "Por favor, deje su nombre y su número, y le llamaremos mañana.",
    Language.FRENCH: "Laissez votre nom et votre numéro, et nous vous rappellerons demain matin.",
}


@needs_kokoro
@pytest.mark.parametrize("language", list(Language))
async def test_voices_differ_clearly_in_pitch_at_one_level(language: Language) -> None:
    engine = KokoroTts()
    try:
        heard: dict[VoiceId, Pcm] = {
            voice: await spoken(engine, SENTENCES[language], language, VoiceStyle(voice))
            for voice in VoiceId
        }
    finally:
        await engine.close()
    pitches = {voice: pitch_hz(pcm) for voice, pcm in heard.items()}
    for one, other in combinations(VoiceId, 2):
        # An ear tells 3 % of pitch apart; 6 % is a semitone.
        high, low = max(pitches[one], pitches[other]), min(pitches[one], pitches[other])
        assert high / low > 1.06, (one, other, pitches)
    for voice, pcm in heard.items():
        assert active_level_dbfs(pcm) == pytest.approx(-18, abs=1), voice
    calm, confident = VoiceId.CALM_REASSURING, VoiceId.CONFIDENT_UPBEAT
    assert heard[confident].size < 0.95 * heard[calm].size


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("voice", list(VoiceId))
def test_every_persona_is_made_of_installed_voices(voice: VoiceId, language: Language) -> None:
    made = blend(voice, language)
    assert {name for name, _ in made.speakers} <= set(VOICES)
    assert all(weight > 0 for _, weight in made.speakers)
    assert 0.8 < made.size < 1.25
    assert made.source_speed(99) == made.source_speed(MAX_SPEED)
    assert made.source_speed(-1) == made.source_speed(MIN_SPEED)


def test_no_voice_is_installed_for_nothing() -> None:
    used = {
        name
        for language in Language
        for voice in VoiceId
        for name, _ in blend(voice, language).speakers
    }
    assert used == set(VOICES)


def test_no_two_personas_of_a_language_are_the_same() -> None:
    for language in Language:
        assert len({blend(voice, language) for voice in VoiceId}) == len(VoiceId)
