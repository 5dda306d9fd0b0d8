import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from annie.edge.rtp import packet
from annie.edge.rtp.reception import ReportBlock
from annie.edge.rtp.rtcp import (
    MAX_PACKETS,
    Goodbye,
    Report,
    SenderInfo,
    build_description,
    build_goodbye,
    build_receiver_report,
    build_sender_report,
    is_rtcp,
    parse_rtcp,
)

pytestmark = pytest.mark.unit

BLOCK = ReportBlock(0xDEADBEEF, 12, -3, 70_000, 44, 0x12345678, 65_536)

blocks = st.builds(
    ReportBlock,
    ssrc=st.integers(0, 2**32 - 1),
    fraction=st.integers(0, 255),
    lost=st.integers(-(2**23), 2**23 - 1),
    highest=st.integers(0, 2**32 - 1),
    jitter=st.integers(0, 2**32 - 1),
    last_report=st.integers(0, 2**32 - 1),
    since_report=st.integers(0, 2**32 - 1),
)


def test_a_sender_report_is_laid_out_as_in_the_rfc() -> None:
    data = build_sender_report(1, 0x1111222233334444, 5, 6, 7, BLOCK)
    assert data[:2] == b"\x81\xc8"
    assert struct.unpack("!H", data[2:4])[0] == len(data) // 4 - 1 == 12
    assert struct.unpack("!6I", data[4:28]) == (1, 0x11112222, 0x33334444, 5, 6, 7)
    assert data[28:] == struct.pack(
        "!IB3sIIII", 0xDEADBEEF, 12, b"\xff\xff\xfd", 70_000, 44, 0x12345678, 65_536
    )


@given(blocks, st.integers(0, 2**64 - 1), st.integers(0, 2**32 - 1))
def test_what_was_built_is_read_again(block: ReportBlock, ntp: int, ssrc: int) -> None:
    compound = (
        build_sender_report(ssrc, ntp, 1, 2, 3, block)
        + build_description(ssrc, "a" * (ssrc % 40))
        + build_goodbye(ssrc)
    )
    assert len(compound) % 4 == 0
    assert parse_rtcp(compound) == [
        Report(ssrc, SenderInfo(ntp >> 16 & 0xFFFFFFFF, 2, 3), (block,)),
        Goodbye((ssrc,)),
    ]
    assert parse_rtcp(build_receiver_report(ssrc, block)) == [Report(ssrc, None, (block,))]
    assert parse_rtcp(build_receiver_report(ssrc, None)) == [Report(ssrc, None, ())]


@pytest.mark.parametrize("length", range(8))
def test_a_description_ends_in_a_null_and_fills_its_word(length: int) -> None:
    data = build_description(1, "x" * length)
    assert len(data) % 4 == 0
    assert data[10 + length] == 0
    assert struct.unpack("!H", data[2:4])[0] == len(data) // 4 - 1


def test_rtcp_and_rtp_on_one_port_are_told_apart() -> None:
    report = build_receiver_report(1, None)
    speech = packet.build(0, True, 1, 2, 3, b"\xff" * 160)
    assert is_rtcp(report)
    assert packet.parse(report) is None
    assert not is_rtcp(speech)
    assert parse_rtcp(speech) is None


def test_reading_ends_where_a_packet_is_cut_short() -> None:
    whole = build_receiver_report(1, BLOCK)
    assert parse_rtcp(whole + whole[:20]) == [Report(1, None, (BLOCK,))]


def test_a_report_that_promises_more_blocks_than_it_has_is_left_out() -> None:
    data = bytearray(build_receiver_report(1, BLOCK))
    data[0] |= 0x1F
    assert parse_rtcp(bytes(data) + build_goodbye(2)) == [Goodbye((2,))]


def test_a_datagram_of_nothing_but_tiny_packets_is_read_in_part() -> None:
    parsed = parse_rtcp(build_goodbye(1) * 200)
    assert parsed is not None
    assert len(parsed) == MAX_PACKETS


@given(
    st.one_of(
        st.binary(max_size=2048),
        st.tuples(st.sampled_from(range(192, 224)), st.binary(max_size=600)).map(
            lambda each: bytes((0x81, each[0])) + each[1]
        ),
    )
)
@example(b"\x80\xc8\xff\xff")
@example(b"\x9f\xcb\x00\x01\x00\x00\x00\x00")
def test_arbitrary_bytes_never_raise(data: bytes) -> None:
    found = parse_rtcp(data)
    assert found is None or len(found) <= MAX_PACKETS
    packet.parse(data)
