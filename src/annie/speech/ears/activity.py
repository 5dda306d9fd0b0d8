"""What the ears ask of a voice activity model, for all calls of a process at once."""

from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float32]

#: Samples of one decision: 32 ms at 8 kHz.
WINDOW_SAMPLES: Final = 256
WINDOW_SECONDS: Final = WINDOW_SAMPLES / 8000


class VoiceActivity(Protocol):
    """Tells speech from everything else, one 32 ms window after the other.

    The model remembers each call's past in a *row*, which ``open`` hands out.
    """

    def open(self) -> int:
        """A fresh row for one call."""
        ...

    def close(self, row: int) -> None:
        """Give a row back."""
        ...

    def probabilities(self, rows: Sequence[int], windows: Float) -> Float:
        """Probability of speech, shape ``[n]``, in ``windows[n, 256]`` (−1 to 1, 8 kHz).

        ``rows[i]`` is the call of ``windows[i]``; a row occurs at most once a call.
        """
        ...
