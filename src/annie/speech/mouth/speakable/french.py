"""How things are said in French."""

import re
from typing import Final

from annie.speech.mouth.speakable.french_words import LEXICON
from annie.speech.mouth.speakable.grammar import ClockTime, Grammar
from annie.speech.mouth.speakable.lexicon import Currency, listed

_UNITS: Final = listed(
    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze "
    "seize dix-sept dix-huit dix-neuf"
)
_TENS: Final = listed(
    "- - vingt trente quarante cinquante soixante soixante quatre-vingt quatre-vingt"
)
_SCALES: Final = ((10**12, "billion"), (10**9, "milliard"), (10**6, "million"))

_FEMININE: Final = re.compile(
    r"(?:.+(?:tion|sion|ité|ette|ée|ance|ence|ure|esse|aison|ille|elle)s?"
    r"|heures?|minutes?|secondes?|personnes?|semaines?|fois|chambres?|tables?|places?|rues?|nuits?"
    r"|visites?|séances?|questions?|pages?|tonnes?|lignes?|suites?|portes?|adresses?|pièces?"
    r"|clés?|cartes?|dates?|livres?|voitures?|dents?|boîtes?|bouteilles?|tasses?|parts?|marches?"
    r"|nuitées?|copies?|clientes?|filles?|femmes?|dames?|centaines?|douzaines?)",
    re.IGNORECASE,
)
_MASCULINE: Final = frozenset(listed("musée musées lycée lycées silence silences trophée mille"))
_AFTER_FROM: Final = re.compile(r"\b(?:de|entre|dès)\s*$", re.IGNORECASE)


class FrenchGrammar(Grammar):
    """French: 24-hour clock, phone numbers of France in pairs."""

    words = LEXICON
    reads_pairs = True
    digits = tuple(_UNITS[:10])
    number_words = frozenset(
        (*_UNITS, *_TENS[2:7], "dix", "quatre", "cent", "cents", "mille", "et")
    )

    def cardinal(self, number: int, *, feminine: bool = False, counting: bool = False) -> str:
        words = self._words(number, last=True)
        return words + "e" if feminine and re.search(r"(?:^|[ -])un$", words) else words

    def _words(self, number: int, *, last: bool) -> str:
        """``last``: nothing follows, so "vingts" and "cents" take their s."""
        if number < 20:
            return _UNITS[number]
        if number < 100:
            tens, rest = divmod(number, 10)
            if tens in (7, 9):
                rest += 10
            if rest == 0:
                return f"{_TENS[tens]}s" if tens == 8 and last else _TENS[tens]
            if rest in (1, 11) and tens < 8:
                return f"{_TENS[tens]} et {_UNITS[rest]}"
            return f"{_TENS[tens]}-{_UNITS[rest]}"
        if number < 1000:
            head, rest = divmod(number, 100)
            spoken = "cent" if head == 1 else f"{_UNITS[head]} cent"
            if head > 1 and rest == 0 and last:
                spoken += "s"
        elif number < 10**6:
            head, rest = divmod(number, 1000)
            spoken = "mille" if head == 1 else f"{self._words(head, last=False)} mille"
        else:
            scale, name = next(pair for pair in _SCALES if number >= pair[0])
            head, rest = divmod(number, scale)
            spoken = f"{self._words(head, last=True)} {name}{'s' if head > 1 else ''}"
        return f"{spoken} {self._words(rest, last=last)}" if rest else spoken

    def ordinal(self, number: int, *, feminine: bool = False) -> str:
        if number == 1:
            return "première" if feminine else "premier"
        words = self._words(number, last=False)
        if words.endswith("cinq"):
            return words + "uième"
        if words.endswith("neuf"):
            return words[:-1] + "vième"
        return (words[:-1] if words.endswith("e") else words) + "ième"

    def ordinal_written(self, number: int, ending: str, *, counting: bool) -> str:
        if ending in ("nd", "nde"):
            return f"secon{ending[1:]}"
        return super().ordinal_written(number, ending, counting=counting)

    def weekday_range(self, first: str, last: str, before: str) -> str:
        if re.search(r"\b(?:du|de)\s*$", before, re.IGNORECASE):
            return f"{first} au {last}"
        return f"du {first} au {last}"

    def year(self, number: int) -> str:
        return self.cardinal(number)

    def phone_group(self, group: str) -> str:
        if len(group) == 2 and not group.startswith("0"):
            return self.cardinal(int(group))
        return self.spell(group)

    def time(self, time: ClockTime, before: str) -> str:
        hour = time.hour24
        if time.minute == 0 and hour in (0, 12) and (time.meridiem or hour == 12 or time.padded):
            return "midi" if hour == 12 else "minuit"
        spoken = f"{self.cardinal(hour, feminine=True)} {'heure' if hour < 2 else 'heures'}"
        return f"{spoken} {self.cardinal(time.minute, feminine=True)}" if time.minute else spoken

    def time_range(self, start: ClockTime, end: ClockTime, before: str) -> str:
        if not start.is_certain and end.meridiem == "p" and start.hour < end.hour % 12:
            start = ClockTime(start.hour, start.minute, "p")
        between = re.search(r"\bentre\s*$", before, re.IGNORECASE)
        lead = "" if _AFTER_FROM.search(before) else "de "
        return f"{lead}{self.time(start, '')} {'et' if between else 'à'} {self.time(end, '')}"

    def day(self, number: int, month: int, year: int | None, *, lead: str = "") -> str:
        day = "premier" if number == 1 else self.cardinal(number)
        spoken = f"{day} {self.words.months[month - 1]}"
        return f"{spoken} {self.year(year)}" if year else spoken

    def noun_is_feminine(self, word: str) -> bool | None:
        lower = word.lower()
        if len(lower) < 3:
            return None
        return lower not in _MASCULINE and _FEMININE.fullmatch(lower) is not None

    def money(self, whole: str, cents: str, currency: Currency) -> str:
        unit = currency.unit
        count = self.whole(whole or "0", feminine=unit.feminine)
        name = unit.one if int(whole or 0) < 2 else unit.many
        spoken = self.magnitude(count, name)
        # A Frenchman leaves the centimes unnamed: "vingt-neuf euros cinquante".
        if not int(cents or 0):
            return spoken
        if not int(whole or 0):
            return f"{self.cardinal(int(cents))} {currency.cent.of(cents)}"
        return f"{spoken} {self.cardinal(int(cents))}"

    def magnitude(self, large: str, noun: str) -> str:
        if not re.search(r"(?:illion|illiard)s?$", large):
            return f"{large} {noun}"
        return f"{large} d'{noun}" if noun[0] in "aeiou" else f"{large} de {noun}"
