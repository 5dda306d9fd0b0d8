"""A pair of UDP ports for each call: RTP on an even one, RTCP above it (RFC 3550 section 11)."""

import errno
import socket
from collections import deque
from dataclasses import dataclass
from typing import Final

from annie.edge.rtp.latch import Former

RECEIVE_BUFFER: Final = 64 * 1024
#: Expedited forwarding (RFC 3246), the DSCP that networks give to voice, as the TOS byte.
TOS_VOICE: Final = 0xB8
#: Seconds for which a port rests after a call, until the last packets on their way have come.
REST: Final = 5.0
#: Tries to have an even port with a free one above it from the system.
_TRIES: Final = 64


class NoPortLeft(OSError):  # noqa: N818
    """All ports of the range are taken, or have only just been freed."""


@dataclass(slots=True, frozen=True)
class Ports:
    """Bound, non-blocking sockets of one call; ``former`` is whom the call before heard."""

    rtp: socket.socket
    rtcp: socket.socket
    former: Former | None

    @property
    def number(self) -> int:
        """The port of RTP."""
        number: int = self.rtp.getsockname()[1]
        return number


class PortRange:
    """Hands out pairs of ports.

    They are taken in turn, so a port rests as long as possible before another call gets
    it, and never less than ``REST`` seconds. Whoever still sends to it after that is
    remembered, so that the next call isn't taken for the one before.
    """

    def __init__(self, host: str, first: int, last: int) -> None:
        """``first`` and ``last`` are inclusive; 0 and 0 let the system choose.

        Raises:
            ValueError: the range holds no even port with another above it.
        """
        self._host = host
        even = first + first % 2
        self._any = first == last == 0
        if not self._any and not (0 < first <= last <= 65535 and even < last):
            raise ValueError(f"no even UDP port with one above it lies between {first} and {last}")
        self._free = deque(range(even, last, 2))
        self._resting: deque[tuple[float, int]] = deque()
        self._former: dict[int, Former] = {}

    def open(self, now: float, wanted: int = 0) -> Ports:
        """A pair of bound sockets; ``now`` in seconds of a monotonic clock.

        ``wanted``: the port of RTP that is taken if it can be had.

        Raises:
            NoPortLeft: every port of the range is in use or rests.
            OSError: the host isn't an address of this machine.
        """
        if wanted and (self._any or wanted in self._free):
            pair = self._bind(wanted)
            if pair is not None:
                if not self._any:
                    self._free.remove(wanted)
                return pair
        resting = self._resting
        while resting and resting[0][0] <= now:
            self._free.append(resting.popleft()[1])
        for _ in range(_TRIES if self._any else len(self._free)):
            port = 0 if self._any else self._free.popleft()
            pair = self._bind(port)
            if pair is not None:
                return pair
            if port:
                # Somebody else's at the moment; perhaps not for ever.
                self._free.append(port)
        raise NoPortLeft(errno.EADDRINUSE, "every RTP port is in use; widen --rtp-ports")

    def release(self, ports: Ports, former: Former | None, now: float) -> None:
        """Close a pair; ``former`` is the stream that was heard on it last."""
        number = ports.number
        ports.rtp.close()
        ports.rtcp.close()
        if self._any:
            return
        self._resting.append((now + REST, number))
        if former is not None:
            self._former[number] = former
        else:
            self._former.pop(number, None)

    def _bind(self, port: int) -> Ports | None:
        rtp = self._socket(port)
        if rtp is None:
            return None
        number: int = rtp.getsockname()[1]
        rtcp = self._socket(number + 1) if number % 2 == 0 else None
        if rtcp is None:
            rtp.close()
            return None
        rtp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        return Ports(rtp, rtcp, self._former.get(number))

    def _socket(self, port: int) -> socket.socket | None:
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        bound = socket.socket(family, socket.SOCK_DGRAM)
        try:
            bound.bind((self._host, port))
        except OSError as error:
            bound.close()
            if error.errno != errno.EADDRINUSE:
                raise
            return None
        bound.setblocking(False)
        if family == socket.AF_INET:
            bound.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, TOS_VOICE)
        return bound
