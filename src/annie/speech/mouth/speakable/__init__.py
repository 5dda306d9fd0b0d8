"""Written text to the words that a person of the language would say.

``speakable`` is the only entrance. Each kind of thing that can be written (a price, a
time, an address …) has a module that knows how it is written; each language has a
grammar that knows how it is said.
"""

from collections.abc import Callable
from typing import Final

from annie.kit.language import Language
from annie.speech.mouth.speakable import (
    abbreviations,
    addresses,
    cleaning,
    dates,
    internet,
    numbers,
    phones,
    prices,
    quantities,
    symbols,
    times,
)
from annie.speech.mouth.speakable.english import EnglishGrammar
from annie.speech.mouth.speakable.french import FrenchGrammar
from annie.speech.mouth.speakable.grammar import Grammar
from annie.speech.mouth.speakable.spanish import SpanishGrammar

_GRAMMARS: Final[dict[Language, Grammar]] = {
    Language.ENGLISH: EnglishGrammar(),
    Language.SPANISH: SpanishGrammar(),
    Language.FRENCH: FrenchGrammar(),
}

#: What is most particular comes first: a phone number must not be taken for a range,
#: nor the full stop of "St." for the end of a sentence.
_STEPS: Final[tuple[Callable[[str, Grammar], str], ...]] = (
    cleaning.normalize,
    internet.rewrite,
    phones.rewrite,
    dates.rewrite,
    prices.rewrite,
    times.rewrite,
    addresses.rewrite,
    quantities.rewrite,
    abbreviations.rewrite,
    numbers.rewrite,
    symbols.rewrite,
    cleaning.finish,
)


def speakable(text: str, language: Language) -> str:
    """``text`` in words: no digit, no symbol, no abbreviation is left.

    Any text is accepted. What can't be said (pictures, other scripts) is left out.
    Plain words come back as they are.
    """
    grammar = _GRAMMARS[language]
    for step in _STEPS:
        text = step(text, grammar)
    return text


def is_number_word(word: str, language: Language) -> bool:
    """Whether ``word`` (one word, or joined by hyphens) is part of a spoken number."""
    return word.lower().split("-")[0] in _GRAMMARS[language].number_words
