"""How things are said in American English."""

from typing import Final

from annie.speech.mouth.speakable.english_words import LEXICON
from annie.speech.mouth.speakable.grammar import ClockTime, Grammar
from annie.speech.mouth.speakable.lexicon import Currency, listed

_UNITS: Final = listed(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_TENS: Final = listed("- - twenty thirty forty fifty sixty seventy eighty ninety")
_SCALES: Final = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1000, "thousand"))
_ORDINALS: Final = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
#: Services called by their digits.
_SHORT_CODES: Final = frozenset(("211", "311", "411", "511", "611", "711", "811", "911", "988"))


class EnglishGrammar(Grammar):
    """American English: 12-hour clock, month before day."""

    words = LEXICON
    digits = tuple(_UNITS[:10])
    number_words = frozenset((*_UNITS, *_TENS[2:], "hundred", "thousand"))

    def cardinal(self, number: int, *, feminine: bool = False, counting: bool = False) -> str:
        if number < 20:
            return _UNITS[number]
        if number < 100:
            tens, rest = divmod(number, 10)
            return _TENS[tens] + (f"-{_UNITS[rest]}" if rest else "")
        if number < 1000:
            head, rest = divmod(number, 100)
            spoken = f"{_UNITS[head]} hundred"
        else:
            scale, name = next(pair for pair in _SCALES if number >= pair[0])
            head, rest = divmod(number, scale)
            spoken = f"{self.cardinal(head)} {name}"
        return f"{spoken} {self.cardinal(rest)}" if rest else spoken

    def ordinal(self, number: int, *, feminine: bool = False) -> str:
        words = self.cardinal(number)
        cut = max(words.rfind(" "), words.rfind("-")) + 1
        last = words[cut:]
        if last in _ORDINALS:
            return words[:cut] + _ORDINALS[last]
        return words[:-1] + "ieth" if last.endswith("y") else words + "th"

    def year(self, number: int) -> str:
        if 2000 <= number < 2010 or number % 1000 == 0:
            return self.cardinal(number)
        century, rest = divmod(number, 100)
        if rest == 0:
            return f"{self.cardinal(century)} hundred"
        return f"{self.cardinal(century)} {self.pair(rest)}"

    def pair(self, number: int) -> str:
        """Two digits of a year, a house number or a minute: "oh five", "twelve"."""
        return f"oh {_UNITS[number]}" if number < 10 else self.cardinal(number)

    def decimals(self, separator: str, digits: str) -> str:
        return f"{self.words.decimal_words[separator]} {self.spell(digits)}"

    def phone_group(self, group: str) -> str:
        # Toll-free codes are known by these names.
        if len(group) == 3 and group.endswith("00"):
            return self.cardinal(int(group))
        return self.spell(group)

    def whole(self, digits: str, *, feminine: bool = False, counting: bool = False) -> str:
        if digits in _SHORT_CODES:
            return self.spell(digits)
        return super().whole(digits, feminine=feminine, counting=counting)

    def house_number(self, digits: str) -> str:
        """The number of a house as it is said before a street: "twelve thirty-four"."""
        number = int(digits[:6])
        if len(digits) > 4 or digits.startswith("0"):
            return self.spell(digits)
        head, rest = divmod(number, 100)
        if number < 100 or number % 1000 == 0:
            return self.cardinal(number)
        if rest == 0:
            return f"{self.cardinal(head)} hundred"
        return f"{self.cardinal(head)} {self.pair(rest)}"

    def plain(self, digits: str) -> str | None:
        if len(digits) == 4 and 1100 <= int(digits) < 2100:
            return self.year(int(digits))
        return None

    def weekday_range(self, first: str, last: str, before: str) -> str:
        return f"{first} to {last}"

    def time(self, time: ClockTime, before: str) -> str:
        if time.minute == 0 and time.is_certain and time.hour24 in (0, 12):
            return "noon" if time.hour24 == 12 else "midnight"
        return self._clock(time, named=True)

    def _clock(self, time: ClockTime, *, named: bool) -> str:
        hour = self.cardinal(time.hour24 % 12 or 12)
        minute = f" {self.pair(time.minute)}" if time.minute else ""
        if not named:
            return hour + minute
        if time.is_certain:
            return f"{hour}{minute} {'A M' if time.hour24 < 12 else 'P M'}"
        return hour + (minute or " o'clock")

    def time_range(self, start: ClockTime, end: ClockTime, before: str) -> str:
        if not start.is_certain and end.meridiem:
            first = self._clock(start, named=False)
        else:
            first = self.time(start, "").removesuffix(" o'clock")
        last = self.time(end, "").removesuffix(" o'clock")
        return f"{first} to {last}"

    def day(self, number: int, month: int, year: int | None, *, lead: str = "") -> str:
        spoken = f"{self.words.months[month - 1]} {self.ordinal(number)}"
        return f"{spoken}, {self.year(year)}" if year else spoken

    def noun_is_feminine(self, word: str) -> bool | None:
        return False

    def money(self, whole: str, cents: str, currency: Currency) -> str:
        parts: list[str] = []
        if int(whole or 0) or not int(cents or 0):
            parts.append(f"{self.whole(whole or '0')} {currency.unit.of(whole)}")
        if int(cents or 0):
            parts.append(f"{self.cardinal(int(cents))} {currency.cent.of(cents)}")
        return " and ".join(parts)
