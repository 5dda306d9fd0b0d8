import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annie.kit import link

pytestmark = pytest.mark.unit

FRAME = bytes(range(256)) + bytes(64)


def test_control_messages_survive_the_link() -> None:
    messages: list[link.Control] = [
        link.Hello("voice", 7),
        link.CallOffered(
            3,
            link.CallFacts(
                "+12125550100", "+13105550123", diversions=(link.Diversion("+1", "no-answer"),)
            ),
        ),
        link.Flush(3, 1),
        link.Reject(3, 404, "Not Found"),
    ]
    stream = b"".join(map(link.encode_control, messages))
    assert link.PacketReader().feed(stream) == messages


@given(st.lists(st.integers(1, 700), max_size=30))
def test_packets_are_found_however_the_stream_is_cut(cuts: list[int]) -> None:
    stream = (
        link.encode_upstream(5, [(1, 0, 9, 0, FRAME), (2, 3, 4, link.FLAG_LOST, FRAME)])
        + link.encode_control(link.Answer(1))
        + link.encode_downstream([(1, 0, FRAME * 3)])
    )
    reader = link.PacketReader()
    packets: list[link.Packet] = []
    for cut in [*cuts, len(stream)]:
        packets += reader.feed(stream[:cut])
        stream = stream[cut:]
    assert packets == [
        link.UpstreamBatch(
            5,
            [
                link.UpstreamFrame(1, 0, 9, 0, FRAME),
                link.UpstreamFrame(2, 3, 4, link.FLAG_LOST, FRAME),
            ],
        ),
        link.Answer(1),
        [link.DownstreamAudio(1, 0, FRAME * 3)],
    ]


@given(st.binary(max_size=200))
def test_garbage_is_refused_or_waited_for_but_never_crashes(data: bytes) -> None:
    with contextlib.suppress(link.LinkError):
        link.PacketReader().feed(data)


def test_a_length_over_the_limit_is_refused_before_it_is_buffered() -> None:
    with pytest.raises(link.LinkError, match="over the limit"):
        link.PacketReader().feed(b"\xff\xff\xff\xffC")
