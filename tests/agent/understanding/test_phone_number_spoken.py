"""Telephone numbers as people say them."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annie.agent.understanding.phone_number import (
    from_keypad,
    parse_phone_number,
    read_back,
    to_e164,
)
from annie.kit.language import Language

pytestmark = pytest.mark.unit

EN, ES, FR = Language.ENGLISH, Language.SPANISH, Language.FRENCH
GIVEN = "+13125550142"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (EN, "three one two five five five zero one four two"),
        (EN, "it's 312-555-0142"),
        (EN, "(312) 555 0142"),
        (EN, "one three one two, five five five, oh one four two"),
        (EN, "three twelve five fifty-five oh one forty-two"),
        (EN, "three one two, triple five, zero one four two"),
        (EN, "three one two, double five five, oh one forty two"),
        (EN, "My number is 3 1 2 5 5 5 0 1 4 2."),
        (EN, "three one two five five five zero one for two"),
        (EN, "three one two five five five zero one four three, no, two"),
        (EN, "three one three, no, two, five five five, zero one four two"),
        (EN, "five five five zero, sorry, 312 555 0142"),
        (EN, "plus one three one two five five five zero one four two"),
        (EN, "312, five hundred fifty five, 01 42"),
        (ES, "tres uno dos cinco cinco cinco cero uno cuatro dos"),
        (ES, "trescientos doce, quinientos cincuenta y cinco, cero uno, cuarenta y dos"),
        (ES, "tres doce, cinco cincuenta y cinco, cero uno cuarenta y dos"),
        (ES, "mi número es el 312 555 0142"),
        (ES, "tres uno dos, triple cinco, cero uno cuatro dos"),
        (ES, "tres uno dos cinco cinco cinco cero uno cuatro tres, no, dos"),
        (FR, "trois un deux cinq cinq cinq zéro un quatre deux"),
        (FR, "trois cent douze, cinq cent cinquante-cinq, zéro un, quarante-deux"),
        (FR, "c'est le 312 555 01 42"),
        (FR, "trois douze cinq cinquante cinq zéro un quarante deux"),
        (FR, "trois un deux cinq cinq cinq zéro un quatre trois, non, deux"),
    ],
)
def test_a_spoken_number_is_understood(language: Language, text: str) -> None:
    number = parse_phone_number(text, language)
    assert number is not None
    assert number.e164 == GIVEN


def test_french_tens_reach_ninety_nine() -> None:
    number = parse_phone_number(
        "trois cent douze cinq cent cinquante cinq soixante-treize quatre-vingt-dix-neuf", FR
    )
    assert number is not None
    assert number.e164 == "+13125557399"


@pytest.mark.parametrize(
    ("language", "text", "missing"),
    [
        (EN, "five five five zero one four two", 3),
        (EN, "three one two five five five zero one four", 1),
        (ES, "tres uno dos cinco cinco cinco", 4),
        (FR, "trois un deux", 7),
    ],
)
def test_a_partial_number_tells_what_is_missing(
    language: Language, text: str, missing: int
) -> None:
    number = parse_phone_number(text, language)
    assert number is not None
    assert not number.complete
    assert number.missing == missing


def test_a_partial_number_is_completed_by_the_next_turn() -> None:
    first = parse_phone_number("three one two five five five", EN)
    assert first is not None
    second = parse_phone_number("zero one four two", EN, first.digits)
    assert second is not None
    assert second.e164 == GIVEN


@pytest.mark.parametrize("text", ["", "hello there", "I don't have one", "yes please"])
def test_words_without_digits_are_no_number(text: str) -> None:
    assert parse_phone_number(text, EN) is None


@pytest.mark.parametrize("digits", ["1112223333", "31215501", "0000000000", "3121550142"])
def test_impossible_numbers_are_not_accepted(digits: str) -> None:
    assert to_e164(digits) == ""


def test_numbers_of_other_countries_need_their_prefix() -> None:
    assert to_e164("+34612345678") == "+34612345678"
    assert to_e164("0033612345678") == "+33612345678"
    assert to_e164("01133612345678") == "+33612345678"


def test_keypad_digits_are_taken_as_they_are() -> None:
    assert from_keypad("3125550142#").e164 == GIVEN
    assert from_keypad("312555").missing == 4


def test_a_number_is_read_back_in_groups() -> None:
    assert read_back(GIVEN) == "312-555-0142"


_UNITS = {
    EN: "zero one two three four five six seven eight nine".split(),  # noqa: SIM905
    ES: "cero uno dos tres cuatro cinco seis siete ocho nueve".split(),  # noqa: SIM905
    FR: "zéro un deux trois quatre cinq six sept huit neuf".split(),  # noqa: SIM905
}
_EN_TEENS = (
    "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()  # noqa: SIM905
)
_EN_TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905
_ES_TENS = "_ _ veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa".split()  # noqa: SIM905
_ES_TEENS = (
    "diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve".split()  # noqa: SIM905
)
_ES_TWENTIES = [
    "veinte",
    "veintiuno",
    "veintidós",
    "veintitrés",
    "veinticuatro",
    "veinticinco",
    "veintiséis",
    "veintisiete",
    "veintiocho",
    "veintinueve",
]
_FR_TEENS = (
    "dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf".split()  # noqa: SIM905
)
_FR_TENS = "_ _ vingt trente quarante cinquante soixante".split()  # noqa: SIM905


def _pair(value: int, language: Language) -> str:
    """Two digits as one number word, 10 to 99."""
    ten, unit = divmod(value, 10)
    units = _UNITS[language]
    if language is EN:
        return _EN_TEENS[unit] if ten == 1 else _EN_TENS[ten] + (f"-{units[unit]}" if unit else "")
    if language is ES:
        if ten == 1:
            return _ES_TEENS[unit]
        if ten == 2:
            return _ES_TWENTIES[unit]
        return _ES_TENS[ten] + (f" y {units[unit]}" if unit else "")
    if ten == 1:
        return _FR_TEENS[unit]
    if ten == 7:
        return "soixante et onze" if unit == 1 else f"soixante-{_FR_TEENS[unit]}"
    if ten == 8:
        return "quatre-vingts" if unit == 0 else f"quatre-vingt-{units[unit]}"
    if ten == 9:
        return f"quatre-vingt-{_FR_TEENS[unit]}"
    if unit == 1:
        return f"{_FR_TENS[ten]} et un"
    return _FR_TENS[ten] + (f"-{units[unit]}" if unit else "")


def _spoken(digits: str, language: Language, chance: random.Random) -> str:
    """``digits`` said in units and pairs, where a pair can't run into its neighbour."""
    parts: list[str] = []
    place = 0
    while place < len(digits):
        value = int(digits[place : place + 2])
        following = digits[place + 2 : place + 3]
        # "Twenty, three" would be twenty-three, and "quatre, vingt" eighty.
        runs_on = value % 10 == 0 or following in ("", "0") or language is FR
        before = digits[place - 1] if place else ""
        if (
            place + 1 < len(digits)
            and value >= 10
            and chance.random() < 0.5
            and not (value % 10 == 0 and language is not ES)
            and not (runs_on and value % 10 == 0)
            and not (language is FR and before == "4" and value // 10 == 2)
            and not (language is FR and value == 10)
        ):
            parts.append(_pair(value, language))
            place += 2
        else:
            parts.append(_UNITS[language][int(digits[place])])
            place += 1
    return " ".join(parts)


@given(
    language=st.sampled_from(list(Language)),
    area=st.sampled_from(["212", "312", "415", "646", "786", "999"]),
    line=st.integers(0, 9999),
    exchange=st.integers(200, 999),
    seed=st.integers(0, 10_000),
)
def test_every_way_to_say_a_number_gives_its_digits(
    language: Language, area: str, line: int, exchange: int, seed: int
) -> None:
    digits = f"{area}{exchange}{line:04d}"
    spoken = _spoken(digits, language, random.Random(seed))
    number = parse_phone_number(spoken, language)
    assert number is not None
    assert number.digits == digits, spoken
