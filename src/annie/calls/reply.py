"""Where the time between a caller's last sound and Annie's first one goes."""

from dataclasses import dataclass

from annie.speech.protocols import CallerTurn


@dataclass(slots=True)
class Reply:
    """The answer to one caller turn. Times are monotonic seconds of the process."""

    turn: CallerTurn
    decided: float | None = None
    #: The line reported the first sample as played; up to one frame after it was.
    first_audio: float | None = None

    def timings(self) -> dict[str, int]:
        """Milliseconds since the end of the caller's speech, for the record."""
        times = self.turn.timings
        points = {
            "speechEnd": times.speech_end,
            "turnEnd": times.turn_end,
            "recognized": times.recognized,
            "decided": self.decided,
            "firstAudio": self.first_audio,
        }
        return {
            name: round((at - times.speech_end) * 1000)
            for name, at in points.items()
            if at is not None
        }
