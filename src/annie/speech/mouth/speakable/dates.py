"""Dates and days of the week."""

import re
from functools import cache
from typing import Final

from annie.speech.mouth.speakable.grammar import Grammar

_ISO: Final = re.compile(
    r"(?<![\w-])(\d{4})-(\d{2})-(\d{2})"
    r"(?:[T ](\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?(?![\w-])"
)
_FIGURES: Final = re.compile(r"(?<![\w/.-])(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?![\w/-]|\.\d)")
_SHORT: Final = re.compile(r"(?<![\w/.$€£])(\d{1,2})/(\d{1,2})(?![\w/%]|\.\d)")
_ALWAYS: Final = re.compile(r"(?<!\d)24/7(?![\d/])")
_CAPITAL: Final = "A-ZÁÉÍÓÚÑÀÂÇÈÊËÎÏÔÙÛ"


def rewrite(text: str, grammar: Grammar) -> str:
    """Dates in figures or with the month's name, and abbreviated days of the week."""
    patterns = _patterns(grammar)
    text = _ALWAYS.sub(grammar.words.always_open, text)
    text = _ISO.sub(lambda found: _iso(found, grammar), text)
    text = _FIGURES.sub(lambda found: _figures(found, grammar), text)
    text = patterns.rewrite_months(text)
    text = _SHORT.sub(lambda found: _short(found, grammar), text)
    return patterns.rewrite_weekdays(text)


def _iso(found: re.Match[str], grammar: Grammar) -> str:
    year, month, day = int(found[1]), int(found[2]), int(found[3])
    numbers = (day, month) if grammar.words.day_first else (month, day)
    spoken = grammar.written_date(*numbers, year) if month <= 12 and year else None
    if spoken is None:
        return found[0]
    return f"{spoken}, {found[4]}" if found[4] else spoken


def _figures(found: re.Match[str], grammar: Grammar) -> str:
    year = int(found[4]) + (2000 if len(found[4]) == 2 else 0)
    spoken = grammar.written_date(int(found[1]), int(found[3]), year) if year else None
    return spoken or found[0]


def _short(found: re.Match[str], grammar: Grammar) -> str:
    if found[0] in grammar.words.fractions:
        return found[0]
    spoken = grammar.written_date(int(found[1]), int(found[2]), None)
    return spoken or found[0]


@cache
def _patterns(grammar: Grammar) -> "_Patterns":
    return _Patterns(grammar)


class _Patterns:
    """Expressions made of one language's names."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        words = grammar.words
        self._months = dict(words.month_abbreviations)
        self._months |= {name.lower(): number for number, name in enumerate(words.months, 1)}
        self._days = dict(words.weekday_abbreviations)
        self._days |= {name.lower(): number for number, name in enumerate(words.weekdays)}

        # Only what is abbreviated has a full stop of its own, also before a year.
        whole = "|".join(words.months)
        month = (
            rf"(?P<month>(?:{whole})\b|(?:{_either(words.month_abbreviations)})\b(?:\.(?!\s*$))?)"
        )
        ending = r"(?:st|nd|rd|th|er|º|\.º)?"
        year = r"(?:,?\s+(?:(?:de|del|of)\s+)?(?P<year>[12]\d{3})(?![\d:]|[.,]\d))?"
        self._month_first = re.compile(
            rf"\b{month}\s+(?P<day>\d{{1,2}}){ending}(?:\s?[-–]\s?(?P<last>\d{{1,2}}){ending})?"
            rf"(?![\w:%]|[.,]\d){year}",
            re.IGNORECASE,
        )
        self._day_first = re.compile(
            rf"(?<![\w:.,/$-])(?:the\s+)?(?P<day>\d{{1,2}}){ending}\s+(?:(?:of|de)\s+)?{month}"
            rf"(?!\w){year}",
            re.IGNORECASE,
        )
        short = _either(words.weekday_abbreviations)
        name = _either(self._days)
        self._range = re.compile(rf"\b({name})\b\.?\s?[-–—]\s?({name})\b\.?", re.IGNORECASE)
        if words.day_first:
            # In Spanish and French many are words: what follows must be of a date.
            self._single = re.compile(rf"\b({short})\.(?=\s*[\d,:/&–-])", re.IGNORECASE)
        else:
            titled = "|".join(
                sorted((s.title() for s in words.weekday_abbreviations), key=len)[::-1]
            )
            # "Sat" and "Sun" are words, too.
            self._single = re.compile(
                rf"\b(?!(?:Sat|Sun)\b(?!\.|:|,?\s*(?:\d|[&/])))({titled})\b(?:\.(?!\s*$|\s+[{_CAPITAL}]))?"
            )

    def rewrite_months(self, text: str) -> str:
        text = self._day_first.sub(self._date, text)
        return self._month_first.sub(self._date, text)

    def _date(self, found: re.Match[str]) -> str:
        day, month = int(found["day"]), self._months[found["month"].rstrip(".").lower()]
        if not 1 <= day <= 31:
            return found[0]
        year = int(found["year"]) if found["year"] else None
        last = found.groupdict().get("last")
        if last:
            tail = self._grammar.ordinal(int(last))
            if self._grammar.words.day_first:
                tail = self._grammar.cardinal(int(last))
            first = self._grammar.day(day, month, None)
            spoken = f"{first} {self._grammar.words.to} {tail}"
            return f"{spoken}, {self._grammar.year(year)}" if year else spoken
        return self._grammar.day(day, month, year)

    def rewrite_weekdays(self, text: str) -> str:
        text = self._range.sub(self._weekdays, text)
        return self._single.sub(lambda found: self._weekday(found[1]), text)

    def _weekdays(self, found: re.Match[str]) -> str:
        before = found.string[max(found.start() - 12, 0) : found.start()]
        first, last = self._weekday(found[1]), self._weekday(found[2])
        return self._grammar.weekday_range(first, last, before)

    def _weekday(self, written: str) -> str:
        return self._grammar.words.weekdays[self._days[written.lower()]]


def _either(names: dict[str, int]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
