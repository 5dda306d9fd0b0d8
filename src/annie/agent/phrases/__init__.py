"""Everything Annie says of her own, per language."""

import dataclasses

from annie.agent.phrases.english import ENGLISH
from annie.agent.phrases.french import FRENCH
from annie.agent.phrases.sentences import Sentences
from annie.agent.phrases.spanish import SPANISH
from annie.kit.language import Language

__all__ = ["Sentences", "fixed_sentences", "number_without_bot", "sentences"]

_SENTENCES = {
    Language.ENGLISH: ENGLISH,
    Language.SPANISH: SPANISH,
    Language.FRENCH: FRENCH,
}


def sentences(language: Language) -> Sentences:
    """The sentences of ``language``."""
    return _SENTENCES[language]


def fixed_sentences(language: Language) -> list[str]:
    """Complete sentences without anything to fill in: worth synthesizing ahead."""
    found: list[str] = []
    own = _SENTENCES[language]
    for entry in dataclasses.fields(own):
        value = getattr(own, entry.name)
        texts = (value,) if isinstance(value, str) else value
        found.extend(text for text in texts if "{" not in text and text[-1] in ".?!")
    return found


def number_without_bot(language: Language, organization_name: str = "") -> str:
    """What a caller hears on a number that no bot answers yet."""
    own = _SENTENCES[language]
    if organization_name:
        return own.number_without_bot.format(name=organization_name)
    return own.number_without_bot_nameless
