"""Moments while Annie speaks, made with fixed seeds instead of being kept as files.

Words are spoken by the embedded synthesizer in five voices, several paces and levels;
everything else is synthetic (``sounds``). Each moment belongs to one of two halves:
what is tuned is tuned on the first, what is reported comes from the second, whose
phrases, seeds, delays and levels are others.
"""

import zlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from annie.kit.language import Language, VoiceId
from annie.speech.protocols import Pcm
from bench.interruptions.sounds import MAKERS
from bench.voices import Voices


class Effect(StrEnum):
    """What Annie should do."""

    STOP = "stop"
    GO_ON = "go on"


@dataclass(slots=True, frozen=True)
class Echo:
    """Annie's own voice on the caller's line: delay in ms, attenuation in dB."""

    delay_ms: int
    loss_db: float
    low_pass: bool


@dataclass(slots=True, frozen=True)
class Moment:
    """``audio`` (int16, 8 kHz; empty for an echo) is heard while Annie is speaking."""

    kind: str
    name: str
    half: int
    language: Language
    effect: Effect
    audio: Pcm
    echo: Echo | None = None


#: First half, second half.
INTERRUPTIONS: Final[dict[Language, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    Language.ENGLISH: (
        ("Wait.", "No, I meant Tuesday.", "Excuse me.", "How much does that cost?"),
        ("Stop.", "Sorry, can I ask something?", "No, not that one.", "Do you open on Sunday?"),
    ),
    Language.SPANISH: (
        ("Espere.", "No, quise decir el martes.", "Perdone.", "¿Cuánto cuesta eso?"),
        ("Pare.", "Disculpe, tengo una pregunta.", "No, eso no.", "¿Abren los domingos?"),
    ),
    Language.FRENCH: (
        ("Attendez.", "Non, je voulais dire mardi.", "Excusez-moi.", "Combien ça coûte ?"),
        ("Arrêtez.", "Pardon, j'ai une question.", "Non, pas celui-là.", "Vous ouvrez dimanche ?"),
    ),
}
BACK_CHANNELS: Final[dict[Language, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    Language.ENGLISH: (
        ("Uh-huh.", "Okay.", "Yeah."),
        ("Mm-hmm.", "Right.", "Okay, okay."),
    ),
    Language.SPANISH: (("Ajá.", "Sí.", "Vale."), ("Mm.", "Sí, sí.", "Claro.")),
    Language.FRENCH: (
        ("Ouais.", "D'accord.", "Oui."),
        ("Mm.", "Oui, oui.", "Ah, d'accord."),
    ),
}
_VOICES: Final = tuple(VoiceId)
_PACES: Final = (1.0, 0.9, 1.15)
#: Level of the loudest 100 ms, dB below full scale.
_SPEECH_DB: Final = ((-16.0, -22.0, -30.0), (-18.0, -25.0, -32.0))
_SOUND_DB: Final = ((-20.0, -27.0, -35.0), (-17.0, -24.0, -31.0))
_DELAYS_MS: Final = ((20, 80, 160, 260), (40, 120, 200, 300))
_LOSSES_DB: Final = ((10.0, 17.0, 24.0, 31.0), (12.0, 20.0, 27.0, 35.0))


def at_level(samples: np.ndarray, level_db: float) -> Pcm:
    """``samples`` with the loudest 100 ms at ``level_db`` below full scale."""
    values = samples.astype(np.float64)
    blocks = [values[at : at + 800] for at in range(0, len(values), 800)]
    loudest = max(float(np.sqrt(np.mean(block**2))) for block in blocks)
    scaled = values * (32768 * 10 ** (level_db / 20) / max(loudest, 1e-9))
    return np.clip(scaled, -32768, 32767).astype(np.int16)


async def moments(voices: Voices, half: int, takes: int) -> list[Moment]:
    """All moments of ``half`` (0 or 1), each phrase and sound in ``takes`` versions."""
    found: list[Moment] = []
    for language in Language:
        found += await _spoken(
            voices, half, takes, language, "interruption", INTERRUPTIONS[language][half]
        )
        found += await _spoken(
            voices, half, takes, language, "back-channel", BACK_CHANNELS[language][half]
        )
        found += _echoes(half, takes, language)
    return found + _sounds(half, takes)


async def _spoken(
    voices: Voices,
    half: int,
    takes: int,
    language: Language,
    kind: str,
    phrases: tuple[str, ...],
) -> list[Moment]:
    effect = Effect.STOP if kind == "interruption" else Effect.GO_ON
    found: list[Moment] = []
    for number, phrase in enumerate(phrases):
        for take in range(takes):
            voice = _VOICES[(number + 2 * take + half) % len(_VOICES)]
            pace = _PACES[(number + take) % len(_PACES)]
            level = _SPEECH_DB[half][(number + take) % 3]
            audio = await voices.say(phrase, language, voice, pace)
            name = f"{phrase} {voice.value} {pace} {level} dB"
            found.append(Moment(kind, name, half, language, effect, at_level(audio, level)))
    return found


def _sounds(half: int, takes: int) -> list[Moment]:
    found: list[Moment] = []
    languages = tuple(Language)
    for kind, make in MAKERS.items():
        for take in range(3 * takes):
            seed = zlib.crc32(f"{kind} {half} {take}".encode())
            level = _SOUND_DB[half][take % 3]
            found.append(
                Moment(
                    kind,
                    f"{kind} {take} {level} dB",
                    half,
                    languages[take % len(languages)],
                    Effect.GO_ON,
                    at_level(make(np.random.default_rng(seed)), level),
                )
            )
    return found


def _echoes(half: int, takes: int, language: Language) -> list[Moment]:
    found: list[Moment] = []
    for number, delay in enumerate(_DELAYS_MS[half]):
        for take, loss in enumerate(_LOSSES_DB[half][: max(2, takes)]):
            echo = Echo(delay, loss, low_pass=(number + take) % 2 == 0)
            filtered = ", low-pass" if echo.low_pass else ""
            found.append(
                Moment(
                    "echo",
                    f"echo {delay} ms −{loss} dB{filtered}",
                    half,
                    language,
                    Effect.GO_ON,
                    np.zeros(0, np.int16),
                    echo,
                )
            )
    return found
