"""Abbreviations, titles, and names spelled letter by letter."""

import re
from functools import cache
from typing import Final

from annie.speech.mouth.speakable.grammar import Grammar

_CAPITAL: Final = r"[^\W\d_a-zß-öø-ÿ]"
_SENTENCE: Final = re.compile(rf"\s*$|\s+[¿¡\"'(]?{_CAPITAL}")
_SPELLED: Final = re.compile(r"(?<![\w-])\w(?:-\w){2,}(?![\w-])")
_NUMBER_SIGN: Final = re.compile(r"\b[Nn]o\.\s?(?=#?\d)")


def rewrite(text: str, grammar: Grammar) -> str:
    """Abbreviations in full; "S-M-I-T-H" as single letters with pauses."""
    text = _SPELLED.sub(lambda found: _letters(found[0], grammar), text)
    text = _NUMBER_SIGN.sub(f"{grammar.words.symbols['#']} ", text)
    text = _titles(grammar).sub(lambda found: grammar.words.titles[found[0]], text)
    return _others(grammar).sub(lambda found: _expand(found, grammar), text)


def _letters(written: str, grammar: Grammar) -> str:
    return ", ".join(
        grammar.digits[int(sign)] if sign.isdecimal() else sign.upper()
        for sign in written.split("-")
    )


@cache
def _titles(grammar: Grammar) -> re.Pattern[str]:
    return re.compile(rf"{_either(grammar.words.titles)}(?=\s*{_CAPITAL}|\s(?:and|y|et|&)\s)")


@cache
def _others(grammar: Grammar) -> re.Pattern[str]:
    return re.compile(rf"{_either(grammar.words.abbreviations)}(?!\w)")


def _either(names: dict[str, str]) -> str:
    longest_first = sorted(names, key=len, reverse=True)
    # An ending with a letter must also be the end of the word.
    options = (re.escape(name) + (r"\b" if name[-1].isalpha() else "") for name in longest_first)
    return rf"(?<![\w.])(?:{'|'.join(options)})"


def _expand(found: re.Match[str], grammar: Grammar) -> str:
    words = grammar.words.abbreviations[found[0]]
    if not found[0].endswith("."):
        return words
    rest = found.string[found.end() : found.end() + 8]
    if not rest.strip():
        return f"{words}."
    ends = found[0] in grammar.words.closing and _SENTENCE.match(rest)
    return f"{words}." if ends else words
