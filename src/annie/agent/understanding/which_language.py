"""Guesses the language of a written text by its commonest words and its letters."""

import re
from typing import Final

from annie.agent.understanding.words import words
from annie.kit.language import Language

#: Frequent words that the other two languages hardly have.
_MARKER_TEXT: Final[dict[Language, str]] = {
    Language.ENGLISH: """
        the you your we our are is do does what when where how can of and for to have will with
        this that at from please thank thanks calling hello help my i yes it on by any
    """,
    Language.SPANISH: """
        el los las usted ustedes nosotros nuestro nuestra nuestros su sus es son esta estamos
        que como donde cuando cuanto puede pueden podemos tienen tenemos hay gracias por para
        con del al una unos y o hola llamar ayudarle ayudar si aceptan hacen desde pero
    """,
    Language.FRENCH: """
        le les des du vous votre vos nous notre nos est sont etes sommes avez avons puis je ce
        ou quand comment combien pouvez peut merci bonjour pour avec et au aux une dans sur
        chez oui faites appel appeler aider quel quelle quels il y qu c l d
    """,
}
_MARKERS: Final = {language: frozenset(text.split()) for language, text in _MARKER_TEXT.items()}
_LETTERS: Final = (
    (Language.SPANISH, re.compile(r"[¿¡ñ]", re.IGNORECASE)),
    (Language.FRENCH, re.compile(r"[çœàèùâêîôû]", re.IGNORECASE)),
)


def guess_language(text: str) -> Language | None:
    """The language ``text`` is most likely in; None when that can't be told."""
    found = words(text)
    scores = {
        language: float(sum(word in markers for word in found))
        for language, markers in _MARKERS.items()
    }
    for language, letters in _LETTERS:
        if letters.search(text):
            scores[language] += 1.5
    (first, best), (_, second), _ = sorted(scores.items(), key=lambda item: -item[1])
    return first if best >= 1.5 and best - second >= 1 else None
