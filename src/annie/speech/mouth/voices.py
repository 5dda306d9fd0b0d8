"""The five stock voices in each language, as recipes for the embedded synthesizer.

SVOX Pico carries one speaker per language (two in English), all of one kind. Five
people are made of it by what tells people apart on a telephone: the pitch of the
voice, the size of the speaker (formants), pace and brightness. Each recipe moves
several of these in the same direction as nature does, which avoids the chipmunk
that pitch alone would give.
"""

from dataclasses import dataclass
from typing import Final

from annie.kit.language import Language, VoiceId

MIN_SPEED: Final = 0.5
MAX_SPEED: Final = 2.0


@dataclass(slots=True, frozen=True)
class Recipe:
    """How one stock voice is made in one language; factors are relative to the speaker.

    ``pitch`` scales the fundamental, ``size`` the formants (below 1: larger), ``pace``
    the words a minute; ``tilt_db`` is decibels per octave around 1 kHz, ``gain_db``
    brings the result to -18 dBFS of active speech.
    """

    speaker: str
    pitch: float
    size: float
    pace: float
    tilt_db: float
    gain_db: float

    @property
    def source_pitch(self) -> float:
        """Pitch to ask of the synthesizer, whose output is then scaled by ``size``."""
        return self.pitch / self.size

    def source_speed(self, speed: float) -> float:
        """Speed to ask of the synthesizer for a number tuned to ``speed`` (1.0 is neutral)."""
        return self.pace * min(max(speed, MIN_SPEED), MAX_SPEED) / self.size


DESCRIPTIONS: Final[dict[VoiceId, str]] = {
    VoiceId.FRIENDLY_BRIGHT: "A bright, friendly voice, a little above the middle; good for shops.",
    VoiceId.CALM_REASSURING: "Low, warm and unhurried; good for clinics and difficult moments.",
    VoiceId.POLISHED_PROFESSIONAL: "Even and precise, in the middle; in English with a British "
    "accent; good for law and finance.",
    VoiceId.KIND_CURIOUS: "High, light and attentive; good for schools, pets and children.",
    VoiceId.CONFIDENT_UPBEAT: "Low-middle, crisp and brisk; good for sales and trades.",
}

_RECIPES: Final[dict[Language, dict[VoiceId, Recipe]]] = {
    Language.ENGLISH: {
        VoiceId.CALM_REASSURING: Recipe("en-US", 0.72, 0.87, 0.94, 0.5, -1.7),
        VoiceId.CONFIDENT_UPBEAT: Recipe("en-US", 0.85, 0.93, 1.09, 2.0, 0.4),
        VoiceId.POLISHED_PROFESSIONAL: Recipe("en-GB", 0.93, 0.99, 0.98, 1.5, -0.7),
        VoiceId.FRIENDLY_BRIGHT: Recipe("en-US", 1.2, 1.05, 1.02, 2.0, -0.6),
        VoiceId.KIND_CURIOUS: Recipe("en-US", 1.4, 1.12, 0.97, 1.0, -2.4),
    },
    Language.SPANISH: {
        VoiceId.CALM_REASSURING: Recipe("es-ES", 0.70, 0.87, 1.05, 0.5, -0.7),
        VoiceId.CONFIDENT_UPBEAT: Recipe("es-ES", 0.83, 0.93, 1.22, 2.0, 0.8),
        VoiceId.POLISHED_PROFESSIONAL: Recipe("es-ES", 0.97, 1.0, 1.12, 1.5, -1.1),
        VoiceId.FRIENDLY_BRIGHT: Recipe("es-ES", 1.13, 1.05, 1.14, 2.0, -1.5),
        VoiceId.KIND_CURIOUS: Recipe("es-ES", 1.32, 1.12, 1.08, 1.0, -3.9),
    },
    Language.FRENCH: {
        VoiceId.CALM_REASSURING: Recipe("fr-FR", 0.70, 0.86, 0.95, 0.5, -0.3),
        VoiceId.CONFIDENT_UPBEAT: Recipe("fr-FR", 0.83, 0.90, 1.06, 2.0, 1.9),
        VoiceId.POLISHED_PROFESSIONAL: Recipe("fr-FR", 0.97, 0.95, 0.98, 1.5, 0.1),
        VoiceId.FRIENDLY_BRIGHT: Recipe("fr-FR", 1.11, 0.99, 0.98, 2.0, 0.3),
        VoiceId.KIND_CURIOUS: Recipe("fr-FR", 1.26, 1.03, 0.95, 2.0, -0.9),
    },
}


def recipe(voice: VoiceId, language: Language) -> Recipe:
    """The recipe of ``voice`` in ``language``; every pair has one."""
    return _RECIPES[language][voice]
