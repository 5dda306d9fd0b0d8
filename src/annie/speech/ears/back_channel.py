"""Words that say "I'm listening, go on", in the three languages.

Said over Annie's statement they don't ask for the floor (Yngve, "On getting a word in
edgewise", 1970); said to a question they are an answer, which the caller of this
function has to know.
"""

import re
from typing import Final

from annie.kit.language import Language

_ANYWHERE: Final = r"m+h*|h?m+[ -]?h?m+|hu?m+|a+h+|oh+|ok|okay|okey"
_WORDS: Final = {
    Language.ENGLISH: r"u+h[ -]?hu+h|aha|yeah|yep|yup|yes|right|sure|i see|all ?right|got it|good"
    r"|great|fine",
    Language.SPANISH: r"aj[aá]|ah[aá]|s[ií]|vale|claro|ya|bien|bueno|de acuerdo|entiendo|perfecto"
    r"|muy bien",
    Language.FRENCH: r"ouais?|oui|d'accord|dac|très bien|bien|bon|je vois|entendu|voilà|parfait",
}
#: What is said in a word over somebody who speaks, for the recognizer: without any context
#: it hears "Late" for "Wait" and "T" for "Sí".
INTERJECTIONS: Final = {
    Language.ENGLISH: ("Uh-huh", "Mm-hmm", "Yeah", "Okay", "Right", "Wait", "Stop"),
    Language.SPANISH: ("Ajá", "Sí", "Vale", "Claro", "Espere", "Pare"),
    Language.FRENCH: ("Oui", "Ouais", "D'accord", "Mm", "Attendez", "Arrêtez"),
}
_BACK_CHANNEL: Final = {
    language: re.compile(rf"(?:(?:{_ANYWHERE}|{words})(?: |$)){{1,4}}")
    for language, words in _WORDS.items()
}


def is_back_channel(text: str, language: Language) -> bool:
    """Whether ``text`` is nothing but such words, four at most."""
    plain = re.sub(r"[^\w' -]+", " ", text.lower().replace("’", "'"))
    return _BACK_CHANNEL[language].fullmatch(" ".join(plain.split())) is not None
