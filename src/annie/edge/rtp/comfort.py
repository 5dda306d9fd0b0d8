"""Comfort noise received (RFC 3389): what the line sounds like while the peer sends nothing.

None is ever sent, and none agreed to in SDP: our packets leave every 20 ms anyway, for
NATs and recorders, and the ears hear a caller's true background better than a guess
at it. But gateways send it unasked, with its static payload type.
"""

import random
from array import array
from typing import Final

from annie.edge.rtp.g711 import audioop
from annie.kit.link import FRAME_BYTES

_MASK: Final = 0xFFFFFFFF
_HALF: Final = 0x80000000

#: -dBov; louder than that is no background but a fault, or malice.
LOUDEST: Final = 30
_FRAMES: Final = 50
_AMPLITUDE: Final = 8192

#: A second of uniform white noise, the same for everybody.
_NOISE: Final = array(
    "h", random.Random(3389).choices(range(-_AMPLITUDE, _AMPLITUDE + 1), k=160 * _FRAMES)
).tobytes()
_NOISE_RMS: Final = _AMPLITUDE / 3**0.5


class ComfortNoise:
    """When the peer fell silent and when it spoke again, by its own timestamps."""

    __slots__ = ("_factor", "_since", "_turn", "_until", "active")

    def __init__(self) -> None:
        #: Whether the peer is silent, or was a moment ago.
        self.active = False
        self._since = 0
        self._until: int | None = None
        self._factor = 0.0
        self._turn = 0

    def describe(self, timestamp: int, payload: bytes) -> None:
        """A comfort noise packet; the spectrum that may follow the level is left out."""
        if not payload:
            return
        level = max(payload[0] & 0x7F, LOUDEST)
        self._factor = 32768 * 10 ** (-level / 20) / _NOISE_RMS
        if not self.active or self._until is not None:
            self.active = True
            self._since = timestamp
            self._until = None

    def resume(self, timestamp: int) -> None:
        """Audio came again. A packet from before the silence changes nothing."""
        if self.active and self._until is None and _distance(timestamp, self._since) > 0:
            self._until = timestamp

    def frame(self, timestamp: int) -> bytes | None:
        """20 ms of PCM if the peer was silent at ``timestamp``; else ``None``."""
        if not self.active or _distance(timestamp, self._since) < 0:
            return None
        if self._until is not None and _distance(timestamp, self._until) >= 0:
            self.active = False
            return None
        self._turn = (self._turn + 1) % _FRAMES
        begin = self._turn * FRAME_BYTES
        return audioop.mul(_NOISE[begin : begin + FRAME_BYTES], 2, self._factor)

    def forget(self) -> None:
        """Another stream began."""
        self.active = False


def _distance(timestamp: int, reference: int) -> int:
    return ((timestamp - reference + _HALF) & _MASK) - _HALF
