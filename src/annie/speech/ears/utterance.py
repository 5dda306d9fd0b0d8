"""A turn while it is being heard: its audio, its pauses, and the words known so far."""

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from annie.speech.ears.activity import WINDOW_SECONDS
from annie.speech.ears.attempt import Attempt
from annie.speech.protocols import Pcm

#: A stretch this long whose words are known isn't recognized again when the caller goes on.
_SETTLED_WINDOWS: Final = int(6.0 / WINDOW_SECONDS)
_VOICED: Final = 0.5
_STILL_VOICED: Final = 0.35
#: The model notices the end of speech 100 to 150 ms late. Its last windows that are this
#: much fainter than the speech (dB) belong to the pause already, but no more than so many.
_FAINT_DB: Final = 22.0
_FAINT_WINDOWS: Final = 5
#: How fast the loudest moment is forgotten, dB a window (3 dB/s).
_FORGET_DB: Final = 0.1


@dataclass(slots=True)
class Utterance:
    """From the first voiced window to the end of the last pause.

    ``windows`` begin with the audio just before the speech; times are monotonic seconds.
    """

    windows: list[Pcm]
    started_at: float
    voiced_at: float
    interrupted: bool
    silent: int = 0
    #: Windows in a row that were much fainter than the speech before.
    faint: int = 0
    attempt: Attempt | None = None
    failures: int = 0
    #: When the patience was over, while recognition is still awaited.
    ended_at: float | None = None
    cut: bool = False
    _run: int = 0
    _loudest: float = -math.inf
    _settled: int = 0
    _texts: list[tuple[str, float, int]] = field(default_factory=list[tuple[str, float, int]])

    @property
    def silence(self) -> float:
        """Seconds since the last voice."""
        return self.silent * WINDOW_SECONDS

    @property
    def duration(self) -> float:
        """Seconds of audio."""
        return len(self.windows) * WINDOW_SECONDS

    def add(self, window: Pcm, probability: float, level_db: float, now: float) -> bool:
        """Append a window; True when the caller speaks on after a pause or a faint sound.

        After a pause one voiced window alone is a click or a breath.
        """
        self.windows.append(window)
        self._loudest = max(level_db, self._loudest - _FORGET_DB)
        faint = min(self.faint, _FAINT_WINDOWS)
        self.faint = self.faint + 1 if level_db < self._loudest - _FAINT_DB else 0
        voiced = probability >= (_VOICED if self.silent else _STILL_VOICED)
        self._run = self._run + 1 if voiced else 0
        if not voiced or (self.silent and self._run < 2):
            if not self.silent:
                self.silent = faint
                self.voiced_at -= faint * WINDOW_SECONDS
            self.silent += 1
            return False
        resumed = self.silent > 0 or (faint > 0 and not self.faint)
        self.silent = 0
        self.voiced_at = now
        return resumed

    def unsettled(self) -> Pcm:
        """The audio whose words aren't certain yet, int16 8 kHz."""
        return np.concatenate(self.windows[self._settled :])

    def give_up_attempt(self) -> None:
        """The caller goes on: keep the words of a long stretch, forget those of a short one."""
        attempt, self.attempt = self.attempt, None
        self.ended_at = None
        self.failures = 0
        if attempt is None:
            return
        length = attempt.end - self._settled
        if attempt.transcript is not None and length >= _SETTLED_WINDOWS:
            self._texts.append((attempt.transcript.text, attempt.transcript.confidence, length))
            self._settled = attempt.end
        attempt.cancel()

    def words(self) -> tuple[str, float]:
        """Text and confidence of everything recognized so far."""
        parts = list(self._texts)
        if self.attempt is not None and self.attempt.transcript is not None:
            transcript = self.attempt.transcript
            parts.append((transcript.text, transcript.confidence, self.attempt.end - self._settled))
        parts = [part for part in parts if part[0]]
        total = sum(length for _, _, length in parts)
        if not total:
            return "", 0.0
        confidence = sum(each * length for _, each, length in parts) / total
        return " ".join(text for text, _, _ in parts), confidence
