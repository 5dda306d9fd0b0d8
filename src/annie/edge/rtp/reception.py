"""What is known of a stream received: sequence numbers, losses, jitter (RFC 3550 appendix A)."""

from dataclasses import dataclass
from typing import Final

#: Sequence numbers ahead that are a gap, and behind that are reordering; beyond, a new stream.
MAX_DROPOUT: Final = 3000
MAX_MISORDER: Final = 100

#: Timestamp units; a jump of the peer's clock is no jitter.
_LEAP: Final = 8000
_MASK: Final = 0xFFFFFFFF


@dataclass(slots=True, frozen=True)
class ReportBlock:
    """One block of a sender or receiver report (RFC 3550 section 6.4.1), as on the wire.

    ``fraction`` is in 256ths, ``jitter`` in timestamp units, ``since_report`` (DLSR) in
    1/65536 s.
    """

    ssrc: int
    fraction: int
    lost: int
    highest: int
    jitter: int
    last_report: int
    since_report: int


class Reception:
    """All streams of one call, one after the other; counts go on over a change of SSRC."""

    __slots__ = (
        "_base",
        "_before",
        "_expected_before",
        "_expected_reported",
        "_highest",
        "_holes",
        "_jitter",
        "_received",
        "_received_reported",
        "_suspect",
        "_transit",
        "duplicates",
        "peak_jitter",
        "ssrc",
    )

    def __init__(self) -> None:
        self.ssrc: int | None = None
        self.duplicates = 0
        #: The highest jitter estimate of the call, timestamp units.
        self.peak_jitter = 0.0
        self._before = 0
        self._expected_before = 0
        self._forget()

    def begin(self, ssrc: int) -> None:
        """Another stream: its numbers have nothing to do with those of the one before."""
        self._expected_before += self._expected
        self._before += self._received
        self._forget()
        self.ssrc = ssrc

    def take(self, sequence: int, timestamp: int, clock: int) -> bool:
        """Count a packet that arrived at ``clock`` (1/8000 s); False for a duplicate."""
        highest = self._highest
        if highest < 0:
            self._base = self._highest = highest = sequence
            self._transit = clock - timestamp
            self._received = 1
            return True
        ahead = (sequence - highest) & 0xFFFF
        if ahead == 1:
            self._highest = highest + 1
        elif ahead < MAX_DROPOUT:
            if ahead == 0:
                self.duplicates += 1
                return False
            self._skip(highest, ahead)
        elif ahead >= 0x10000 - MAX_MISORDER:
            missing = highest - 0x10000 + ahead
            if missing in self._holes:
                self._holes.discard(missing)
            elif missing >= self._base:
                self.duplicates += 1
                return False
        elif sequence == self._suspect:
            # Two in a row: the peer began anew without changing its SSRC.
            self.begin(self.ssrc or 0)
            return self.take(sequence, timestamp, clock)
        else:
            self._suspect = (sequence + 1) & 0xFFFF
        self._received += 1
        transit = clock - timestamp
        step = transit - self._transit
        self._transit = transit
        if -_LEAP < step < _LEAP:
            jitter = self._jitter = self._jitter + (abs(step) - self._jitter) / 16
            if jitter > self.peak_jitter:
                self.peak_jitter = jitter
        return True

    @property
    def received(self) -> int:
        """Packets, duplicates not counted."""
        return self._before + self._received

    @property
    def lost(self) -> int:
        """Packets that never came, over all streams; never negative."""
        return max(self._expected_before + self._expected - self.received, 0)

    @property
    def jitter(self) -> float:
        """Interarrival jitter of the present stream, timestamp units (section 6.4.1)."""
        return self._jitter

    def report(self, last_report: int, since_report: int) -> ReportBlock | None:
        """The block about the present stream; ``None`` without one. Begins the next interval."""
        if self.ssrc is None or self._highest < 0:
            return None
        expected = self._expected
        expected_now = expected - self._expected_reported
        received_now = self._received - self._received_reported
        self._expected_reported = expected
        self._received_reported = self._received
        gone = expected_now - received_now
        fraction = min(gone * 256 // expected_now, 255) if expected_now > 0 and gone > 0 else 0
        return ReportBlock(
            self.ssrc,
            fraction,
            max(min(expected - self._received, 0x7FFFFF), -0x800000),
            self._highest & _MASK,
            int(self._jitter),
            last_report,
            since_report,
        )

    @property
    def _expected(self) -> int:
        return self._highest - self._base + 1 if self._highest >= 0 else 0

    def _skip(self, highest: int, ahead: int) -> None:
        self._highest = newest = highest + ahead
        oldest = newest - MAX_MISORDER
        holes = {hole for hole in self._holes if hole >= oldest}
        holes.update(range(max(highest + 1, oldest), newest))
        self._holes = holes

    def _forget(self) -> None:
        self._base = 0
        self._highest = -1
        self._received = 0
        self._holes: set[int] = set()
        self._transit = 0
        self._jitter = 0.0
        self._suspect = -1
        self._expected_reported = 0
        self._received_reported = 0
