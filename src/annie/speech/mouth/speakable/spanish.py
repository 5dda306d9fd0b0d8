"""How things are said in Spanish, as understood in the Americas and in Spain."""

import re
from typing import Final

from annie.speech.mouth.speakable.grammar import ClockTime, Grammar
from annie.speech.mouth.speakable.lexicon import Currency, listed
from annie.speech.mouth.speakable.spanish_words import LEXICON

_UNITS: Final = listed(
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince "
    "dieciséis diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés "
    "veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve"
)
_TENS: Final = listed("- - - treinta cuarenta cincuenta sesenta setenta ochenta noventa")
_HUNDREDS: Final = listed(
    "- ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos "
    "ochocientos novecientos"
)
_ORDINALS: Final = listed(
    "- primero segundo tercero cuarto quinto sexto séptimo octavo noveno décimo undécimo duodécimo"
)

_FEMININE: Final = re.compile(
    r"(?:.+(?:as?|ción|ciones|sión|siones|dad|dades|tud|tudes)"
    r"|noches?|tardes?|veces|vez|llaves?|partes?|calles?|clases?|redes|red|manos?|imágenes|imagen"
    r"|sedes?|leyes|ley|flores|flor|luces|luz|madres?|mujeres|mujer)",
    re.IGNORECASE,
)
_MASCULINE: Final = frozenset(
    listed(
        "día días mapa mapas problema problemas programa programas sistema sistemas tema temas "
        "idioma idiomas planeta planetas poeta poetas gas"
    )
)
_NO_NOUN: Final = frozenset(
    listed(
        "a al ante con contra cuando de del desde e el en entre es está están fue ha hasta la las "
        "lo los más me menos ni no o para pero por que se si sin sobre son su sus te tiene u un "
        "una y ya hay estará será cada como"
    )
)
_AFTER_PREPOSITION: Final = re.compile(r"\b(?:de|a|entre|y|o|las?)\s*$", re.IGNORECASE)
_AFTER_ARTICLE: Final = re.compile(r"\blas?\s*$", re.IGNORECASE)
_AFTER_DE: Final = re.compile(r"\b(?:de|desde|entre)(?: las?)?\s*$", re.IGNORECASE)


class SpanishGrammar(Grammar):
    """Spanish: the clock is said in twelve hours with the part of the day."""

    words = LEXICON
    digits = tuple(_UNITS[:10])
    number_words = frozenset((*_UNITS, *_TENS[3:], *_HUNDREDS[1:], "cien", "mil", "una", "y"))

    def cardinal(self, number: int, *, feminine: bool = False, counting: bool = False) -> str:
        words = self._words(number, feminine=feminine)
        if not counting or feminine:
            return words
        if words.endswith("veintiuno"):
            return words.removesuffix("uno") + "ún"
        return words.removesuffix("o") if words.endswith("uno") else words

    def _words(self, number: int, *, feminine: bool) -> str:
        if number < 30:
            word = _UNITS[number]
            return word[:-1] + "a" if feminine and word.endswith("uno") else word
        if number < 100:
            tens, rest = divmod(number, 10)
            return (
                f"{_TENS[tens]} y {self._words(rest, feminine=feminine)}" if rest else _TENS[tens]
            )
        if number == 100:
            return "cien"
        if number < 1000:
            head, rest = divmod(number, 100)
            spoken = _HUNDREDS[head]
            if feminine and head > 1:
                spoken = spoken[:-2] + "as"
        elif number < 10**6:
            head, rest = divmod(number, 1000)
            count = self.cardinal(head, feminine=feminine, counting=True)
            spoken = "mil" if head == 1 else f"{count} mil"
        else:
            scale, one, many = (
                (10**12, "billón", "billones")
                if number >= 10**12
                else (10**6, "millón", "millones")
            )
            head, rest = divmod(number, scale)
            spoken = f"{self.cardinal(head, counting=True)} {one if head == 1 else many}"
        return f"{spoken} {self._words(rest, feminine=feminine)}" if rest else spoken

    def ordinal(self, number: int, *, feminine: bool = False) -> str:
        if not 0 < number < len(_ORDINALS):
            return self.cardinal(number, feminine=feminine)
        word = _ORDINALS[number]
        return word[:-1] + "a" if feminine else word

    def ordinal_written(self, number: int, ending: str, *, counting: bool) -> str:
        words = super().ordinal_written(number, ending, counting=counting)
        if number in (1, 3) and words.endswith("o") and (ending == "er" or counting):
            return words[:-1]
        return words

    def weekday_range(self, first: str, last: str, before: str) -> str:
        return f"{'' if _AFTER_DE.search(before) else 'de '}{first} a {last}"

    def year(self, number: int) -> str:
        return self.cardinal(number)

    def time(self, time: ClockTime, before: str) -> str:
        spoken = self._clock(time)
        if _AFTER_PREPOSITION.search(before):
            return spoken
        return f"{self._article(time)} {spoken}"

    @staticmethod
    def _article(time: ClockTime) -> str:
        return "la" if time.hour24 % 12 == 1 else "las"

    def _clock(self, time: ClockTime, *, part: bool = True) -> str:
        hour = self.cardinal(time.hour24 % 12 or 12, feminine=True)
        minute = {0: "", 15: " y cuarto", 30: " y media"}.get(
            time.minute, f" y {self.cardinal(time.minute)}"
        )
        if not part or not time.is_certain:
            return hour + minute
        return f"{hour}{minute} {self._part_of_day(time)}"

    @staticmethod
    def _part_of_day(time: ClockTime) -> str:
        if time.hour24 == 12 and time.minute == 0:
            return "del mediodía"
        for until, name in ((1, "de la noche"), (6, "de la madrugada"), (12, "de la mañana")):
            if time.hour24 < until:
                return name
        return "de la tarde" if time.hour24 < 20 else "de la noche"

    def time_range(self, start: ClockTime, end: ClockTime, before: str) -> str:
        if not start.is_certain and end.meridiem:
            start = ClockTime(start.hour, start.minute)
        lead = "" if _AFTER_DE.search(before) else "de "
        joint = "y" if re.search(r"\bentre(?: las?)?\s*$", before, re.IGNORECASE) else "a"
        if _AFTER_ARTICLE.search(before):
            joint += f" {self._article(end)}"
        return f"{lead}{self._clock(start)} {joint} {self._clock(end)}"

    def day(self, number: int, month: int, year: int | None, *, lead: str = "") -> str:
        day = "primero" if number == 1 else self.cardinal(number)
        spoken = f"{day} de {self.words.months[month - 1]}"
        return f"{spoken} de {self.year(year)}" if year else spoken

    def noun_is_feminine(self, word: str) -> bool | None:
        lower = word.lower()
        if not lower or lower in _NO_NOUN or len(lower) < 3:
            return None
        return lower not in _MASCULINE and _FEMININE.fullmatch(lower) is not None

    def money(self, whole: str, cents: str, currency: Currency) -> str:
        parts: list[str] = []
        unit, cent = currency.unit, currency.cent
        if int(whole or 0) or not int(cents or 0):
            count = self.whole(whole or "0", feminine=unit.feminine, counting=True)
            parts.append(self.magnitude(count, unit.of(whole)))
        if int(cents or 0):
            parts.append(f"{self.cardinal(int(cents), counting=True)} {cent.of(cents)}")
        return " con ".join(parts)

    def magnitude(self, large: str, noun: str) -> str:
        return f"{large} de {noun}" if large.endswith(("llón", "llones")) else f"{large} {noun}"

    def trusts_decimal(self, separator: str) -> bool:
        # In most of the Americas the comma groups thousands, and three decimals are rare.
        return False
