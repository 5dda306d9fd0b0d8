"""Whether what is heard is Annie's own voice coming back.

A telephone that is too loud, or on loudspeaker, returns her words 20 to 600 ms later,
weaker and filtered. Level alone doesn't tell such an echo from a caller who speaks
softly; that it can be computed from what she just said does. So the last 160 ms are
compared with her voice at every delay, and a short filter is fitted at the best one
(least squares, as an echo canceller would converge to, ITU-T G.168).
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from annie.speech.protocols import Pcm

Samples = npt.NDArray[np.float64]

_HEARD: Final = 1280
_LONGEST_DELAY: Final = 4800
#: 4 ms of filter around the delay: a handset and the room close by.
_TAPS: Final = 32
_BEFORE: Final = 8
_FFT: Final = 8192
#: What her voice can't explain: at most this share of the power, or half of it and so faint.
_RESIDUE: Final = 0.15
_FAINT_RESIDUE: Final = 0.5
_FAINT_DB: Final = -42.0
_SILENT_POWER: Final = 1.0


class EchoOfAnnie:
    """Compares one caller's line with what was said into it."""

    def __init__(self) -> None:
        self._heard = np.zeros(_HEARD)
        self._said = np.zeros(_HEARD + _LONGEST_DELAY)

    def add(self, heard: Pcm, said: Pcm) -> None:
        """The same stretch of the call (int16, 8 kHz) in both directions."""
        self._heard = np.concatenate((self._heard[len(heard) :], heard))
        self._said = np.concatenate((self._said[len(said) :], said))

    def explains(self) -> bool:
        """Whether the last 160 ms are her echo and nobody else's voice. About 0.5 ms of CPU."""
        power = float(np.mean(self._heard**2))
        if power < _SILENT_POWER or float(np.mean(self._said**2)) < _SILENT_POWER:
            return False
        delay = self._delay()
        start = max(0, _LONGEST_DELAY - delay - (_TAPS - _BEFORE - 1))
        stretch = self._said[start : start + _HEARD + _TAPS - 1]
        if len(stretch) < _HEARD + _TAPS - 1:
            stretch = np.pad(stretch, (0, _HEARD + _TAPS - 1 - len(stretch)))
        copies = np.lib.stride_tricks.sliding_window_view(stretch, _HEARD).T
        normal = copies.T @ copies
        normal[np.diag_indices(_TAPS)] += 1e-3 * np.trace(normal) / _TAPS + 1.0
        taps = np.linalg.solve(normal, copies.T @ self._heard)
        residue = float(np.mean((self._heard - copies @ taps) ** 2))
        faint = residue < 32768**2 * 10 ** (_FAINT_DB / 10)
        return residue < power * (_FAINT_RESIDUE if faint else _RESIDUE)

    def _delay(self) -> int:
        """Samples by which her voice fits best."""
        spectrum = np.fft.rfft(self._said, _FFT) * np.conj(np.fft.rfft(self._heard, _FFT))
        match = np.fft.irfft(spectrum, _FFT)[: _LONGEST_DELAY + 1]
        sums = np.concatenate(([0.0], np.cumsum(self._said**2)))
        powers = sums[_HEARD : _HEARD + _LONGEST_DELAY + 1] - sums[: _LONGEST_DELAY + 1]
        return _LONGEST_DELAY - int(np.argmax(match**2 / (powers + _HEARD * _SILENT_POWER)))
