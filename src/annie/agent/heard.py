"""Whether a caller who interrupted had heard the question that they seem to answer."""

import re
from typing import Final

_SENTENCE_START: Final = re.compile(r"(?<=[.?!…])\s+")


def question_heard(spoken: str, heard: str | None, essential: str = "") -> bool:
    """Whether enough of ``spoken`` was heard to answer the question at its end.

    ``heard`` is what the caller heard of it, None when all. A part that is ``essential``,
    such as a number to confirm, must have been heard to its end; without one, half of the
    last sentence will do, because callers answer before a question is over.
    """
    if heard is None:
        return True
    whole, part = " ".join(spoken.split()), " ".join(heard.split())
    if not whole.startswith(part):
        # Something else was said in its place.
        return False
    essential = " ".join(essential.split())
    if essential and essential in whole:
        return len(part) >= whole.rindex(essential) + len(essential)
    return len(part) >= len(whole) - len(_SENTENCE_START.split(whole)[-1]) // 2
