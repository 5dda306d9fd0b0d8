import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annie.edge.rtp.delay import LONGEST, REVIEW, SHORTEST, STEP, WINDOW, TargetDelay

pytestmark = pytest.mark.unit


class Line:
    """Packets every 20 ms, each with a transit time of its own."""

    def __init__(self, start: int = 0) -> None:
        self.delay = TargetDelay()
        self.timestamp = start & 0xFFFFFFFF
        self.clock = 5_000
        self.delay.begin(self.timestamp, self.clock)

    def packet(self, excess: int = 0) -> int:
        self.delay.observe(self.timestamp, self.clock + excess)
        self.timestamp = (self.timestamp + 160) & 0xFFFFFFFF
        self.clock += 160
        return self.delay.target


def test_a_calm_line_needs_the_shortest_delay() -> None:
    line = Line()
    assert {line.packet() for _ in range(1000)} == {SHORTEST}


def test_a_few_outliers_change_nothing() -> None:
    line = Line()
    assert {line.packet(800 if n % 100 == 50 else 0) for n in range(1000)} == {SHORTEST}


def test_jitter_is_followed_within_a_fraction_of_a_second() -> None:
    line = Line()
    for _ in range(100):
        line.packet()
    chance = random.Random(1)
    targets = [line.packet(chance.randrange(480)) for _ in range(25)]
    assert targets[-1] >= 400


def test_what_grew_at_once_shrinks_step_by_step() -> None:
    line = Line()
    for n in range(20):
        line.packet(800 if n % 2 else 0)
    grown = line.delay.target
    assert grown > 800
    targets = [line.packet() for _ in range(5 * WINDOW)]
    steps = [before - after for before, after in itertools.pairwise(targets)]
    assert {step for step in steps if step} == {STEP}
    assert targets[-1] == SHORTEST
    first = next(n for n, step in enumerate(steps) if step)
    assert first >= REVIEW


def test_a_route_that_became_longer_for_good_is_no_jitter() -> None:
    line = Line()
    for _ in range(WINDOW):
        line.packet()
    targets = [line.packet(600) for _ in range(8 * WINDOW)]
    assert max(targets) > 600
    assert targets[-1] == SHORTEST


@pytest.mark.parametrize("drift", [-1, 1])
def test_a_peer_whose_clock_is_wrong_costs_no_delay(drift: int) -> None:
    line = Line()
    excess = 0
    for n in range(20 * WINDOW):
        excess += drift if n % 60 == 0 else 0  # 100 ppm
        line.packet(excess)
    assert line.delay.target == SHORTEST
    # What comes now is due after the target, give or take what the base hasn't followed yet.
    assert abs(line.clock + excess + SHORTEST - line.timestamp - line.delay.lead) < STEP


def test_timestamps_wrap_around_unnoticed() -> None:
    line = Line(start=-80_000)
    assert {line.packet() for _ in range(1000)} == {SHORTEST}


@given(st.lists(st.tuples(st.integers(0, 0xFFFFFFFF), st.integers(0, 2**40))))
def test_whatever_is_observed_the_target_stays_within_its_bounds(
    packets: list[tuple[int, int]],
) -> None:
    delay = TargetDelay()
    for timestamp, clock in packets:
        delay.observe(timestamp, clock)
        assert SHORTEST <= delay.target <= LONGEST
        assert sum(delay._counts) == WINDOW  # pyright: ignore[reportPrivateUsage]
