"""Five voices in each language: measured to differ, at one level, and understood."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pytest

from annie.kit.language import Language, VoiceId
from annie.speech.engines.nano_tts import NanoTts
from annie.speech.mouth.shaping import active_level_dbfs
from annie.speech.mouth.voices import DESCRIPTIONS, MAX_SPEED, MIN_SPEED, recipe
from annie.speech.protocols import VoiceStyle
from tests.speech.pitch import pitch_hz
from tests.speech.tts_contract import spoken

pytestmark = pytest.mark.integration

SENTENCES = {
    Language.ENGLISH: "Please leave your name and number, and we will call you back tomorrow.",
    Language.SPANISH: "Por favor, deje su nombre y su número, y le llamaremos mañana.",
    Language.FRENCH: "Laissez votre nom et votre numéro, et nous vous rappellerons demain matin.",
}
_RATE = 8000


@dataclass(frozen=True)
class Measured:
    """What an ear tells voices apart by."""

    pitch_hz: float
    seconds: float
    level_dbfs: float
    peak: int


async def _measure(engine: NanoTts, language: Language, voice: VoiceId) -> Measured:
    pcm = await spoken(engine, SENTENCES[language], language, VoiceStyle(voice))
    return Measured(
        pitch_hz=pitch_hz(pcm),
        seconds=pcm.size / _RATE,
        level_dbfs=active_level_dbfs(pcm),
        peak=int(np.abs(pcm.astype(int)).max()),
    )


@pytest.mark.parametrize("language", list(Language))
async def test_every_two_voices_differ_clearly_in_pitch_and_in_size(
    synthesizer: NanoTts, language: Language
) -> None:
    measured = {voice: await _measure(synthesizer, language, voice) for voice in VoiceId}
    for one, other in combinations(VoiceId, 2):
        pitches = measured[one].pitch_hz, measured[other].pitch_hz
        sizes = recipe(one, language).size, recipe(other, language).size
        # An ear tells 3 % of pitch apart; 10 % is two thirds of a tone and more.
        assert max(pitches) / min(pitches) > 1.1, (one, other)
        assert max(sizes) / min(sizes) > 1.03, (one, other)


@pytest.mark.parametrize("language", list(Language))
async def test_all_voices_speak_at_one_telephone_level_without_clipping(
    synthesizer: NanoTts, language: Language
) -> None:
    for voice in VoiceId:
        measured = await _measure(synthesizer, language, voice)
        assert -20 < measured.level_dbfs < -16, voice
        assert measured.peak < 30_000, voice


@pytest.mark.parametrize("language", list(Language))
async def test_confident_is_brisker_than_calm(synthesizer: NanoTts, language: Language) -> None:
    calm = await _measure(synthesizer, language, VoiceId.CALM_REASSURING)
    confident = await _measure(synthesizer, language, VoiceId.CONFIDENT_UPBEAT)
    assert confident.seconds < 0.95 * calm.seconds


def test_every_voice_is_described_for_people() -> None:
    assert set(DESCRIPTIONS) == set(VoiceId)


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("voice", list(VoiceId))
def test_no_recipe_asks_more_of_the_synthesizer_than_it_does_well(
    voice: VoiceId, language: Language
) -> None:
    made = recipe(voice, language)
    assert 0.75 < made.source_pitch < 1.3
    assert 0.8 < made.source_speed(1.0) < 1.35
    assert made.source_speed(99) == made.source_speed(MAX_SPEED)
    assert made.source_speed(-1) == made.source_speed(MIN_SPEED)
