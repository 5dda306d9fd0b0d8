"""G.722 at 64 kbit/s, as wideband phones offer it first (RFC 3551 section 4.5.2).

Our PCM is 8 kHz, so only the lower band is coded and decoded: any G.722 phone
understands it, it is what a narrowband line sounds like, and no resampling is needed.
"""

from typing import Protocol, cast

import G722 as _g722  # noqa: N811 - the module is named like the standard

from annie.edge.rtp.codec import Codec

_SAMPLE_RATE = 8000
_BIT_RATE = 64000


class _Coder(Protocol):
    def encode(self, samples: memoryview, /) -> bytes: ...

    def decode(self, payload: bytes, /) -> memoryview: ...


def g722() -> Codec:
    """A fresh encoder and decoder: both adapt, so no two streams may share one."""
    coder = cast(_Coder, _g722.G722(_SAMPLE_RATE, _BIT_RATE))

    def encode(pcm: bytes) -> bytes:
        return coder.encode(memoryview(pcm).cast("h"))

    def decode(payload: bytes) -> bytes:
        return coder.decode(payload).tobytes()

    return Codec("G722", encode, decode, b"")
