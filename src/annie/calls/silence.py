"""Decides when a silence has lasted so long that Annie should say something."""

from annie.calls.limits import Limits
from annie.speech.protocols import Expectation


class SilenceWatch:
    """Counts the quiet between the turns of one call.

    Time runs only while neither side speaks and nothing is being prepared, so a long
    answer or a slow caller is never taken for silence.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._quiet = 0.0
        self._times = 0

    def tick(self, seconds: float, *, busy: bool, expects: Expectation) -> int:
        """Another bit of call. Returns the number of the check-in that is due now, else 0.

        Numbers count from 1; one more than ``Limits.check_ins`` means: end the call.
        """
        if busy:
            self._quiet = 0.0
            return 0
        self._quiet += seconds
        dictating = expects is Expectation.DICTATION
        if self._quiet < (self._limits.silence_dictation if dictating else self._limits.silence):
            return 0
        self._quiet = 0.0
        self._times += 1
        return self._times

    def spoken(self) -> None:
        """The caller said or dialled something: this silence is over."""
        self._quiet = 0.0
        self._times = 0
