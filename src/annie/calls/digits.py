"""Collects pressed keys into one caller turn."""

from annie.calls.limits import Limits
from annie.kit.language import Language
from annie.speech.protocols import CallerTurn, TurnTimings


class DigitCollector:
    """Keys of one call. They are complete at ``#``, after a pause, or when there are enough."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._digits = ""
        self._first = 0.0
        self._last = 0.0

    @property
    def collecting(self) -> bool:
        """Some keys were pressed and the caller may not be done."""
        return bool(self._digits)

    def press(self, digit: str, now: float, language: Language) -> CallerTurn | None:
        """A key at monotonic second ``now``. Returns the turn it completes, if any."""
        if not self._digits:
            self._first = now
        self._last = now
        if digit == "#" and self._digits:
            return self._take(now, language)
        self._digits += digit
        if digit == "#" or len(self._digits) >= self._limits.digits:
            return self._take(now, language)
        return None

    def tick(self, now: float, language: Language) -> CallerTurn | None:
        """The turn that a long enough pause completes, if any."""
        if self._digits and now - self._last >= self._limits.inter_digit:
            return self._take(now, language)
        return None

    def finish(self, now: float, language: Language) -> CallerTurn | None:
        """The turn of the keys pressed so far, if any: no more will come."""
        return self._take(now, language) if self._digits else None

    def _take(self, now: float, language: Language) -> CallerTurn:
        digits, self._digits = self._digits, ""
        return CallerTurn(
            text="",
            language=language,
            confidence=1.0,
            timings=TurnTimings(
                speech_start=self._first, speech_end=self._last, turn_end=now, recognized=now
            ),
            digits=digits,
        )
