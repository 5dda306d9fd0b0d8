"""G.711 µ-law and A-law, and what the rest of RTP must know of a codec.

``audioop`` left the standard library with Python 3.13; ``audioop-lts`` brings it
back under the same name.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from annie.kit.link import FRAME_BYTES, FRAME_SAMPLES

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import audioop

CodecName = Literal["PCMU", "PCMA"]


@dataclass(slots=True, frozen=True)
class Codec:
    """One codec with its static payload type (RFC 3551).

    ``encode`` and ``decode`` turn 16-bit native PCM into payload and back, any length;
    ``silence`` is one encoded frame of 20 ms of zeros.
    """

    name: CodecName
    payload_type: int
    encode: Callable[[bytes], bytes]
    decode: Callable[[bytes], bytes]
    silence: bytes


def _ulaw_encode(pcm: bytes) -> bytes:
    return audioop.lin2ulaw(pcm, 2)


def _ulaw_decode(payload: bytes) -> bytes:
    return audioop.ulaw2lin(payload, 2)


def _alaw_encode(pcm: bytes) -> bytes:
    return audioop.lin2alaw(pcm, 2)


def _alaw_decode(payload: bytes) -> bytes:
    return audioop.alaw2lin(payload, 2)


SILENT_PCM: Final = bytes(FRAME_BYTES)
PCMU: Final = Codec("PCMU", 0, _ulaw_encode, _ulaw_decode, b"\xff" * FRAME_SAMPLES)
PCMA: Final = Codec("PCMA", 8, _alaw_encode, _alaw_decode, b"\xd5" * FRAME_SAMPLES)

CODECS: Final[dict[CodecName, Codec]] = {"PCMU": PCMU, "PCMA": PCMA}
