"""Callers for tests: synthesized speech that has been through a G.711 telephone line."""

import audioop
from functools import cache

import numpy as np
import py_nanotts
import soxr

from annie.kit.language import Language
from annie.speech.protocols import Pcm

_VOICES = {Language.ENGLISH: "en-US", Language.SPANISH: "es-ES", Language.FRENCH: "fr-FR"}


@cache
def said(text: str, language: Language = Language.ENGLISH) -> Pcm:
    """``text`` as heard over µ-law, int16 8 kHz, silence around it cut off."""
    spoken = np.frombuffer(py_nanotts.NanoTTS().speak(text, _VOICES[language]), np.int16)
    narrow = np.asarray(soxr.resample(spoken.astype(np.float32), 16000, 8000))
    pcm = np.clip(narrow, -32768, 32767).astype(np.int16)
    loud = np.flatnonzero(np.abs(pcm) > 300)
    return through_g711(pcm[loud[0] : loud[-1] + 1])


def through_g711(pcm: Pcm) -> Pcm:
    """What is left of ``pcm`` after µ-law (ITU-T G.711)."""
    return np.frombuffer(audioop.ulaw2lin(audioop.lin2ulaw(pcm.tobytes(), 2), 2), np.int16)


def line_noise(seconds: float, level: int = 8) -> Pcm:
    """A quiet telephone line."""
    noise = np.random.default_rng(7).standard_normal(int(seconds * 8000)) * level
    return noise.astype(np.int16)
