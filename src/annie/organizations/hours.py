"""When an organization is open: pure functions of its week and its time zone.

Opening times are wall-clock times of the organization's zone. On a day when clocks change,
a time that the change skips means the instant of the change, and one that occurs twice means
its first occurrence.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class DayOfWeek(StrEnum):
    """Weekdays of the public contract, in the order of ``date.weekday()``."""

    MONDAY = "MONDAY"
    TUESDAY = "TUESDAY"
    WEDNESDAY = "WEDNESDAY"
    THURSDAY = "THURSDAY"
    FRIDAY = "FRIDAY"
    SATURDAY = "SATURDAY"
    SUNDAY = "SUNDAY"

    @classmethod
    def of(cls, day: date) -> "DayOfWeek":
        return list(cls)[day.weekday()]


@dataclass(slots=True, frozen=True)
class DayHours:
    """Open from ``opens`` until just before ``closes``, the same day."""

    opens: time
    closes: time


@dataclass(slots=True, frozen=True)
class Opening:
    """One stretch of being open, aware UTC; ``closes`` is not part of it."""

    opens: datetime
    closes: datetime


@dataclass(slots=True, frozen=True)
class Week:
    """An organization's week; a weekday that is missing or None is closed."""

    days: Mapping[DayOfWeek, DayHours | None]
    zone: ZoneInfo

    @property
    def is_set(self) -> bool:
        """Whether any day was ever set; an organization without hours is never called closed."""
        return bool(self.days)


def parse_time(text: str) -> time:
    """``9:00`` or ``09:00`` as a time.

    Raises:
        ValueError: not a time of day.
    """
    hours, _, minutes = text.partition(":")
    return time(int(hours), int(minutes))


def opening_on(week: Week, day: date) -> Opening | None:
    """When ``week`` is open on ``day``, a date of its zone; None when closed all day."""
    hours = week.days.get(DayOfWeek.of(day))
    if hours is None:
        return None
    opens = _instant(datetime.combine(day, hours.opens), week.zone)
    closes = _instant(datetime.combine(day, hours.closes), week.zone)
    # Both ends may fall into the hour that a clock change skips.
    return Opening(opens, closes) if opens < closes else None


def is_open(week: Week, instant: datetime) -> bool:
    """Whether ``instant`` (aware) falls into the week's opening times."""
    opening = opening_on(week, instant.astimezone(week.zone).date())
    return opening is not None and opening.opens <= instant < opening.closes


def next_opening(week: Week, instant: datetime) -> Opening | None:
    """The first opening that begins after ``instant``; None when the week has none."""
    day = instant.astimezone(week.zone).date()
    # Two weeks, because a clock change may swallow the only opening of one.
    for ahead in range(15):
        opening = opening_on(week, day + timedelta(days=ahead))
        if opening is not None and opening.opens > instant:
            return opening
    return None


def _instant(wall: datetime, zone: ZoneInfo) -> datetime:
    before = wall.replace(tzinfo=zone, fold=0)
    instant = before.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    # Skipped: read with the offset after the change it lies before it, so the change is between.
    low, high = before.replace(fold=1).astimezone(UTC), instant
    offset = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)
