"""What is to be played to one caller, and how much of it has been."""

from collections import deque
from typing import Final

from annie.kit.link import FRAME_BYTES, FRAME_MS

#: Frames; what is pushed beyond it is refused (120 s).
MAX_FRAMES: Final = 120_000 // FRAME_MS


class PlaybackQueue:
    """A queue of 20 ms frames with the epoch bookkeeping of the link.

    ``played`` counts the frames of the current ``epoch`` that were popped; ``queued``
    those that wait. ``refused`` counts frames that came for another epoch or were too many.
    """

    __slots__ = ("_chunks", "_offset", "epoch", "played", "queued", "refused")

    def __init__(self) -> None:
        self._chunks: deque[bytes] = deque()
        self._offset = 0
        self.epoch = 0
        self.played = 0
        self.queued = 0
        self.refused = 0

    def push(self, epoch: int, pcm: bytes) -> None:
        """Queue a whole number of frames of 16-bit PCM."""
        frames = len(pcm) // FRAME_BYTES
        if epoch != self.epoch:
            self.refused += frames
            return
        room = MAX_FRAMES - self.queued
        if frames > room:
            self.refused += frames - room
            frames = room
            pcm = pcm[: frames * FRAME_BYTES]
        if frames:
            self._chunks.append(pcm)
            self.queued += frames

    def pop(self) -> bytes | None:
        """The next frame, which counts as played; ``None`` if nothing waits."""
        if not self._chunks:
            return None
        chunk = self._chunks[0]
        end = self._offset + FRAME_BYTES
        frame = chunk[self._offset : end]
        if end >= len(chunk):
            self._chunks.popleft()
            self._offset = 0
        else:
            self._offset = end
        self.played += 1
        self.queued -= 1
        return frame

    def flush(self, epoch: int) -> int | None:
        """End ``epoch``: forget what waits and begin the next.

        Returns how many frames of it were played; ``None`` if that epoch is over already.
        """
        if epoch != self.epoch:
            return None
        played = self.played
        self._chunks.clear()
        self._offset = 0
        self.epoch += 1
        self.played = 0
        self.queued = 0
        return played
