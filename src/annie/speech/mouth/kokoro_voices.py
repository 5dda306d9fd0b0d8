"""The five stock voices in each language, as recipes for Kokoro.

Kokoro's speakers are vectors, which can be mixed: a mixture of two is a third person.
Each persona is near in pitch and pace to the one that SVOX Pico makes (``voices``), because
a caller may hear both in one call. ``docs/voices.md`` has the measurements.
"""

from dataclasses import dataclass
from typing import Final

from annie.kit.language import Language, VoiceId
from annie.speech.mouth.voices import MAX_SPEED, MIN_SPEED

#: What Kokoro does well; beyond it swallows or stretches syllables.
_SLOWEST: Final = 0.6
_FASTEST: Final = 1.6


@dataclass(slots=True, frozen=True)
class Blend:
    """How one stock voice is made in one language.

    ``speakers`` are voice vectors and their weights; ``size`` scales the formants and with
    them the pitch (below 1: a larger, deeper speaker), ``pace`` the words a minute.
    ``tilt_db`` is decibels per octave around 1 kHz.
    """

    speakers: tuple[tuple[str, float], ...]
    pace: float = 1.0
    size: float = 1.0
    tilt_db: float = 0.0
    british: bool = False

    def source_speed(self, speed: float) -> float:
        """Speed to ask of the model for a number tuned to ``speed`` (1.0 is neutral)."""
        wanted = self.pace * min(max(speed, MIN_SPEED), MAX_SPEED) / self.size
        return min(max(wanted, _SLOWEST), _FASTEST)


_BLENDS: Final[dict[Language, dict[VoiceId, Blend]]] = {
    Language.ENGLISH: {
        VoiceId.CALM_REASSURING: Blend((("am_michael", 1.0),), 0.88, 1.0, 0.0),
        VoiceId.CONFIDENT_UPBEAT: Blend((("am_fenrir", 0.6), ("am_puck", 0.4)), 0.88, 1.1, 1.0),
        VoiceId.POLISHED_PROFESSIONAL: Blend((("bf_emma", 1.0),), 0.9, 0.95, 0.5, british=True),
        VoiceId.FRIENDLY_BRIGHT: Blend((("af_heart", 1.0),), 0.88, 1.06, 1.0),
        VoiceId.KIND_CURIOUS: Blend((("af_sarah", 0.5), ("af_jessica", 0.5)), 0.82, 1.18, 1.0),
    },
    Language.SPANISH: {
        VoiceId.CALM_REASSURING: Blend((("em_santa", 0.6), ("em_alex", 0.4)), 0.88, 0.97, 0.0),
        VoiceId.CONFIDENT_UPBEAT: Blend((("em_alex", 0.75), ("pm_alex", 0.25)), 0.98, 1.15, 1.0),
        VoiceId.POLISHED_PROFESSIONAL: Blend((("ef_dora", 1.0),), 0.93, 1.0, 0.5),
        VoiceId.FRIENDLY_BRIGHT: Blend((("ef_dora", 0.4), ("if_sara", 0.6)), 0.93, 1.0, 1.0),
        VoiceId.KIND_CURIOUS: Blend((("if_sara", 0.8), ("pf_dora", 0.2)), 0.9, 1.09, 1.0),
    },
    Language.FRENCH: {
        VoiceId.CALM_REASSURING: Blend((("ff_siwis", 0.45), ("pm_alex", 0.55)), 0.94, 0.88, 0.0),
        VoiceId.CONFIDENT_UPBEAT: Blend((("ff_siwis", 0.55), ("em_alex", 0.45)), 1.05, 0.95, 1.0),
        VoiceId.POLISHED_PROFESSIONAL: Blend((("ff_siwis", 1.0),), 1.0, 0.93, 0.5),
        VoiceId.FRIENDLY_BRIGHT: Blend((("ff_siwis", 1.0),), 1.03, 1.03, 1.0),
        VoiceId.KIND_CURIOUS: Blend((("ff_siwis", 0.75), ("if_sara", 0.25)), 1.0, 1.12, 1.0),
    },
}


def blend(voice: VoiceId, language: Language) -> Blend:
    """The recipe of ``voice`` in ``language``; every pair has one."""
    return _BLENDS[language][voice]
