import pytest
from hypothesis import given
from hypothesis import strategies as st

from annie.edge.rtp.lateness import Lateness
from annie.edge.rtp.ticker import MAX_BEHIND, SLOT_SECONDS, SLOTS, Ticker

pytestmark = pytest.mark.unit


def run(ticker: Ticker, now: float) -> tuple[int, int]:
    due, skipped = ticker.catch_up(now)
    for _ in range(due):
        ticker.step()
    return due, skipped


def test_a_slot_is_due_every_two_milliseconds() -> None:
    ticker = Ticker(100.0)
    assert run(ticker, 99.99) == (0, 0)
    assert [run(ticker, 100.0 + n * SLOT_SECONDS)[0] for n in range(50)] == [1] * 50


def test_a_late_wake_up_is_made_up_for_without_moving_the_schedule() -> None:
    ticker = Ticker(0.0)
    assert run(ticker, 0.05)[0] == 26
    assert ticker.due_at(ticker.position) == pytest.approx(26 * SLOT_SECONDS)


def test_a_long_stall_skips_whole_ticks() -> None:
    ticker = Ticker(0.0)
    run(ticker, 0.0)
    due, skipped = run(ticker, 1.0)
    assert due <= MAX_BEHIND
    assert skipped * SLOTS + due == 500
    assert ticker.skipped == skipped


@given(st.lists(st.floats(0.0001, 0.3), max_size=200))
def test_however_it_is_woken_no_slot_is_lost_and_none_runs_early(waits: list[float]) -> None:
    ticker = Ticker(0.0)
    now, run_or_skipped = 0.0, 0
    for wait in waits:
        now += wait
        due, skipped = run(ticker, now)
        run_or_skipped += due + skipped * SLOTS
        assert ticker.position == run_or_skipped
        assert ticker.due_at(ticker.position) > now
        assert ticker.due_at(ticker.position - 1) <= now + 0.001 or not run_or_skipped


def test_after_a_rest_the_next_slot_is_in_the_future() -> None:
    ticker = Ticker(0.0)
    ticker.rest(12.345)
    assert 12.345 < ticker.due_at(ticker.position) <= 12.345 + SLOT_SECONDS
    assert ticker.skipped == 0


def test_quantiles_of_lateness_come_from_the_histogram() -> None:
    lateness = Lateness()
    for milliseconds in range(100):
        lateness.record(milliseconds / 1000)
    assert lateness.quantile(0.5) == pytest.approx(0.049, abs=0.0002)
    assert lateness.quantile(0.99) == pytest.approx(0.098, abs=0.0002)
    assert lateness.worst == pytest.approx(0.099)
    lateness.reset()
    assert lateness.count == 0
    assert lateness.quantile(0.99) == 0.0


def test_early_counts_as_on_time_and_very_late_stays_in_range() -> None:
    lateness = Lateness()
    lateness.record(-0.001)
    lateness.record(5.0)
    assert lateness.quantile(0.5) == pytest.approx(0.0001)
    assert lateness.worst == 5.0
