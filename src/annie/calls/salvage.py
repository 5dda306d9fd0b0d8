"""Recordings that were begun by one process and end in another, or nowhere.

An unfinished file is named ``<conversation>.<process id>.<ms>.flac.part``; the last
number is when in the call it begins, which is not 0 for a call that was taken over.
"""

import contextlib
import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

import numpy as np
import soundfile

from annie.kit.link import SAMPLE_RATE

logger = logging.getLogger(__name__)

PARTIAL_SUFFIX: Final = ".flac.part"
BLOCK_SAMPLES: Final = SAMPLE_RATE
#: Silence put where nobody recorded, at most (s).
_LONGEST_GAP: Final = 120


@dataclass(slots=True, frozen=True)
class Partial:
    """An unfinished file."""

    path: Path
    stem: str
    writer: int
    began_ms: int

    @property
    def final(self) -> Path:
        """Where the recording belongs."""
        return self.path.with_name(f"{self.stem}.flac")

    @classmethod
    def named(cls, final: Path, began_seconds: float) -> "Partial":
        """The unfinished file of this process for a recording."""
        began = round(began_seconds * 1000)
        path = final.with_name(f"{final.stem}.{os.getpid()}.{began}{PARTIAL_SUFFIX}")
        return cls(path, final.stem, os.getpid(), began)

    @classmethod
    def read(cls, path: Path) -> "Partial | None":
        """From its name; None for a file that isn't one."""
        stem, *numbers = path.name.removesuffix(PARTIAL_SUFFIX).split(".")
        if len(numbers) != 2 or not all(number.isdigit() for number in numbers):
            return None
        return cls(path, stem, int(numbers[0]), int(numbers[1]))


def open_flac(path: Path) -> soundfile.SoundFile:
    """A new stereo file of telephone quality."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return soundfile.SoundFile(
        str(path), "w", SAMPLE_RATE, channels=2, format="FLAC", subtype="PCM_16"
    )


def finish(partial: Partial) -> int:
    """Make a partial file, complete or cut short, the recording or the rest of it.

    Returns how many samples of it could be read; the partial file is gone then.

    Raises:
        OSError, RuntimeError: the disk refuses; nothing is lost.
    """
    final = partial.final
    copy = final.with_name(f"{final.stem}.{partial.writer}.joining")
    try:
        with contextlib.closing(open_flac(copy)) as target:
            written = 0
            if partial.began_ms and final.exists():
                written = _append(final, target)
                gap = partial.began_ms * SAMPLE_RATE // 1000 - written
                target.write(np.zeros((min(max(gap, 0), _LONGEST_GAP * SAMPLE_RATE), 2), np.int16))
            samples = _append(partial.path, target)
        if samples:
            copy.replace(final)
        partial.path.unlink(missing_ok=True)
    finally:
        copy.unlink(missing_ok=True)
    return samples


def recover(directory: Path, conversation: str = "*") -> list[UUID]:
    """Salvage what dead processes left: every partial file becomes a recording or is deleted.

    Returns the conversations whose recordings were saved.
    """
    saved: list[UUID] = []
    found = map(Partial.read, directory.glob(f"{conversation}.*{PARTIAL_SUFFIX}"))
    # In the order of the call: the second part is appended to the first.
    for partial in sorted(filter(None, found), key=lambda each: (each.stem, each.began_ms)):
        if partial.writer == os.getpid() or _alive(partial.writer):
            continue
        try:
            samples = finish(partial)
        except (OSError, RuntimeError) as error:
            logger.error(
                "recording_not_salvaged", extra={"path": str(partial.path), "error": str(error)}
            )
            continue
        if samples:
            with contextlib.suppress(ValueError):
                saved.append(UUID(partial.stem))
        logger.warning(
            "recording_salvaged" if samples else "recording_lost",
            extra={"path": str(partial.final), "seconds": samples / SAMPLE_RATE},
        )
    return saved


def _append(source: Path, target: soundfile.SoundFile) -> int:
    """Copy what can be read; an unfinished file's header lacks the length."""
    samples = 0
    try:
        with soundfile.SoundFile(str(source)) as file:
            while len(block := file.read(BLOCK_SAMPLES, dtype="int16", always_2d=True)):
                target.write(block)
                samples += len(block)
    except RuntimeError as error:
        logger.info("recording_partly_readable", extra={"path": str(source), "error": str(error)})
    return samples


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
