"""Digits as audible tones (ITU-T Q.23), for peers that don't take telephone events."""

import array
import math
from functools import lru_cache
from typing import Final

from annie.edge.rtp.digits import DIGITS
from annie.kit.link import FRAME_SAMPLES, SAMPLE_RATE

TONE_FRAMES: Final = 5

_LOW: Final = (697, 770, 852, 941)
_HIGH: Final = (1209, 1336, 1477, 1633)
_KEYPAD: Final = ("123A", "456B", "789C", "*0#D")
_AMPLITUDE: Final = 7000


@lru_cache(maxsize=len(DIGITS))
def tone(digit: str) -> tuple[bytes, ...]:
    """100 ms of the digit's two frequencies as five frames of 16-bit PCM."""
    row = next(index for index, keys in enumerate(_KEYPAD) if digit in keys)
    low, high = _LOW[row], _HIGH[_KEYPAD[row].index(digit)]
    angle = 2 * math.pi / SAMPLE_RATE
    samples = [
        round(_AMPLITUDE * (math.sin(low * angle * n) + math.sin(high * angle * n)))
        for n in range(TONE_FRAMES * FRAME_SAMPLES)
    ]
    return tuple(
        array.array("h", samples[begin : begin + FRAME_SAMPLES]).tobytes()
        for begin in range(0, len(samples), FRAME_SAMPLES)
    )
