"""Moments while Annie speaks: real voice activity, real recognition, the real dialogue.

In virtual time, with a few of the moments that ``bench.interruptions`` counts.
"""

from collections.abc import AsyncIterator

import numpy as np
import pytest
import pytest_asyncio

from annie.kit.language import Language, VoiceId
from annie.speech.engines.silero import SileroVoiceActivity
from annie.speech.engines.whisper import WhisperRecognizer
from bench.interruptions.corpus import Echo, Effect, Moment, at_level
from bench.interruptions.sounds import MAKERS
from bench.interruptions.trial import ANSWER, SENTENCES, Outcome, tried
from bench.voices import Voices

pytestmark = pytest.mark.integration


@pytest_asyncio.fixture
async def voices() -> AsyncIterator[Voices]:
    found = Voices()
    yield found
    await found.close()


async def outcome(
    moment: Moment, voices: Voices, silero: SileroVoiceActivity, whisper: WhisperRecognizer
) -> Outcome:
    language = moment.language
    texts = (SENTENCES[language], ANSWER[language])
    sentences = {text: await voices.say(text, language) for text in texts}
    return await tried(moment, sentences, silero, whisper)


@pytest.mark.parametrize("kind", MAKERS)
async def test_sounds_without_words_leave_her_untouched(
    kind: str, voices: Voices, silero: SileroVoiceActivity, whisper: WhisperRecognizer
) -> None:
    audio = at_level(MAKERS[kind](np.random.default_rng(11)), -20.0)
    moment = Moment(kind, kind, 0, Language.ENGLISH, Effect.GO_ON, audio)
    assert (await outcome(moment, voices, silero, whisper)).stop_ms is None


@pytest.mark.parametrize(("delay_ms", "loss_db"), [(20, 10.0), (160, 17.0), (300, 12.0)])
async def test_her_own_echo_leaves_her_untouched(
    delay_ms: int,
    loss_db: float,
    voices: Voices,
    silero: SileroVoiceActivity,
    whisper: WhisperRecognizer,
) -> None:
    echo = Echo(delay_ms, loss_db, low_pass=delay_ms == 160)
    none = np.zeros(0, np.int16)
    moment = Moment("echo", "echo", 0, Language.FRENCH, Effect.GO_ON, none, echo)
    assert (await outcome(moment, voices, silero, whisper)).stop_ms is None


@pytest.mark.parametrize("echo", [None, Echo(100, 15.0, low_pass=True)])
async def test_words_stop_her_also_over_an_echo(
    echo: Echo | None, voices: Voices, silero: SileroVoiceActivity, whisper: WhisperRecognizer
) -> None:
    audio = await voices.say("No, wait, not on Tuesday.", Language.ENGLISH)
    audio = at_level(audio, -20.0)
    moment = Moment("interruption", "wait", 0, Language.ENGLISH, Effect.STOP, audio, echo)
    result = await outcome(moment, voices, silero, whisper)
    assert result.given_up
    assert result.stop_ms is not None
    assert result.stop_ms <= 300


@pytest.mark.parametrize(
    ("words", "language"), [("Ajá.", Language.SPANISH), ("D'accord.", Language.FRENCH)]
)
async def test_a_word_of_listening_does_not_end_her_sentence(
    words: str,
    language: Language,
    voices: Voices,
    silero: SileroVoiceActivity,
    whisper: WhisperRecognizer,
) -> None:
    audio = at_level(await voices.say(words, language, VoiceId.POLISHED_PROFESSIONAL), -20.0)
    moment = Moment("back-channel", words, 0, language, Effect.GO_ON, audio)
    result = await outcome(moment, voices, silero, whisper)
    assert not result.given_up
    assert result.lost_ms == 0
