"""One UDP port for each call."""

import errno
import socket
from typing import Final

RECEIVE_BUFFER: Final = 64 * 1024
#: Expedited forwarding (RFC 3246), the DSCP that networks give to voice, as the TOS byte.
TOS_VOICE: Final = 0xB8


class NoPortLeft(OSError):  # noqa: N818
    """All ports of the range are taken."""


class PortRange:
    """Hands out bound, non-blocking sockets on even ports (RFC 3550 section 11).

    Ports are taken in turn, so a port rests as long as possible before another call
    gets it and stray packets of the call before have died away.
    """

    def __init__(self, host: str, first: int, last: int) -> None:
        """``first`` and ``last`` are inclusive; 0 and 0 let the system choose.

        Raises:
            ValueError: the range holds no even port.
        """
        self._host = host
        self._first = first + first % 2
        self._count = (last - self._first) // 2 + 1
        if not (0 <= first <= last <= 65535) or self._count < 1:
            raise ValueError(f"no even UDP port lies between {first} and {last}")
        self._turn = 0

    def open(self) -> socket.socket:
        """A bound socket.

        Raises:
            NoPortLeft: every port of the range is in use.
            OSError: the host isn't an address of this machine.
        """
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        for _ in range(self._count):
            port = self._first + 2 * self._turn
            self._turn = (self._turn + 1) % self._count
            bound = socket.socket(family, socket.SOCK_DGRAM)
            try:
                bound.bind((self._host, port))
            except OSError as error:
                bound.close()
                if error.errno != errno.EADDRINUSE:
                    raise
                continue
            bound.setblocking(False)
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
            if family == socket.AF_INET:
                bound.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, TOS_VOICE)
            return bound
        raise NoPortLeft(errno.EADDRINUSE, "every RTP port is in use; widen --rtp-ports")
