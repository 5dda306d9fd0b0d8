"""What a dialogue speaks and listens with."""

from dataclasses import dataclass

from annie.calls.clips import Clips
from annie.calls.limits import Limits
from annie.calls.ports import Ears, Mouth
from annie.kit.clock import Clock


@dataclass(slots=True, frozen=True)
class Instruments:
    """Ears and mouth of the process, what is always at hand, the time, and its bounds."""

    ears: Ears
    mouth: Mouth
    clips: Clips
    clock: Clock
    limits: Limits
