"""Finds set phrases in what a caller said, and what is left without them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from annie.agent.understanding.words import content_words, plain
from annie.kit.language import Language


@dataclass(slots=True, frozen=True)
class Found:
    """A phrase occurred. ``rest`` is the folded text without it."""

    rest: str

    def content(self, language: Language) -> list[str]:
        """Content words beside the phrase."""
        return content_words(self.rest, language)


@dataclass(frozen=True)
class Phrasebook:
    """Regular expressions over folded words (no accents, no punctuation) per language."""

    patterns: Mapping[Language, str]

    def __hash__(self) -> int:
        return id(self)

    def find(self, text: str, language: Language) -> Found | None:
        """Whether a phrase of ``language`` occurs in ``text``."""
        folded = plain(text)
        pattern = _compiled(self.patterns[language])
        if pattern.search(folded) is None:
            return None
        return Found(" ".join(pattern.sub(" ", folded).split()))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{pattern})\b")
