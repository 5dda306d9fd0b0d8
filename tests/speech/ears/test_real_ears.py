"""Real engines, real speech through G.711: from frames to turns.

Audio is fed faster than real time on a virtual clock that stands still while the
recognizer works, so nothing here depends on the machine's speed.
"""

import asyncio

import numpy as np
import pytest

from annie.kit.clock import VirtualClock
from annie.kit.language import Language
from annie.speech.ears import Ears
from annie.speech.engines.silero import SileroVoiceActivity
from annie.speech.engines.whisper import WhisperRecognizer
from annie.speech.protocols import Pcm
from tests.speech.caller_voice import line_noise, said, through_g711
from tests.speech.fakes_ears import FRAME, Notes

pytestmark = pytest.mark.integration


async def listen(
    silero: SileroVoiceActivity, whisper: WhisperRecognizer, language: Language, pcm: Pcm
) -> Notes:
    """What the ears make of ``pcm``; each pending recognition is awaited in its tick."""
    clock = VirtualClock()
    notes = Notes(clock)
    ears = Ears(silero, whisper, clock)
    call = ears.open(language, notes)
    mine = asyncio.all_tasks()
    for start in range(0, len(pcm) - FRAME, FRAME):
        call.feed(pcm[start : start + FRAME])
        ears.process()
        pending = asyncio.all_tasks() - mine
        if pending:
            await asyncio.wait(pending, timeout=30)
        await clock.advance(0.02)
    call.close()
    return notes


@pytest.mark.parametrize(
    ("sentence", "language", "words"),
    [
        ("What are your opening hours on Saturday?", Language.ENGLISH, "opening hours"),
        ("No, thank you.", Language.ENGLISH, "no"),
        ("¿Cuál es el horario del sábado?", Language.SPANISH, "horario del sábado"),
        ("Je voudrais parler à quelqu'un.", Language.FRENCH, "je voudrais parler"),
    ],
)
async def test_a_sentence_on_the_telephone_becomes_one_turn(
    silero: SileroVoiceActivity,
    whisper: WhisperRecognizer,
    sentence: str,
    language: Language,
    words: str,
) -> None:
    speech = said(sentence, language)
    notes = await listen(
        silero, whisper, language, np.concatenate([line_noise(0.6), speech, line_noise(2.0)])
    )
    assert len(notes.turns) == 1
    turn = notes.turns[0]
    assert words in turn.text.lower()
    assert turn.timings.speech_start == pytest.approx(0.6, abs=0.25)
    assert turn.timings.speech_end == pytest.approx(0.6 + len(speech) / 8000, abs=0.25)


async def test_two_sentences_with_a_second_between_are_two_turns(
    silero: SileroVoiceActivity, whisper: WhisperRecognizer
) -> None:
    pcm = np.concatenate(
        [
            line_noise(0.5),
            said("Are you open on Sunday?"),
            line_noise(1.2),
            said("Do you accept credit cards?"),
            line_noise(1.2),
        ]
    )
    notes = await listen(silero, whisper, Language.ENGLISH, pcm)
    assert ["sunday" in notes.turns[0].text.lower(), "credit" in notes.turns[1].text.lower()] == [
        True,
        True,
    ]


def sounds() -> dict[str, Pcm]:
    noise = np.random.default_rng(3)
    seconds = np.arange(24000) / 8000
    burst = noise.standard_normal(1440) * np.exp(-np.arange(1440) / 300) * 12000
    cough = np.concatenate([line_noise(0.5), burst.clip(-32000, 32000).astype(np.int16)])
    return {
        "silence": np.zeros(24000, np.int16),
        "hiss": (noise.standard_normal(24000) * 900).astype(np.int16),
        "tone": (9000 * np.sin(2 * np.pi * 440 * seconds)).astype(np.int16),
        "key": (
            6000 * (np.sin(2 * np.pi * 697 * seconds) + np.sin(2 * np.pi * 1209 * seconds))
        ).astype(np.int16),
        "coughs": np.concatenate([cough, cough, line_noise(1.5)]),
    }


@pytest.mark.parametrize("name", sounds())
async def test_sounds_that_are_not_speech_give_no_text(
    silero: SileroVoiceActivity, whisper: WhisperRecognizer, name: str
) -> None:
    notes = await listen(silero, whisper, Language.ENGLISH, through_g711(sounds()[name]))
    assert [turn.text for turn in notes.turns if turn.text] == []
    assert notes.starts == []
