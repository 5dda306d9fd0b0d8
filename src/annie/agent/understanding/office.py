"""Precise grammars for questions about the office: hours, open now, address, phone.

Each accepts only questions in which nothing else is named: "when do you open" is
about the office, "when does the pool open" is not.
"""

import re
from enum import StrEnum
from functools import cache
from typing import Final

from annie.agent.understanding.dates import without_days
from annie.agent.understanding.words import STOP_WORDS, similar, words
from annie.kit.language import Language


class OfficeQuestion(StrEnum):
    """What is asked about the office."""

    HOURS = "hours"
    OPEN_NOW = "open_now"
    ADDRESS = "address"
    PHONE = "phone"


_CORE: Final[dict[Language, tuple[tuple[OfficeQuestion, str], ...]]] = {
    Language.ENGLISH: (
        (
            OfficeQuestion.OPEN_NOW,
            r"open (?:right )?now|still open|currently open|open at (?:the|this) moment|"
            r"(?:are|is) (?:you|the \w+|it)(?: guys)? open$|closed (?:right )?now|(?:are"
            r"|is) (?:you|the \w+|it) closed$",
        ),
        (
            OfficeQuestion.HOURS,
            r"hours?|open|opens|opened|opening|close|closes|closed|closing|shut|"
            r"(?:what|which) (?:are|is) (?:you|your|you re|the) (?:ours|hours|opening ours)"
            r"|opening ours|schedule",
        ),
        (
            OfficeQuestion.ADDRESS,
            r"address|addresses|located|location|where (?:are|re) (?:you|y all|your|the)"
            r"|where is (?:your|the|it|this)"
            r"|where s (?:your|the)|(?:how (?:do|can) i|can i) (?:get|come) (?:there|to you"
            r"|to your)|directions|what street|which street|find you",
        ),
        (
            OfficeQuestion.PHONE,
            r"(?:phone|telephone|tele phone|contact|office|callback) ?numbers?|your numbers?"
            r"|what number|number (?:for|of) (?:the|your) (?:office|practice|clinic|shop|store"
            r"|business)|what phone",
        ),
    ),
    Language.SPANISH: (
        (
            OfficeQuestion.OPEN_NOW,
            r"abiert[oa]s? (?:ahora|en este momento|ahorita|todavia)|(?:ahora|ahorita|todavia"
            r"|ya) (?:mismo )?"
            r"(?:estan|esta) (?:abiert|cerrad)[oa]s?|(?:estan|esta) (?:ya |todavia "
            r"|aun )?(?:abiert|cerrad)[oa]s?$",
        ),
        (
            OfficeQuestion.HOURS,
            r"h?orarios?|oras? de (?:apertura|atencion)|horas? (?:de (?:atencion|apertura"
            r"|oficina|servicio)|abren|cierran)|a que horas?|abren?|abierto|"
            r"abiertos|abierta|abrir|cierran?|cerrado|cerrados|cerrar|apertura|cierre|atienden",
        ),
        (
            OfficeQuestion.ADDRESS,
            r"direccion|direcciones|ubicad[oa]s?|ubicacion|donde (?:estan|esta|quedan?"
            r"|se encuentran?|se ubican?)"
            r"|(?:como|para) (?:llego|llegar|puedo llegar)|en que calle|localizad[oa]s?|domicilio",
        ),
        (
            OfficeQuestion.PHONE,
            r"(?:numero|numeros) (?:de )?(?:telefono|contacto|la oficina)|telefonos?|(?:cual"
            r"|que) (?:es )?(?:su|el) numero|su numero",
        ),
    ),
    Language.FRENCH: (
        (
            OfficeQuestion.OPEN_NOW,
            r"(?:ouvert|ferme)(?:e|s|es)? (?:maintenant|en ce moment|actuellement|la maintenant)|"
            r"(?:encore|toujours|deja|actuellement) (?:ouvert|ferme)(?:e|s|es)?|"
            r"(?:etes vous|vous etes|c est) (?:ouvert|ferme)(?:e|s|es)?$",
        ),
        (
            OfficeQuestion.HOURS,
            r"horaires?|oraires?|heures? d ouvertures?|a quelle heure|quelle heure (?:ouvr\w+"
            r"|ferm\w+)|"
            r"ouvrez|ouvert|ouverts|ouverte|ouvre|ouverture|ouvrir|ouverez|fermez|ferme|fermes"
            r"|fermee|fermeture|fermer",
        ),
        (
            OfficeQuestion.ADDRESS,
            r"adresse|adresses|(?:ou|endroit) (?:etes vous|se trouve|vous trouvez vous"
            r"|vous etes|est situe|se situe)|situes?|ou est (?:le|la|votre|vous)"
            r"|vous (?:trouvez|etes) ou|ou (?:est ce que )?(?:vous (?:etes|trouvez|trouver))"
            r"|localises?|comment (?:venir|vous trouver|aller|y aller)|quelle rue",
        ),
        (
            OfficeQuestion.PHONE,
            r"numero (?:de )?(?:telephone|contact)|telephone|votre numero"
            r"|quel (?:est le )?numero|numero du (?:cabinet|bureau|magasin|garage)",
        ),
    ),
}
#: Words that may stand beside the core without changing what is asked.
_ALLOWED_TEXT: Final[dict[Language, str]] = {
    Language.ENGLISH: """
        time times day days week weekly weekday weekdays morning afternoon evening night
        noon midday midnight late early earliest latest until till til after before
        between during business office offices shop store clinic practice place company
        working work operation operating normal regular usual usually typically normally
        currently current moment today exact exactly full number numbers phone telephone
        street city town hour hours open opens opening close closes closing closed
        address located location find contact am pm o clock give tell phone reach
        through ours both each every schedule kind since start stop
    """,
    Language.SPANISH: """
        hora horas dia dias semana semanas manana tarde noche mediodia temprano tarde
        hasta desde entre antes despues oficina oficinas negocio tienda clinica
        consultorio local lugar empresa trabajo atencion servicio publico normal
        normales regular momento exacta exacto completa numero telefono calle ciudad
        horario horarios abren abre cierran cierra abierto abiertos abierta direccion
        ubicados contacto am pm misma mismo ambos cada laborables habiles atienden sitio
        queda quedan encuentran
    """,
    Language.FRENCH: """
        heure heures jour jours semaine matin matinee apres midi soir soiree nuit tot
        tard avant bureau bureaux cabinet magasin boutique clinique entreprise societe
        endroit lieu travail ouverture ouvertures habituels habituelles normal normaux
        actuellement moment exacte exact complete numero telephone rue ville horaire
        horaires ouvrez ouvert ouverts fermez ferme fermes adresse situes trouvez trouve
        contact h chaque temps meme agence etablissement travaillez
    """,
}
#: With these, "are you open" asks for hours, not for now.
_WHEN: Final[dict[Language, re.Pattern[str]]] = {
    Language.ENGLISH: re.compile(r"\b(?:how|what|when|which|until|till|hours?|days?)\b"),
    Language.SPANISH: re.compile(r"\b(?:que|cuando|cual|hasta|horas?|dias?)\b"),
    Language.FRENCH: re.compile(r"\b(?:quelles?|quels?|quand|jusqu|heures?|jours?)\b"),
}
_PRICE_OF_TIME: Final = re.compile(
    r"\b(?:how much|cost|price|charge|cuanto cuesta|precio|combien|prix|e ?mail|correo|mail|web)\b"
)


@cache
def _core(language: Language) -> tuple[tuple[OfficeQuestion, re.Pattern[str]], ...]:
    return tuple((kind, re.compile(rf"\b(?:{pattern})\b")) for kind, pattern in _CORE[language])


@cache
def _allowed(language: Language) -> frozenset[str]:
    return frozenset(_ALLOWED_TEXT[language].split()) | STOP_WORDS[language]


def office_question(
    text: str, language: Language, own_names: frozenset[str] = frozenset()
) -> OfficeQuestion | None:
    """What ``text`` asks about the office, None if it asks something else.

    ``own_names`` are folded words of the organization's name, which may be named.
    """
    rest = without_days(text, language)
    if _PRICE_OF_TIME.search(rest):
        return None
    for kind, pattern in _core(language):
        if pattern.search(rest) and _nothing_else(pattern.sub(" ", rest), language, own_names):
            names_day = rest != " ".join(words(text))
            if kind is OfficeQuestion.OPEN_NOW and (names_day or _WHEN[language].search(rest)):
                return OfficeQuestion.HOURS
            return kind
    return None


def only_days(text: str, language: Language) -> bool:
    """Whether ``text`` names a day and nothing else: "and on Sunday?"."""
    rest = without_days(text, language)
    return rest != " ".join(words(text)) and _nothing_else(rest, language, frozenset())


def _nothing_else(rest: str, language: Language, own_names: frozenset[str]) -> bool:
    allowed = _allowed(language)
    return all(
        word in allowed
        or word in own_names
        or word.isdigit()
        or (len(word) > 4 and any(similar(word, known) for known in allowed))
        for word in words(rest)
    )
