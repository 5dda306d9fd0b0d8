"""Every number that nothing else has taken."""

import re
from functools import cache
from typing import Final

from annie.speech.mouth.speakable.grammar import Grammar

_DECADE: Final = re.compile(r"(?<![\w.,'])'?(\d0|\d{3}0)'?s\b")
_NEXT_WORD: Final = re.compile(r"\s+([^\W\d_]+)")
_REST: Final = re.compile(r"\d+")


def rewrite(text: str, grammar: Grammar) -> str:
    """Numbers in words; in Spanish and French they agree with the noun behind them."""
    if not grammar.words.day_first:
        text = _DECADE.sub(lambda found: _decade(found[1], grammar), text)
    text = _alone(grammar).sub(lambda found: _count(found, grammar), text)
    return _REST.sub(lambda found: f" {_code(found[0], grammar)} ", text)


@cache
def _alone(grammar: Grammar) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.,])(?:{grammar.words.number_pattern})(?![^\W_])")


def _decade(digits: str, grammar: Grammar) -> str:
    words = grammar.year(int(digits)) if len(digits) == 4 else grammar.cardinal(int(digits))
    return f"{words[:-1]}ies" if words.endswith("y") else f"{words}s"


def _count(found: re.Match[str], grammar: Grammar) -> str:
    written = found[0]
    if written.isdecimal():
        special = grammar.plain(written)
        if special is not None:
            return special
        if len(written) > 4 and not written.endswith("00"):
            return _code(written, grammar)
    following = _NEXT_WORD.match(found.string, found.end())
    feminine = grammar.noun_is_feminine(following[1]) if following else None
    return grammar.number(written, feminine=bool(feminine), counting=feminine is not None)


def _code(digits: str, grammar: Grammar) -> str:
    """Digits of a code: a short one as a number, a long one digit by digit in threes."""
    if len(digits) <= 2:
        return grammar.whole(digits)
    if len(digits) <= 5:
        return grammar.spell(digits)
    groups = [digits[start : start + 3] for start in range(0, len(digits), 3)]
    if len(groups[-1]) == 1:
        groups[-2:] = ["".join(groups[-2:])]
    return ", ".join(grammar.spell(group) for group in groups)
