"""RTCP packets: what we read of them and what we write (RFC 3550 section 6)."""

import struct
from dataclasses import dataclass
from typing import Final

from annie.edge.rtp.reception import ReportBlock

SENDER_REPORT: Final = 200
RECEIVER_REPORT: Final = 201
DESCRIPTION: Final = 202
GOODBYE: Final = 203

#: Packets of one datagram and blocks of one report that are read; a peer of ours has no more.
MAX_PACKETS: Final = 16
MAX_BLOCKS: Final = 31

_HEADER = struct.Struct("!BBH")
_SSRC = struct.Struct("!I")
_SENDER = struct.Struct("!IIIII")
_BLOCK = struct.Struct("!IB3sIIII")
_CNAME: Final = 1


@dataclass(slots=True, frozen=True)
class SenderInfo:
    """What a sender report says of its sender. ``ntp_middle``: the middle 32 bits of its clock."""

    ntp_middle: int
    packets: int
    octets: int


@dataclass(slots=True, frozen=True)
class Report:
    """A sender or receiver report; ``sender`` is ``None`` in the latter."""

    ssrc: int
    sender: SenderInfo | None
    blocks: tuple[ReportBlock, ...]


@dataclass(slots=True, frozen=True)
class Goodbye:
    """BYE: these sources say nothing more. It ends a stream, not the call."""

    sources: tuple[int, ...]


def is_rtcp(data: bytes) -> bool:
    """Whether a datagram on a port shared with RTP is RTCP (RFC 5761 section 4)."""
    return len(data) >= 8 and data[0] & 0xC0 == 0x80 and 192 <= data[1] <= 223


def parse_rtcp(data: bytes) -> list[Report | Goodbye] | None:
    """Reports and goodbyes of a compound packet; ``None`` for what isn't RTCP.

    Other packet types are skipped. Reading ends at the first packet that is cut short.
    """
    if not is_rtcp(data):
        return None
    found: list[Report | Goodbye] = []
    position = 0
    for _ in range(MAX_PACKETS):
        if len(data) - position < _HEADER.size:
            break
        first, kind, words = _HEADER.unpack_from(data, position)
        end = position + 4 * (words + 1)
        if first & 0xC0 != 0x80 or end > len(data):
            break
        body = data[position + _HEADER.size : end]
        count = first & 0x1F
        if kind in (SENDER_REPORT, RECEIVER_REPORT):
            report = _report(body, count, kind == SENDER_REPORT)
            if report is not None:
                found.append(report)
        elif kind == GOODBYE and len(body) >= 4 * count:
            found.append(Goodbye(struct.unpack_from(f"!{count}I", body)))
        position = end
    return found


def _report(body: bytes, count: int, with_sender: bool) -> Report | None:
    position = _SSRC.size + (_SENDER.size if with_sender else 0)
    if len(body) < position + count * _BLOCK.size:
        return None
    (ssrc,) = _SSRC.unpack_from(body)
    sender: SenderInfo | None = None
    if with_sender:
        seconds, fraction, _, packets, octets = _SENDER.unpack_from(body, _SSRC.size)
        sender = SenderInfo((seconds & 0xFFFF) << 16 | fraction >> 16, packets, octets)
    blocks: list[ReportBlock] = []
    for index in range(count):
        source, lost_part, lost, highest, jitter, last, since = _BLOCK.unpack_from(
            body, position + index * _BLOCK.size
        )
        cumulative = int.from_bytes(lost, "big", signed=True)
        blocks.append(ReportBlock(source, lost_part, cumulative, highest, jitter, last, since))
    return Report(ssrc, sender, tuple(blocks))


def build_sender_report(
    ssrc: int,
    ntp: int,
    timestamp: int,
    packets: int,
    octets: int,
    block: ReportBlock | None,
) -> bytes:
    """``ntp`` is the 64-bit NTP time at which ``timestamp`` is what our stream would send."""
    sender = _SENDER.pack(ntp >> 32, ntp & 0xFFFFFFFF, timestamp, packets, octets)
    return _packet(
        SENDER_REPORT, int(block is not None), _SSRC.pack(ssrc) + sender + _packed(block)
    )


def build_receiver_report(ssrc: int, block: ReportBlock | None) -> bytes:
    """The report of one who hasn't sent since the last one."""
    return _packet(RECEIVER_REPORT, int(block is not None), _SSRC.pack(ssrc) + _packed(block))


def build_description(ssrc: int, cname: str) -> bytes:
    """SDES with the canonical name (section 6.5.1); at most 255 bytes of it."""
    name = cname.encode()[:255]
    chunk = _SSRC.pack(ssrc) + bytes((_CNAME, len(name))) + name
    # At least one null ends the list of items, as many more as fill the word.
    return _packet(DESCRIPTION, 1, chunk + bytes(4 - len(chunk) % 4))


def build_goodbye(ssrc: int) -> bytes:
    """BYE (section 6.6)."""
    return _packet(GOODBYE, 1, _SSRC.pack(ssrc))


def _packed(block: ReportBlock | None) -> bytes:
    if block is None:
        return b""
    return _BLOCK.pack(
        block.ssrc,
        block.fraction,
        block.lost.to_bytes(3, "big", signed=True),
        block.highest,
        block.jitter & 0xFFFFFFFF,
        block.last_report,
        block.since_report,
    )


def _packet(kind: int, count: int, body: bytes) -> bytes:
    return _HEADER.pack(0x80 | count, kind, len(body) // 4) + body
