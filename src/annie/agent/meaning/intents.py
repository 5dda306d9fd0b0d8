"""What callers want besides trained answers, recognized by example phrases."""

import json
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Final, cast

import numpy as np

from annie.agent.meaning.concepts import concepts, units
from annie.agent.meaning.encoder import Vectors, encode, sentence_vector
from annie.agent.understanding.words import content_words
from annie.kit.language import Language


class Intent(StrEnum):
    """What a caller may want."""

    HOURS = "hours"
    OPEN_NOW = "open_now"
    ADDRESS = "address"
    PHONE = "phone"
    HUMAN = "human"
    MESSAGE = "message"
    GOODBYE = "goodbye"
    REPEAT = "repeat"
    MISUNDERSTANDING = "misunderstanding"
    IDENTITY = "identity"
    HELP = "help"
    WAIT = "wait"
    #: Hours on a holiday or date, which weekly office hours don't tell.
    SPECIAL_DAY = "special_day"


#: Intents that are answered with a fact of the organization.
FACTS: Final = frozenset({Intent.HOURS, Intent.OPEN_NOW, Intent.ADDRESS, Intent.PHONE})
#: Cosine with the nearest example from which an intent is taken for meant.
NEAR: Final = 0.8
#: Concepts that an utterance of this intent may name.
_OWN_CONCEPTS: Final[Mapping[Intent, frozenset[str]]] = {
    Intent.HOURS: frozenset({"opening", "weekday"}),
    Intent.OPEN_NOW: frozenset({"opening"}),
    Intent.ADDRESS: frozenset({"place", "directions"}),
    Intent.HUMAN: frozenset({"staff_name", "doctor", "patient"}),
    Intent.MESSAGE: frozenset({"staff_name", "doctor", "send"}),
}


@cache
def _examples(language: Language) -> tuple[list[Intent], Vectors]:
    source = resources.files("annie.agent.meaning").joinpath("examples", f"{language.code}.json")
    table = cast("dict[str, list[str]]", json.loads(source.read_text("utf-8")))
    owners = [Intent(name) for name, phrases in table.items() for _ in phrases]
    return owners, encode([phrase for phrases in table.values() for phrase in phrases])


def nearest_intent(text: str, language: Language) -> tuple[Intent, float] | None:
    """The intent whose example is nearest to ``text`` and its cosine, if near enough.

    An utterance that names a concept foreign to the intent isn't of that intent: "when
    does the pool open" is near to "when do you open", and yet another question.
    """
    owners, vectors = _examples(language)
    similarity = vectors @ sentence_vector(text)
    place = int(np.argmax(similarity))
    intent, cosine = owners[place], float(similarity[place])
    if cosine < NEAR:
        return None
    if concepts(text, language) - _OWN_CONCEPTS.get(intent, frozenset()):
        return None
    unknown = [unit for unit in units(text, language) if not unit.concepts]
    if intent in FACTS and len(unknown) > 1 and len(content_words(text, language)) > 2:
        return None
    return intent, cosine


def warm(language: Language) -> None:
    """Embed the examples of ``language``."""
    _examples(language)
