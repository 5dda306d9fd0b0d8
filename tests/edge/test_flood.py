"""How many messages one peer may send."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annie.edge.flood import MAX_PEERS, ORDINARY, RateLimit

pytestmark = pytest.mark.unit


def test_a_burst_is_served_and_then_the_rate() -> None:
    limit = RateLimit(per_second=10, burst=5)
    assert [limit.take("10.0.0.9", 100.0) == 0 for _ in range(7)] == [True] * 5 + [False] * 2
    early = limit.take("10.0.0.9", 100.0)
    assert early == pytest.approx(0.1)
    assert limit.take("10.0.0.9", 100.0 + early) == 0
    assert limit.take("10.0.0.9", 100.0 + early) > 0


def test_a_long_message_counts_as_several() -> None:
    limit = RateLimit(per_second=10, burst=5)
    assert limit.take("10.0.0.9", 100.0, 4 * ORDINARY) == 0
    assert limit.take("10.0.0.9", 100.0) == 0
    assert limit.take("10.0.0.9", 100.0) > 0


def test_one_peers_flood_costs_another_nothing() -> None:
    limit = RateLimit(per_second=10, burst=5)
    for _ in range(1000):
        limit.take("10.0.0.9", 100.0)
    assert limit.take("10.0.0.10", 100.0) == 0


def test_forged_sources_take_no_memory() -> None:
    limit = RateLimit()
    for number in range(3 * MAX_PEERS):
        limit.take(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", number / 1000)
    assert len(limit) <= MAX_PEERS


@given(st.lists(st.floats(0, 2), max_size=200))
def test_never_more_than_burst_and_rate_are_served(gaps: list[float]) -> None:
    limit = RateLimit(per_second=4, burst=6)
    now = 0.0
    served = 0
    for gap in gaps:
        now += gap
        served += limit.take("10.0.0.9", now) == 0
    assert served <= 6 + 4 * now + 1e-6
