"""When an organization is open, across every clock change."""

from datetime import UTC, date, datetime, time, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annie.organizations.hours import (
    DayHours,
    DayOfWeek,
    Week,
    is_open,
    next_opening,
    opening_on,
    parse_time,
)
from annie.organizations.schemas import Timezone

pytestmark = pytest.mark.unit

NEW_YORK = ZoneInfo("America/New_York")
NINE_TO_FIVE = DayHours(time(9), time(17))

zones = st.sampled_from([ZoneInfo(name) for name in get_args(Timezone)])
times = st.times(max_value=time(23, 59)).map(lambda t: t.replace(second=0, microsecond=0))
day_hours = st.tuples(times, times).filter(lambda t: t[0] < t[1]).map(lambda t: DayHours(*t))
weeks = st.builds(Week, st.dictionaries(st.sampled_from(DayOfWeek), st.none() | day_hours), zones)
instants = st.integers(
    int(datetime(2024, 1, 1, tzinfo=UTC).timestamp()),
    int(datetime(2030, 12, 31, tzinfo=UTC).timestamp()),
).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
dates = st.dates(date(2024, 1, 1), date(2030, 12, 31))


def _local(*parts: int, fold: int = 0) -> datetime:
    year, month, day, hour, minute = parts
    return datetime(year, month, day, hour, minute, tzinfo=NEW_YORK, fold=fold)


def _every_day(opens: time, closes: time) -> Week:
    return Week(dict.fromkeys(DayOfWeek, DayHours(opens, closes)), NEW_YORK)


@given(weeks, dates)
def test_an_opening_lies_on_its_day_and_ends_after_it_begins(week: Week, day: date) -> None:
    opening = opening_on(week, day)
    if opening is None:
        return
    assert opening.opens < opening.closes
    assert opening.opens.astimezone(week.zone).date() == day
    assert opening.closes.astimezone(week.zone).date() == day


@given(weeks, dates)
def test_on_a_day_without_a_clock_change_the_wall_shows_the_set_times(
    week: Week, day: date
) -> None:
    midnight = datetime.combine(day, time(), week.zone)
    next_midnight = datetime.combine(day + timedelta(days=1), time(), week.zone)
    if midnight.utcoffset() != next_midnight.utcoffset():
        return
    hours = week.days.get(DayOfWeek.of(day))
    opening = opening_on(week, day)
    if hours is None:
        assert opening is None
        return
    assert opening is not None
    assert opening.opens.astimezone(week.zone).time() == hours.opens
    assert opening.closes.astimezone(week.zone).time() == hours.closes


@given(weeks, instants)
def test_being_open_means_that_the_wall_clock_is_between_the_set_times(
    week: Week, instant: datetime
) -> None:
    wall = instant.astimezone(week.zone)
    hours = week.days.get(DayOfWeek.of(wall.date()))
    expected = hours is not None and hours.opens <= wall.time() < hours.closes
    # An hour that occurs twice is open only the first time when the closing time lies in it.
    twice = wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset()
    if not twice:
        assert is_open(week, instant) == expected


@given(weeks, instants)
def test_the_next_opening_is_the_first_moment_of_being_open_again(
    week: Week, instant: datetime
) -> None:
    opening = next_opening(week, instant)
    if opening is None:
        assert all(
            opening_on(week, instant.astimezone(week.zone).date() + timedelta(days=n)) is None
            for n in range(1, 8)
        )
        return
    assert opening.opens > instant
    assert is_open(week, opening.opens)
    assert not is_open(week, opening.closes) or opening.closes == opening.opens
    before = opening.opens - timedelta(microseconds=1)
    assert not is_open(week, before)


def test_the_end_is_not_part_of_being_open() -> None:
    week = _every_day(time(9), time(17))
    assert is_open(week, _local(2026, 3, 2, 9, 0))
    assert is_open(week, _local(2026, 3, 2, 16, 59))
    assert not is_open(week, _local(2026, 3, 2, 17, 0))
    assert not is_open(week, _local(2026, 3, 2, 8, 59))


def test_a_day_that_springs_forward_keeps_its_wall_times() -> None:
    week = _every_day(time(9), time(17))
    opening = opening_on(week, date(2026, 3, 8))
    assert opening is not None
    assert (opening.opens.hour, opening.closes.hour) == (13, 21)
    saturday = opening_on(week, date(2026, 3, 7))
    assert saturday is not None
    assert saturday.opens.hour == 14


def test_a_time_that_is_skipped_means_the_instant_of_the_change() -> None:
    opening = opening_on(_every_day(time(2, 30), time(5)), date(2026, 3, 8))
    assert opening is not None
    assert opening.opens == datetime(2026, 3, 8, 7, 0, tzinfo=UTC)


def test_an_opening_wholly_inside_the_skipped_hour_does_not_happen() -> None:
    week = _every_day(time(2, 10), time(2, 50))
    assert opening_on(week, date(2026, 3, 8)) is None
    assert not is_open(week, datetime(2026, 3, 8, 7, 0, tzinfo=UTC))
    following = next_opening(week, _local(2026, 3, 7, 12, 0))
    assert following is not None
    assert following.opens.astimezone(NEW_YORK).date() == date(2026, 3, 9)


def test_a_time_that_occurs_twice_means_the_first() -> None:
    week = _every_day(time(1, 30), time(4))
    opening = opening_on(week, date(2026, 11, 1))
    assert opening is not None
    assert opening.opens == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert is_open(week, _local(2026, 11, 1, 1, 15, fold=1))
    closing = _every_day(time(0), time(1, 30))
    assert not is_open(closing, _local(2026, 11, 1, 1, 15, fold=1))


def test_the_next_opening_passes_over_closed_days() -> None:
    week = Week({DayOfWeek.MONDAY: NINE_TO_FIVE, DayOfWeek.SUNDAY: None}, NEW_YORK)
    for day in (3, 5, 8):
        following = next_opening(week, _local(2026, 3, day, 12, 0))
        assert following is not None
        assert following.opens == _local(2026, 3, 9, 9, 0).astimezone(UTC)


def test_a_week_without_openings_never_opens() -> None:
    for week in (Week({}, NEW_YORK), Week(dict.fromkeys(DayOfWeek), NEW_YORK)):
        assert next_opening(week, datetime(2026, 3, 2, tzinfo=UTC)) is None
        assert not is_open(week, datetime(2026, 3, 2, tzinfo=UTC))
    assert not Week({}, NEW_YORK).is_set
    assert Week(dict.fromkeys(DayOfWeek), NEW_YORK).is_set


def test_hours_may_have_one_digit() -> None:
    assert parse_time("9:05") == parse_time("09:05") == time(9, 5)
