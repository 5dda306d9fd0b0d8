"""Writes that the database couldn't take yet, in files that outlive the process.

A file is only ever appended to, one length-prefixed MessagePack after the other, and is
locked by the process that fills or empties it. The kernel gives the lock up with the
process, so that whoever starts next knows which files nobody looks after.
"""

import fcntl
import logging
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from annie.calls.record import Write
from annie.kit.ids import new_id

logger = logging.getLogger(__name__)

SUFFIX: Final = ".unwritten"
_LENGTH: Final = 4
#: No write comes near it; a longer one is the garbage of a broken file.
_LONGEST: Final = 16 * 1024 * 1024

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Write)


class Backlog:
    """One process's files in ``directory``. Methods block on the disk: not for the event loop."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._own: BinaryIO | None = None
        self._own_path = directory
        self._adopted: list[tuple[Path, BinaryIO]] = []

    def append(self, writes: Iterable[Write]) -> None:
        """Keep more writes.

        Raises:
            OSError: the disk refuses.
        """
        if self._own is None:
            self._directory.mkdir(parents=True, exist_ok=True)
            self._own_path = self._directory / f"{new_id()}{SUFFIX}"
            self._own = self._own_path.open("xb")
            fcntl.flock(self._own, fcntl.LOCK_EX)
        frames = [_encoder.encode(write) for write in writes]
        self._own.write(b"".join(len(each).to_bytes(_LENGTH) + each for each in frames))
        self._own.flush()
        os.fsync(self._own.fileno())

    def adopt(self) -> list[Write]:
        """What processes that are gone have left, oldest file first.

        Their files are kept until ``clear``. Files that can't be read are left alone.
        """
        writes: list[Write] = []
        for path in sorted(self._directory.glob(f"*{SUFFIX}")):
            if path == self._own_path:
                continue
            try:
                file = path.open("rb")
            except OSError as error:
                logger.error("backlog_unreadable", extra={"path": str(path), "error": str(error)})
                continue
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                writes += _read(file, path)
            except OSError:
                # Somebody else looks after it.
                file.close()
            else:
                self._adopted.append((path, file))
        return writes

    def clear(self) -> None:
        """Everything that was kept or adopted is written."""
        files = list(self._adopted)
        if self._own is not None:
            files.append((self._own_path, self._own))
        self._own, self._own_path, self._adopted = None, self._directory, []
        for path, file in files:
            path.unlink(missing_ok=True)
            file.close()

    def close(self) -> None:
        """Let go of the files; whoever starts next writes them."""
        for _, file in self._adopted:
            file.close()
        if self._own is not None:
            self._own.close()
        self._own, self._adopted = None, []


def _read(file: BinaryIO, path: Path) -> Sequence[Write]:
    """As far as the file is whole; a process may have been killed in the middle of a write."""
    writes: list[Write] = []
    while len(prefix := file.read(_LENGTH)) == _LENGTH:
        length = int.from_bytes(prefix)
        frame = file.read(length) if length <= _LONGEST else b""
        try:
            writes.append(_decoder.decode(frame))
        except msgspec.MsgspecError as error:
            logger.error("backlog_cut_short", extra={"path": str(path), "error": str(error)})
            break
    return writes
