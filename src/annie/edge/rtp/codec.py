"""What RTP must know of a codec, and which there are.

One byte of every payload here lasts 1/8000 s: G.711 by nature, G.722 because RFC 3551
section 4.5.2 keeps the clock of 8000 Hz that RFC 1890 gave it by mistake. So payload
length, timestamps and samples of our PCM are all counted in the same unit.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from annie.kit.link import FRAME_BYTES

CodecName = Literal["PCMU", "PCMA", "G722"]

#: Static payload types (RFC 3551 section 6).
PAYLOAD_TYPES: Final[dict[CodecName, int]] = {"PCMU": 0, "PCMA": 8, "G722": 9}
#: Comfort noise at 8000 Hz (RFC 3389 section 4).
COMFORT_NOISE: Final = 13

SILENT_PCM: Final = bytes(FRAME_BYTES)


@dataclass(slots=True, frozen=True)
class Codec:
    """A codec at work on one call; where it keeps state, the state is this object's own.

    ``encode`` and ``decode`` turn 16-bit native PCM at 8 kHz into payload and back, any
    length; ``silence`` is one encoded frame of 20 ms of zeros, empty where each frame
    depends on those before it.
    """

    name: CodecName
    encode: Callable[[bytes], bytes]
    decode: Callable[[bytes], bytes]
    silence: bytes

    def encode_silence(self) -> bytes:
        """20 ms of zeros."""
        return self.silence or self.encode(SILENT_PCM)
