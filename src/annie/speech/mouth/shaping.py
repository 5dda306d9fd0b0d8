"""From a synthesizer's output to the telephone: speaker size, tone, level, trimming.

Resampling at another ratio than 2:1 moves pitch and formants together, which is
what the ear takes for a larger or smaller speaker (Fant's uniform vocal tract
scaling). The synthesizer compensates pitch and tempo, so only the formants stay
moved; see ``voices.Recipe``.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
import soxr

from annie.speech.protocols import Pcm

SAMPLE_RATE: Final = 8000
SOURCE_RATE: Final = 16000

#: Quieter than this is taken for the silence that a synthesizer adds at both ends:
#: about -50 dBFS, below the weakest fricative of the embedded voices.
_SILENCE: Final = 0.003
_WINDOW: Final = SAMPLE_RATE // 200
_KEEP_LEAD: Final = SAMPLE_RATE * 4 // 1000
_KEEP_TAIL: Final = SAMPLE_RATE * 16 // 1000
#: Longest pause within a clause. The Spanish voice waits up to 0.8 s before "¿".
_LONGEST_PAUSE: Final = SAMPLE_RATE * 300 // 1000
_FADE_IN: Final = SAMPLE_RATE * 2 // 1000
_FADE_OUT: Final = SAMPLE_RATE * 8 // 1000

#: Above this level (-6 dBFS) peaks are bent instead of cut.
_KNEE: Final = 0.5
_CEILING: Final = 0.9

_TILT_PIVOT_HZ: Final = 1000.0
_TILT_LOW_HZ: Final = 250.0
_RUMBLE_HZ: Final = 70.0

Samples = npt.NDArray[np.float32]


def shape(raw: Pcm, *, size: float, tilt_db: float, gain_db: float, rate: int = SOURCE_RATE) -> Pcm:
    """Telephone audio (8 kHz) of synthesized speech at ``rate`` Hz.

    ``size`` scales the formants (below 1: a larger speaker); pitch and tempo are
    scaled with them. ``tilt_db`` is decibels per octave around 1 kHz; ``gain_db``
    is applied before the limiter. Silence at both ends is cut to a few ms, silence
    within to 300 ms.
    """
    if raw.size == 0:
        return np.zeros(0, np.int16)
    source = raw.astype(np.float32) / 32768
    samples = soxr.resample(source, rate * size, SAMPLE_RATE, quality="HQ")
    samples = _equalize(samples, tilt_db) * np.float32(10 ** (gain_db / 20))
    samples = _trim(_limit(samples))
    return np.round(samples * 32767).astype(np.int16)


def _equalize(samples: Samples, tilt_db: float) -> Samples:
    length = 1 << (samples.size + SAMPLE_RATE // 20 - 1).bit_length()
    frequencies = np.fft.rfftfreq(length, 1 / SAMPLE_RATE)
    octaves = np.log2(np.maximum(frequencies, _TILT_LOW_HZ) / _TILT_PIVOT_HZ)
    curve = 10 ** (tilt_db * octaves / 20)
    # Below the voice there is only rumble, which costs level on a telephone.
    ratio = (frequencies / _RUMBLE_HZ) ** 4
    curve *= ratio / (1 + ratio)
    spectrum = np.fft.rfft(samples, length) * curve
    return np.fft.irfft(spectrum, length)[: samples.size].astype(np.float32)


def _limit(samples: Samples) -> Samples:
    level = np.abs(samples)
    room = _CEILING - _KNEE
    bent = _KNEE + room * np.tanh((level - _KNEE) / room)
    return np.where(level > _KNEE, np.copysign(bent, samples), samples).astype(np.float32)


def _trim(samples: Samples) -> Samples:
    whole = samples.size // _WINDOW * _WINDOW
    peaks = np.abs(samples[:whole]).reshape(-1, _WINDOW).max(axis=1, initial=0.0)
    loud = np.flatnonzero(peaks > _SILENCE) * _WINDOW
    if loud.size == 0:
        return samples[:0]
    start = max(int(loud[0]) - _KEEP_LEAD, 0)
    end = min(int(loud[-1]) + _WINDOW + _KEEP_TAIL, samples.size)
    parts: list[Samples] = []
    # Both halves of a pause stay next to their words; what goes is its middle.
    for gap in np.flatnonzero(np.diff(loud) - _WINDOW > _LONGEST_PAUSE):
        parts.append(samples[start : int(loud[gap]) + _WINDOW + _LONGEST_PAUSE // 2])
        start = int(loud[gap + 1]) - _LONGEST_PAUSE // 2
    kept = np.concatenate((*parts, samples[start:end]))
    fade_in, fade_out = min(_FADE_IN, kept.size), min(_FADE_OUT, kept.size)
    kept[:fade_in] *= np.linspace(0, 1, fade_in, dtype=np.float32)
    kept[kept.size - fade_out :] *= np.linspace(1, 0, fade_out, dtype=np.float32)
    return kept


def active_level_dbfs(pcm: Pcm) -> float:
    """RMS level of the speech in ``pcm`` (8 kHz) in dBFS, pauses left out.

    A 20 ms block counts as speech when it is within 16 dB of the loudest tenth, in
    the manner of ITU-T P.56. Returns ``-inf`` for silence.
    """
    block = SAMPLE_RATE // 50
    whole = pcm.size // block * block
    if whole == 0:
        return float("-inf")
    power = (pcm[:whole].astype(np.float64).reshape(-1, block) ** 2).mean(axis=1)
    loudest = float(np.percentile(power, 90))
    if loudest == 0:
        return float("-inf")
    active = power[power > loudest * 10**-1.6]
    return float(10 * np.log10(active.mean() / 32768**2))
