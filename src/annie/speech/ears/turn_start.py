"""Ways of deciding that the caller began to speak.

Each is a small class with one question, asked once for every 32 ms window until the
turn begins. A call's turn begins as soon as one of its strategies says so.
"""

import math
from collections import deque
from dataclasses import dataclass
from typing import Final, Protocol

_UNVOICED: Final = -math.inf


@dataclass(slots=True, frozen=True)
class Window:
    """What is known of one window of 32 ms.

    ``level_db`` is the RMS level below full scale; speech on the telephone is
    at −15 to −35, the echo of Annie's own voice at −45 and less.
    """

    probability: float
    level_db: float


class TurnStart(Protocol):
    """One way of deciding that the caller began to speak."""

    def began(self, window: Window, annie_speaking: bool) -> bool:
        """Whether the turn begins with this window. Asked for every window until it does."""
        ...

    def reset(self) -> None:
        """Forget what was heard: a turn is over."""
        ...


class SustainedVoice:
    """Four voiced windows of five (128 ms): a short "no" begins a turn, a cough doesn't."""

    def __init__(self, threshold: float = 0.5, needed: int = 4, of: int = 5) -> None:
        self._threshold = threshold
        self._needed = needed
        self._voiced: deque[bool] = deque(maxlen=of)

    def began(self, window: Window, annie_speaking: bool) -> bool:
        self._voiced.append(not annie_speaking and window.probability >= self._threshold)
        return sum(self._voiced) >= self._needed

    def reset(self) -> None:
        self._voiced.clear()


class VoiceOverAnnie:
    """While Annie speaks: three windows of five (96 ms), surer and louder.

    Four silenced her 40 ms later and kept away no sound more: made coughs and noises began
    a turn with neither, and what turns out to be no words only pauses her.

    The loudest window counts, not each: the weak sounds of a word ("exc-use") are as
    faint as an echo, and waiting for the next vowel lets her talk on for 200 ms.
    """

    def __init__(
        self, threshold: float = 0.75, level_db: float = -42.0, needed: int = 3, of: int = 5
    ) -> None:
        self._threshold = threshold
        self._level_db = level_db
        self._needed = needed
        #: Levels of the voiced windows; silence where there was no voice.
        self._levels: deque[float] = deque(maxlen=of)

    def began(self, window: Window, annie_speaking: bool) -> bool:
        voiced = annie_speaking and window.probability >= self._threshold
        self._levels.append(window.level_db if voiced else _UNVOICED)
        voices = [level for level in self._levels if level != _UNVOICED]
        return len(voices) >= self._needed and max(voices) >= self._level_db

    def reset(self) -> None:
        self._levels.clear()


def default_turn_start() -> list[TurnStart]:
    """Fresh strategies for one call."""
    return [SustainedVoice(), VoiceOverAnnie()]
