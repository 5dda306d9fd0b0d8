import asyncio
import threading

import numpy as np
import pytest

from annie.kit.language import Language
from annie.speech.engines.whisper import WhisperRecognizer, confidence, model_input, pieces
from annie.speech.models import ModelError
from annie.speech.protocols import Pcm, SpeechError
from tests.speech.caller_voice import line_noise, said
from tests.speech.stt_contract import SpeechToTextContract

pytestmark = pytest.mark.integration


@pytest.fixture
def recognizer(whisper: WhisperRecognizer) -> WhisperRecognizer:
    return whisper


class TestWhisper(SpeechToTextContract):
    pass


async def text_of(recognizer: WhisperRecognizer, pcm: Pcm, language: Language) -> str:
    recognition = recognizer.open(language)
    recognition.feed(pcm)
    transcript = await recognition.finish()
    recognition.close()
    return transcript.text.lower()


@pytest.mark.parametrize(
    ("sentence", "language", "words"),
    [
        ("My name is Robert Johnson.", Language.ENGLISH, "robert johnson"),
        ("Do you accept credit cards?", Language.ENGLISH, "credit card"),
        ("¿Dónde están ustedes?", Language.SPANISH, "están ustedes"),
        ("Me llamo María García.", Language.SPANISH, "maría garcía"),
        ("Je voudrais parler à quelqu'un.", Language.FRENCH, "voudrais parler"),
        ("Non, merci.", Language.FRENCH, "non, merci"),
    ],
)
async def test_a_caller_on_the_telephone_is_understood(
    whisper: WhisperRecognizer, sentence: str, language: Language, words: str
) -> None:
    assert words in await text_of(whisper, said(sentence, language), language)


@pytest.mark.parametrize("language", Language)
async def test_noise_tones_and_clicks_are_no_text(
    whisper: WhisperRecognizer, language: Language
) -> None:
    seconds = np.arange(16000) / 8000
    click = np.zeros(8000, np.int16)
    click[4000:4040] = 9000
    for sound in (
        line_noise(2.0, level=900),
        (8000 * np.sin(2 * np.pi * 440 * seconds)).astype(np.int16),
        click,
    ):
        assert await text_of(whisper, sound, language) == ""


async def test_speech_beyond_thirty_seconds_is_understood_to_its_end(
    whisper: WhisperRecognizer,
) -> None:
    sentence = said("I would like to leave a message for the manager about my bicycle.")
    last = said("Goodbye, Robert Johnson.")
    long = np.concatenate([*[np.concatenate([sentence, line_noise(0.4)])] * 8, last])
    assert len(long) > 30 * 8000
    text = await text_of(whisper, long, Language.ENGLISH)
    assert text.startswith("i would like to leave a message")
    assert "robert johnson" in text[-30:]


def test_pieces_are_cut_in_the_quietest_place_and_lose_nothing() -> None:
    audio = (3000 * np.sin(np.arange(50 * 8000) / 3)).astype(np.int16)
    audio[26 * 8000 : 26 * 8000 + 1600] = 0
    parts = pieces(audio)
    assert [round(len(part) / 8000) for part in parts] == [26, 24]
    assert np.array_equal(np.concatenate(parts), audio)


@pytest.mark.parametrize("seconds", [0.2, 3.0, 7.5, 20.0])
def test_the_encoder_sees_speech_and_a_second_but_eight_at_least(seconds: float) -> None:
    samples = model_input(np.ones(int(seconds * 8000), np.int16))
    assert len(samples) / 16000 == pytest.approx(max(8.0, seconds + 1.0), abs=0.01)


def test_quiet_callers_are_made_louder_and_loud_ones_softer() -> None:
    quiet = model_input((300 * np.sin(np.arange(8000) / 3)).astype(np.int16))
    loud = model_input((32000 * np.sin(np.arange(8000) / 3)).astype(np.int16))
    assert np.abs(quiet).max() > 0.08
    assert 0.4 < np.abs(loud).max() < 0.6


def test_confidence_is_a_probability() -> None:
    assert confidence(0.0) == 1.0
    assert 0 < confidence(-3.0) < confidence(-0.1) < 1


async def test_a_full_queue_is_refused_at_once_and_recovers() -> None:
    recognizer = WhisperRecognizer("/nowhere", workers=1, queue=1)
    gate = threading.Event()
    blocker = recognizer._pool.submit(gate.wait, 10)  # pyright: ignore[reportPrivateUsage]
    waiting = [asyncio.create_task(recognizer.open(Language.ENGLISH).finish()) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(SpeechError, match="overloaded"):
        await recognizer.open(Language.ENGLISH).finish()
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    gate.set()
    await asyncio.wrap_future(blocker)
    with pytest.raises(ModelError):
        await recognizer.open(Language.ENGLISH).finish()
    recognizer.close()


async def test_work_cancelled_in_the_queue_never_starts() -> None:
    recognizer = WhisperRecognizer("/nowhere", workers=1)
    gate = threading.Event()
    recognizer._pool.submit(gate.wait, 10)  # pyright: ignore[reportPrivateUsage]
    recognition = recognizer.open(Language.ENGLISH)
    task = asyncio.create_task(recognition.finish())
    await asyncio.sleep(0)
    recognition.close()
    gate.set()
    assert (await task).text == ""
    recognizer.close()


async def test_a_missing_model_says_what_to_do() -> None:
    recognizer = WhisperRecognizer("/nowhere/at/all")
    with pytest.raises(ModelError, match="ANNIE_WHISPER_MODEL"):
        await recognizer.warm()
    recognizer.close()


async def test_a_closed_recognizer_raises_a_speech_error() -> None:
    recognizer = WhisperRecognizer("/nowhere")
    recognizer.close()
    with pytest.raises(SpeechError, match="closed"):
        await recognizer.open(Language.ENGLISH).finish()
