"""The caller wants to hear the last answer again."""

from typing import Final

from annie.agent.understanding.phrasebook import Phrasebook
from annie.agent.understanding.words import plain
from annie.kit.language import Language

_BOOK: Final = Phrasebook(
    {
        Language.ENGLISH: (
            r"(?:can|could|would|will) you (?:please )?(?:repeat|say)(?: (?:that|it|this))?"
            r"(?: (?:again|once more|one more time|slower|more slowly))?|repeat(?: (?:that|it"
            r"|please))*"
            r"|say (?:that|it) (?:again|one more time|once more|slower)|what (?:did you"
            r"|d you) (?:just )?say"
            r"|(?:i )?(?:didn t|did not|couldn t|can t|could not) (?:quite )?"
            r"(?:catch|hear|get|understand)(?: (?:that|you|it|what you said))?"
            r"|what was that|come again|one more time(?: please)?|speak (?:up|louder|slower"
            r"|more slowly)"
            r"|say again"
        ),
        Language.SPANISH: (
            r"(?:me (?:lo )?)?(?:puede|podria|puedes)?(?: usted)? ?(?:repetir|repetirlo"
            r"|repetirmelo)"
            r"|repita(?:lo|melo|me)?|repite|otra vez|de nuevo|una vez mas"
            r"|que (?:ha )?di(?:jo|cho)|como dijo|(?:no (?:le|lo|la|te) |no )(?:escuche|oi|entendi"
            r"|oigo|escucho)"
            r"(?: bien)?|mas (?:despacio|lento|alto|fuerte)|mande"
        ),
        Language.FRENCH: (
            r"(?:pouvez|pourriez) vous (?:me )?(?:le )?(?:repeter|redire)|(?:vous pouvez|tu peux) "
            r"(?:me )?(?:le )?(?:repeter|redire)|repetez|redites|repeter|encore une fois"
            r"|qu (?:est ce que vous avez|avez vous) dit|vous (?:avez )?dit quoi|vous disiez"
            r"|(?:je )?(?:n ai|ai) pas (?:bien )?(?:compris|entendu)|plus (?:lentement|fort)"
            r"|comment ca"
        ),
    }
)
_ALONE: Final[dict[Language, frozenset[str]]] = {
    Language.ENGLISH: frozenset(
        {"what", "pardon", "pardon me", "sorry", "excuse me", "huh", "sorry what", "i m sorry",
         "what s that", "again", "again please", "say what"}
    ),
    Language.SPANISH: frozenset({"que", "como", "perdon", "disculpe", "perdone", "perdon que"}),
    Language.FRENCH: frozenset({"quoi", "pardon", "comment", "hein", "excusez moi", "plait il"}),
}  # fmt: skip


def asks_repeat(text: str, language: Language) -> bool:
    """Whether ``text`` asks to say the same again, and names nothing particular."""
    if plain(text) in _ALONE[language]:
        return True
    found = _BOOK.find(text, language)
    return found is not None and not found.content(language)
