"""The caller wants a person, wants to leave a message, or to stop doing so."""

from typing import Final

from annie.agent.understanding.phrasebook import Phrasebook
from annie.kit.language import Language

_HUMAN: Final = Phrasebook(
    {
        Language.ENGLISH: (
            r"(?:speak|talk) (?:to|with)(?! you)|(?:real|actual|live|human) "
            r"(?:person|human|being|agent)|human|operator|representative|receptionist"
            r"|customer service|(?:transfer|connect) me|put me through|put (?:someone|somebody) on"
            r"|(?:is|are) (?:there )?(?:anyone|anybody|someone|somebody) (?:there|i can (?:talk"
            r"|speak))"
        ),
        Language.SPANISH: (
            r"(?:hablar|comunicarme|hable) con|(?:persona|alguien) (?:real|de verdad)|un humano"
            r"|una persona|operador\w*|recepcionista|representante|(?:me )?(?:pase|pasa|comunique)"
            r"(?:me)? con|transfier\w*|transferir\w*|me (?:pasa|comunica|transfiere)|ser humano"
        ),
        Language.FRENCH: (
            r"parler (?:a|avec|au)(?! vous)|(?:vraie|vrai) (?:personne|humain)|un humain"
            r"|etre humain"
            r"|conseill\w+|standardiste|operat\w+|receptionniste|(?:me )?passe[rz](?: moi)? "
            r"(?:quelqu un|une personne|un|une|le|la|avec)|transfere[rz]\w*|mettez moi en relation"
        ),
    }
)
_MESSAGE: Final = Phrasebook(
    {
        Language.ENGLISH: (
            r"(?:leave|take|give|get|pass on|left) (?:(?:you|them|him|her|me) )?(?:a|an|my|the"
            r"|this) "
            r"(?:\w+ )?(?:message|note)|leave (?:a )?message|(?:call|ring|phone) me back|callback"
            r"|call ?back|(?:have|ask|tell) (?:\w+ ){1,4}(?:to )?(?:call|ring|phone) me"
            r"|(?:someone|somebody|they|he|she|anyone) (?:to )?(?:can |could |please )?(?:call"
            r"|contact|phone) me"
            r"|return my call|leave (?:my )?(?:name|number)"
        ),
        Language.SPANISH: (
            r"(?:dejar|tomar|tome|dejarle|dejarles|dejo|anotar)(?:me)? (?:un|el|mi|le)? ?"
            r"(?:mensaje|recado|nota)|un recado|me (?:puede[n]? |podria[n]? )?(?:llam[ae]\w*"
            r"|devuelva\w*"
            r"|regres\w+ la llamada)|(?:llamar|devolver|devuelvan"
            r"|contact\w+)(?:me)?(?: la llamada)?"
            r"(?: de vuelta)|llam[ae]nme|devuelvanme|que (?:alguien )?me llame[n]?|me contacten"
            r"|devolverme la llamada|llamarme"
        ),
        Language.FRENCH: (
            r"(?:laisser|prendre|prenez|laisse|transmettre|noter) (?:un|le|mon"
            r"|ce) (?:petit )?message"
            r"|laisser (?:un )?mot|me (?:rappel\w+|recontact\w+)|rappel(?:ez|er) moi|(?:qu on"
            r"|qu il|"
            r"qu elle|que quelqu un|qu ils) me rappel\w+|etre (?:rappele|recontacte)e?"
            r"|laisser mes coordonnees"
        ),
    }
)
_CANCEL: Final = Phrasebook(
    {
        Language.ENGLISH: (
            r"never ?mind|forget (?:it|about it|that|the message)|cancel (?:that|it|the message"
            r"|this)"
            r"|cancel|(?:don t|do not) (?:want|need) (?:to )?(?:leave )?(?:a|the)? ?(?:message)?"
            r"|no message|stop(?: it)?|changed my mind|i ll call (?:back|again)(?: later)?"
        ),
        Language.SPANISH: (
            r"olvidelo|olvidalo|no importa|dejelo|dejalo|cancel\w*(?: el mensaje| eso)?"
            r"|no quiero dejar (?:ningun |un |el )?(?:mensaje|recado)|ya no quiero|mejor no"
            r"|cambie de (?:opinion|idea)|llamo (?:luego|despues|mas tarde)"
        ),
        Language.FRENCH: (
            r"laisse[rz]? tomber|oublie[rz](?: ca)?|annul\w+(?: le message| ca)?|peu importe"
            r"|(?:je )?(?:ne )?(?:veux|voudrais) (?:pas|plus) (?:laisser )?(?:de |un "
            r"|le )?(?:message)?"
            r"|ce n est pas la peine|pas la peine|tant pis|j ai change d avis|je rappellerai"
        ),
    }
)


def asks_for_person(text: str, language: Language) -> bool:
    """Whether ``text`` asks to speak with somebody."""
    return _HUMAN.find(text, language) is not None


def asks_to_leave_message(text: str, language: Language) -> bool:
    """Whether ``text`` asks to leave a message or to be called back."""
    return _MESSAGE.find(text, language) is not None


def cancels(text: str, language: Language) -> bool:
    """Whether ``text`` gives up what is going on, and says nothing else."""
    found = _CANCEL.find(text, language)
    return found is not None and not found.content(language)
