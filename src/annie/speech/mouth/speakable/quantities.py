"""Ordinals, fractions, percentages, measures and ranges."""

import re
from functools import cache
from typing import Final

from annie.speech.mouth.speakable.grammar import Grammar

_FRACTION: Final = re.compile(
    r"(?<![\w/.,])(?:(?P<whole>\d{1,4})[ ]{1,2})?(?P<part>\d/\d)(?![\w/]|[.,]\d)"
)
_NEXT_WORD: Final = re.compile(r"\s+([^\W\d_]+)")
_MINUS: Final = re.compile(r"(?<![^\s(])-(?=\d)")


def rewrite(text: str, grammar: Grammar) -> str:
    """Numbers that come with an ending, a unit or a partner."""
    return _patterns(grammar).rewrite(text)


@cache
def _patterns(grammar: Grammar) -> "_Patterns":
    return _Patterns(grammar)


class _Patterns:
    """Expressions of one language's endings and units."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        words = grammar.words
        number = f"(?:{words.number_pattern})"
        endings = "|".join(sorted(words.ordinal_endings, key=len, reverse=True))
        # "9 a 5" is no ordinal, but "2 ª" and "3.ª" are.
        space = r"(?:\s?\.?(?=[ºª]))?"
        self._ordinal = re.compile(
            rf"(?<![\w.,$€£])(?P<number>\d{{1,3}}(?:,\d{{3}})*|\d{{1,6}}){space}"
            rf"(?P<ending>{endings})(?!\w)",
            re.IGNORECASE,
        )
        self._range = re.compile(
            rf"(?<![\w.,/-])(?P<first>{number})(?:\s?[–—]\s?|-|\s-\s)(?={number}(?![\w/-]*-))"
        )
        units = "|".join(re.escape(unit) for unit in sorted(words.units, key=len, reverse=True))
        self._unit = re.compile(
            rf"(?<![\w.,])(?P<number>{number})(?:\s|-)?(?P<unit>{units})(?![\w/²])"
            r"(?:(?<=[a-z])\.(?=\s+[a-zß-ÿ]|[,;]))?"
        )
        self._percent = re.compile(rf"(?<![\w.,])(?P<number>{number})\s?%")

    def rewrite(self, text: str) -> str:
        text = _FRACTION.sub(self._fraction, text)
        text = self._ordinal.sub(self._say_ordinal, text)
        text = _MINUS.sub(f"{self._grammar.words.minus} ", text)
        text = self._range.sub(self._say_range, text)
        text = self._percent.sub(
            lambda found: f"{self._grammar.number(found['number'])} {self._grammar.words.percent}",
            text,
        )
        return self._unit.sub(self._say_unit, text)

    def _fraction(self, found: re.Match[str]) -> str:
        words, part, whole = self._grammar.words, found["part"], found["whole"]
        if part not in words.fractions:
            top, bottom = (self._grammar.cardinal(int(digit)) for digit in part.split("/"))
            spoken = f"{top} {words.over} {bottom}"
            return f"{self._grammar.whole(whole)} {spoken}" if whole else spoken
        if whole:
            return f"{self._grammar.whole(whole)} {words.half_after_number[part]}"
        return words.fractions[part]

    def _say_ordinal(self, found: re.Match[str]) -> str:
        number = int(found["number"].replace(",", ""))
        ending = found["ending"].lower()
        following = _NEXT_WORD.match(found.string, found.end())
        counting = bool(following) and self._grammar.noun_is_feminine(following[1]) is False
        return self._grammar.ordinal_written(number, ending, counting=counting)

    def _say_range(self, found: re.Match[str]) -> str:
        return f"{self._grammar.number(found['first'])} {self._grammar.words.to} "

    def _say_unit(self, found: re.Match[str]) -> str:
        noun = self._grammar.words.units[found["unit"]]
        count = self._grammar.number(found["number"], feminine=noun.feminine, counting=True)
        return f"{count} {noun.of(found['number'])}"
