"""The RTP fixed header (RFC 3550 section 5.1)."""

import struct
from typing import Final

import msgspec

HEADER_BYTES: Final = 12

_HEADER = struct.Struct("!BBHII")
_EXTENSION = struct.Struct("!HH")


class RtpPacket(msgspec.Struct, frozen=True, gc=False):
    """One parsed packet; padding, CSRC list and header extension are removed."""

    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes


def parse(data: bytes) -> RtpPacket | None:
    """The packet in a datagram, or ``None`` for anything that isn't RTP.

    RTCP sent to the same port (RFC 5761) is told apart by its packet type, 192 to 223.
    """
    if len(data) < HEADER_BYTES:
        return None
    first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
    if first & 0xC0 != 0x80 or 192 <= second <= 223:
        return None
    if first == 0x80:
        payload = data[HEADER_BYTES:]
    else:
        stripped = _strip(data, first)
        if stripped is None:
            return None
        payload = stripped
    return RtpPacket(second & 0x7F, second >= 0x80, sequence, timestamp, ssrc, payload)


def build(
    payload_type: int, marker: bool, sequence: int, timestamp: int, ssrc: int, payload: bytes
) -> bytes:
    """A packet without CSRC, extension or padding."""
    second = payload_type | 0x80 if marker else payload_type
    return _HEADER.pack(0x80, second, sequence, timestamp, ssrc) + payload


def _strip(data: bytes, first: int) -> bytes | None:
    begin = HEADER_BYTES + 4 * (first & 0x0F)
    end = len(data)
    if first & 0x10:
        if end < begin + _EXTENSION.size:
            return None
        begin += _EXTENSION.size + 4 * _EXTENSION.unpack_from(data, begin)[1]
    if begin > end:
        return None
    if first & 0x20:
        padding = data[-1]
        if padding == 0 or begin + padding > end:
            return None
        end -= padding
    return data[begin:end]
