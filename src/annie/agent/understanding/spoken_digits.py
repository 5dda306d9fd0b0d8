"""Spoken numbers to groups of digits, as people read out telephone numbers.

"five five five" is three groups, "fifty-five" one group of two, "double five" one of
two, "quatre-vingt-dix-neuf" one of two, "five hundred" one of three. Groups matter
for corrections: "no, four" replaces the group before it.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from annie.agent.understanding.words import words
from annie.kit.language import Language


@dataclass(slots=True, frozen=True)
class _Numerals:
    units: dict[str, int]
    teens: dict[str, int]
    tens: dict[str, int]
    #: Words for a full number of hundreds (Spanish), or the word that multiplies (100).
    hundreds: dict[str, int]
    thousand: frozenset[str]
    connectors: frozenset[str]
    repeats: dict[str, int]
    plus: frozenset[str]
    #: Taken as a digit only beside another one: recognizers write "for" and "to".
    homophones: dict[str, int]


def _numbered(names: str, start: int = 0, step: int = 1) -> dict[str, int]:
    table: dict[str, int] = {}
    for position, alternatives in enumerate(names.split()):
        for name in alternatives.split("/"):
            table[name] = start + position * step
    return table


_NUMERALS: Final[dict[Language, _Numerals]] = {
    Language.ENGLISH: _Numerals(
        units=_numbered("zero/oh/o/nought one two three four five six seven eight nine/niner"),
        teens=_numbered(
            "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen", 10
        ),
        tens=_numbered("twenty thirty forty/fourty fifty sixty seventy eighty ninety", 20, 10),
        hundreds={"hundred": 100},
        thousand=frozenset({"thousand"}),
        connectors=frozenset(),
        repeats={"double": 2, "triple": 3},
        plus=frozenset({"plus"}),
        homophones={
            "to": 2,
            "too": 2,
            "for": 4,
            "fore": 4,
            "ate": 8,
            "won": 1,
            "sex": 6,
            "tree": 3,
        },
    ),
    Language.SPANISH: _Numerals(
        units=_numbered("cero uno/un/una dos tres cuatro cinco seis siete ocho nueve"),
        teens=_numbered(
            "diez once doce trece catorce quince dieciseis diecisiete dieciocho diecinueve", 10
        )
        | _numbered(
            "veintiuno/veintiun/veintiuna veintidos veintitres veinticuatro veinticinco veintiseis "
            "veintisiete veintiocho veintinueve",
            21,
        ),
        tens=_numbered("veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa", 20, 10),
        hundreds={"cien": 100, "ciento": 100}
        | _numbered(
            "doscientos/doscientas trescientos/trescientas cuatrocientos/cuatrocientas "
            "quinientos/quinientas seiscientos/seiscientas setecientos/setecientas "
            "ochocientos/ochocientas novecientos/novecientas",
            200,
            100,
        ),
        thousand=frozenset({"mil"}),
        connectors=frozenset({"y"}),
        repeats={"doble": 2, "triple": 3},
        plus=frozenset({"mas"}),
        homophones={"sinco": 5, "sero": 0, "dose": 12, "seys": 6},
    ),
    Language.FRENCH: _Numerals(
        units=_numbered("zero un/une deux trois quatre cinq six sept huit neuf"),
        teens=_numbered("dix onze douze treize quatorze quinze seize", 10),
        tens=_numbered("vingt/vingts trente quarante cinquante soixante", 20, 10)
        | {"septante": 70, "huitante": 80, "octante": 80, "nonante": 90},
        hundreds={"cent": 100, "cents": 100},
        thousand=frozenset({"mille"}),
        connectors=frozenset({"et"}),
        repeats={"double": 2, "triple": 3},
        plus=frozenset({"plus"}),
        homophones={"cette": 7, "set": 7, "sait": 7, "de": 2, "troie": 3, "sis": 6, "uit": 8},
    ),
}

_CORRECTIONS: Final[dict[Language, frozenset[str]]] = {
    Language.ENGLISH: frozenset({"no", "sorry", "mean", "correction", "wait", "rather"}),
    Language.SPANISH: frozenset({"no", "perdon", "digo", "corrijo", "espere", "mejor"}),
    Language.FRENCH: frozenset({"non", "pardon", "plutot", "correction", "attendez", "desole"}),
}
_DIGITS: Final = re.compile(r"\d+")

#: Stands in a list of groups where the speaker corrects what came before.
CORRECTED: Final = "!"
#: Stands where the speaker said "plus", which begins an international number.
PLUS: Final = "+"


def groups(text: str, language: Language) -> list[str]:
    """Digit groups in the order spoken, with ``CORRECTED`` and ``PLUS`` where they were said."""
    if "+" in text:
        text = text.replace("+", " plus " if language is not Language.SPANISH else " mas ")
    tokens = words(text)
    found: list[str] = []
    position = 0
    while position < len(tokens):
        group, used = _group(tokens, position, language)
        if used:
            found.append(group)
            position += used
            continue
        token = tokens[position]
        if token in _NUMERALS[language].plus:
            found.append(PLUS)
        elif token in _CORRECTIONS[language] and found and found[-1] != CORRECTED:
            found.append(CORRECTED)
        position += 1
    return found


def _group(tokens: list[str], position: int, language: Language) -> tuple[str, int]:
    """The digit group that begins at ``position`` and the words it takes; 0 for none."""
    numerals = _NUMERALS[language]
    token = tokens[position]
    if _DIGITS.fullmatch(token):
        return token, 1
    if token in numerals.repeats and position + 1 < len(tokens):
        group, used = _group(tokens, position + 1, language)
        if used and len(group) == 1:
            return group * numerals.repeats[token], used + 1
        return "", 0
    value, used = _value(tokens, position, language)
    if used:
        return str(value), used
    if token in numerals.homophones and _beside_digit(tokens, position, language):
        return str(numerals.homophones[token]), 1
    return "", 0


def _beside_digit(tokens: list[str], position: int, language: Language) -> bool:
    """Whether the words on both sides (or on the one side there is) are numbers."""
    around = [index for index in (position - 1, position + 1) if 0 <= index < len(tokens)]
    return bool(around) and all(_is_number(tokens[index], language) for index in around)


def _is_number(token: str, language: Language) -> bool:
    return _DIGITS.fullmatch(token) is not None or token in _all_names(language)


@cache
def _all_names(language: Language) -> frozenset[str]:
    numerals = _NUMERALS[language]
    return frozenset(
        {*numerals.units, *numerals.teens, *numerals.tens, *numerals.hundreds, *numerals.repeats}
        | {name for name in numerals.homophones if language is not Language.FRENCH or name != "de"}
    )


def _value(tokens: list[str], position: int, language: Language) -> tuple[int, int]:
    numerals = _NUMERALS[language]
    start = position
    total, used = _below_hundred(tokens, position, language)
    position += used
    token = tokens[position] if position < len(tokens) else ""
    if language is Language.SPANISH:
        if not used and token in numerals.hundreds:
            rest, more = _below_hundred(tokens, position + 1, language)
            return numerals.hundreds[token] + rest, 1 + more
    elif token in numerals.hundreds and (not used or 1 <= total <= 9):
        if not used and language is Language.ENGLISH:
            return 0, 0
        rest, more = _below_hundred(tokens, position + 1, language)
        return max(total, 1) * 100 + rest, position + 1 + more - start
    if token in numerals.thousand and used and 1 <= total <= 99:
        return total * 1000, position + 1 - start
    return total, used


def _below_hundred(tokens: list[str], position: int, language: Language) -> tuple[int, int]:
    numerals = _NUMERALS[language]
    if position >= len(tokens):
        return 0, 0
    word = tokens[position]
    following = tokens[position + 1] if position + 1 < len(tokens) else ""
    base, used = 0, 0
    if language is Language.FRENCH and word == "quatre" and following in ("vingt", "vingts"):
        base, used = 80, 2
    elif word in numerals.tens:
        base, used = numerals.tens[word], 1
    elif word in numerals.teens:
        ten = numerals.teens[word]
        if language is Language.FRENCH and ten == 10:
            unit = numerals.units.get(following, 0)
            if unit in (7, 8, 9):
                return 10 + unit, 2
        return ten, 1
    elif word in numerals.units:
        return numerals.units[word], 1
    else:
        return 0, 0
    rest, more = _unit_after_ten(tokens, position + used, base, language)
    return base + rest, used + more


def _unit_after_ten(
    tokens: list[str], position: int, base: int, language: Language
) -> tuple[int, int]:
    numerals = _NUMERALS[language]
    joined = 0
    if position < len(tokens) and tokens[position] in numerals.connectors:
        joined = 1
    elif language is Language.SPANISH:
        # Without "y" the next word is a group of its own: "cincuenta cinco".
        return 0, 0
    if position + joined >= len(tokens):
        return 0, 0
    word = tokens[position + joined]
    if language is Language.FRENCH and base in (60, 80) and word in numerals.teens:
        value, used = _below_hundred(tokens, position + joined, language)
        return value, used + joined
    unit = numerals.units.get(word, 0)
    return (unit, 1 + joined) if unit else (0, 0)
