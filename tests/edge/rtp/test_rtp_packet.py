import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annie.edge.rtp import packet

pytestmark = pytest.mark.unit

HEADER = bytes.fromhex("80003039000003e812345678")


def test_a_plain_packet_is_read_field_by_field() -> None:
    parsed = packet.parse(b"\x80\x80\x30\x39\x00\x00\x03\xe8\x12\x34\x56\x78" + b"x" * 160)
    assert parsed is not None
    assert parsed.payload_type == 0
    assert parsed.marker
    assert parsed.sequence == 12345
    assert parsed.timestamp == 1000
    assert parsed.ssrc == 0x12345678
    assert parsed.payload == b"x" * 160


def test_contributing_sources_extension_and_padding_are_removed() -> None:
    head = bytes([0x80 | 0x20 | 0x10 | 2]) + HEADER[1:]
    extension = struct.pack("!HH", 0xBEDE, 1) + b"ext!"
    data = head + b"csrccsrc" + extension + b"audio" + b"\0\0\x03"
    parsed = packet.parse(data)
    assert parsed is not None
    assert parsed.payload == b"audio"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80" * 11,
        b"\x00" + HEADER[1:],
        b"\x40" + HEADER[1:] + b"version one",
        b"\x80\xc8" + HEADER[2:] + b"an RTCP sender report",
        b"\x8f" + HEADER[1:] + b"fifteen sources promised",
        b"\x90" + HEADER[1:] + b"ab",
        b"\x90" + HEADER[1:] + struct.pack("!HH", 0, 500),
        b"\xa0" + HEADER[1:] + b"padding of nothing\0",
        b"\xa0" + HEADER[1:] + b"too much\xff",
        b"INVITE sip:annie@example.com SIP/2.0\r\n\r\n",
    ],
)
def test_what_is_not_rtp_is_refused(data: bytes) -> None:
    assert packet.parse(data) is None


@given(st.binary(max_size=400))
def test_garbage_never_raises(data: bytes) -> None:
    packet.parse(data)


@given(
    st.integers(0, 63),
    st.booleans(),
    st.integers(0, 0xFFFF),
    st.integers(0, 0xFFFFFFFF),
    st.integers(0, 0xFFFFFFFF),
    st.binary(max_size=320),
)
def test_what_is_built_is_read_back(
    payload_type: int, marker: bool, sequence: int, timestamp: int, ssrc: int, payload: bytes
) -> None:
    data = packet.build(payload_type, marker, sequence, timestamp, ssrc, payload)
    assert packet.parse(data) == packet.RtpPacket(
        payload_type, marker, sequence, timestamp, ssrc, payload
    )
