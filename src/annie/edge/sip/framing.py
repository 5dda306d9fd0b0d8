"""Messages out of a TCP stream, by Content-Length (RFC 3261 section 18.3)."""

import re
from typing import Final

from annie.edge.sip.parser import MAX_MESSAGE

_LENGTH: Final = re.compile(rb"\r\n(?:content-length|l)[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE)
_PING: Final = b"\r\n\r\n"


class StreamFramer:
    """Cuts a stream into messages.

    ``broken`` becomes true when the stream can't be followed any more (no usable length, or
    a message over 64 kB): take what ``feed`` returned and close the connection.
    ``take_pings`` counts the keep-alives (RFC 5626 section 4.4.1) that want a CRLF back.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._searched = 0
        self._pings = 0
        self.broken = False

    @property
    def partial(self) -> bool:
        """A message has begun and isn't complete."""
        return not _PING.startswith(self._buffer)

    def take_pings(self) -> int:
        """Keep-alives since the last call."""
        pings, self._pings = self._pings, 0
        return pings

    def feed(self, data: bytes) -> list[bytes]:
        """Messages completed by ``data``."""
        self._buffer += data
        messages: list[bytes] = []
        while not self.broken:
            message = self._next()
            if message is None:
                break
            messages.append(message)
        return messages

    def _next(self) -> bytes | None:
        buffer = self._buffer
        while buffer.startswith(_PING):
            del buffer[: len(_PING)]
            self._pings += 1
        if _PING.startswith(buffer):
            return None
        if buffer.startswith(b"\r\n"):
            del buffer[:2]
        # A head that arrives octet by octet is not searched from its beginning each time.
        end = buffer.find(b"\r\n\r\n", max(0, self._searched - 3))
        if end < 0:
            self._searched = len(buffer)
            self.broken = len(buffer) > MAX_MESSAGE
            return None
        total = end + 4 + self._body_length(bytes(buffer[:end]))
        if total > MAX_MESSAGE:
            self.broken = True
        elif len(buffer) < total:
            self._searched = end
            return None
        # A head without a usable length is still passed on: it may be answered with 400.
        total = end + 4 if self.broken else total
        message = bytes(buffer[:total])
        del buffer[:total]
        self._searched = 0
        return message

    def _body_length(self, head: bytes) -> int:
        match = _LENGTH.search(head)
        if match is None:
            self.broken = True
            return 0
        text = match[1].strip()
        if not text.isdigit() or len(text) > 6:
            self.broken = True
            return 0
        return int(text)
