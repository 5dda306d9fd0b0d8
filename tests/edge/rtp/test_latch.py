import pytest

from annie.edge.rtp.latch import RELATCH_AFTER, Former, Latch

pytestmark = pytest.mark.unit

SDP = ("192.0.2.1", 4000)
NAT = ("198.51.100.7", 40123)
STRANGER = ("203.0.113.9", 666)


def test_before_any_packet_the_signalled_address_is_the_target() -> None:
    assert Latch(SDP).target == SDP


def test_the_first_source_becomes_the_target() -> None:
    latch = Latch(SDP)
    assert latch.accept(NAT, 1, 0.0)
    assert latch.target == NAT


def test_a_stranger_is_refused_while_the_peer_is_heard() -> None:
    latch = Latch(SDP)
    for tick in range(500):
        assert latch.accept(NAT, 1, tick * 0.02)
        assert not latch.accept(STRANGER, 1, tick * 0.02 + 0.01)
    assert latch.target == NAT


def test_after_a_silence_another_source_may_take_over() -> None:
    latch = Latch(SDP)
    latch.accept(NAT, 1, 0.0)
    assert not latch.accept(STRANGER, 1, RELATCH_AFTER)
    assert latch.accept(STRANGER, 1, RELATCH_AFTER + 0.1)
    assert latch.target == STRANGER


def test_the_signalled_address_takes_over_from_a_learnt_one_at_once() -> None:
    latch = Latch(SDP)
    latch.accept(STRANGER, 1, 0.0)
    assert latch.accept(SDP, 1, 0.01)
    assert not latch.accept(STRANGER, 1, 0.02)
    assert latch.target == SDP


def test_a_newly_signalled_address_starts_over() -> None:
    latch = Latch(SDP)
    latch.accept(NAT, 1, 0.0)
    moved = ("192.0.2.1", 5000)
    latch.signal(moved)
    assert latch.target == moved
    assert latch.accept(("198.51.100.7", 40200), 1, 0.01)


def test_the_same_address_signalled_again_keeps_what_was_learnt() -> None:
    latch = Latch(SDP)
    latch.accept(NAT, 1, 0.0)
    latch.signal(SDP)
    assert latch.target == NAT


def test_the_stream_of_the_call_before_is_refused_for_ever() -> None:
    latch = Latch(SDP, Former(STRANGER, 77))
    assert not latch.accept(STRANGER, 77, 0.0)
    assert latch.accept(NAT, 1, 0.1)
    assert not latch.accept(STRANGER, 77, 0.1 + RELATCH_AFTER + 1)


def test_the_same_phone_calling_again_is_heard() -> None:
    assert Latch(SDP, Former(NAT, 77)).accept(NAT, 78, 0.0)
    assert Latch(SDP, Former(SDP, 77)).accept(SDP, 77, 0.0)
