"""Spoken office hours, in the organization's zone."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annie.agent import hours
from annie.agent.training import OfficeDay, Training, compile_training
from annie.kit.language import Language
from tests.agent.conversation import CLOSED, HOURS, OPEN

pytestmark = pytest.mark.unit

EN, ES, FR = Language.ENGLISH, Language.SPANISH, Language.FRENCH


def _training(
    language: Language = EN, days: dict[int, OfficeDay] | None = None, zone: str = "America/Chicago"
) -> Training:
    return compile_training(
        language, "Bright Smile", timezone=zone, hours=HOURS if days is None else days
    )


@pytest.mark.parametrize(
    ("language", "saturday", "sunday"),
    [
        (EN, "On Saturday we are open from 10 AM to 2 PM.", "On Sunday we are closed."),
        (ES, "El sábado abrimos de 10:00 a 14:00.", "El domingo está cerrado."),
        (FR, "Le samedi, nous sommes ouverts de 10 h à 14 h.", "Le dimanche, nous sommes fermés."),
    ],
)
def test_hours_of_a_day_are_written_as_the_language_does(
    language: Language, saturday: str, sunday: str
) -> None:
    training = _training(language)
    assert hours.on_days(training, [date(2026, 3, 7)], OPEN) == saturday
    assert hours.on_days(training, [date(2026, 3, 8)], OPEN) == sunday


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (EN, "We are open Monday to Friday from 9 AM to 5 PM and on Saturday from 10 AM to 2 PM. "
             "On Sunday we are closed."),
        (ES, "Abrimos de lunes a viernes de 9:00 a 17:00 y el sábado de 10:00 a 14:00. "
             "El domingo está cerrado."),
        (FR, "Nous sommes ouverts du lundi au vendredi de 9 h à 17 h et le samedi de 10 h à 14 h. "
             "Le dimanche, nous sommes fermés."),
    ],
)  # fmt: skip
def test_the_week_is_summed_up(language: Language, text: str) -> None:
    assert hours.week(_training(language)) == text


@pytest.mark.parametrize(
    ("language", "opened", "closed"),
    [
        (EN, "until 5 PM", "tomorrow at 9 AM"),
        (ES, "hasta las 17:00", "mañana a las 9:00"),
        (FR, "jusqu'à 17 h", "demain à 9 h"),
    ],
)
def test_open_now_tells_until_when_or_when_next(
    language: Language, opened: str, closed: str
) -> None:
    training = _training(language)
    assert opened in hours.open_now(training, OPEN)
    assert closed in hours.open_now(training, CLOSED)


def test_before_opening_it_opens_today() -> None:
    early = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)
    assert "today at 9 AM" in hours.open_now(_training(), early)


def test_after_saturday_it_opens_on_monday() -> None:
    saturday_evening = datetime(2026, 3, 7, 23, 0, tzinfo=UTC)
    assert "on Monday at 9 AM" in hours.open_now(_training(), saturday_evening)


def test_the_zone_is_the_organizations() -> None:
    assert hours.is_open(_training(zone="America/Chicago"), OPEN) is True
    assert hours.is_open(_training(zone="Asia/Tokyo"), OPEN) is False


def test_an_unknown_zone_counts_as_utc() -> None:
    assert hours.is_open(_training(zone="Mars/Olympus"), OPEN) is True


def test_daylight_saving_moves_the_hours_with_the_wall_clock() -> None:
    before = datetime(2026, 3, 6, 14, 30, tzinfo=UTC)  # 8:30 in Chicago
    after = datetime(2026, 3, 9, 14, 30, tzinfo=UTC)  # 9:30, summer time
    assert hours.is_open(_training(), before) is False
    assert hours.is_open(_training(), after) is True


def test_unknown_days_are_neither_open_nor_closed() -> None:
    training = _training(days={0: (time(9), time(17))})
    tuesday = OPEN + timedelta(days=1)
    assert hours.is_open(training, tuesday) is None
    assert hours.on_days(training, [date(2026, 3, 3)], OPEN) == "I don't know our hours tomorrow."
    assert hours.open_now(training, tuesday) == "I'm sorry, I don't have our opening hours."


def test_nothing_is_said_about_the_next_opening_beyond_an_unknown_day() -> None:
    training = _training(days={0: (time(9), time(17)), 2: (time(9), time(17))})
    assert hours.open_now(training, CLOSED) == "No, we are closed right now."


def test_hours_past_midnight_belong_to_the_day_they_began() -> None:
    training = _training(days={0: (time(18), time(2)), 1: None})
    one_in_the_morning = datetime(2026, 3, 3, 7, 0, tzinfo=UTC)
    three = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
    assert hours.is_open(training, one_in_the_morning) is True
    assert "until 2 AM" in hours.open_now(training, one_in_the_morning)
    assert hours.is_open(training, three) is False


def test_equal_times_mean_around_the_clock() -> None:
    training = _training(days=dict.fromkeys(range(7), (time(0), time(0))))
    assert hours.is_open(training, CLOSED) is True
    assert hours.open_now(training, CLOSED) == "Yes, we are open now."


def test_minutes_are_written_when_there_are_any() -> None:
    assert hours.written_time(time(9, 30), EN) == "9:30 AM"
    assert hours.written_time(time(9, 30), ES) == "9:30"
    assert hours.written_time(time(9, 30), FR) == "9 h 30"
    assert hours.written_time(time(12), EN) == "12 PM"


_TIMES = st.times(timezones=st.none()).map(lambda at: at.replace(second=0, microsecond=0))
_DAYS = st.dictionaries(st.integers(0, 6), st.none() | st.tuples(_TIMES, _TIMES))


@given(
    language=st.sampled_from(list(Language)),
    days=_DAYS,
    now=st.integers(0, 365 * 24 * 60).map(lambda minutes: OPEN + timedelta(minutes=minutes)),
    zone=st.sampled_from(["America/New_York", "America/Los_Angeles", "UTC", "Australia/Sydney"]),
)
def test_what_is_said_agrees_with_whether_it_is_open(
    language: Language, days: dict[int, OfficeDay], now: datetime, zone: str
) -> None:
    training = _training(language, days, zone)
    said = hours.open_now(training, now)
    first = {EN: ("Yes", "No"), ES: ("Sí", "No"), FR: ("Oui", "Non")}[language]
    state = hours.is_open(training, now)
    if state is None:
        assert not said.startswith(first)
    else:
        assert said.startswith(first[0] if state else first[1])
    assert hours.week(training)
    today = hours.local(training, now).date()
    assert hours.on_days(training, [today], now)
