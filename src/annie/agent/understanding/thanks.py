"""The caller thanks, or greets, and says nothing else."""

from typing import Final

from annie.agent.understanding.phrasebook import Phrasebook
from annie.kit.language import Language

_THANKS: Final = Phrasebook(
    {
        Language.ENGLISH: (
            r"thank you(?: (?:so|very) much)?|thanks(?: a lot)?|thank|great|perfect|wonderful"
            r"|good to know|appreciate it"
        ),
        Language.SPANISH: (
            r"(?:muchas |mil )?gracias|se lo agradezco|perfecto|excelente|muy amable|que bien"
        ),
        Language.FRENCH: (
            r"merci(?: beaucoup| bien)?|je vous remercie|parfait|tres bien|c est gentil|super"
        ),
    }
)
_GREETING: Final = Phrasebook(
    {
        Language.ENGLISH: (
            r"hello|hi|hey|good (?:morning|afternoon|evening)|how are you(?: doing)?(?: today)?"
            r"|(?:are you|is (?:any|some)(?:one|body)) there|can you hear me"
            r"|i have a (?:quick )?question|can i ask (?:you )?(?:a question|something)"
        ),
        Language.SPANISH: (
            r"hola|buen(?:os|as) (?:dias|tardes|noches)|buenas|buen dia|como esta|que tal|alo"
            r"|bueno|me escucha|(?:hay|esta) alguien(?: ahi)?|tengo una (?:pregunta|duda)"
            r"|(?:le )?puedo (?:hacer|preguntar)(?:le)? (?:una pregunta|algo)"
        ),
        Language.FRENCH: (
            r"bonjour|bonsoir|allo|salut|comment allez vous|vous m entendez|il y a quelqu un"
            r"|j ai une question|(?:est ce que )?je peux (?:vous )?poser une question"
        ),
    }
)


def only_thanks(text: str, language: Language) -> bool:
    """Whether ``text`` is thanks or approval and nothing more."""
    found = _THANKS.find(text, language)
    return found is not None and not found.content(language) and "?" not in text


def only_greets(text: str, language: Language) -> bool:
    """Whether ``text`` greets or announces a question, and asks nothing yet."""
    found = _GREETING.find(text, language)
    return found is not None and not found.content(language)
