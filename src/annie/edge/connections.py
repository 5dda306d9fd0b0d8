"""TCP connections of the SIP port, bounded in number, in size and in time.

A peer that connects must send a whole message soon, and each further one soon after it began;
one that reads nothing is cut off; whoever has the most connections makes room for others.
"""

import asyncio
import socket
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final, Protocol, cast

from annie.edge.sip.events import Endpoint
from annie.edge.sip.framing import StreamFramer

MAX_CONNECTIONS: Final = 1024
#: Bytes that wait for a peer to read them; two of the longest messages.
MAX_UNSENT: Final = 128 * 1024
#: How long a message may take to arrive once it has begun, and the first once connected (s).
PARTIAL_SECONDS: Final = 30.0
#: Silence after which a connection is closed (s). The operating system's probes find dead peers
#: sooner; a call whose connection is gone is reached by a new one.
IDLE_SECONDS: Final = 7200.0
_PROBE_AFTER: Final = 60
_PINGS_ANSWERED: Final = 8

Address = tuple[str, int]


class Owner(Protocol):
    """Whoever has the connections."""

    def connected(self, connection: "Connection", address: Address, *, outgoing: bool) -> bool:
        """One stands; false if it isn't welcome."""
        ...

    def active(self, connection: "Connection", address: Address) -> None:
        """Something came."""
        ...

    def disconnected(self, connection: "Connection", address: Address) -> None:
        """It is gone."""
        ...

    def receive(self, data: bytes, source: Endpoint) -> float:
        """A whole message; returns for how many seconds nothing more should be read."""
        ...


class Connection(asyncio.Protocol):
    """One TCP connection, whoever opened it. ``proven``: a whole message came, or we opened it."""

    def __init__(self, owner: Owner, *, outgoing: bool = False) -> None:
        self.proven = outgoing
        self._owner = owner
        self._outgoing = outgoing
        self._framer = StreamFramer()
        self._transport: asyncio.Transport | None = None
        self._address: Address = ("", 0)
        self._deadline: asyncio.TimerHandle | None = None
        self._begun_at: float | None = None
        self._active_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclasses of asyncio's.
        stream = cast(asyncio.Transport, transport)
        peer: tuple[Any, ...] | None = stream.get_extra_info("peername")
        if peer is None:
            stream.abort()
            return
        self._transport = stream
        self._address = (peer[0], peer[1])
        if not self._owner.connected(self, self._address, outgoing=self._outgoing):
            stream.abort()
            return
        _probe(stream.get_extra_info("socket"))
        now = asyncio.get_running_loop().time()
        self._active_at = now
        self._begun_at = None if self._outgoing else now
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        self._owner.disconnected(self, self._address)
        self._transport = None

    def data_received(self, data: bytes) -> None:
        now = asyncio.get_running_loop().time()
        self._active_at = now
        self._owner.active(self, self._address)
        messages = self._framer.feed(data)
        for _ in range(min(self._framer.take_pings(), _PINGS_ANSWERED)):
            self.send(b"\r\n")
        source = Endpoint("tcp", *self._address)
        pause = 0.0
        for message in messages:
            pause = max(pause, self._owner.receive(message, source))
        if self._framer.broken:
            self.close()
            return
        if messages:
            self.proven = True
            self._begun_at = None
        if self._framer.partial and self._begun_at is None:
            self._begun_at = now
            self._watch()
        if pause:
            self._pause(pause)

    def send(self, data: bytes) -> None:
        """Write a message; a peer that doesn't read is cut off."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        if transport.get_write_buffer_size() > MAX_UNSENT:
            transport.abort()
            return
        transport.write(data)

    def close(self) -> None:
        """Close after what is written has been sent."""
        if self._transport is not None:
            self._transport.close()

    def _watch(self) -> None:
        """Look again when the connection may have lasted too long."""
        if self._deadline is not None:
            self._deadline.cancel()
        due = self._active_at + IDLE_SECONDS
        if self._begun_at is not None:
            due = min(due, self._begun_at + PARTIAL_SECONDS)
        self._deadline = asyncio.get_running_loop().call_at(due, self._expire, due)

    def _expire(self, due: float) -> None:
        self._deadline = None
        begun, idle = self._begun_at, self._active_at + IDLE_SECONDS
        transport = self._transport
        if transport is None:
            return
        if due >= idle or (begun is not None and due >= begun + PARTIAL_SECONDS):
            # It may not be reading either: what is written is not waited for.
            transport.abort()
        else:
            self._watch()

    def _pause(self, seconds: float) -> None:
        transport = self._transport
        if transport is not None and not transport.is_closing():
            transport.pause_reading()
            asyncio.get_running_loop().call_later(seconds, self._resume)

    def _resume(self) -> None:
        transport = self._transport
        if transport is not None and not transport.is_closing():
            transport.resume_reading()


class ConnectionPool:
    """All connections by the peer's address, the longest silent one first."""

    def __init__(self) -> None:
        self._connections: dict[Address, Connection] = {}

    def __len__(self) -> int:
        return len(self._connections)

    def __iter__(self) -> Iterator[Connection]:
        return iter(list(self._connections.values()))

    def get(self, address: Address) -> Connection | None:
        """The connection with a peer."""
        return self._connections.get(address)

    def add(self, connection: Connection, address: Address) -> None:
        """Another one; if they are too many, one of the host with the most makes room: the
        longest silent that never said anything, else the longest silent."""
        if len(self._connections) >= MAX_CONNECTIONS:
            counts = Counter(host for host, _ in self._connections)
            most = counts.most_common(1)[0][0]
            own = [each for each in self._connections if each[0] == most]
            victim = next((each for each in own if not self._connections[each].proven), own[0])
            self._connections.pop(victim).close()
        self._connections[address] = connection

    def active(self, connection: Connection, address: Address) -> None:
        """Something came on it: it moves to the end of the order of silence."""
        if self._connections.pop(address, None) is not None:
            self._connections[address] = connection

    def remove(self, connection: Connection, address: Address) -> None:
        """It is gone."""
        if self._connections.get(address) is connection:
            del self._connections[address]


def _probe(sock: socket.socket | None) -> None:
    if sock is None:
        return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_KEEPIDLE"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, _PROBE_AFTER)
