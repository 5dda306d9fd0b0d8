from pathlib import Path

import numpy as np
import pytest

from annie.kit.language import Language
from annie.speech.ears.activity import WINDOW_SAMPLES, Float
from annie.speech.engines.silero import SileroVoiceActivity
from annie.speech.models import ModelError
from annie.speech.protocols import Pcm
from tests.speech.caller_voice import line_noise, said

pytestmark = pytest.mark.integration


def windows(pcm: Pcm) -> Float:
    count = len(pcm) // WINDOW_SAMPLES
    whole = pcm[: count * WINDOW_SAMPLES].reshape(count, WINDOW_SAMPLES)
    return (whole / 32768).astype(np.float32)


def alone(silero: SileroVoiceActivity, pcm: Pcm) -> list[float]:
    row = silero.open()
    found = [float(silero.probabilities([row], each[np.newaxis])[0]) for each in windows(pcm)]
    silero.close(row)
    return found


@pytest.mark.parametrize("language", Language)
def test_speech_is_told_from_the_silence_around_it(
    silero: SileroVoiceActivity, language: Language
) -> None:
    words = {"ENGLISH": "Hello there", "SPANISH": "Buenos días", "FRENCH": "Bonjour madame"}
    pcm = np.concatenate([line_noise(1.0), said(words[language], language), line_noise(1.0)])
    found = alone(silero, pcm)
    assert max(found[:25]) < 0.35
    assert max(found[-20:]) < 0.35
    assert sum(each > 0.5 for each in found) >= 10


def test_a_batch_gives_what_single_calls_give(silero: SileroVoiceActivity) -> None:
    sentences = ["Good morning.", "Where are you?", "I would like an appointment, please.", "No."]
    audio = [np.concatenate([line_noise(0.3), said(each), line_noise(0.5)]) for each in sentences]
    length = min(len(each) for each in audio)
    single = [alone(silero, each[:length]) for each in audio]
    rows = [silero.open() for _ in audio]
    stacked = np.stack([windows(each[:length]) for each in audio])
    batched = [silero.probabilities(rows, stacked[:, i]) for i in range(stacked.shape[1])]
    for row in rows:
        silero.close(row)
    assert np.allclose(np.array(batched).T, np.array(single), atol=1e-3)


def test_a_reused_row_remembers_nothing(silero: SileroVoiceActivity) -> None:
    fresh = alone(silero, said("Hello there"))
    assert alone(silero, said("Hello there")) == pytest.approx(fresh, abs=1e-4)


def test_there_is_room_for_more_calls_than_at_first(silero: SileroVoiceActivity) -> None:
    rows = [silero.open() for _ in range(100)]
    assert len(set(rows)) == 100
    assert silero.probabilities(rows, np.zeros((100, 256), np.float32)).shape == (100,)
    for row in rows:
        silero.close(row)


def test_a_damaged_model_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "broken.onnx").write_bytes(b"not a model")
    with pytest.raises(ModelError, match="reinstall silero-vad"):
        SileroVoiceActivity(tmp_path / "broken.onnx")
