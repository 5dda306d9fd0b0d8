"""Concepts of everyday business questions, shared by words of three languages.

The sentence encoder knows that "do you tow cars" and "do you paint cars" are alike;
it doesn't know that the difference is all that matters. A concept named in the
question and absent from an FAQ tells exactly that, and "parqueo" and
"estacionamiento" are one concept whatever the encoder thinks.
"""

from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Final

from annie.agent.understanding.words import content_words, plain, similar, stem
from annie.kit.language import Language

_COLUMNS: Final = (Language.ENGLISH, Language.SPANISH, Language.FRENCH)


@dataclass(slots=True, frozen=True)
class _Vocabulary:
    phrases: tuple[tuple[str, str], ...]
    prefixes: tuple[tuple[str, str], ...]
    exact: dict[str, frozenset[str]]


@dataclass(slots=True, frozen=True)
class Unit:
    """A content word or a known phrase of a text, and the concepts it names (maybe none)."""

    text: str
    concepts: frozenset[str]


@cache
def _vocabulary(language: Language) -> _Vocabulary:
    column = _COLUMNS.index(language) + 1
    phrases: list[tuple[str, str]] = []
    prefixes: list[tuple[str, str]] = []
    exact: dict[str, set[str]] = {}
    text = resources.files("annie.agent.meaning").joinpath("concepts.txt").read_text("utf-8")
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("|")]
        for entry in cells[column].split():
            if "_" in entry:
                phrases.append((entry.replace("_", " ").rstrip("*"), cells[0]))
            elif entry.endswith("*"):
                prefixes.append((entry[:-1], cells[0]))
            else:
                exact.setdefault(stem(entry, language), set()).add(cells[0])
    return _Vocabulary(
        tuple(phrases),
        tuple(prefixes),
        {word: frozenset(names) for word, names in exact.items()},
    )


@lru_cache(maxsize=4096)
def _of_word(word: str, language: Language) -> frozenset[str]:
    vocabulary = _vocabulary(language)
    found = set(vocabulary.exact.get(stem(word, language), ()))
    found.update(name for prefix, name in vocabulary.prefixes if word.startswith(prefix))
    if not found and len(word) >= 6:
        # A recognizer's slip of one letter in a long word still names the concept.
        found.update(
            name
            for prefix, name in vocabulary.prefixes
            if len(prefix) >= 5 and similar(word[: len(prefix)], prefix)
        )
    return frozenset(found)


@lru_cache(maxsize=4096)
def units(text: str, language: Language) -> tuple[Unit, ...]:
    """Content of ``text`` piece by piece; the words of a known phrase make one unit."""
    folded = f" {plain(text)} "
    phrases: dict[str, set[str]] = {}
    for phrase, name in _vocabulary(language).phrases:
        if f" {phrase}" in folded:
            phrases.setdefault(phrase, set()).add(name)
    covered = {word for phrase in phrases for word in phrase.split()}
    found = [Unit(phrase, frozenset(names)) for phrase, names in phrases.items()]
    found.extend(
        Unit(word, _of_word(word, language))
        for word in dict.fromkeys(content_words(text, language))
        if word not in covered
    )
    return tuple(found)


def concepts(text: str, language: Language) -> frozenset[str]:
    """All concepts that ``text`` names."""
    return frozenset().union(*(unit.concepts for unit in units(text, language)))
