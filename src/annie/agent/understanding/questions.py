"""Splits a caller turn into the questions it may hold."""

import re
from typing import Final

from annie.agent.understanding.words import plain, words
from annie.kit.language import Language

_END: Final = re.compile(r"(?<=[.?!;])\s+")
_JOINED: Final[dict[Language, re.Pattern[str]]] = {
    Language.ENGLISH: re.compile(
        r",?\s+(?:and (?:also )?|also |but )(?=(?:what|when|where|who|how|which|is|are|do|does"
        r"|can|could|will|would|should)\b)",
        re.IGNORECASE,
    ),
    Language.SPANISH: re.compile(
        r",?\s+(?:y (?:también )?|también |pero )(?=¿|(?:qué|que|cuándo|cuando|dónde|donde"
        r"|quién|cómo|como|cuál|cual|cuánto|cuanto|a qué|a que|tienen|hay|aceptan|puedo|pueden"
        r"|hacen|están|abren|\w{4,}(?:en|an))\b)",
        re.IGNORECASE,
    ),
    Language.FRENCH: re.compile(
        r",?\s+(?:et (?:aussi )?|aussi |mais )(?=(?:est-ce|quel|quelle|quels|quelles|quand|où"
        r"|ou|comment|combien|qui|à quelle|a quelle|avez|y a|puis|peut|pouvez|faites|êtes"
        r"|acceptez|prenez|vous)\b)",
        re.IGNORECASE,
    ),
}
_ASKING: Final[dict[Language, re.Pattern[str]]] = {
    Language.ENGLISH: re.compile(
        r"^(?:what|when|where|who|how|which|why|is|are|do|does|did|can|could|will|would|should"
        r"|have|has)\b"
    ),
    Language.SPANISH: re.compile(
        r"^(?:que|cuando|donde|quien|como|cual|cuanto|cuanta|a que|tienen|hay|aceptan|puedo"
        r"|pueden|puede|hacen|estan|abren|venden)\b"
    ),
    Language.FRENCH: re.compile(
        r"^(?:est ce|quel|quelle|quels|quelles|quand|ou|comment|combien|qui|pourquoi|a quelle"
        r"|avez|y a|puis|peut|pouvez|faites|etes|acceptez|prenez|vendez|vous)\b"
    ),
}
_MOST: Final = 4


def questions(text: str, language: Language) -> list[str]:
    """Parts of ``text`` that can be understood apart, in order; ``text`` itself if it is one."""
    parts = [
        part.strip()
        for sentence in _END.split(text.strip())
        for part in _JOINED[language].split(sentence)
        if words(part)
    ]
    return parts[:_MOST] if len(parts) > 1 else [text.strip()]


def is_question(text: str, language: Language) -> bool:
    """Whether ``text`` asks, by its mark or its first word."""
    return "?" in text or _ASKING[language].search(plain(text)) is not None
