"""What is kept of running calls outside the process, for whoever takes them over.

One small file a call, written anew at every change, gone when the call is over. A thread
writes: a disk that makes us wait must make no packet late. It isn't told to sync, since
what has to be survived is the end of a process, not that of the machine.
"""

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from annie.edge.sip.dialog import Dialog
from annie.kit import link

logger = logging.getLogger(__name__)

#: Seconds after the last sign of life for which calls are taken over: then callers have gone.
STALE: Final = 60.0
_VERSION: Final = 1
_BEAT: Final = 1.0
_ALIVE: Final = "alive"
_SUFFIX: Final = ".call"


class KeptCall(msgspec.Struct, frozen=True):
    """All that is needed to go on with an answered call."""

    call: int
    facts: link.CallFacts
    dialog: Dialog
    checkpoint: link.Checkpoint | None
    version: int = _VERSION


class Ledger:
    """The calls of one edge process, in a directory that is its own."""

    def __init__(self, directory: Path, wall_clock: Callable[[], float] = time.time) -> None:
        self._directory = directory
        self._wall_clock = wall_clock
        self._pending: dict[int, bytes | None] = {}
        self._wanted = threading.Condition()
        self._closed = False
        self._thread: threading.Thread | None = None

    def start(self) -> list[KeptCall]:
        """Begin to keep; returns what a process before us left, oldest call first.

        What is too old or can't be read is deleted, and said so.

        Raises:
            OSError: the directory can't be used.
        """
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        found = self._load()
        self._thread = threading.Thread(target=self._write_all, name="ledger", daemon=True)
        self._thread.start()
        return found

    def keep(self, kept: KeptCall) -> None:
        """Have the call's newest state written; returns at once."""
        self._put(kept.call, msgspec.msgpack.encode(kept))

    def forget(self, call: int) -> None:
        """The call is over."""
        self._put(call, None)

    def close(self) -> None:
        """Write what waits, and stop. Waits for the disk, but not for ever."""
        with self._wanted:
            self._closed = True
            self._wanted.notify()
        if self._thread is not None:
            self._thread.join(timeout=5.0)
            self._thread = None

    def _put(self, call: int, data: bytes | None) -> None:
        with self._wanted:
            self._pending[call] = data
            self._wanted.notify()

    def _write_all(self) -> None:
        failing = False
        while True:
            with self._wanted:
                if not self._pending and not self._closed:
                    self._wanted.wait(_BEAT)
                pending, self._pending = self._pending, {}
                closed = self._closed
            try:
                (self._directory / _ALIVE).touch()
                for call, data in pending.items():
                    self._write(call, data)
                failing = False
            except OSError as error:
                # Calls go on; they only couldn't be taken over.
                if not failing:
                    logger.error("calls_not_kept", extra={"error": str(error)})
                failing = True
            if closed:
                return

    def _write(self, call: int, data: bytes | None) -> None:
        path = self._directory / f"{call}{_SUFFIX}"
        if data is None:
            path.unlink(missing_ok=True)
            return
        beside = path.with_suffix(".new")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        beside.replace(path)

    def _load(self) -> list[KeptCall]:
        try:
            silent = self._wall_clock() - (self._directory / _ALIVE).stat().st_mtime
        except OSError:
            silent = STALE + 1
        kept: list[KeptCall] = []
        for path in self._directory.glob(f"*{_SUFFIX}"):
            if silent > STALE:
                logger.warning("call_too_old", extra={"call": path.stem, "seconds": round(silent)})
            elif (call := _read(path)) is not None:
                kept.append(call)
                continue
            with contextlib.suppress(OSError):
                path.unlink()
        return sorted(kept, key=lambda each: each.call)


def _read(path: Path) -> KeptCall | None:
    try:
        kept = msgspec.msgpack.decode(path.read_bytes(), type=KeptCall)
    except (OSError, msgspec.MsgspecError) as error:
        logger.error("call_unreadable", extra={"path": str(path), "error": str(error)})
        return None
    if kept.version != _VERSION or kept.dialog.media is None:
        logger.error("call_of_another_release", extra={"path": str(path)})
        return None
    return kept
