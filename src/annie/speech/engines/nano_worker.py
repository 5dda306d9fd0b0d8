"""The process in which SVOX Pico synthesizes; run and fed by ``nano_tts``.

Pico's binding holds the interpreter lock for a whole sentence (about 30 ms), and it
is C code reading arbitrary text: in a process of its own it can neither delay the
20 ms ticks of a live call nor take one down.

A request is a MessagePack ``Request``, its answer PCM; see ``worker_wire``.
"""

import sys
from typing import Final

import msgspec
import numpy as np

from annie.speech.engines.worker_wire import serve
from annie.speech.mouth.shaping import shape

#: Pico clips its own output at full volume; the level is restored after resampling.
_VOLUME: Final = 0.5


class Request(msgspec.Struct, frozen=True, array_like=True):
    """One clause to speak: Pico's own settings, then those of ``shaping.shape``."""

    text: str
    speaker: str
    pitch: float
    speed: float
    size: float
    tilt_db: float
    gain_db: float


_decoder = msgspec.msgpack.Decoder(Request)


def synthesize(request: Request) -> bytes:
    """Telephone PCM of ``request``; raises what Pico raises."""
    # Imported here so that the feeding process can read the wire format without Pico.
    from py_nanotts import NanoTTS

    raw = NanoTTS().speak(
        request.text,
        voice=request.speaker,
        speed=request.speed,
        pitch=request.pitch,
        volume=_VOLUME,
    )
    pcm = shape(
        np.frombuffer(raw, np.int16),
        size=request.size,
        tilt_db=request.tilt_db,
        gain_db=request.gain_db,
    )
    return pcm.tobytes()


def answer(body: bytes) -> bytes:
    """Telephone PCM of an encoded ``Request``."""
    return synthesize(_decoder.decode(body))


if __name__ == "__main__":
    serve(answer, sys.stdin.buffer, sys.stdout.buffer)
