"""Audio that took long to make, kept on disk over restarts, within a number of bytes."""

import hashlib
import logging
import os
import tempfile
from pathlib import Path
from typing import Final

import numpy as np

from annie.speech.mouth.cache import CacheKey
from annie.speech.protocols import Pcm

logger = logging.getLogger(__name__)

_SUFFIX: Final = ".pcm"
#: Room is made down to this share, so that not every further piece has to make some.
_KEPT_SHARE: Final = 0.9


class AudioStore:
    """A directory of PCM files (8 kHz int16, little endian), named by what they say.

    The name is a digest, so neither texts nor voices can be read from it. Which files
    there are is known without looking; ``load`` and ``save`` use the disk and belong in
    a thread. What wasn't used for longest goes when there is no more room. Several
    processes may share a directory: a file is whole or not there.
    """

    def __init__(self, directory: Path, limit_bytes: int) -> None:
        self._directory = directory
        self._limit = limit_bytes
        directory.mkdir(parents=True, exist_ok=True)
        self._sizes = {path.name: path.stat().st_size for path in directory.glob(f"*{_SUFFIX}")}

    def __contains__(self, key: CacheKey) -> bool:
        return _name(key) in self._sizes

    @property
    def size_bytes(self) -> int:
        """Bytes of audio held, as far as this process knows."""
        return sum(self._sizes.values())

    def load(self, key: CacheKey) -> Pcm | None:
        """The audio of ``key``, which counts as used now; None when it has gone."""
        path = self._directory / _name(key)
        try:
            raw = path.read_bytes()
            os.utime(path)
        except OSError:
            self._sizes.pop(path.name, None)
            return None
        return np.frombuffer(raw[: len(raw) // 2 * 2], "<i2").astype(np.int16)

    def save(self, key: CacheKey, pcm: Pcm) -> None:
        """Keep ``pcm``. Raises ``OSError`` when the disk is full or not writable."""
        raw = pcm.astype("<i2").tobytes()
        name = _name(key)
        handle, scratch = tempfile.mkstemp(dir=self._directory)
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(raw)
            Path(scratch).replace(self._directory / name)
        except OSError:
            Path(scratch).unlink(missing_ok=True)
            raise
        self._sizes[name] = len(raw)
        if self.size_bytes > self._limit:
            self._make_room()

    def _make_room(self) -> None:
        """Forget what wasn't used for longest; other processes' files count too."""
        found: list[tuple[float, int, Path]] = []
        for path in self._directory.glob(f"*{_SUFFIX}"):
            try:
                status = path.stat()
            except FileNotFoundError:
                continue
            found.append((status.st_mtime, status.st_size, path))
        found.sort()
        excess = sum(size for _, size, _ in found) - self._limit * _KEPT_SHARE
        self._sizes = {path.name: size for _, size, path in found}
        for _, size, path in found:
            if excess <= 0:
                break
            path.unlink(missing_ok=True)
            self._sizes.pop(path.name, None)
            excess -= size


def _name(key: CacheKey) -> str:
    parts = (key.engine, key.text, key.language.value, key.style.voice.value, repr(key.style.speed))
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest() + _SUFFIX
