"""How high a voice is."""

import numpy as np
import numpy.typing as npt

from annie.speech.protocols import Pcm

_RATE = 8000


def pitch_hz(pcm: Pcm) -> float:
    """Median fundamental of voiced 40 ms frames, by autocorrelation corrected for its window."""
    size = _RATE * 40 // 1000
    window = np.hanning(size)
    lags = slice(_RATE // 400, _RATE // 70)
    own = _autocorrelation(window)
    loud = np.sqrt(np.mean(pcm.astype(np.float64) ** 2)) / 2
    found: list[float] = []
    for start in range(0, pcm.size - size, size // 2):
        frame = pcm[start : start + size].astype(np.float64)
        if np.sqrt(np.mean(frame**2)) < loud:
            continue
        correlation = _autocorrelation((frame - frame.mean()) * window) / np.maximum(own, 1e-9)
        lag = lags.start + int(np.argmax(correlation[lags]))
        if correlation[lag] > 0.5 * correlation[0]:
            found.append(_RATE / lag)
    return float(np.median(found))


def _autocorrelation(frame: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    spectrum = np.abs(np.fft.rfft(frame, 2048)) ** 2
    return np.fft.irfft(spectrum)[: frame.size]
