import dataclasses
import struct

import pytest

from annie.edge.rtp import g711, packet
from annie.edge.rtp.digits import Press
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
    for number in (1, 2):
        stream.receive(rtp(number, payload, 8), PEER, 0.0)
    stream.playback.push(0, LOUD)
    sent(stream)
    assert stream.take() == (7, 0, 1, FLAG_LOST, bytes(320))
    assert stream.take() == (7, 0, 1, 0, g711.PCMA.decode(payload))


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
    stream.take()
    assert stream.take()[3:] == (FLAG_LOST, bytes(320))


def test_unknown_payload_types_and_strangers_are_ignored() -> None:
    stream = started()
    stream.receive(rtp(1, b"\x00" * 160), PEER, 0.0)
    stream.receive(rtp(2, b"\x00" * 160, payload_type=96), PEER, 0.0)
    stream.receive(rtp(2, b"\x00" * 160), ("127.0.0.1", 9), 0.0)
    assert (stream.received, stream.ignored) == (1, 2)


def test_a_new_ssrc_begins_a_new_time_line() -> None:
    stream = started()
    stream.receive(rtp(1000, b"\x00" * 160), PEER, 0.0)
    stream.take()
    stream.take()
    stream.receive(rtp(3, b"\x01" * 160, ssrc=2), PEER, 0.1)
    stream.take()
    assert stream.take()[4] == g711.PCMU.decode(b"\x01" * 160)


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
