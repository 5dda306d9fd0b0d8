"""Telephone numbers that callers say or dial."""

from dataclasses import dataclass
from typing import Final

import phonenumbers

from annie.agent.understanding.spoken_digits import CORRECTED, PLUS, groups
from annie.kit.language import Language

REGION: Final = "US"
#: Digits of a number of the North American plan.
_NATIONAL: Final = 10


@dataclass(slots=True, frozen=True)
class SpokenNumber:
    """What was understood. ``e164`` is empty unless ``digits`` make a possible number.

    ``missing`` says how many digits a national number still lacks (0 when complete, or
    when there are too many).
    """

    digits: str
    e164: str = ""
    missing: int = 0

    @property
    def complete(self) -> bool:
        """Whether it can be called."""
        return bool(self.e164)


def parse_phone_number(text: str, language: Language, before: str = "") -> SpokenNumber | None:
    """The telephone number in ``text``; None when it holds none, or one lone digit.

    ``before`` are digits understood in an earlier turn, which these may complete.
    """
    found = groups(text, language)
    spoken = sum(len(group) for group in found if group.isdigit())
    if spoken == 0 or (spoken == 1 and not before):
        # "I don't have one" isn't the digit one.
        return None
    candidates = [*_corrected(found)]
    for digits in candidates:
        if number := to_e164(digits):
            return SpokenNumber(digits, number)
    if before:
        for digits in candidates:
            joined = before + digits.lstrip("+")
            if number := to_e164(joined):
                return SpokenNumber(joined, number)
        if all(len(digits) < 7 for digits in candidates):
            return _partial(before + candidates[0].lstrip("+"))
    return _partial(candidates[0])


def from_keypad(digits: str) -> SpokenNumber:
    """The number dialled as ``digits`` (keys 0 to 9; ``*`` and ``#`` are ignored)."""
    kept = "".join(key for key in digits if key.isdigit())
    number = to_e164(kept)
    return SpokenNumber(kept, number) if number else _partial(kept)


def to_e164(digits: str) -> str:
    """``digits`` (national, or with ``+``, 00 or 011) as E.164, empty if impossible."""
    if not digits.startswith("+"):
        if digits.startswith("011") and len(digits) > 11:
            digits = "+" + digits[3:]
        elif digits.startswith("00") and len(digits) > 10:
            digits = "+" + digits[2:]
        elif len(digits) == _NATIONAL + 1 and digits.startswith("1"):
            digits = "+" + digits
        elif len(digits) != _NATIONAL:
            return ""
    try:
        number = phonenumbers.parse(digits, REGION)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    national = str(number.national_number)
    if number.country_code == 1 and (national[0] in "01" or national[3] in "01"):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def read_back(e164: str) -> str:
    """``e164`` as one writes it, in the groups people say: ``312-555-0142``."""
    number = phonenumbers.parse(e164, REGION)
    if number.country_code == 1:
        national = str(number.national_number)
        return f"{national[:3]}-{national[3:6]}-{national[6:]}"
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _partial(digits: str) -> SpokenNumber:
    national = digits.lstrip("+")
    if len(national) > _NATIONAL or digits.startswith("+"):
        return SpokenNumber(digits)
    return SpokenNumber(digits, "", _NATIONAL - len(national))


def _corrected(found: list[str]) -> list[str]:
    """Readings of the digit groups, likeliest first; a correction can be meant in three ways."""
    parts: list[list[str]] = [[]]
    for group in found:
        if group == CORRECTED:
            if parts[-1]:
                parts.append([])
        else:
            parts[-1].append(group)
    parts = [part for part in parts if any(group.isdigit() for group in part)]
    readings = [parts[0]]
    for part in parts[1:]:
        readings = [reading for earlier in readings[:8] for reading in _replacements(earlier, part)]
    texts = dict.fromkeys(_text(reading) for reading in readings)
    return list(texts)


def _replacements(earlier: list[str], part: list[str]) -> list[list[str]]:
    whole = part
    first = _cut(earlier, len(part[0])) + part
    tail = _cut(earlier, sum(len(group) for group in part)) + part
    if len(_text(part)) >= 7:
        return [whole, first, tail]
    return [tail, first, whole] if len(part) == 1 else [first, tail, whole]


def _cut(earlier: list[str], count: int) -> list[str]:
    text = _text(earlier)
    return [text[: max(len(text) - count, 0)]]


def _text(reading: list[str]) -> str:
    text = "".join("+" if group == PLUS else group for group in reading)
    # A plus means something only in front.
    return text[0] + text[1:].replace("+", "") if text else ""
