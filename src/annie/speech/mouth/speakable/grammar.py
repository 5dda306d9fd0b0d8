"""What a language must know so that written things can be said in it."""

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date
from typing import Final

from annie.speech.mouth.speakable.lexicon import Currency, Lexicon

#: Whole numbers from here on are read digit by digit.
LARGEST: Final = 10**15


@dataclass(slots=True, frozen=True)
class ClockTime:
    """A time of day as written.

    ``hour`` is as written. ``meridiem`` is ``a``, ``p`` or empty. ``padded`` is True
    for a leading zero, which only the 24-hour clock has.
    """

    hour: int
    minute: int
    meridiem: str = ""
    padded: bool = False

    @property
    def hour24(self) -> int:
        """Hour of the day; what has no meridiem is taken as written."""
        if not self.meridiem:
            return self.hour % 24
        return self.hour % 12 + (12 if self.meridiem == "p" else 0)

    @property
    def is_certain(self) -> bool:
        """Whether morning or afternoon is known."""
        return bool(self.meridiem) or self.padded or self.hour > 12 or self.hour == 0


class Grammar(ABC):
    """One language. Methods return words without digits or symbols."""

    words: Lexicon
    #: Whether phone numbers of France are said in pairs.
    reads_pairs: bool = False
    #: Words of digits 0 to 9.
    digits: tuple[str, ...]
    #: Every word a spoken number may begin or end with.
    number_words: frozenset[str]

    @abstractmethod
    def cardinal(self, number: int, *, feminine: bool = False, counting: bool = False) -> str:
        """``number`` in words. ``counting``: a noun follows (Spanish "un", "veintiún")."""

    @abstractmethod
    def ordinal(self, number: int, *, feminine: bool = False) -> str:
        """First, second, …"""

    @abstractmethod
    def year(self, number: int) -> str:
        """A year of four digits."""

    @abstractmethod
    def time(self, time: ClockTime, before: str) -> str:
        """A time of day; ``before`` is the text in front of it."""

    @abstractmethod
    def time_range(self, start: ClockTime, end: ClockTime, before: str) -> str:
        """From one time of day to another; ``before`` is the text in front."""

    @abstractmethod
    def day(self, number: int, month: int, year: int | None, *, lead: str = "") -> str:
        """A date. ``lead`` is what was written before it, such as an article, if any."""

    @abstractmethod
    def noun_is_feminine(self, word: str) -> bool | None:
        """Gender of the noun after a number; None if ``word`` is no noun to be counted."""

    @abstractmethod
    def money(self, whole: str, cents: str, currency: Currency) -> str:
        """``whole`` units and ``cents`` (two digits or empty), both in digits."""

    @abstractmethod
    def weekday_range(self, first: str, last: str, before: str) -> str:
        """From one day of the week to another; ``before`` is the text in front."""

    def ordinal_written(self, number: int, ending: str, *, counting: bool) -> str:
        """An ordinal as written, with its ``ending``; ``counting``: a noun follows."""
        return self.ordinal(number, feminine=self.words.ordinal_endings[ending])

    def house_number(self, digits: str) -> str:
        """The number of a house or room."""
        return self.whole(digits) if len(digits) < 5 else self.spell(digits)

    def plain(self, digits: str) -> str | None:
        """How digits without separators are said if not as a count (a year), else None."""
        return None

    def magnitude(self, large: str, noun: str) -> str:
        """A large number's name with what is counted: "millones de euros"."""
        return f"{large} {noun}"

    def spell(self, digits: str) -> str:
        """Digit by digit."""
        return " ".join(self.digits[int(digit)] for digit in digits)

    def phone_group(self, group: str) -> str:
        """One group of a phone number."""
        return self.spell(group)

    def whole(self, digits: str, *, feminine: bool = False, counting: bool = False) -> str:
        """Digits as a number, or one by one if they are a code or too many."""
        if (len(digits) > 1 and digits.startswith("0")) or int(digits[:17]) >= LARGEST:
            return self.spell(digits)
        return self.cardinal(int(digits), feminine=feminine, counting=counting)

    def decimals(self, separator: str, digits: str) -> str:
        """What stands behind the decimal separator, with its word."""
        spoken = self.spell(digits)
        if len(digits) <= 2 and not digits.startswith("0"):
            spoken = self.cardinal(int(digits))
        return f"{self.words.decimal_words[separator]} {spoken}"

    def number(self, token: str, *, feminine: bool = False, counting: bool = False) -> str:
        """A number as written, with separators of thousands and decimals."""
        whole, separator, decimals = self.parse(token)
        if decimals:
            return f"{self.whole(whole or '0')} {self.decimals(separator, decimals)}"
        return self.whole(whole, feminine=feminine, counting=counting)

    def parse(self, token: str) -> tuple[str, str, str]:
        """Digits before the decimal separator, the separator, digits behind it."""
        token = re.sub(r"[\s\u00a0\u202f'’]", "", token)
        marks = [c for c in token if c in ".,"]
        if not marks:
            return token, "", ""
        last = marks[-1]
        head, _, tail = token.rpartition(last)
        if len(set(marks)) == 2:
            decimal = True
        elif len(marks) > 1:
            decimal = False
        elif len(tail) != 3 or head in ("", "0") or len(head) > 3:
            decimal = True
        else:
            decimal = last == self.words.decimal_separator and self.trusts_decimal(last)
        if decimal:
            return re.sub(r"[.,]", "", head), last, tail
        return re.sub(r"[.,]", "", token), "", ""

    def trusts_decimal(self, separator: str) -> bool:
        """Whether one ``separator`` before exactly three digits is still a decimal one."""
        return True

    def written_date(self, first: int, second: int, year: int | None) -> str | None:
        """A date of figures in the order of the language; None if there is no such day."""
        day, month = (first, second) if self.words.day_first else (second, first)
        if not 1 <= month <= 12 and 1 <= day <= 12:
            day, month = month, day
        try:
            date(year or 2024, month, day)
        except ValueError:
            return None
        return self.day(day, month, year)
