"""The jitter buffer: packets as they come in, 20 ms of PCM as they are due.

Audio is placed by its RTP timestamp, so any packet length, reordering and silence
suppression come out right. It is kept encoded and decoded in the order in which it is
played, as codecs with a memory need it. The time line moves on by a frame every tick
whether there was something to play or not; it is held back when the target delay grew,
and made to skip when audio waits longer than it need. Where it ran dry, what comes late
is heard all the same, and everything after it as much later.
"""

from collections.abc import Callable
from typing import Final

from annie.edge.rtp.delay import LONGEST, TargetDelay
from annie.edge.rtp.g711 import audioop
from annie.kit.link import FRAME_BYTES, FRAME_SAMPLES

_MASK: Final = 0xFFFFFFFF
_HALF: Final = 0x80000000

#: Samples held at most (300 ms): more than the longest delay and the longest usual packet.
MAX_HELD: Final = LONGEST + 5 * FRAME_SAMPLES
#: Samples; a timestamp this far off means that the peer began a new time line (1 s).
JUMP: Final = 8000
#: So many late packets in a row are no stragglers: our idea of the time is wrong.
LATE_IN_A_ROW: Final = 5
#: Ticks without audio after which a late packet isn't late, but the end of a pause (200 ms).
PAUSE_TICKS: Final = 10
#: Samples of delay too much before any is given back, and too little before more is taken.
SURPLUS: Final = FRAME_SAMPLES + 80
DEFICIT: Final = -80
#: Samples of delay too much that are given back at once, whatever is said: what comes in
#: a burst after a stall must not be heard as much later for seconds (100 ms).
BURST: Final = 800
#: Ticks between two frames that are left out (200 ms), and after which one is left out
#: even though it isn't silent (2 s).
REST_TICKS: Final = 10
PATIENCE_TICKS: Final = 100
#: Root mean square below which a frame is silence that nobody misses (-45 dBm0 or so).
QUIET: Final = 130

Decode = Callable[[bytes], bytes]


class JitterBuffer:
    """Audio of one stream. ``late`` and ``duplicates`` count packets, ``missed`` frames.

    ``absent`` is the timestamp of the frame that the last ``take`` didn't find.
    """

    __slots__ = (
        "_dry",
        "_held",
        "_late_run",
        "_next",
        "_opening",
        "_pieces",
        "_shrinking",
        "absent",
        "delay",
        "duplicates",
        "late",
        "missed",
    )

    def __init__(self) -> None:
        self.delay = TargetDelay()
        self._pieces: dict[int, tuple[Decode, bytes]] = {}
        self._held = 0
        self._next: int | None = None
        self._opening = True
        self._late_run = 0
        self._dry = 0
        self._shrinking = 0
        self.absent: int | None = None
        self.late = 0
        self.missed = 0
        self.duplicates = 0

    @property
    def held_samples(self) -> int:
        """What waits to be played."""
        return self._held

    def restart(self) -> None:
        """Forget what is held: the next packet begins a new time line."""
        self._pieces.clear()
        self._held = 0
        self._next = None
        self._late_run = 0
        self._dry = 0

    def push(self, timestamp: int, payload: bytes, decode: Decode, clock: int) -> None:
        """Take one packet's payload, a sample a byte, that arrived at ``clock`` (1/8000 s)."""
        if not payload:
            return
        upcoming = self._next
        if upcoming is None:
            upcoming = self._begin(timestamp, clock)
        offset = timestamp - upcoming
        if not 0 <= offset < JUMP:
            offset = _distance(timestamp, upcoming)
            if not -JUMP < offset < JUMP:
                self.restart()
                self._begin(timestamp, clock)
                offset = 0
        self.delay.observe(timestamp, clock)
        if offset < 0 and not self._rescue(timestamp, clock, offset + len(payload)):
            return
        self._late_run = 0
        if timestamp in self._pieces:
            self.duplicates += 1
            return
        self._pieces[timestamp] = (decode, payload)
        self._held += len(payload)
        if self._held > MAX_HELD:
            self._cut()

    def take(self, clock: int) -> bytes | None:
        """The next 20 ms (320 bytes), or ``None`` where there is nothing to hear."""
        expected = self._next
        if expected is None:
            return None
        surplus = clock - expected - self.delay.lead
        if not -_HALF <= surplus < _HALF:
            surplus = ((surplus + _HALF) & _MASK) - _HALF
        if self._opening:
            if surplus < 0:
                self.absent = expected
                return None
            self._opening = False
        if DEFICIT <= surplus < SURPLUS:
            self._shrinking = 0
        elif surplus < 0:
            self.missed += 1
            self.absent = expected
            return None
        else:
            expected = self._shrink(expected, surplus)
        self._next = (expected + FRAME_SAMPLES) & _MASK
        piece = self._pieces.pop(expected, None)
        if piece is not None:
            decode, payload = piece
            if len(payload) == FRAME_SAMPLES:
                self._held -= FRAME_SAMPLES
                self._dry = 0
                return decode(payload)
            self._pieces[expected] = piece
        pcm = self._assemble(expected) if self._pieces else None
        if pcm is None:
            self.missed += 1
            self._dry += 1
            self.absent = expected
        else:
            self._dry = 0
        return pcm

    def _begin(self, timestamp: int, clock: int) -> int:
        self._next = timestamp
        self._opening = True
        self.delay.begin(timestamp, clock)
        return timestamp

    def _rescue(self, timestamp: int, clock: int, end: int) -> bool:
        """Whether a packet from before the next frame is of use after all."""
        if self._opening and end + LONGEST > 0:
            # Nothing was played yet, so an earlier packet simply moves the beginning.
            self._next = timestamp
            return True
        if end > 0:
            return True
        if self._may_wait(timestamp, clock):
            # Nothing came after it either, so it can still be heard, only later.
            self._next = timestamp
            return True
        if self._dry < PAUSE_TICKS or self._pieces:
            self.late += 1
            self._late_run += 1
            if self._late_run < LATE_IN_A_ROW:
                return False
        # The peer's time stood still meanwhile, or stepped back.
        self.restart()
        self._begin(timestamp, clock)
        return True

    def _may_wait(self, timestamp: int, clock: int) -> bool:
        """Whether we ran dry where this packet belongs, and its delay is still bearable."""
        upcoming = self._next
        assert upcoming is not None  # noqa: S101 - packets are only late on a time line
        delay = self.delay
        return (
            not self._pieces
            and 0 < -_distance(timestamp, upcoming) <= self._dry * FRAME_SAMPLES
            and _distance(clock, timestamp + delay.lead - delay.target) < LONGEST - FRAME_SAMPLES
        )

    def _shrink(self, expected: int, surplus: int) -> int:
        """Where to go on when audio waits longer than it need."""
        frames = surplus // FRAME_SAMPLES
        if expected not in self._pieces:
            if not self._pieces and self._dry < PAUSE_TICKS:
                # It may be on its way yet; see ``_may_wait``.
                return expected
            return self._skip_hole(expected, frames * FRAME_SAMPLES)
        if surplus >= BURST:
            return self._leap(expected, frames * FRAME_SAMPLES)
        self._shrinking += 1
        if self._shrinking < REST_TICKS:
            return expected
        decode, payload = self._pieces[expected]
        if len(payload) != FRAME_SAMPLES:
            return expected
        pcm = decode(payload)
        if audioop.rms(pcm, 2) > QUIET and self._shrinking < PATIENCE_TICKS:
            # Decoded once already: a codec with a memory must not see it twice.
            self._pieces[expected] = (_decoded(pcm), payload)
            return expected
        del self._pieces[expected]
        self._held -= FRAME_SAMPLES
        self._shrinking = 0
        return (expected + FRAME_SAMPLES) & _MASK

    def _leap(self, expected: int, samples: int) -> int:
        for timestamp in list(self._pieces):
            _, payload = self._pieces[timestamp]
            if _distance(timestamp, expected) + len(payload) <= samples:
                del self._pieces[timestamp]
                self._held -= len(payload)
                self.late += 1
        return (expected + samples) & _MASK

    def _skip_hole(self, expected: int, most: int) -> int:
        for timestamp, (_, payload) in self._pieces.items():
            begin = _distance(timestamp, expected)
            if begin + len(payload) > 0:
                most = min(most, max(begin, 0))
        return (expected + most) & _MASK

    def _assemble(self, expected: int) -> bytes | None:
        """20 ms from pieces of other lengths; gaps inside are silent. ``None`` if all is gap."""
        frame = bytearray(FRAME_BYTES)
        found = False
        for timestamp in sorted(self._pieces, key=lambda each: _distance(each, expected)):
            begin = _distance(timestamp, expected)
            if begin >= FRAME_SAMPLES:
                break
            decode, payload = self._pieces.pop(timestamp)
            self._held -= len(payload)
            # A piece may begin before the frame where packets overlap.
            skip = max(-begin, 0)
            begin = max(begin, 0)
            part = payload[skip : skip + FRAME_SAMPLES - begin]
            if not part:
                continue
            found = True
            frame[2 * begin : 2 * (begin + len(part))] = decode(part)
            rest = payload[skip + len(part) :]
            at = (expected + FRAME_SAMPLES) & _MASK
            if rest and at not in self._pieces:
                self._pieces[at] = (decode, rest)
                self._held += len(rest)
        return bytes(frame) if found else None

    def _cut(self) -> None:
        """A burst: what is too old to be worth hearing goes at once, down to the target."""
        expected = self._next
        assert expected is not None  # noqa: S101 - pieces are only held on a time line
        for timestamp in sorted(self._pieces, key=lambda each: _distance(each, expected)):
            if self._held <= self.delay.target + FRAME_SAMPLES or len(self._pieces) == 1:
                return
            _, payload = self._pieces.pop(timestamp)
            self._held -= len(payload)
            self.late += 1
            self._next = (timestamp + len(payload)) & _MASK


def _decoded(pcm: bytes) -> Decode:
    return lambda payload: pcm[: 2 * len(payload)]


def _distance(timestamp: int, reference: int) -> int:
    """Samples from ``reference`` to ``timestamp`` on a circle of 32 bits, signed."""
    return ((timestamp - reference + _HALF) & _MASK) - _HALF
