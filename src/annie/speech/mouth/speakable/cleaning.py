"""Before and after: characters into a known set, spaces and pauses in order."""

import re
import unicodedata
from typing import Final

from annie.speech.mouth.speakable.grammar import Grammar

_FRACTIONS: Final = {"½": "1/2", "⅓": "1/3", "⅔": "2/3", "¼": "1/4", "¾": "3/4"}
#: Kept from compatibility decomposition, which would make them plain letters and digits.
_KEPT: Final = frozenset("²³ºª°")
_QUOTES: Final = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "ʼ": "'",
        "′": "'",
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "–",
        "\u2015": "—",
        "\u2212": "-",
        "\u2044": "/",
        "＠": "@",
    }
)
_INVISIBLE: Final = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me"))
_LINE_END: Final = re.compile(r"[ \t]*[\r\n\u2028\u2029\v\f]+\s*")
_BULLET: Final = re.compile(r"(?m)^\s*[-*•·▪‣–—]\s+")
_APOSTROPHE: Final = re.compile(r"(?<![^\W\d_])'|'(?![^\W\d_])(?<![sS]')")
_HYPHEN: Final = re.compile(r"(?<![^\W\d_])-+|-+(?![^\W\d_])")
_PARENTHESES: Final = re.compile(r"\s*[()\[\]{}]+\s*")
_DASH: Final = re.compile(r"\s+[-–—]+\s+|\s*[–—]+\s*")
_PAUSES: Final = re.compile(r"\s*([,;:])[\s,;:]*(?:([.!?…])[\s,;:]*)?")
_BEFORE_MARK: Final = re.compile(r"\s+([,.;:!?…])")
_STOPS: Final = re.compile(r"\.(?:\s*\.)+")
_AFTER_STOP: Final = re.compile(r"([.!?…])\s*[,;:]+")
_SPACES: Final = re.compile(r"\s+")
_PUNCTUATION: Final = frozenset(" '-,.;:!?¿¡…")


def normalize(text: str, grammar: Grammar) -> str:
    """One spelling for what can be written in several: quotes, digits, spaces, lines."""
    text = unicodedata.normalize("NFC", text)
    text = _LINE_END.sub("\n", _BULLET.sub("", text).strip())
    # A line without a full stop is a sentence of its own all the same.
    text = re.sub(r"(?<=[^\s.,;:!?…])\n", ". ", text).replace("\n", " ")
    text = "".join(_character(c) for c in text)
    text = unicodedata.normalize("NFC", text).translate(_QUOTES)
    return _SPACES.sub(" ", text).strip()


def _character(c: str) -> str:
    if c < "\x7f":
        return c if c >= " " else " "
    if c in _FRACTIONS:
        return f" {_FRACTIONS[c]}"
    if c in _KEPT:
        return c
    digit = unicodedata.decimal(c, None)
    if digit is not None:
        return str(digit)
    category = unicodedata.category(c)
    if category == "Zs":
        return " "
    if category in _INVISIBLE:
        return "" if category in ("Cf", "Mn") else " "
    return unicodedata.normalize("NFKC", c)


def finish(text: str, grammar: Grammar) -> str:
    """Letters and pauses only, one space between words."""
    text = _DASH.sub(", ", _PARENTHESES.sub(", ", text))
    text = "".join(c if c in _PUNCTUATION or _is_latin(c) else " " for c in text)
    text = _HYPHEN.sub(" ", _APOSTROPHE.sub(" ", text))
    text = _PAUSES.sub(lambda found: f"{found[2] or found[1]} ", text)
    text = _AFTER_STOP.sub(r"\1", _STOPS.sub(".", _BEFORE_MARK.sub(r"\1", text)))
    text = _SPACES.sub(" ", text).strip().lstrip(",;:. ")
    return text if any(c.isalpha() for c in text) else ""


def _is_latin(c: str) -> bool:
    # Up to Latin Extended-B, which holds every letter of the European languages.
    return c.isalpha() and ord(c) < 0x250 and c not in "ºª"
