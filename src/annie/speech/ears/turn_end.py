"""Ways of deciding how long a pause must be before the floor is taken back.

Each strategy looks at the pause and at the patience so far, and gives a patience: the
first sets it by what the dialogue waits for, the others correct it by what was said.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from annie.kit.language import Language
from annie.speech.ears.back_channel import is_back_channel
from annie.speech.ears.sentence import digits_in, ends_in_digit, looks_finished, trails_off
from annie.speech.protocols import Expectation


@dataclass(slots=True, frozen=True)
class Pause:
    """A caller has paused. ``text`` is None while recognition hasn't answered yet.

    ``confidence`` is the recognizer's, 0 to 1; ``over_annie``: she was speaking when the
    caller began.
    """

    expectation: Expectation
    language: Language
    text: str | None
    confidence: float = 1.0
    over_annie: bool = False


class TurnEnd(Protocol):
    """One reason to wait longer, or not so long."""

    def patience(self, pause: Pause, so_far: float) -> float:
        """Seconds of silence that end the turn, given the patience ``so_far``."""
        ...


class ByExpectation:
    """A yes or no is quick; whoever reads out a number or thinks of a sentence pauses."""

    SECONDS: Final = {
        Expectation.YES_NO: 0.35,
        Expectation.OPEN: 0.6,
        Expectation.NAME: 0.9,
        Expectation.DIGITS: 1.2,
        Expectation.DICTATION: 1.3,
    }

    def patience(self, pause: Pause, so_far: float) -> float:
        return self.SECONDS[pause.expectation]


class FinishedSentence:
    """A sentence that is whole needs less, unless its words are uncertain.

    Digits never look unfinished, so not for them. A word or two may be the beginning of
    more ("No, thank you"), so they get a little more.
    """

    SECONDS: Final = {
        Expectation.YES_NO: 0.3,
        Expectation.OPEN: 0.33,
        Expectation.NAME: 0.7,
        Expectation.DICTATION: 1.0,
    }
    #: Words that make a sentence, and seconds for fewer, unless it is a yes or no that is awaited.
    SENTENCE: Final = 3
    SHORT: Final = 0.4

    def __init__(self, sure: float = 0.5) -> None:
        self._sure = sure

    def patience(self, pause: Pause, so_far: float) -> float:
        shorter = self.SECONDS.get(pause.expectation)
        if shorter is None or not pause.text or pause.confidence < self._sure:
            return so_far
        if not looks_finished(pause.text, pause.language):
            return so_far
        if pause.expectation is Expectation.OPEN and len(pause.text.split()) < self.SENTENCE:
            shorter = max(shorter, self.SHORT)
        return min(so_far, shorter)


class TelephoneNumber:
    """A number being read out is waited for, asked for or not; a complete one isn't."""

    LENGTH: Final = {Language.ENGLISH: 10, Language.SPANISH: 9, Language.FRENCH: 10}

    def __init__(self, complete: float = 0.5, underway: float = 1.2, begun: int = 4) -> None:
        self._complete = complete
        self._underway = underway
        self._begun = begun

    def patience(self, pause: Pause, so_far: float) -> float:
        digits = digits_in(pause.text or "")
        if digits >= self.LENGTH[pause.language]:
            return min(so_far, self._complete)
        if digits >= self._begun and ends_in_digit(pause.text or ""):
            return max(so_far, self._underway)
        return so_far


class TrailingOff:
    """ "My number is", "and", "euh": something follows, so wait for it."""

    def __init__(self, extra: float = 0.7, most: float = 1.8) -> None:
        self._extra = extra
        self._most = most

    def patience(self, pause: Pause, so_far: float) -> float:
        if not pause.text or not trails_off(pause.text, pause.language):
            return so_far
        return max(so_far, min(self._most, so_far + self._extra))


class GoOn:
    """Nothing, or "uh-huh", said over Annie: she should go on soon, so little is waited for."""

    def __init__(self, seconds: float = 0.2) -> None:
        self._seconds = seconds

    def patience(self, pause: Pause, so_far: float) -> float:
        if not pause.over_annie or pause.text is None:
            return so_far
        if pause.text and not is_back_channel(pause.text, pause.language):
            return so_far
        return min(so_far, self._seconds)


def default_turn_end() -> list[TurnEnd]:
    """The strategies in the order in which they correct each other."""
    return [ByExpectation(), FinishedSentence(), TelephoneNumber(), TrailingOff(), GoOn()]


def patience(strategies: Sequence[TurnEnd], pause: Pause) -> float:
    """Seconds of silence after which the turn is over."""
    seconds = 0.0
    for strategy in strategies:
        seconds = strategy.patience(pause, seconds)
    return seconds


def longest_turn(expectation: Expectation) -> float:
    """Seconds after which a turn is cut although the caller goes on."""
    return 60.0 if expectation is Expectation.DICTATION else 30.0
