import dataclasses
import struct
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annie.edge.rtp import g711, packet
from annie.edge.rtp.digits import Press
from annie.edge.rtp.g722 import g722
from annie.edge.rtp.latch import Former
from annie.edge.rtp.rtcp import build_receiver_report
from annie.edge.rtp.stream import PLAYOUT_GRACE_TICKS, TAIL_TICKS, CallStream
from annie.edge.sip.events import MediaDescription
from annie.kit.link import FLAG_LOST

pytestmark = pytest.mark.unit

PEER = ("127.0.0.1", 4000)
MEDIA = MediaDescription("127.0.0.1", 4000, "PCMU", 0, 101, True, True, 20)
LOUD = (12345).to_bytes(2, "little") * 160


def started(media: MediaDescription = MEDIA) -> CallStream:
    stream = CallStream(7)
    stream.describe(media)
    return stream


def sent(stream: CallStream) -> packet.RtpPacket:
    data = stream.send()
    assert data is not None
    parsed = packet.parse(data)
    assert parsed is not None
    return parsed


def rtp(number: int, payload: bytes, payload_type: int = 0, ssrc: int = 1) -> bytes:
    return packet.build(payload_type, False, number, number * 160, ssrc, payload)


def test_before_the_peer_is_known_nothing_is_sent_or_lost_track_of() -> None:
    stream = CallStream(7)
    stream.playback.push(0, LOUD)
    assert stream.send() is None
    assert stream.playback.played == 0
    assert stream.receive(rtp(1, b"\xff" * 160), PEER, 0.0) == []
    assert stream.ignored == 1


def test_a_packet_leaves_every_tick_and_silence_fills_the_gaps() -> None:
    stream = started()
    stream.playback.push(0, LOUD)
    one, two, three = sent(stream), sent(stream), sent(stream)
    assert one.payload == g711.PCMU.encode(LOUD)
    assert two.payload == three.payload == g711.PCMU.silence
    assert [one.marker, two.marker, three.marker] == [True, False, False]
    assert [(each.sequence - one.sequence) & 0xFFFF for each in (two, three)] == [1, 2]
    assert [(each.timestamp - one.timestamp) & 0xFFFFFFFF for each in (two, three)] == [160, 320]


def test_an_entry_carries_what_was_heard_and_how_much_was_played() -> None:
    stream = started(dataclasses.replace(MEDIA, codec="PCMA", payload_type=8))
    payload = g711.PCMA.encode(LOUD)
    stream.receive(rtp(1, payload, 8), PEER, 0.0)
    stream.playback.push(0, LOUD)
    sent(stream)
    assert stream.take(0.01) == (7, 0, 1, FLAG_LOST, bytes(320))
    assert stream.take(0.03) == (7, 0, 1, 0, g711.PCMA.decode(payload))


def test_a_hold_stops_packets_and_freezes_the_queue() -> None:
    stream = started()
    before = sent(stream)
    stream.describe(dataclasses.replace(MEDIA, sending=False))
    stream.playback.push(0, LOUD)
    assert [stream.send() for _ in range(5)] == [None] * 5
    assert stream.playback.played == 0
    stream.describe(MEDIA)
    after = sent(stream)
    assert after.marker
    assert (after.timestamp - before.timestamp) & 0xFFFFFFFF == 6 * 160
    assert (after.sequence - before.sequence) & 0xFFFF == 1
    assert stream.playback.played == 1


def test_what_we_do_not_want_to_receive_is_not_passed_on() -> None:
    stream = started(dataclasses.replace(MEDIA, receiving=False))
    for number in (1, 2, 3):
        stream.receive(rtp(number, b"\x00" * 160), PEER, 0.0)
    stream.take(0.01)
    assert stream.take(0.03)[3:] == (FLAG_LOST, bytes(320))


def test_unknown_payload_types_and_strangers_are_ignored() -> None:
    stream = started()
    stream.receive(rtp(1, b"\x00" * 160), PEER, 0.0)
    stream.receive(rtp(2, b"\x00" * 160, payload_type=96), PEER, 0.0)
    stream.receive(rtp(2, b"\x00" * 160), ("127.0.0.1", 9), 0.0)
    assert (stream.reception.received, stream.ignored) == (1, 2)


def test_a_new_ssrc_begins_a_new_time_line() -> None:
    stream = started()
    stream.receive(rtp(1000, b"\x00" * 160), PEER, 0.0)
    stream.take(0.02)
    stream.take(0.04)
    stream.receive(rtp(3, b"\x01" * 160, ssrc=2), PEER, 0.1)
    _, _, _, flags, pcm = stream.take(0.12)
    assert flags == 0
    assert pcm[64:] == g711.PCMU.decode(b"\x01" * 160)[64:]


def test_a_pressed_key_is_reported() -> None:
    stream = started()
    data = packet.build(101, True, 1, 8000, 1, struct.pack("!BBH", 3, 0x8A, 800))
    assert stream.receive(data, PEER, 0.0) == [Press("3", 100)]
    assert stream.receive(data, PEER, 0.02) == []


def test_digits_interrupt_the_audio_which_then_goes_on() -> None:
    stream = started()
    stream.playback.push(0, LOUD * 3)
    first = sent(stream)
    stream.send_digits("1")
    during = [sent(stream) for _ in range(10)]
    after = sent(stream)
    assert [each.payload_type for each in during] == [101] * 7 + [0] * 3
    assert len({each.timestamp for each in during[:7]}) == 1
    assert (during[0].timestamp - first.timestamp) & 0xFFFFFFFF == 160
    assert during[0].marker
    assert during[7].payload == g711.PCMU.silence
    assert after.payload == first.payload
    assert (after.timestamp - first.timestamp) & 0xFFFFFFFF == 11 * 160
    assert (after.sequence - first.sequence) & 0xFFFF == 11
    assert stream.playback.played == 2


def test_a_peer_without_telephone_events_hears_tones() -> None:
    stream = started(dataclasses.replace(MEDIA, dtmf_payload_type=None))
    stream.send_digits("1")
    packets = [sent(stream) for _ in range(10)]
    assert {each.payload_type for each in packets} == {0}
    assert all(each.payload != g711.PCMU.silence for each in packets[:5])
    assert all(each.payload == g711.PCMU.silence for each in packets[5:])
    with pytest.raises(ValueError, match="0-9"):
        stream.send_digits("?")


def ticks_until_finished(stream: CallStream) -> int:
    for tick in range(1000):
        if stream.finished():
            return tick
        stream.send()
    raise AssertionError("never finished")


def test_hanging_up_waits_for_the_queue_and_a_short_tail() -> None:
    stream = started()
    stream.playback.push(0, LOUD * 20)
    assert not stream.finished()
    stream.hang_up_after_playout()
    assert ticks_until_finished(stream) == 20 + TAIL_TICKS
    assert stream.playback.played == 20


def test_hanging_up_does_not_wait_for_ever_on_hold() -> None:
    stream = started(dataclasses.replace(MEDIA, sending=False))
    stream.playback.push(0, LOUD * 20)
    stream.hang_up_after_playout()
    assert ticks_until_finished(stream) == 20 + PLAYOUT_GRACE_TICKS - 1


def hear(stream: CallStream, numbers: range, ssrc: int = 1, payload: bytes = b"\x20" * 160) -> None:
    """A packet each 20 ms, each taken when it is due."""
    for number in numbers:
        now = 10 + number * 0.02
        stream.receive(rtp(number, payload, ssrc=ssrc), PEER, now)
        stream.take(now + 0.02)


def test_stragglers_of_a_stream_that_was_replaced_do_not_take_the_line_back() -> None:
    stream = started()
    hear(stream, range(1, 10))
    now = 10.2
    for number in range(1, 20):
        stream.receive(rtp(number, b"\x01" * 160, ssrc=2), PEER, now)
        stream.receive(rtp(9 + number, b"\x20" * 160, ssrc=1), PEER, now)
        now += 0.02
        _, _, _, flags, pcm = stream.take(now)
        assert flags == 0
        assert pcm[64:] == g711.PCMU.decode(b"\x01" * 160)[64:]
    assert stream.ignored == 19


def test_a_stream_that_comes_back_later_is_heard_again() -> None:
    stream = started()
    hear(stream, range(1, 10))
    hear(stream, range(10, 60), ssrc=2)
    hear(stream, range(60, 70), ssrc=1)
    assert stream.figures().received == 69
    assert stream.figures().concealed == 0


def test_what_is_lost_is_made_up_and_says_so() -> None:
    stream = started()
    hear(stream, range(1, 20))
    _, _, _, flags, pcm = stream.take(10.42)
    assert flags == FLAG_LOST
    assert any(pcm)
    figures = stream.figures()
    assert (figures.concealed, figures.lost) == (1, 0)
    hear(stream, range(21, 30))
    assert stream.figures().lost == 1


def test_silence_that_the_peer_announced_is_filled_with_its_noise() -> None:
    stream = started()
    hear(stream, range(1, 20))
    stream.receive(rtp(20, b"\x32", payload_type=13), PEER, 10.4)
    for number in range(20, 40):
        _, _, _, flags, pcm = stream.take(10.02 + number * 0.02)
        assert flags == 0
        assert any(pcm)
    assert stream.figures().concealed == 0
    assert stream.ignored == 0


def test_keys_that_come_as_a_stream_of_their_own_do_not_interrupt_the_audio() -> None:
    stream = started()
    hear(stream, range(1, 20))
    key = packet.build(101, True, 500, 8000, 99, struct.pack("!BBH", 5, 0x8A, 800))
    assert stream.receive(key, PEER, 10.4) == [Press("5", 100)]
    hear(stream, range(20, 40))
    assert stream.figures().concealed == 0
    assert stream.reception.ssrc == 1


def test_g722_goes_both_ways_in_frames_of_the_same_size() -> None:
    stream = started(dataclasses.replace(MEDIA, codec="G722", payload_type=9))
    coder = g722()
    stream.playback.push(0, LOUD * 3)
    packets = [sent(stream) for _ in range(5)]
    assert {(each.payload_type, len(each.payload)) for each in packets} == {(9, 160)}
    assert (packets[4].timestamp - packets[0].timestamp) & 0xFFFFFFFF == 4 * 160
    for number in range(1, 20):
        data = rtp(number, coder.encode(LOUD), 9)
        stream.receive(data, PEER, number * 0.02)
        heard = stream.take(number * 0.02 + 0.02)
        assert heard[3] == 0
        if number > 10:
            assert abs(array("h", heard[4])[100] - 12345) < 1500
    assert stream.figures().codec == "G722"


def test_a_peer_is_silent_from_its_last_packet_of_either_kind() -> None:
    stream = started()
    assert stream.silent_for(100.0) == 0
    assert stream.silent_for(130.0) == 30
    stream.receive(rtp(1, b"\xff" * 160), PEER, 140.0)
    assert stream.silent_for(141.0) == 1
    stream.receive_control(build_receiver_report(1, None), ("127.0.0.1", 4001), 150.0)
    assert stream.silent_for(151.0) == 1


def test_a_peer_on_hold_need_not_say_anything() -> None:
    stream = started()
    stream.receive(rtp(1, b"\xff" * 160), PEER, 100.0)
    stream.describe(dataclasses.replace(MEDIA, sending=False))
    assert stream.silent_for(1000.0) == 0
    stream.describe(MEDIA)
    assert stream.silent_for(2000.0) == 0
    assert stream.silent_for(2010.0) == 10


def test_reports_go_to_the_port_above_and_then_to_where_theirs_come_from() -> None:
    stream = started()
    assert stream.control_target == ("127.0.0.1", 4001)
    stream.receive_control(build_receiver_report(1, None), ("127.0.0.1", 5555), 1.0)
    assert stream.control_target == ("127.0.0.1", 5555)


def test_reports_go_where_the_description_says() -> None:
    assert started(dataclasses.replace(MEDIA, rtcp_port=6000)).control_target == ("127.0.0.1", 6000)
    shared = started(dataclasses.replace(MEDIA, rtcp_mux=True))
    assert shared.control_target == PEER
    shared.receive(build_receiver_report(1, None), PEER, 1.0)
    assert (shared.ignored, shared.control.reports) == (0, 1)
    assert started(dataclasses.replace(MEDIA, remote_port=0)).control_target is None


def test_reports_of_strangers_are_ignored() -> None:
    stream = started()
    stream.receive_control(build_receiver_report(1, None), ("192.0.2.66", 4001), 1.0)
    assert (stream.ignored, stream.control.reports) == (1, 0)


def test_who_had_the_port_before_is_not_heard() -> None:
    stream = CallStream(8, Former(("192.0.2.9", 7000), 1))
    stream.describe(MEDIA)
    stream.receive(rtp(1, b"\x20" * 160), ("192.0.2.9", 7000), 1.0)
    assert stream.ignored == 1
    assert stream.target == PEER
    hear(stream, range(2, 5), ssrc=5)
    assert stream.stream_heard == Former(PEER, 5)


@given(
    st.lists(
        st.one_of(
            st.none(),
            st.binary(max_size=400),
            st.builds(
                rtp,
                st.integers(0, 65_535),
                st.binary(max_size=500),
                st.sampled_from((0, 8, 9, 13, 101)),
                st.integers(0, 3),
            ),
            st.tuples(st.sampled_from((200, 201, 202, 203)), st.binary(max_size=100)).map(
                lambda each: bytes((0x81, each[0])) + each[1]
            ),
        )
    )
)
def test_whatever_datagrams_come_every_tick_has_its_frame(datagrams: list[bytes | None]) -> None:
    stream = started()
    now = 5.0
    for data in datagrams:
        if data is None:
            now += 0.02
            assert len(stream.take(now)[4]) == 320
            assert stream.send()
        else:
            stream.receive(data, PEER, now)
            stream.receive_control(data, PEER, now)
    assert stream.jitter_buffer.held_samples <= 3200
    assert stream.figures().lost >= 0
