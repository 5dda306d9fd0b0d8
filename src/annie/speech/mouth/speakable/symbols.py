"""Signs that have a name; the others are left to ``cleaning``."""

import re
from typing import Final

from annie.speech.mouth.speakable.grammar import Grammar

_ALONE: Final = re.compile(r"(?<!\S)([*#])(?=[\s.,;!?]|$)")
_MARKUP: Final = re.compile(r"[*_`~|\\^<>]+")
_SLASH: Final = re.compile(r"\s*/+\s*")
_NAMED: Final = re.compile(r"\s*([&+=#@%°×§$€£¢²³])\s*")


def rewrite(text: str, grammar: Grammar) -> str:
    """Signs in words; a lone star or hash is the key of a telephone."""
    words = grammar.words
    text = _ALONE.sub(lambda found: words.star_key if found[1] == "*" else words.pound_key, text)
    text = _SLASH.sub(" ", _MARKUP.sub(" ", text))
    return _NAMED.sub(lambda found: f" {words.symbols[found[1]]} ", text)
