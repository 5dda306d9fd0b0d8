"""Whether words look as if their speaker were done, in the three languages."""

import re
from typing import Final

from annie.kit.language import Language

#: Words that nearly always have another one after them, and sounds of thinking.
_UNFINISHED: Final = {
    Language.ENGLISH: re.compile(
        r"and|or|but|because|if|the|an?|my|your|our|their|his|is|of|for|with|at|from|to|um+|uh+m?"
        r"|erm?|hmm+|well|also|plus"
    ),
    Language.SPANISH: re.compile(
        r"y|e|o|u|pero|porque|si|que|del?|el|la|los|las|una?|mi|su|es|con|para|por|al?|en|eh+|em+"
        r"|este|pues|bueno|entonces|también"
    ),
    Language.FRENCH: re.compile(
        r"et|ou|mais|parce|si|que|du|des?|les?|la|une?|mon|ma|mes|votre|est|avec|pour|à|aux?|dans"
        r"|euh+|heu+|hum+|ben|bah|alors|donc|puis"
    ),
}

#: Complete answers that end in one of those words.
_FINISHED: Final = {
    Language.ENGLISH: frozenset({"oh well"}),
    Language.SPANISH: frozenset({"si", "bueno", "yo también", "eso es"}),
    Language.FRENCH: frozenset({"si", "un", "une"}),
}


def looks_finished(text: str, language: Language) -> bool:
    """Whether ``text`` ends like a sentence."""
    return text.rstrip().endswith((".", "?", "!")) and not trails_off(text, language)


def trails_off(text: str, language: Language) -> bool:
    """Whether ``text`` breaks off: a comma, dots, a word such as "and", a hesitation."""
    end = text.rstrip()
    if end.endswith((",", "...", "…", "-", ":")):
        return True
    words = re.findall(r"[^\W_]+(?:['’][^\W_]+)*", end.lower())
    # A lone "Est?" is half a question; "What is this for?" is a whole one.
    if end.endswith(("?", "!")) and len(words) > 1:
        return False
    if not words or " ".join(words) in _FINISHED[language]:
        return False
    return _UNFINISHED[language].fullmatch(words[-1]) is not None


def ends_in_digit(text: str) -> bool:
    """Whether the last word of ``text`` is a number."""
    return text.rstrip(" .,;-")[-1:].isdigit()


def digits_in(text: str) -> int:
    """How many digits ``text`` holds."""
    return sum(letter.isdigit() for letter in text)
