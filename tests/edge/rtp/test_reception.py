import pytest
from hypothesis import given
from hypothesis import strategies as st

from annie.edge.rtp.reception import MAX_MISORDER, Reception

pytestmark = pytest.mark.unit


def started(ssrc: int = 1) -> Reception:
    reception = Reception()
    reception.begin(ssrc)
    return reception


def take(reception: Reception, *sequences: int) -> list[bool]:
    return [
        reception.take(sequence & 0xFFFF, sequence * 160 & 0xFFFFFFFF, sequence * 160)
        for sequence in sequences
    ]


def test_nothing_received_is_nothing_lost_and_nothing_to_report() -> None:
    assert (Reception().received, Reception().lost) == (0, 0)
    assert Reception().report(0, 0) is None
    assert started().report(0, 0) is None


def test_holes_count_as_lost_until_they_are_filled() -> None:
    reception = started()
    take(reception, 1, 2, 5)
    assert reception.lost == 2
    take(reception, 4)
    assert (reception.received, reception.lost) == (4, 1)


def test_a_duplicate_is_recognized_near_and_far() -> None:
    reception = started()
    assert all(take(reception, *range(1, 120)))
    assert take(reception, 119, 118, 119 - MAX_MISORDER + 1) == [False] * 3
    assert (reception.duplicates, reception.received) == (3, 119)


def test_sequence_numbers_wrap_around() -> None:
    reception = started()
    assert all(take(reception, *range(65_500, 65_600)))
    block = reception.report(0, 0)
    assert block is not None
    assert (reception.lost, block.highest) == (0, 65_599)


def test_a_peer_that_begins_anew_is_believed_at_its_second_packet() -> None:
    reception = started()
    take(reception, *range(1, 11), 30_000, 30_001, 30_002)
    assert reception.lost == 0
    block = reception.report(0, 0)
    assert block is not None
    assert block.highest == 30_002


def test_another_stream_counts_on() -> None:
    reception = started()
    take(reception, 1, 2, 4)
    reception.begin(2)
    take(reception, 60_000, 60_002)
    assert (reception.received, reception.lost, reception.ssrc) == (5, 2, 2)
    block = reception.report(0, 0)
    assert block is not None
    assert (block.ssrc, block.lost) == (2, 1)


def test_a_report_says_what_was_lost_since_the_one_before() -> None:
    reception = started()
    take(reception, 1, 2, 3, 5)
    first = reception.report(7, 8)
    take(reception, *range(6, 10))
    second = reception.report(7, 8)
    assert first is not None
    assert second is not None
    assert (first.fraction, first.lost, first.last_report, first.since_report) == (51, 1, 7, 8)
    assert (second.fraction, second.lost) == (0, 1)


def test_jitter_follows_appendix_a8() -> None:
    reception = started()
    expected = 0.0
    for number in range(200):
        shift = 40 * (number % 2)
        reception.take(number, number * 160, number * 160 + shift)
        if number:
            expected += (40 - expected) / 16
    assert reception.jitter == pytest.approx(expected)  # pyright: ignore[reportUnknownMemberType]
    assert reception.peak_jitter == reception.jitter


def test_a_jump_of_the_peers_clock_is_no_jitter() -> None:
    reception = started()
    take(reception, *range(50))
    reception.take(50, 0x70000000, 50 * 160)
    assert reception.jitter == 0


@given(
    st.lists(st.tuples(st.integers(0, 65_535), st.integers(0, 0xFFFFFFFF), st.integers(0, 2**40)))
)
def test_whatever_arrives_the_figures_fit_a_report(packets: list[tuple[int, int, int]]) -> None:
    reception = started()
    for packet in packets:
        reception.take(*packet)
        assert reception.lost >= 0
        assert 0 < reception.received + reception.duplicates <= len(packets)
        block = reception.report(0, 0)
        assert block is not None
        assert 0 <= block.fraction <= 255
        assert -0x800000 <= block.lost <= 0x7FFFFF
        assert 0 <= block.jitter < 2**32
        assert 0 <= block.highest < 2**32
