"""The process in which SVOX Pico synthesizes; run and fed by ``nano_tts``.

Pico's binding holds the interpreter lock for a whole sentence (about 30 ms), and it
is C code reading arbitrary text: in a process of its own it can neither delay the
20 ms ticks of a live call nor take one down.

Requests come on standard input, replies go to standard output, in order. A request
is a 4-byte big-endian length and a MessagePack ``Request``; a reply is one status
byte, a 4-byte length, and PCM (8 kHz int16) or the text of the error. End of input
ends the process, so it never outlives the one that feeds it.
"""

import struct
import sys
from typing import BinaryIO, Final

import msgspec
import numpy as np

from annie.speech.mouth.shaping import shape

REQUEST_HEADER: Final = struct.Struct("!I")
REPLY_HEADER: Final = struct.Struct("!BI")
STATUS_OK: Final = 0
STATUS_FAILED: Final = 1

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


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer requests until ``source`` ends."""
    decoder = msgspec.msgpack.Decoder(Request)
    while len(header := source.read(REQUEST_HEADER.size)) == REQUEST_HEADER.size:
        (length,) = REQUEST_HEADER.unpack(header)
        body = source.read(length)
        if len(body) < length:
            return
        try:
            status, reply = STATUS_OK, synthesize(decoder.decode(body))
        except Exception as error:
            status, reply = STATUS_FAILED, f"{type(error).__name__}: {error}".encode()
        sink.write(REPLY_HEADER.pack(status, len(reply)) + reply)
        sink.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
