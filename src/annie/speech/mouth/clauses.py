"""Where a text may be cut so that its first words can be heard early.

The first clause is short, because the caller waits for it; what follows comes in
whole sentences, which sound better, and is synthesized while the first is playing.
Works on speakable text: abbreviations and figures have become words, so a full
stop is the end of a sentence. A group of spoken digits is never cut.
"""

import re
from dataclasses import dataclass
from typing import Final

from annie.kit.language import Language
from annie.speech.mouth.speakable import is_number_word

SENTENCE_PAUSE_MS: Final = 250
CLAUSE_PAUSE_MS: Final = 120

_SHORTEST: Final = 12
_FIRST_LIMIT: Final = 70
_LIMIT: Final = 240

_SENTENCE_END: Final = re.compile(r"[.!?…]+[\"'»”’)]*(?=\s|$)")
_CLAUSE_END: Final = re.compile(r"[,;:](?=\s)|\s(?=[–—]\s)")
_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*", re.UNICODE)


@dataclass(slots=True, frozen=True)
class Clause:
    """A piece to synthesize in one go, and the pause that follows it (0 after the last)."""

    text: str
    pause_ms: int


def split(text: str, language: Language) -> tuple[Clause, ...]:
    """``text`` in clauses whose texts, joined by spaces, are ``text`` again (spaces apart)."""
    pieces: list[tuple[str, int]] = []
    for sentence in _sentences(text):
        limit = _LIMIT if pieces else _FIRST_LIMIT
        parts = _within(sentence, limit, language)
        pieces += [(part, CLAUSE_PAUSE_MS) for part in parts[:-1]]
        pieces.append((parts[-1], SENTENCE_PAUSE_MS))
    return tuple(
        Clause(piece, pause if number < len(pieces) else 0)
        for number, (piece, pause) in enumerate(pieces, start=1)
    )


def _sentences(text: str) -> list[str]:
    """Sentences of ``text``; one without a word in it joins its neighbour."""
    found: list[str] = []
    start = 0
    for end in [match.end() for match in _SENTENCE_END.finditer(text)] + [len(text)]:
        piece = text[start:end].strip()
        start = end
        if not piece:
            continue
        if found and not _WORD.search(piece):
            found[-1] += f" {piece}"
        else:
            found.append(piece)
    return found


def _within(sentence: str, limit: int, language: Language) -> list[str]:
    """``sentence`` in parts: the first at most ``limit`` characters, the others ``_LIMIT``.

    A sentence within its limit stays whole. Where there is no comma to cut at, a
    part may be longer than its limit, up to twice, and is then cut between words.
    """
    parts: list[str] = []
    rest = sentence
    while len(rest) > limit:
        cut = _cut(rest, limit, language)
        if cut is None:
            break
        parts.append(rest[:cut].strip())
        rest = rest[cut:].strip()
        limit = _LIMIT
    parts.append(rest)
    return parts


def _cut(text: str, limit: int, language: Language) -> int | None:
    marks = [match.end() for match in _CLAUSE_END.finditer(text)]
    good = [
        mark
        for mark in marks
        if mark >= _SHORTEST
        and len(text) - mark >= _SHORTEST
        and not _in_number(text, mark, language)
    ]
    if within := [mark for mark in good if mark <= limit]:
        return within[-1] if limit == _LIMIT else within[0]
    if good and good[0] <= 2 * limit:
        return good[0]
    if len(text) <= 2 * _LIMIT:
        return None
    space = text.rfind(" ", _SHORTEST, _LIMIT)
    return space if space > 0 else _LIMIT


def _in_number(text: str, mark: int, language: Language) -> bool:
    before = _WORD.findall(text[max(mark - 40, 0) : mark])
    after = _WORD.search(text, mark)
    return bool(
        before
        and after
        and is_number_word(before[-1], language)
        and is_number_word(after.group(), language)
    )
