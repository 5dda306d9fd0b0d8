"""Stereo recordings of calls: caller left, Annie right, 8 kHz FLAC.

The event loop only copies 20 ms into a block; whole seconds go through a bounded
queue to one writer thread a process, which alone touches the disk. When the disk
can't follow, seconds are dropped, and the writer puts silence of the same length in
their place: a recording may have a hole, but it never shifts and never stalls a call.

A file has its final name only once it is complete. What a crash left behind is
salvaged by ``annie.calls.salvage``.
"""

import logging
import threading
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import numpy as np
import numpy.typing as npt
import soundfile

from annie.calls.salvage import Partial, finish, open_flac, recover
from annie.kit.link import FRAME_SAMPLES, SAMPLE_RATE
from annie.speech.protocols import Pcm

logger = logging.getLogger(__name__)

#: One second a block: 32 kB, and few enough wake-ups of the writer.
BLOCK_SAMPLES = SAMPLE_RATE

_Block = npt.NDArray[np.int16]


@dataclass(slots=True)
class _Job:
    recording: "Recording"
    block: _Block | None
    #: Samples that were dropped before this block.
    gap: int
    last: bool


class Recorder:
    """The writer of all recordings of a process.

    ``capacity`` bounds how many seconds, over all calls, wait for the disk.
    """

    def __init__(self, directory: Path, capacity: int = 600) -> None:
        self._directory = directory
        self._capacity = capacity
        self._jobs: deque[_Job] = deque()
        self._wake = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def open(self, conversation_id: UUID, began: float = 0.0) -> "Recording":
        """Begin a recording; its file appears once it is closed.

        ``began``: seconds into the call, for one whose beginning another process recorded.
        """
        return Recording(self, self._directory / f"{conversation_id}.flac", began)

    def stop(self, timeout: float = 10.0) -> bool:
        """Write what waits and end the thread. False when the disk took too long."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def submit(self, job: _Job) -> bool:
        """Queue without waiting; False when full. The end of a recording always fits."""
        with self._wake:
            if len(self._jobs) >= self._capacity and not job.last:
                return False
            if len(self._jobs) >= self._capacity:
                job.gap += 0 if job.block is None else len(job.block)
                job.block = None
            self._jobs.append(job)
            self._wake.notify()
        return True

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._jobs and not self._stopping:
                    self._wake.wait()
                if not self._jobs:
                    return
                job = self._jobs.popleft()
            job.recording.write_job(job)


class Recording:
    """One call's recording. ``write`` and ``close`` belong to the event loop."""

    def __init__(self, recorder: Recorder, path: Path, began: float) -> None:
        self._recorder = recorder
        self._path = path
        self._partial = Partial.named(path, began)
        self._block: _Block = np.zeros((BLOCK_SAMPLES, 2), np.int16)
        self._filled = 0
        self._gap = 0
        self._closed = False
        self._file: soundfile.SoundFile | None = None
        self._failed = False
        self.dropped_samples = 0

    @property
    def path(self) -> Path:
        """Where the recording will stand once complete."""
        return self._path

    def write(self, caller: Pcm, annie: Pcm) -> None:
        """20 ms of both sides (160 samples each). Never waits."""
        if self._closed:
            return
        end = self._filled + FRAME_SAMPLES
        self._block[self._filled : end, 0] = caller
        self._block[self._filled : end, 1] = annie
        self._filled = end
        if end >= BLOCK_SAMPLES:
            self._hand_over(last=False)

    def close(self) -> None:
        """No more frames follow; the file is completed in the background. Idempotent."""
        if self._closed:
            return
        self._closed = True
        self._hand_over(last=True)
        if self.dropped_samples:
            logger.warning(
                "recording_has_holes",
                extra={"path": str(self._path), "dropped_samples": self.dropped_samples},
            )

    def _hand_over(self, *, last: bool) -> None:
        block = self._block[: self._filled] if self._filled else None
        if self._recorder.submit(_Job(self, block, self._gap, last)):
            self._gap = 0
            self._block = np.zeros((BLOCK_SAMPLES, 2), np.int16)
        else:
            self._gap += self._filled
            self.dropped_samples += self._filled
        self._filled = 0

    def write_job(self, job: _Job) -> None:
        """On the writer thread: one block onto the disk."""
        try:
            if not self._failed:
                if self._file is None:
                    self._file = open_flac(self._partial.path)
                if job.gap:
                    self._file.write(np.zeros((job.gap, 2), np.int16))
                if job.block is not None:
                    self._file.write(job.block)
        except (OSError, RuntimeError) as error:
            # A full disk costs the recording, never the call.
            self._failed = True
            logger.error("recording_failed", extra={"path": str(self._path), "error": str(error)})
        if job.last:
            self._finish()

    def _finish(self) -> None:
        file, self._file = self._file, None
        try:
            if file is not None:
                file.close()
                if self._partial.began_ms:
                    recover(self._path.parent, self._path.stem)
                    finish(self._partial)
                else:
                    self._partial.path.replace(self._path)
        except (OSError, RuntimeError) as error:
            logger.error("recording_failed", extra={"path": str(self._path), "error": str(error)})
