"""The words a language lends to the writing of things."""

from dataclasses import dataclass


def listed(names: str) -> tuple[str, ...]:
    """Names parted by spaces, as a tuple."""
    return tuple(names.split())


def numbered(names: str, start: int = 0) -> dict[str, int]:
    """Names parted by spaces with their numbers; several for one number are parted by ``/``."""
    return {
        name: number
        for number, group in enumerate(names.split(), start=start)
        for name in group.split("/")
    }


@dataclass(slots=True, frozen=True)
class Noun:
    """What is counted: "hour", "hours"."""

    one: str
    many: str
    feminine: bool = False

    def of(self, count: str) -> str:
        """The form that goes with ``count`` in digits."""
        return self.one if count.lstrip("0") == "1" else self.many


@dataclass(slots=True, frozen=True)
class Currency:
    """A currency and its hundredth."""

    unit: Noun
    cent: Noun


@dataclass(slots=True, frozen=True)
class Lexicon:
    """Names, abbreviations and signs of one language."""

    decimal_separator: str
    decimal_words: dict[str, str]
    minus: str
    months: tuple[str, ...]
    #: Lower-case abbreviation without its full stop → month number.
    month_abbreviations: dict[str, int]
    weekdays: tuple[str, ...]
    #: Lower-case abbreviation without its full stop → index in ``weekdays``.
    weekday_abbreviations: dict[str, int]
    #: Day before month, as in 14/03/2026.
    day_first: bool
    currencies: dict[str, Currency]
    #: "million" and the like, as written after a price: "$1.5 million".
    magnitudes: dict[str, str]
    units: dict[str, Noun]
    #: Abbreviation as written, with its full stops → words. Matched with its case.
    abbreviations: dict[str, str]
    #: As ``abbreviations``, where a name with a capital must follow.
    titles: dict[str, str]
    #: Those of ``abbreviations`` whose full stop also ends a sentence when a capital follows.
    closing: frozenset[str]
    symbols: dict[str, str]
    #: Names of ``@ . - _ / :`` and ``+`` in addresses of the internet.
    internet_names: dict[str, str]
    fractions: dict[str, str]
    half_after_number: dict[str, str]
    #: Ending of an ordinal as written ("th", "ª") → whether it is feminine.
    ordinal_endings: dict[str, bool]
    #: How a number with separators is written: a regular expression without groups.
    number_pattern: str
    #: "24/7".
    always_open: str
    apartment: str
    pound_key: str
    star_key: str
    #: "to" between two numbers.
    to: str
    percent: str
    extension: str
    per: str
    over: str
