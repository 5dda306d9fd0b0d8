"""Yes, no, or neither."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from annie.agent.understanding.phrasebook import Phrasebook
from annie.agent.understanding.words import words
from annie.kit.language import Language


class Answer(StrEnum):
    """What a caller answered to a yes-or-no question."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


@dataclass(slots=True, frozen=True)
class YesNo:
    """The answer and what was said beside it, folded ("no, it's 555…" has a rest)."""

    answer: Answer
    rest: str


_UNSURE: Final = Phrasebook(
    {
        Language.ENGLISH: r"maybe|perhaps|i don t know|dunno|(?:i m )?not sure|i guess|hard to say",
        Language.SPANISH: r"tal vez|quiza\w?|no se|no estoy segur\w|puede ser|a lo mejor|depende",
        Language.FRENCH: (
            r"peut etre|(?:je )?(?:ne )?sais pas|pas sur\w?|ca depend|chais pas|j hesite"
        ),
    }
)
_NO: Final = Phrasebook(
    {
        Language.ENGLISH: (
            r"no(?: (?:no|thanks|thank you|sir|ma am|that s (?:wrong|incorrect|not (?:right"
            r"|correct|it))))*"
            r"|nope|nah|not (?:really|now|today|right|correct|quite)|that s (?:wrong|incorrect"
            r"|not it)"
            r"|wrong|incorrect|i (?:don t|do not)(?: (?:want|think so))?|(?:it|that) (?:isn t"
            r"|is not)"
            r"|(?:don t|do not)|i (?:wouldn t|d rather not)|negative"
        ),
        Language.SPANISH: (
            r"no(?: (?:no|gracias|senor\w*|es correcto|esta bien|es asi|quiero|hace falta))*"
            r"|incorrecto|equivocado|esta mal|para nada|negativo|ahora no|tampoco"
        ),
        Language.FRENCH: (
            r"non(?: (?:non|merci|madame|monsieur))*|nan|pas (?:vraiment|du tout|maintenant"
            r"|la peine"
            r"|exactement|tout a fait|correct)|ce n est pas (?:ca|correct|exact|le bon)?"
            r"|c est pas (?:ca|bon)?"
            r"|faux|c est faux|incorrect|sans facon"
        ),
    }
)
_YES: Final = Phrasebook(
    {
        Language.ENGLISH: (
            r"yes(?: (?:yes|please|sir|ma am|that s (?:right|correct|it)))*|yeah|yep|yup|ya|yah"
            r"|sure"
            r"|of course|ok(?:ay)?|absolutely|definitely|certainly|please(?: do)?|(?:that s "
            r"|it s )?"
            r"(?:correct|right|exactly|fine|perfect|good|great)|sounds good|go ahead|i (?:would"
            r"|do|d like (?:that|to))"
            r"|uh huh|mm hmm|mhm|why not|that works|it is|you got it|affirmative|alright|all right"
        ),
        Language.SPANISH: (
            r"si(?: (?:si|por favor|senor\w*|claro|es correcto|gracias))*|sip|claro(?: que si)?"
            r"|por supuesto|correcto|exacto|exactamente|(?:asi|eso) es|vale|esta bien"
            r"|de acuerdo|por favor"
            r"|ok(?:ay)?|bueno|dale|adelante|perfecto|como no|desde luego|me gustaria|muy bien"
            r"|afirmativo"
        ),
        Language.FRENCH: (
            r"oui(?: (?:oui|s il vous plait|madame|monsieur|c est (?:ca|exact|correct|bon)))*"
            r"|ouais|ouai"
            r"|bien sur|d accord|c est (?:ca|exact|correct|bon|juste|parfait)|exact|exactement"
            r"|tout a fait"
            r"|volontiers|s il vous plait|parfait|ok(?:ay)?|je veux bien|absolument|allez y"
            r"|avec plaisir"
            r"|pourquoi pas|tres bien|correct|effectivement|en effet|affirmatif|si"
        ),
    }
)
#: In a longer utterance only its beginning answers the question.
_SHORT: Final = 6
_HEAD: Final = 3


def yes_no(text: str, language: Language) -> YesNo | None:
    """The yes or no in ``text``; None when there is neither."""
    found = words(text)
    short = len(found) <= _SHORT
    head = text if short else " ".join(found[:_HEAD])
    tail = "" if short else " " + " ".join(found[_HEAD:])
    for book, answer in ((_UNSURE, Answer.UNSURE), (_NO, Answer.NO), (_YES, Answer.YES)):
        match = book.find(head, language)
        if match is not None:
            return YesNo(answer, (match.rest + tail).strip())
    return None
