"""The caller is done."""

from typing import Final

from annie.agent.understanding.phrasebook import Phrasebook
from annie.agent.understanding.words import words
from annie.kit.language import Language

_BOOK: Final = Phrasebook(
    {
        Language.ENGLISH: (
            r"good ?bye|bye(?: bye)?|that (?:s|is|will be|ll be) (?:all|it|everything)"
            r"(?: (?:i needed|i need|for (?:now|today)))?|that was (?:all|it)|thats all"
            r"|nothing else"
            r"|nothing more|no more questions|i m (?:all set|done|good)|we re done|have a "
            r"(?:nice|good|great) (?:day|one|evening|weekend|night)|see you(?: later| soon)?"
            r"|talk to you (?:later|soon)|i have (?:everything|all) i need|you can hang up|hang up"
        ),
        Language.SPANISH: (
            r"adios|hasta (?:luego|pronto|manana|la vista)|chao|chau|(?:eso|esto) es todo|es todo"
            r"|seria todo|eso seria todo|nada mas|ya no|no necesito (?:nada )?mas|eso era todo"
            r"|que (?:tenga|le vaya) (?:un )?(?:buen|bien)\w*(?: dia| tarde)?|nos vemos"
            r"|ya (?:esta|quedo)|puede colgar"
        ),
        Language.FRENCH: (
            r"au revoir|adieu|a bientot|ce sera tout|c est tout|ca sera tout|rien d autre"
            r"|plus rien|bonne (?:journee|soiree|fin de journee)|a plus|salut|a la prochaine"
            r"|ca ira|je n ai (?:plus|pas d autres?) questions?|vous pouvez raccrocher"
        ),
    }
)
_LONGEST: Final = 14


def says_goodbye(text: str, language: Language) -> bool:
    """Whether ``text`` ends the conversation and asks nothing besides."""
    if "?" in text or len(words(text)) > _LONGEST:
        return False
    found = _BOOK.find(text, language)
    return found is not None and len(found.content(language)) <= 1
