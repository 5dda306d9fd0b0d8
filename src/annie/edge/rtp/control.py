"""The RTCP side of one call: when to report, what came back, round trip and peer's losses."""

import random
import secrets
from typing import Final, Protocol

from annie.edge.rtp.reception import Reception
from annie.edge.rtp.rtcp import (
    Report,
    build_description,
    build_goodbye,
    build_receiver_report,
    build_sender_report,
    parse_rtcp,
)

#: Seconds between reports (RFC 3550 section 6.2), each drawn from half to one and a half,
#: which the standard's compensation makes 4.1 s on average.
INTERVAL: Final = 5.0
_COMPENSATION: Final = 1.21828
#: Round trips beyond that (seconds) are a peer's wrong arithmetic.
MAX_ROUND_TRIP: Final = 10.0

_MASK: Final = 0xFFFFFFFF
_NTP_EPOCH: Final = 2_208_988_800


class Sending(Protocol):
    """What a sender report needs of the sending stream."""

    @property
    def ssrc(self) -> int: ...

    @property
    def timestamp(self) -> int: ...

    @property
    def packets(self) -> int: ...

    @property
    def octets(self) -> int: ...


class ControlSession:
    """Times are seconds of one monotonic clock; ``wall_offset`` makes Unix time of it."""

    __slots__ = (
        "_cname",
        "_due",
        "_last_report",
        "_last_report_at",
        "_reception",
        "_reported",
        "_sending",
        "_wall_offset",
        "peer_jitter",
        "peer_lost",
        "peer_lost_percent",
        "reports",
        "round_trip",
    )

    def __init__(self, sending: Sending, reception: Reception, wall_offset: float) -> None:
        self._sending = sending
        self._reception = reception
        self._wall_offset = wall_offset
        # Nothing of the host's name or address: RFC 7022 section 4.2.
        self._cname = secrets.token_urlsafe(12)
        self._due: float | None = None
        self._last_report = 0
        self._last_report_at = 0.0
        self._reported = 0
        self.reports = 0
        #: Seconds; ``None`` until the peer has answered a report of ours.
        self.round_trip: float | None = None
        #: Packets of ours that the peer missed, and that as a share; ``None`` if it never said.
        self.peer_lost: int | None = None
        self.peer_lost_percent: float | None = None
        self.peer_jitter: int | None = None

    def receive(self, data: bytes, now: float) -> bool:
        """Take a datagram; False for what isn't RTCP."""
        packets = parse_rtcp(data)
        if packets is None:
            return False
        self.reports += 1
        for packet in packets:
            # BYE ends a stream; whether the call is over, signalling says.
            if isinstance(packet, Report):
                self._take(packet, now)
        return True

    def due(self, now: float) -> bytes | None:
        """The report to send now, if it is time for one."""
        if self._due is None:
            # The first one after half the time (section 6.2).
            self._due = now + INTERVAL / 2 * random.uniform(0.5, 1.5) / _COMPENSATION
        if now < self._due:
            return None
        self._due = now + INTERVAL * random.uniform(0.5, 1.5) / _COMPENSATION
        return self._compound(now)

    def goodbye(self, now: float) -> bytes:
        """The last report with BYE."""
        return self._compound(now) + build_goodbye(self._sending.ssrc)

    def _compound(self, now: float) -> bytes:
        sending = self._sending
        since = int((now - self._last_report_at) * 65536) & _MASK if self._last_report else 0
        block = self._reception.report(self._last_report, since)
        if sending.packets > self._reported:
            report = build_sender_report(
                sending.ssrc,
                self._ntp(now),
                sending.timestamp,
                sending.packets & _MASK,
                sending.octets & _MASK,
                block,
            )
        else:
            report = build_receiver_report(sending.ssrc, block)
        self._reported = sending.packets
        return report + build_description(sending.ssrc, self._cname)

    def _take(self, report: Report, now: float) -> None:
        if report.sender is not None and report.ssrc == self._reception.ssrc:
            self._last_report = report.sender.ntp_middle
            self._last_report_at = now
        for block in report.blocks:
            if block.ssrc != self._sending.ssrc:
                continue
            self.peer_jitter = block.jitter
            self.peer_lost = max(block.lost, 0)
            sent = self._sending.packets
            self.peer_lost_percent = min(100 * self.peer_lost / sent, 100.0) if sent else 0.0
            if block.last_report:
                middle = self._ntp(now) >> 16 & _MASK
                trip = ((middle - block.last_report - block.since_report) & _MASK) / 65536
                if trip < MAX_ROUND_TRIP:
                    self.round_trip = trip

    def _ntp(self, now: float) -> int:
        # 64 bits; the seconds begin anew in 2036.
        return int((now + self._wall_offset + _NTP_EPOCH) * 2**32) & 0xFFFFFFFFFFFFFFFF
