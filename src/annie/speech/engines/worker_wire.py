"""What goes between a synthesizer's process and the one that feeds it, and the worker's loop.

Requests come on standard input, replies go to standard output, in order. A request is
a 4-byte big-endian length and that many bytes; a reply is one status byte, a 4-byte
length, and PCM (8 kHz int16) or the text of the error. End of input ends the process,
so it never outlives the one that feeds it.
"""

import struct
from collections.abc import Callable
from typing import BinaryIO, Final

REQUEST_HEADER: Final = struct.Struct("!I")
REPLY_HEADER: Final = struct.Struct("!BI")
STATUS_OK: Final = 0
STATUS_FAILED: Final = 1


def serve(answer: Callable[[bytes], bytes], source: BinaryIO, sink: BinaryIO) -> None:
    """Answer requests until ``source`` ends; what raises is told."""
    while len(header := source.read(REQUEST_HEADER.size)) == REQUEST_HEADER.size:
        (length,) = REQUEST_HEADER.unpack(header)
        body = source.read(length)
        if len(body) < length:
            return
        try:
            status, reply = STATUS_OK, answer(body)
        except Exception as error:
            status, reply = STATUS_FAILED, f"{type(error).__name__}: {error}".encode()
        sink.write(REPLY_HEADER.pack(status, len(reply)) + reply)
        sink.flush()
