import pytest

from annie.edge.rtp.latch import RELATCH_AFTER, Latch

pytestmark = pytest.mark.unit

SDP = ("192.0.2.1", 4000)
NAT = ("198.51.100.7", 40123)
STRANGER = ("203.0.113.9", 666)


def test_before_any_packet_the_signalled_address_is_the_target() -> None:
    assert Latch(SDP).target == SDP


def test_the_first_source_becomes_the_target() -> None:
    latch = Latch(SDP)
    assert latch.accept(NAT, 0.0)
    assert latch.target == NAT


def test_a_stranger_is_refused_while_the_peer_is_heard() -> None:
    latch = Latch(SDP)
    for tick in range(500):
        assert latch.accept(NAT, tick * 0.02)
        assert not latch.accept(STRANGER, tick * 0.02 + 0.01)
    assert latch.target == NAT


def test_after_a_silence_another_source_may_take_over() -> None:
    latch = Latch(SDP)
    latch.accept(NAT, 0.0)
    assert not latch.accept(STRANGER, RELATCH_AFTER)
    assert latch.accept(STRANGER, RELATCH_AFTER + 0.1)
    assert latch.target == STRANGER


def test_the_signalled_address_takes_over_from_a_learnt_one_at_once() -> None:
    latch = Latch(SDP)
    latch.accept(STRANGER, 0.0)
    assert latch.accept(SDP, 0.01)
    assert not latch.accept(STRANGER, 0.02)
    assert latch.target == SDP


def test_a_newly_signalled_address_starts_over() -> None:
    latch = Latch(SDP)
    latch.accept(NAT, 0.0)
    moved = ("192.0.2.1", 5000)
    latch.signal(moved)
    assert latch.target == moved
    assert latch.accept(("198.51.100.7", 40200), 0.01)


def test_the_same_address_signalled_again_keeps_what_was_learnt() -> None:
    latch = Latch(SDP)
    latch.accept(NAT, 0.0)
    latch.signal(SDP)
    assert latch.target == NAT
