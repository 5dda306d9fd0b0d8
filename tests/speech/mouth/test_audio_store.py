"""Audio kept on disk: found again, whole or not there, within its bound."""

import os
from pathlib import Path

import numpy as np
import pytest

from annie.kit.language import Language, VoiceId
from annie.speech.mouth.cache import CacheKey
from annie.speech.mouth.store import AudioStore
from annie.speech.protocols import VoiceStyle

pytestmark = pytest.mark.unit

PCM = np.arange(-500, 500, dtype=np.int16)


def _key(
    text: str = "Hello.",
    *,
    engine: str = "one/1",
    language: Language = Language.ENGLISH,
    style: VoiceStyle | None = None,
) -> CacheKey:
    return CacheKey(engine, text, language, style or VoiceStyle())


def test_audio_is_found_again_by_another_process(tmp_path: Path) -> None:
    AudioStore(tmp_path, 10**6).save(_key(), PCM)
    again = AudioStore(tmp_path, 10**6)
    assert _key() in again
    found = again.load(_key())
    assert found is not None
    assert np.array_equal(found, PCM)


@pytest.mark.parametrize(
    "other",
    [
        _key("Hello"),
        _key(engine="one/2"),
        _key(language=Language.FRENCH),
        _key(style=VoiceStyle(VoiceId.CALM_REASSURING)),
        _key(style=VoiceStyle(speed=1.1)),
    ],
)
def test_what_would_sound_different_is_something_else(tmp_path: Path, other: CacheKey) -> None:
    store = AudioStore(tmp_path, 10**6)
    store.save(_key(), PCM)
    assert other not in store
    assert store.load(other) is None


def test_no_text_can_be_read_from_the_directory(tmp_path: Path) -> None:
    AudioStore(tmp_path, 10**6).save(_key("Maria Lopez called."), PCM)
    (name,) = os.listdir(tmp_path)
    assert "Maria" not in name


def test_what_was_used_least_recently_goes_first(tmp_path: Path) -> None:
    store = AudioStore(tmp_path, 5 * PCM.nbytes)
    for number in range(5):
        store.save(_key(str(number)), PCM)
    for age, path in enumerate(sorted(tmp_path.iterdir(), key=lambda each: each.name)):
        os.utime(path, (1000 + age, 1000 + age))
    assert store.load(_key("0")) is not None
    store.save(_key("new"), PCM)
    assert store.size_bytes <= 5 * PCM.nbytes
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) == store.size_bytes
    assert _key("0") in store
    assert _key("new") in store


def test_a_file_that_was_removed_is_forgotten(tmp_path: Path) -> None:
    store = AudioStore(tmp_path, 10**6)
    store.save(_key(), PCM)
    for path in tmp_path.iterdir():
        path.unlink()
    assert store.load(_key()) is None
    assert _key() not in store


def test_a_disk_that_cannot_be_written_is_told_and_leaves_nothing_half_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = AudioStore(tmp_path, 10**6)

    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        store.save(_key(), PCM)
    assert os.listdir(tmp_path) == []
    assert _key() not in store
