"""The caller says that Annie misunderstood."""

from typing import Final

from annie.agent.understanding.phrasebook import Phrasebook
from annie.kit.language import Language

_BOOK: Final = Phrasebook(
    {
        Language.ENGLISH: (
            r"(?:no )?(?:that s|that is|thats|that was|this is|it s) not (?:what i|my question"
            r"|the question|it$|right)"
            r"(?: (?:asked|meant|mean|said|wanted|was asking|want))?(?: (?:for|about))?"
            r"|(?:you|you ve) (?:have )?(?:misunderstood|misheard|misunderstand)(?: me)?"
            r"|you (?:didn t|did not|don t|do not) understand(?: me)?"
            r"|i (?:didn t|did not|wasn t) (?:ask|asking|mean|say|want)(?: (?:about"
            r"|for))?(?: that)?"
            r"|(?:no )?not that|(?:you )?got (?:it|that|me) wrong|(?:that s|that is"
            r"|you re) (?:wrong|incorrect)"
            r"|wrong answer|i (?:meant|mean)|i (?:asked|was asking)(?: you)?(?: (?:about|for|if"
            r"|whether))?"
            r"|you re not listening|(?:that )?(?:doesn t|didn t) answer my question"
            r"|not what i (?:asked|meant)"
        ),
        Language.SPANISH: (
            r"(?:no )?eso no (?:es|era|fue)(?: lo que)?(?: (?:yo )?(?:le )?(?:pregunte|pedi"
            r"|dije|quiero|queria|preguntaba))?"
            r"|no eso no|no (?:es|era|fue) (?:eso|lo que)(?: (?:le )?(?:pregunte|pedi|dije"
            r"|queria|quise decir))?"
            r"|(?:usted )?(?:me|no me) (?:ha |han )?(?:entendio|entendido|entiende"
            r"|entendiste)(?: mal| bien)?"
            r"|(?:no|yo no) (?:le )?(?:pregunte|pedi|dije)(?: eso| por)?|quise decir"
            r"|(?:le )?pregunte (?:por|si|sobre)"
            r"|se equivoc\w+|esta equivocad\w|(?:eso )?esta mal|malentend\w+|no eso|me referia a"
        ),
        Language.FRENCH: (
            r"(?:non )?(?:ce n est|c est|c etait|ce n etait) pas (?:ca|cela|ce que|la question"
            r"|ma question)"
            r"(?: (?:j ai|je) (?:vous ai )?(?:demande|dit|voulais|veux|demandais))?"
            r"|vous (?:m avez|avez) mal (?:compris|entendu)|mal compris|vous (?:ne )?(?:m |me )?"
            r"(?:n )?(?:avez|comprenez) pas(?: compris)?|non pas ca|pas ca"
            r"|je (?:n ai|ai|vous ai) pas demande(?: ca)?|(?:moi )?je (?:voulais|veux) dire"
            r"|vous vous trompez"
            r"|j ai demande|je demandais|je parlais de|c est faux"
        ),
    }
)


def correction(text: str, language: Language) -> str | None:
    """What the caller says beside "you misunderstood", folded; None when they don't say so."""
    found = _BOOK.find(text, language)
    return None if found is None else found.rest
