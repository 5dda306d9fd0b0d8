"""Times of day, and from one to another."""

import re
from typing import Final

from annie.speech.mouth.speakable.grammar import ClockTime, Grammar


def _pattern(number: int) -> str:
    return (
        rf"(?P<hour{number}>\d{{1,2}})"
        rf"(?::(?P<minute{number}>[0-5]\d)(?::[0-5]\d)?(?:\s?(?:hrs|hr|h)\b\.?)?"
        rf"|(?P<sign{number}>\s?h)(?:\s?(?P<after{number}>[0-5]\d)(?!\s?mi?n))?)?"
        rf"(?:\s?(?P<meridiem{number}>[ap])(?:\.\s?m\.?|m\.?))?(?![\w:])"
    )


_START: Final = r"(?<![\w.,:/$€£-])"
_RANGE: Final = re.compile(rf"{_START}{_pattern(1)}\s?[-–—]\s?{_pattern(2)}", re.IGNORECASE)
_SINGLE: Final = re.compile(rf"{_START}{_pattern(1)}", re.IGNORECASE)
_SENTENCE: Final = re.compile(r"\s*$|\s+[^\Wa-zß-öø-ÿ_]|\s+[¿¡\"]")
_DOTTED: Final = re.compile(r"\.\s?m\.$", re.IGNORECASE)


def rewrite(text: str, grammar: Grammar) -> str:
    """Times such as 9:30, 9:30 AM, 14h30 and their ranges, in the clock of the language."""
    text = _RANGE.sub(lambda found: _range(found, grammar), text)
    return _SINGLE.sub(lambda found: _single(found, grammar), text)


def _range(found: re.Match[str], grammar: Grammar) -> str:
    start, end = _time(found, 1), _time(found, 2)
    if start is None or end is None or not _is_marked(found, 2):
        return found[0]
    if not _is_marked(found, 1) and not found["meridiem2"]:
        return found[0]
    return grammar.time_range(start, end, _before(found)) + _stop(found)


def _single(found: re.Match[str], grammar: Grammar) -> str:
    time = _time(found, 1)
    # "14 h" may as well be a duration, which is said in the same words.
    only_sign = found["sign1"] and not found["after1"]
    if time is None or not _is_marked(found, 1) or only_sign:
        return found[0]
    return grammar.time(time, _before(found)) + _stop(found)


def _is_marked(found: re.Match[str], number: int) -> bool:
    """Whether there is more than a bare figure."""
    return any(found[f"{name}{number}"] for name in ("minute", "sign", "meridiem"))


def _time(found: re.Match[str], number: int) -> ClockTime | None:
    written = found[f"hour{number}"]
    hour = int(written)
    minute = int(found[f"minute{number}"] or found[f"after{number}"] or 0)
    meridiem = (found[f"meridiem{number}"] or "").lower()
    if hour > 23 or (meridiem and hour > 12):
        # 14:30 PM is written by mistake often enough; the hour says it all.
        if hour > 23:
            return None
        meridiem = ""
    padded = len(written) == 2 and written.startswith("0") and not meridiem
    return ClockTime(hour, minute, meridiem, padded)


def _before(found: re.Match[str]) -> str:
    return found.string[max(found.start() - 16, 0) : found.start()]


def _stop(found: re.Match[str]) -> str:
    """The full stop of "p.m." when it also ends the sentence, as that of "PM." always does."""
    written = found[0]
    if not written.endswith("."):
        return ""
    ends = not _DOTTED.search(written) or _SENTENCE.match(found.string, found.end())
    return "." if ends else ""
