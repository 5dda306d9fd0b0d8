"""Messages out of a stream."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annie.edge.sip.framing import StreamFramer
from tests.edge.sip.sip_peer import SDP, request

pytestmark = pytest.mark.unit

INVITE = request("INVITE", body=SDP)
OPTIONS = request("OPTIONS")


@given(st.lists(st.integers(0, 3000), max_size=20))
def test_messages_come_out_whole_wherever_the_stream_is_cut(cuts: list[int]) -> None:
    stream = b"\r\n\r\n" + INVITE + b"\r\n\r\n" + OPTIONS + b"\r\n" + INVITE
    points = sorted({0, *(cut % len(stream) for cut in cuts), len(stream)})
    framer = StreamFramer()
    messages: list[bytes] = []
    for start, end in pairwise(points):
        messages += framer.feed(stream[start:end])
    assert messages == [INVITE, OPTIONS, INVITE]
    assert not framer.broken
    assert not framer.partial


def test_keep_alives_are_counted() -> None:
    framer = StreamFramer()
    assert framer.feed(b"\r\n\r\n" * 3 + b"\r\n") == []
    assert framer.take_pings() == 3
    assert framer.take_pings() == 0
    framer.feed(b"\r\n")
    assert framer.take_pings() == 1


def test_compact_and_spaced_content_length_is_understood() -> None:
    data = INVITE.replace(b"Content-Length:", b"l \t: ")
    assert StreamFramer().feed(data) == [data]


@pytest.mark.parametrize("value", [b"-1", b"x", b"", b"99999999999999999999", b"70000"])
def test_a_length_that_cannot_be_followed_breaks_the_stream(value: bytes) -> None:
    head = b"OPTIONS sip:a@b SIP/2.0\r\nContent-Length: " + value + b"\r\n\r\n"
    framer = StreamFramer()
    assert framer.feed(head + OPTIONS) == [head]
    assert framer.broken
    assert framer.feed(OPTIONS) == []


def test_a_message_without_length_breaks_the_stream() -> None:
    framer = StreamFramer()
    framer.feed(b"OPTIONS sip:a@b SIP/2.0\r\nX: y\r\n\r\n")
    assert framer.broken


def test_a_head_without_end_breaks_the_stream() -> None:
    framer = StreamFramer()
    for _ in range(70):
        framer.feed(b"x" * 1000)
    assert framer.broken
