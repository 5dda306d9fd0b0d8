"""The receive queue: packets as they come in, 20 ms frames as they are due.

Audio is placed by its RTP timestamp, so any packet length (10 to 60 ms), reordering,
duplicates and silence suppression come out right. The delay is small and fixed at
first, grows by a frame when the network is late, and shrinks again when it turns out
to be more than needed. Whoever wants to adapt the delay to the jitter measured
replaces this class: ``push`` and ``take`` are all that the stream knows of it.
"""

from typing import Final

from annie.kit.link import FRAME_BYTES, FRAME_SAMPLES

#: Samples; audio held beyond this is too late to be worth hearing (100 ms).
MAX_HELD: Final = 5 * FRAME_SAMPLES
#: Samples; a timestamp this far off means that the peer began a new time line (1 s).
JUMP: Final = 8000
#: So many late packets in a row are no stragglers: our idea of the time is wrong.
LATE_IN_A_ROW: Final = 5
#: Frames after which a delay that was never needed is given back (1 s).
REVIEW_FRAMES: Final = 50


class ReceiveQueue:
    """Decoded audio of one stream in order. ``late`` and ``lost`` count packets and frames."""

    __slots__ = (
        "_held",
        "_late_run",
        "_least_held",
        "_next",
        "_pieces",
        "_prefill",
        "_reviewed",
        "_waiting",
        "duplicates",
        "late",
        "lost",
    )

    def __init__(self, prefill: int = 1) -> None:
        """``prefill`` is how many ticks the first packet waits for those after it."""
        self._prefill = prefill
        self._pieces: dict[int, bytes] = {}
        self._held = 0
        # While _waiting >= 0 the time line is open: the next piece says where it goes on.
        self._waiting = prefill
        self._next: int | None = None
        self._late_run = 0
        self._least_held = MAX_HELD
        self._reviewed = 0
        self.late = 0
        self.lost = 0
        self.duplicates = 0

    def restart(self) -> None:
        """Forget what is held: the peer's next packet begins a new time line."""
        self._pieces.clear()
        self._held = 0
        self._next = None
        self._waiting = self._prefill
        self._late_run = 0

    def push(self, timestamp: int, pcm: bytes) -> None:
        """Take one packet's audio: 16-bit PCM of any length."""
        if not pcm:
            return
        if self._next is None:
            self._next = timestamp
        offset = _distance(timestamp, self._next)
        if not -JUMP < offset < JUMP:
            self.restart()
            self._next = timestamp
            offset = 0
        if offset < 0:
            self._take_late(timestamp, pcm, offset)
            return
        self._late_run = 0
        if self._waiting == 0 and not self._pieces:
            # We ran dry: whatever was lost or not sent meanwhile, time goes on from here.
            self._next = timestamp
        if timestamp in self._pieces:
            self.duplicates += 1
            return
        self._keep(timestamp, pcm)

    def take(self) -> bytes | None:
        """The next 20 ms (320 bytes), or ``None`` where there is nothing to hear."""
        if not self._pieces:
            if self._next is not None:
                self._waiting = max(self._waiting, 0)
                self.lost += 1
            return None
        if self._waiting > 0:
            self._waiting -= 1
            return None
        expected = self._next
        assert expected is not None  # noqa: S101 - pieces are only held on a time line
        pcm = self._pieces.pop(expected, None)
        if pcm is not None and len(pcm) == FRAME_BYTES:
            self._held -= FRAME_SAMPLES
        else:
            if pcm is not None:
                self._pieces[expected] = pcm
            if self._held < FRAME_SAMPLES and self._is_contiguous(expected):
                self._waiting = 0
                self.lost += 1
                return None
            pcm = self._assemble(expected)
            if pcm is None:
                self.lost += 1
        self._waiting = -1
        self._next = (expected + FRAME_SAMPLES) & 0xFFFFFFFF
        self._review()
        return pcm

    def _take_late(self, timestamp: int, pcm: bytes, offset: int) -> None:
        if self._waiting > 0 and offset + MAX_HELD > 0 and timestamp not in self._pieces:
            # Nothing was played yet, so an earlier packet simply moves the beginning.
            self._next = timestamp
            self._keep(timestamp, pcm)
            return
        self.late += 1
        self._late_run += 1
        if self._late_run >= LATE_IN_A_ROW:
            self.restart()
            self._next = timestamp

    def _is_contiguous(self, expected: int) -> bool:
        return all(_distance(timestamp, expected) < FRAME_SAMPLES for timestamp in self._pieces)

    def _assemble(self, expected: int) -> bytes | None:
        """20 ms from pieces of other lengths; gaps inside are silent. ``None`` if all is gap."""
        frame = bytearray(FRAME_BYTES)
        found = False
        for timestamp in sorted(self._pieces, key=lambda each: _distance(each, expected)):
            begin = _distance(timestamp, expected)
            if begin >= FRAME_SAMPLES:
                break
            pcm = self._pieces.pop(timestamp)
            samples = len(pcm) >> 1
            self._held -= samples
            # A piece may begin before the frame where packets overlap.
            skip = max(-begin, 0)
            begin = max(begin, 0)
            count = min(samples - skip, FRAME_SAMPLES - begin)
            if count <= 0:
                continue
            found = True
            frame[2 * begin : 2 * (begin + count)] = pcm[2 * skip : 2 * (skip + count)]
            rest = pcm[2 * (skip + count) :]
            if rest:
                at = (expected + begin + count) & 0xFFFFFFFF
                self._pieces.setdefault(at, rest)
                self._held = sum(len(each) >> 1 for each in self._pieces.values())
        return bytes(frame) if found else None

    def _keep(self, timestamp: int, pcm: bytes) -> None:
        self._pieces[timestamp] = pcm
        self._held += len(pcm) >> 1
        if self._held > MAX_HELD:
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        expected = self._next
        assert expected is not None  # noqa: S101 - pieces are only held on a time line
        while self._held > MAX_HELD and len(self._pieces) > 1:
            oldest = min(self._pieces, key=lambda each: _distance(each, expected))
            pcm = self._pieces.pop(oldest)
            self._held -= len(pcm) >> 1
            self.late += 1
            self._next = (oldest + (len(pcm) >> 1)) & 0xFFFFFFFF

    def _review(self) -> None:
        self._least_held = min(self._least_held, self._held)
        self._reviewed += 1
        if self._reviewed < REVIEW_FRAMES:
            return
        if self._least_held > self._prefill * FRAME_SAMPLES and self._next in self._pieces:
            self._held -= len(self._pieces.pop(self._next)) >> 1
            self._next = (self._next + FRAME_SAMPLES) & 0xFFFFFFFF
            self.late += 1
        self._reviewed = 0
        self._least_held = MAX_HELD


def _distance(timestamp: int, reference: int) -> int:
    """Samples from ``reference`` to ``timestamp`` on a circle of 32 bits, signed."""
    return ((timestamp - reference + 0x80000000) & 0xFFFFFFFF) - 0x80000000
