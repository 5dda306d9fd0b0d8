"""Whether a caller mentions a part of a message, or that it is urgent."""

import re
from enum import StrEnum
from functools import cache
from typing import Final

from annie.agent.understanding.words import plain
from annie.kit.language import Language


class Topic(StrEnum):
    """What may be mentioned."""

    NUMBER = "number"
    NAME = "name"
    MESSAGE = "message"
    ENDING = "ending"
    SAME_NUMBER = "same_number"
    URGENT = "urgent"


_KEYWORDS: Final[dict[Topic, dict[Language, str]]] = {
    Topic.NUMBER: {
        Language.ENGLISH: r"(?:phone )?number|telephone|digits?",
        Language.SPANISH: r"numero|telefono|cifras?",
        Language.FRENCH: r"numero|telephone|chiffres?",
    },
    Topic.NAME: {
        Language.ENGLISH: r"name",
        Language.SPANISH: r"nombre|me llamo|apellido",
        Language.FRENCH: r"nom|prenom|je m appelle",
    },
    Topic.MESSAGE: {
        Language.ENGLISH: r"message|text|content",
        Language.SPANISH: r"mensaje|recado|texto|contenido",
        Language.FRENCH: r"message|texte|contenu",
    },
    Topic.ENDING: {
        Language.ENGLISH: r"last|ends?|ending|digits?",
        Language.SPANISH: r"ultim[oa]s?|final|termina|cifras?",
        Language.FRENCH: r"derni\w+|fin|termine|chiffres?",
    },
    Topic.SAME_NUMBER: {
        Language.ENGLISH: r"calling from|this number|same number|this (?:one|phone)",
        Language.SPANISH: r"desde el que|este (?:mismo )?(?:numero|telefono)|mismo numero|a este",
        Language.FRENCH: r"d ou j appelle|ce numero|meme numero|celui ci|ce telephone",
    },
    Topic.URGENT: {
        Language.ENGLISH: r"urgent(?:ly)?|emergency|as soon as possible|asap|right away",
        Language.SPANISH: r"urgente(?:mente)?|urgencia|emergencia|cuanto antes|lo antes posible",
        Language.FRENCH: (
            r"urgent[e]?s?|urgence|au plus vite|des que possible|le plus vite possible"
        ),
    },
}


@cache
def _keyword(topic: Topic, language: Language) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{_KEYWORDS[topic][language]})\b")


def mentions(topic: Topic, text: str, language: Language) -> bool:
    """Whether ``text`` has a word of ``topic``."""
    return _keyword(topic, language).search(plain(text)) is not None
