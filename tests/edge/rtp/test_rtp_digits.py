import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annie.edge.rtp.digits import DIGITS, TIMEOUT, DigitReceiver, DigitSender, Press
from annie.edge.rtp.tones import tone

pytestmark = pytest.mark.unit


def event(digit: str, duration: int, *, end: bool = False) -> bytes:
    return struct.pack("!BBH", DIGITS.index(digit), 0x8A if end else 0x0A, duration)


def test_a_press_is_told_once_however_often_its_end_is_repeated() -> None:
    receiver = DigitReceiver()
    presses: list[Press] = []
    for step in range(1, 6):
        presses += receiver.receive(8000, event("5", step * 160), step * 0.02)
    for _ in range(3):
        presses += receiver.receive(8000, event("5", 800, end=True), 0.12)
    assert presses == [Press("5", 100)]
    assert receiver.expire(10.0) is None


def test_a_lone_end_packet_is_a_press() -> None:
    assert DigitReceiver().receive(1, event("#", 400, end=True), 0.0) == [Press("#", 50)]


def test_a_press_whose_end_was_lost_is_told_after_the_timeout() -> None:
    receiver = DigitReceiver()
    assert receiver.receive(1, event("9", 480), 1.0) == []
    assert receiver.expire(1.0 + TIMEOUT / 2) is None
    assert receiver.expire(1.0 + 2 * TIMEOUT) == Press("9", 60)
    assert receiver.receive(1, event("9", 640, end=True), 1.5) == []


def test_the_next_press_ends_one_whose_end_was_lost() -> None:
    receiver = DigitReceiver()
    receiver.receive(1000, event("1", 320), 0.0)
    assert receiver.receive(3000, event("1", 160), 0.1) == [Press("1", 40)]
    assert receiver.receive(3000, event("1", 800, end=True), 0.2) == [Press("1", 100)]


def test_the_same_key_pressed_twice_is_two_presses() -> None:
    receiver = DigitReceiver()
    first = receiver.receive(1000, event("7", 800, end=True), 0.0)
    second = receiver.receive(3000, event("7", 800, end=True), 0.2)
    assert first == second == [Press("7", 100)]


def test_a_straggler_of_an_earlier_press_is_ignored() -> None:
    receiver = DigitReceiver()
    receiver.receive(1000, event("1", 800, end=True), 0.0)
    receiver.receive(3000, event("2", 160), 0.2)
    assert receiver.receive(1000, event("1", 800, end=True), 0.21) == []
    assert receiver.receive(3000, event("2", 800, end=True), 0.3) == [Press("2", 100)]


def test_a_very_long_press_in_two_segments_is_one_press() -> None:
    receiver = DigitReceiver()
    assert receiver.receive(0, event("0", 0xFFFF), 8.0) == []
    assert receiver.receive(0xFFFF, event("0", 160), 8.02) == []
    assert receiver.receive(0xFFFF, event("0", 8000, end=True), 9.0) == [
        Press("0", (0xFFFF + 8000) // 8)
    ]


@pytest.mark.parametrize("payload", [b"", b"\x01", b"\x01\x8a\x00", b"\x10\x8a\x03\x20"])
def test_short_packets_and_events_that_are_no_keys_are_ignored(payload: bytes) -> None:
    assert DigitReceiver().receive(1, payload, 0.0) == []


@given(st.lists(st.tuples(st.integers(0, 0xFFFFFFFF), st.binary(max_size=6)), max_size=30))
def test_arbitrary_events_never_raise(packets: list[tuple[int, bytes]]) -> None:
    receiver = DigitReceiver()
    for index, (timestamp, payload) in enumerate(packets):
        receiver.receive(timestamp, payload, index * 0.02)
        receiver.expire(index * 0.02)


@given(st.text(DIGITS, min_size=1, max_size=12), st.sets(st.integers(0, 100)))
def test_what_is_sent_is_received_even_if_packets_are_lost(digits: str, lost: set[int]) -> None:
    sender, receiver = DigitSender(digits), DigitReceiver()
    heard: list[str] = []
    began = timestamp = 0
    packets = 0
    in_digit = dropped_in_digit = 0
    for tick in range(10 * len(digits)):
        packet = sender.next()
        if packet is not None:
            if packet.began:
                began, in_digit, dropped_in_digit = timestamp, 0, 0
            in_digit += 1
            # Never all seven packets of one digit: that one nobody could hear.
            if packets in lost and dropped_in_digit < 6:
                dropped_in_digit += 1
            else:
                heard += [press.digit for press in receiver.receive(began, packet.payload, tick)]
            packets += 1
        timestamp += 160
    last = receiver.expire(1e9)
    heard += [last.digit] if last else []
    assert "".join(heard) == digits
    assert not sender.active


def test_a_digit_sounds_100_ms_ends_three_times_and_rests() -> None:
    sender = DigitSender("4")
    ticks = [sender.next() for _ in range(10)]
    payloads = [packet.payload for packet in ticks if packet is not None]
    updates = [event("4", 160 * count) for count in range(1, 5)]
    assert payloads == updates + [event("4", 800, end=True)] * 3
    assert [packet.began for packet in ticks if packet is not None] == [True] + [False] * 6


def test_what_is_no_key_is_refused() -> None:
    with pytest.raises(ValueError, match="0-9"):
        DigitSender("12x")


@pytest.mark.parametrize("digit", DIGITS)
def test_every_key_has_a_tone_of_100_ms(digit: str) -> None:
    assert [len(frame) for frame in tone(digit)] == [320] * 5
