"""Spoken answers about office hours, in the organization's time zone.

A day without an entry is unknown, and nothing is claimed about it. Office hours whose
end isn't later than their start run past midnight; equal times mean around the clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from annie.agent.phrases import sentences
from annie.kit.language import Language

if TYPE_CHECKING:
    # Compiling a training needs the hours as words, so this module comes first.
    from annie.agent.training import OfficeDay, Training

_WEEK: Final = 7


def local(training: Training, now: datetime) -> datetime:
    """``now`` (aware) on the organization's clock; an unknown zone counts as UTC."""
    try:
        return now.astimezone(ZoneInfo(training.timezone))
    except (KeyError, ValueError, OSError):
        return now.astimezone(ZoneInfo("UTC"))


def written_time(at: time, language: Language) -> str:
    """``at`` as one writes it: ``9:30 AM``, ``9:30``, ``9 h 30``."""
    if language is Language.ENGLISH:
        half = "AM" if at.hour < 12 else "PM"
        minutes = f":{at.minute:02d}" if at.minute else ""
        return f"{at.hour % 12 or 12}{minutes} {half}"
    if language is Language.SPANISH:
        return f"{at.hour}:{at.minute:02d}"
    return f"{at.hour} h {at.minute:02d}" if at.minute else f"{at.hour} h"


def is_open(training: Training, now: datetime) -> bool | None:
    """Whether the office is open at ``now`` (aware); None when that isn't known."""
    here = local(training, now)
    if _open_interval(training, here) is not None:
        return True
    today = training.hours.get(here.weekday(), _UNKNOWN)
    return None if today is _UNKNOWN else False


def on_days(training: Training, days: Sequence[date], now: datetime) -> str:
    """Office hours of ``days``, a sentence each."""
    own = sentences(training.language)
    today = local(training, now).date()
    found: list[str] = []
    for day in days:
        name = _day_name(training.language, day, today)
        hours = training.hours.get(day.weekday(), _UNKNOWN)
        if hours is _UNKNOWN:
            found.append(own.hours_of_day_unknown.format(day=name))
        elif not isinstance(hours, tuple):
            found.append(own.closed_on_day.format(day=name))
        else:
            found.append(own.hours_of_day.format(day=name, hours=_range(hours, training.language)))
    return " ".join(_capitalized(text) for text in found)


def week(training: Training) -> str:
    """Office hours of the whole week, days with the same hours together."""
    language = training.language
    own = sentences(language)
    if not training.hours:
        return own.hours_unknown
    closed = [_days(first, last, language) for first, last, hours in _runs(training) if not hours]
    parts = week_parts(training)
    if not parts:
        return " ".join(_capitalized(own.closed_on_day.format(day=days)) for days in closed)
    text = own.week.format(parts=parts)
    if closed:
        text += f" {_capitalized(own.closed_on_day.format(day=_joined(closed, own.and_word)))}"
    return text


def week_parts(training: Training) -> str:
    """The days of the week that are known to be open, as part of a sentence; empty if none is."""
    language = training.language
    own = sentences(language)
    parts = [
        own.week_part.format(days=_days(first, last, language), hours=_range(hours, language))
        for first, last, hours in _runs(training)
        if hours is not None
    ]
    return _joined(parts, own.and_word) if parts else ""


def open_now(training: Training, now: datetime) -> str:
    """Whether the office is open, until when, or when it opens next."""
    language = training.language
    own = sentences(language)
    here = local(training, now)
    state = is_open(training, now)
    if state is None:
        return own.hours_unknown
    if state:
        interval = _open_interval(training, here)
        if interval is None or interval[0] == interval[1]:
            return own.open_now
        return own.open_now_until.format(closes=written_time(interval[1], language))
    return _closed_until(training, here)


def _runs(training: Training) -> list[tuple[int, int, OfficeDay]]:
    """First and last weekday of neighbouring days with the same hours, and those hours."""
    runs: list[tuple[int, int, OfficeDay]] = []
    for weekday in range(_WEEK):
        if weekday not in training.hours:
            continue
        hours = training.hours[weekday]
        if runs and runs[-1][1] == weekday - 1 and runs[-1][2] == hours:
            runs[-1] = (runs[-1][0], weekday, hours)
        else:
            runs.append((weekday, weekday, hours))
    return runs


def _closed_until(training: Training, here: datetime) -> str:
    language = training.language
    own = sentences(language)
    for ahead in range(_WEEK + 1):
        day = here.date() + timedelta(days=ahead)
        hours = training.hours.get(day.weekday(), _UNKNOWN)
        if hours is _UNKNOWN:
            # Whether that day opens earlier than a later known one isn't known.
            break
        if not isinstance(hours, tuple) or (ahead == 0 and hours[0] <= here.time()):
            continue
        opens = written_time(hours[0], language)
        if ahead == 0:
            return own.closed_now_opens_today.format(opens=opens)
        if ahead == 1:
            return own.closed_now_opens_tomorrow.format(opens=opens)
        return own.closed_now_opens_on.format(day=own.coming_weekdays[day.weekday()], opens=opens)
    return own.closed_now_unknown


def _open_interval(training: Training, here: datetime) -> tuple[time, time] | None:
    at = here.time()
    today = training.hours.get(here.weekday())
    if today is not None:
        opens, closes = today
        if opens == closes or (opens <= at < closes) or (closes < opens <= at):
            return today
    yesterday = training.hours.get((here.weekday() - 1) % _WEEK)
    if yesterday is not None and yesterday[1] < yesterday[0] and at < yesterday[1]:
        return yesterday
    return None


def _range(hours: tuple[time, time], language: Language) -> str:
    own = sentences(language)
    if hours[0] == hours[1]:
        return own.open_around_the_clock
    return own.hours_range.format(
        opens=written_time(hours[0], language), closes=written_time(hours[1], language)
    )


def _day_name(language: Language, day: date, today: date) -> str:
    own = sentences(language)
    if day == today:
        return own.today
    if day == today + timedelta(days=1):
        return own.tomorrow
    return own.on_weekdays[day.weekday()]


def _days(first: int, last: int, language: Language) -> str:
    own = sentences(language)
    if first == last:
        return own.on_weekdays[first]
    if last == first + 1:
        return f"{own.on_weekdays[first]} {own.and_word} {own.on_weekdays[last]}"
    return own.through.format(first=own.weekdays[first], last=own.weekdays[last])


def _joined(parts: Sequence[str], and_word: str) -> str:
    if len(parts) == 1:
        return parts[0]
    return f"{', '.join(parts[:-1])} {and_word} {parts[-1]}"


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]


class _Unknown:
    """No entry for a weekday, which is different from a closed day."""


_UNKNOWN: Final = _Unknown()
