"""Silero VAD over all calls of a process in one model run.

The 8 kHz model takes windows of 256 samples preceded by the last 32 samples of the
window before, and a recurrent state of shape ``[2, n, 128]``. A batch of 32 calls
costs a third per call of what single runs cost.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, cast

import numpy as np
import onnxruntime

from annie.speech.ears.activity import WINDOW_SAMPLES, Float
from annie.speech.models import ModelError, silero_vad_file

_CONTEXT: Final = 32
_STATE: Final = 128
_FIRST_ROWS: Final = 32


class SileroVoiceActivity:
    """``VoiceActivity`` by Silero on one thread; use from one thread only.

    Raises:
        ModelError: the model file is missing or can't be loaded.
    """

    def __init__(self, model: Path | None = None) -> None:
        path = model or silero_vad_file()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise ModelError(
                f"the voice activity model {path} can't be loaded ({error}): reinstall silero-vad"
            ) from error
        self._rate = np.array(8000, np.int64)
        self._state = np.zeros((2, _FIRST_ROWS, _STATE), np.float32)
        self._context = np.zeros((_FIRST_ROWS, _CONTEXT), np.float32)
        self._free = list(range(_FIRST_ROWS - 1, -1, -1))

    def open(self) -> int:
        if not self._free:
            self._grow()
        row = self._free.pop()
        self._state[:, row] = 0
        self._context[row] = 0
        return row

    def close(self, row: int) -> None:
        self._free.append(row)

    def probabilities(self, rows: Sequence[int], windows: Float) -> Float:
        index = np.asarray(rows, np.intp)
        samples = np.concatenate([self._context[index], windows], axis=1)
        output, state = cast(
            "tuple[Float, Float]",
            self._session.run(
                None, {"input": samples, "state": self._state[:, index], "sr": self._rate}
            ),
        )
        self._state[:, index] = state
        self._context[index] = windows[:, WINDOW_SAMPLES - _CONTEXT :]
        return output[:, 0]

    def _grow(self) -> None:
        size = len(self._context)
        self._state = np.concatenate([self._state, np.zeros_like(self._state)], axis=1)
        self._context = np.concatenate([self._context, np.zeros_like(self._context)])
        self._free.extend(range(2 * size - 1, size - 1, -1))
