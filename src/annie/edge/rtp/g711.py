"""G.711 µ-law and A-law.

``audioop`` left the standard library with Python 3.13; ``audioop-lts`` brings it
back under the same name.
"""

import warnings
from typing import Final

from annie.edge.rtp.codec import Codec
from annie.kit.link import FRAME_SAMPLES

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import audioop


def _ulaw_encode(pcm: bytes) -> bytes:
    return audioop.lin2ulaw(pcm, 2)


def _ulaw_decode(payload: bytes) -> bytes:
    return audioop.ulaw2lin(payload, 2)


def _alaw_encode(pcm: bytes) -> bytes:
    return audioop.lin2alaw(pcm, 2)


def _alaw_decode(payload: bytes) -> bytes:
    return audioop.alaw2lin(payload, 2)


PCMU: Final = Codec("PCMU", _ulaw_encode, _ulaw_decode, b"\xff" * FRAME_SAMPLES)
PCMA: Final = Codec("PCMA", _alaw_encode, _alaw_decode, b"\xd5" * FRAME_SAMPLES)
