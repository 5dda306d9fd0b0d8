"""Sounds that aren't words, made of shaped noise and pulses: no recordings.

Each is float at 8 kHz with an RMS of 1 over its loudest 100 ms; ``rng`` decides pitch,
length and timbre, so that no two are alike. They have the envelope, the band and the
roughness of the real thing, not its every detail.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float64]
Maker = Callable[[np.random.Generator], Samples]

_RATE: Final = 8000


def _time(seconds: float) -> Samples:
    return np.arange(int(seconds * _RATE)) / _RATE


def _level(samples: Samples) -> Samples:
    block = _RATE // 10
    loudest = max(
        float(np.mean(samples[at : at + block] ** 2)) for at in range(0, len(samples), block)
    )
    return samples / max(np.sqrt(loudest), 1e-9)


def _band(samples: Samples, low: float, high: float) -> Samples:
    spectrum = np.fft.rfft(samples)
    frequency = np.fft.rfftfreq(len(samples), 1 / _RATE)
    rise = 1 / (1 + (low / np.maximum(frequency, 1)) ** 6)
    fall = 1 / (1 + (frequency / high) ** 6)
    return np.fft.irfft(spectrum * rise * fall, len(samples))


def _throat(samples: Samples, formants: tuple[tuple[float, float], ...]) -> Samples:
    """Resonances (Hz, width in Hz) of a mouth around ``samples``."""
    spectrum = np.fft.rfft(samples)
    frequency = np.fft.rfftfreq(len(samples), 1 / _RATE)
    shape = sum(1 / (1 + ((frequency - center) / width) ** 2) for center, width in formants)
    return np.fft.irfft(spectrum * (0.03 + shape), len(samples))


def _noise(rng: np.random.Generator, seconds: float) -> Samples:
    return rng.standard_normal(int(seconds * _RATE))


def _pulses(rng: np.random.Generator, seconds: float, hertz: float, jitter: float) -> Samples:
    """The buzz of vocal folds, unsteady by ``jitter`` of its period."""
    samples = np.zeros(int(seconds * _RATE))
    at = 0.0
    while at < len(samples) - 1:
        samples[int(at)] = rng.uniform(0.5, 1.0)
        at += _RATE / hertz * (1 + jitter * rng.standard_normal())
        at = max(at, 0.0)
    return np.cumsum(samples - samples.mean()) * 0.3 + samples


def _pause(seconds: float) -> Samples:
    return np.zeros(int(seconds * _RATE))


def cough(rng: np.random.Generator) -> Samples:
    """One to three: a burst, a rush of air, mostly a short voiced end."""
    parts: list[Samples] = []
    for _ in range(rng.integers(1, 4)):
        length = rng.uniform(0.18, 0.32)
        time = _time(length)
        air = _throat(_noise(rng, length), ((rng.uniform(500, 900), 200), (1700, 400), (2900, 600)))
        air *= np.minimum(time / 0.008, 1) * np.exp(-time / rng.uniform(0.05, 0.1))
        tail = _throat(_pulses(rng, length, rng.uniform(110, 260), 0.12), ((600, 150), (1300, 300)))
        tail *= np.exp(-(((time - 0.6 * length) / (0.2 * length)) ** 2))
        ratio = rng.uniform(0.0, 0.3) * np.abs(air).max() / max(np.abs(tail).max(), 1e-9)
        parts += [air + ratio * tail, _pause(rng.uniform(0.08, 0.25))]
    return _level(np.concatenate(parts))


def throat_clearing(rng: np.random.Generator) -> Samples:
    """Two rough, low growls with air in them."""
    parts: list[Samples] = []
    for _ in range(rng.integers(1, 3)):
        length = rng.uniform(0.2, 0.45)
        time = _time(length)
        growl = _throat(
            _level(_pulses(rng, length, rng.uniform(45, 80), 0.3)) + 0.8 * _noise(rng, length),
            ((450, 200), (1100, 300), (2400, 500)),
        )
        parts += [growl * np.sin(np.pi * time / length) ** 0.5, _pause(0.1)]
    return _level(np.concatenate(parts))


def sneeze(rng: np.random.Generator) -> Samples:
    """Air drawn in, then a burst of hissing."""
    before, after = rng.uniform(0.3, 0.6), rng.uniform(0.25, 0.4)
    draw = _band(_noise(rng, before), 600, 2500) * (_time(before) / before) ** 2 * 0.2
    time = _time(after)
    burst = _band(_noise(rng, after), 1200, 3900) * np.minimum(time / 0.01, 1)
    return _level(np.concatenate([draw, burst * np.exp(-time / 0.12)]))


def breath(rng: np.random.Generator) -> Samples:
    """Breathing close to the microphone."""
    length = rng.uniform(0.5, 1.2)
    air = _band(_noise(rng, length), 150, rng.uniform(900, 2500))
    return _level(air * np.sin(np.pi * _time(length) / length) ** 2)


def hiss(rng: np.random.Generator) -> Samples:
    """A bad line."""
    return _level(_band(_noise(rng, 2.5), 200, 3600))


def hum(rng: np.random.Generator) -> Samples:
    """Mains with overtones."""
    time, base = _time(2.5), rng.choice([50.0, 60.0])
    overtones = [np.sin(2 * np.pi * base * n * time + n) / n for n in (1, 2, 3, 4, 5, 6, 8, 10)]
    return _level(np.sum(overtones, axis=0))


def clicks(rng: np.random.Generator) -> Samples:
    """Crackling: short pulses at random."""
    samples = np.zeros(int(2.5 * _RATE))
    for at in rng.integers(0, len(samples) - 80, rng.integers(10, 60)):
        samples[at : at + 80] += rng.choice([-1, 1]) * np.exp(-np.arange(80) / rng.uniform(3, 20))
    return _level(samples)


def gsm_buzz(rng: np.random.Generator) -> Samples:
    """A mobile telephone beside the microphone: bursts at 217 Hz in groups."""
    time = _time(2.5)
    buzz = ((time * 217) % 1 < 0.125).astype(float)
    groups = (time * rng.uniform(2, 5)) % 1 < 0.5
    return _level(_band((buzz - 0.125) * groups, 150, 3500))


def music(rng: np.random.Generator) -> Samples:
    """Chords, bass and a tune with the attack of plucked strings; no singing."""
    beat = 60 / rng.uniform(80, 130)
    samples = np.zeros(int(3.0 * _RATE))
    root = 110 * 2 ** (rng.integers(0, 12) / 12)
    for number in range(int(3.0 / (beat / 2))):
        chord = (0, 5, 7, 9)[number // 4 % 4]
        notes = [chord - 12, *(chord + n for n in (0, 4, 7))] if number % 2 == 0 else []
        notes.append(chord + int(rng.choice([12, 14, 16, 19, 21])))
        start = int(number * beat / 2 * _RATE)
        time = _time(min(0.6, (len(samples) - start) / _RATE))
        for note in notes:
            hertz = root * 2 ** (note / 12)
            tone = sum(np.sin(2 * np.pi * hertz * k * time) / k**1.3 for k in range(1, 8))
            samples[start : start + len(time)] += tone * np.exp(-time / 0.3)
    return _level(_band(samples, 100, 3600))


def keyboard(rng: np.random.Generator) -> Samples:
    """Typing: dull clicks in the rhythm of fingers."""
    samples = np.zeros(int(2.0 * _RATE))
    at = 0.0
    while at < 1.8:
        for offset, loud in ((0.0, 1.0), (rng.uniform(0.05, 0.09), 0.5)):
            length = rng.uniform(0.008, 0.02)
            knock = _band(_noise(rng, 0.04), rng.uniform(300, 1200), 3500)
            knock *= np.exp(-_time(0.04) / length) * loud
            start = int((at + offset) * _RATE)
            end = min(len(samples), start + len(knock))
            samples[start:end] += knock[: end - start]
        at += rng.uniform(0.08, 0.3)
    return _level(samples)


#: Kind of sound → how it is made.
MAKERS: Final[dict[str, Maker]] = {
    "cough": cough,
    "throat clearing": throat_clearing,
    "sneeze": sneeze,
    "breath": breath,
    "hiss": hiss,
    "hum": hum,
    "clicks": clicks,
    "GSM buzz": gsm_buzz,
    "music": music,
    "keyboard": keyboard,
}
