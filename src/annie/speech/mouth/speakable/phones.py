"""Phone numbers: digit by digit in the groups people use, a pause between them."""

import re
from typing import Final

import phonenumbers

from annie.speech.mouth.speakable.grammar import Grammar

_EXTENSION: Final = r"(?:,?\s*(?:ext\.?|x|extension|extensión|poste)\s*(?P<extension>\d{1,6}))?"
_END: Final = r"(?!\w|[-.]\d)"
_INTERNATIONAL: Final = re.compile(
    rf"(?<![\w+])\+(?P<number>\d(?:(?:[ .-]| ?\(|\) ?)?\d){{6,14}}){_EXTENSION}{_END}",
    re.IGNORECASE,
)
_NANP: Final = re.compile(
    r"(?<![\w+$€£.,/-])(?P<trunk>1[ .-]?)?\(?(?P<area>[2-9]\d\d)(?:\)[ ]?|[ .-])(?P<exchange>\d{3})"
    rf"[ .-](?P<line>\d{{4}}){_EXTENSION}{_END}",
    re.IGNORECASE,
)
_NANP_BARE: Final = re.compile(
    rf"(?<![\w+$€£.,/-])[2-9]\d\d[2-9]\d{{6}}{_EXTENSION}{_END}", re.IGNORECASE
)
_LOCAL: Final = re.compile(rf"(?<![\w+$€£.,/-])([2-9]\d\d)-(\d{{4}}){_END}")
_FRENCH: Final = re.compile(rf"(?<![\w+$€£.,/-])0[1-9](?:[ .-]?\d\d){{4}}{_END}")
_SPANISH: Final = re.compile(
    rf"(?<![\w+$€£.,/-])(?<!\d )(?:[6-9]\d\d(?:([ -])\d{{3}}\1\d{{3}}|([ -])\d\d\2\d\d\2\d\d)"
    rf"|[89]\d([ -])\d{{3}}\3\d\d\3\d\d){_END}(?! \d{{3}}\b)"
)
_NO_DIGIT: Final = re.compile(r"\D+")


def rewrite(text: str, grammar: Grammar) -> str:
    """Phone numbers in ``text`` as digit words, groups parted by commas.

    Numbers of the North American plan lose their ``+1`` and go 3-3-4; French ones go
    in pairs; others in the groups of their country.
    """
    text = _INTERNATIONAL.sub(lambda found: _international(found, grammar), text)
    text = _NANP.sub(lambda found: _nanp(found, grammar), text)
    text = _NANP_BARE.sub(
        lambda found: _groups(_cut(found[0][:10], 3, 3, 4), found["extension"], grammar), text
    )
    text = _FRENCH.sub(lambda found: _french(_NO_DIGIT.sub("", found[0]), grammar), text)
    if not grammar.reads_pairs:
        text = _SPANISH.sub(lambda found: _groups(_NO_DIGIT.split(found[0]), None, grammar), text)
    return _LOCAL.sub(lambda found: _groups([found[1], found[2]], None, grammar), text)


def _cut(digits: str, *sizes: int) -> list[str]:
    groups: list[str] = []
    for size in sizes:
        groups.append(digits[:size])
        digits = digits[size:]
    return groups


def _groups(groups: list[str], extension: str | None, grammar: Grammar) -> str:
    spoken = ", ".join(grammar.phone_group(group) for group in groups)
    return (
        f"{spoken}, {grammar.words.extension} {grammar.spell(extension)}" if extension else spoken
    )


def _french(digits: str, grammar: Grammar) -> str:
    return _groups(_cut(digits, 2, 2, 2, 2, 2), None, grammar)


def _nanp(found: re.Match[str], grammar: Grammar) -> str:
    area = found["area"]
    groups = [area, found["exchange"], found["line"]]
    # "One eight hundred" is how a toll-free number is known; other trunk prefixes aren't said.
    if found["trunk"] and area in ("800", "888", "877", "866", "855", "844", "833"):
        groups.insert(0, "1")
    return _groups(groups, found["extension"], grammar)


def _international(found: re.Match[str], grammar: Grammar) -> str:
    digits = _NO_DIGIT.sub("", found["number"])
    extension = found["extension"]
    if digits.startswith("1") and len(digits) == 11:
        return _groups(_cut(digits[1:], 3, 3, 4), extension, grammar)
    try:
        parsed = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return f"{grammar.words.symbols['+']} {_groups(_threes(digits), extension, grammar)}"
    if grammar.reads_pairs and parsed.country_code == 33 and len(digits) == 11:
        return _french(f"0{digits[2:]}", grammar)
    written = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    code, _, rest = written.lstrip("+").partition(" ")
    groups = [group for group in _NO_DIGIT.split(rest) if group] or _threes(digits[len(code) :])
    country = grammar.cardinal(int(code))
    return f"{grammar.words.symbols['+']} {country}, {_groups(groups, extension, grammar)}"


def _threes(digits: str) -> list[str]:
    return [digits[start : start + 3] for start in range(0, len(digits), 3)]
