"""The asyncio driver of the user agent: UDP and TCP on one port, one timer."""

import asyncio
import logging
import socket
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from annie.edge.access import AccessList
from annie.edge.connections import MAX_CONNECTIONS, Address, Connection, ConnectionPool
from annie.edge.flood import RateLimit
from annie.edge.sip.events import Endpoint, Event, Send
from annie.edge.sip.user_agent import UserAgent
from annie.kit.clock import Clock

logger = logging.getLogger(__name__)

MAX_WAITING: Final = 64
CONNECT_SECONDS: Final = 4.0
RECEIVE_BUFFER: Final = 4 * 1024 * 1024


class SipTransport:
    """Binds, frames, filters, sends; calls ``on_event`` on the loop for every event.

    After commanding the user agent (``answer``, ``hang_up``, …) call ``flush``: it sends what
    the command produced and re-arms the timer. Within ``on_event`` that is not necessary.
    """

    def __init__(
        self,
        user_agent: UserAgent,
        on_event: Callable[[Event], None],
        access: AccessList,
        clock: Clock,
    ) -> None:
        self._agent = user_agent
        self._on_event = on_event
        self._access = access
        self._clock = clock
        self._host = ""
        self._port = 0
        self._udp: asyncio.DatagramTransport | None = None
        self._server: asyncio.Server | None = None
        self._connections = ConnectionPool()
        self._limit = RateLimit()
        self._waiting: dict[Address, list[bytes]] = {}
        self._connecting: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._timer_deadline = 0.0
        self._flushing = False
        self._closed = False

    @property
    def port(self) -> int:
        """The bound port, the same for UDP and TCP; 0 before ``start``."""
        return self._port

    @property
    def host(self) -> str:
        """The address that peers reach us at: the bound one, or for a wildcard this machine's
        primary address."""
        return self._host

    async def start(self, host: str, port: int) -> None:
        """Bind UDP and TCP at ``host:port``; port 0 takes a free one for both.

        Raises:
            OSError: the address can't be bound.
        """
        loop = asyncio.get_running_loop()
        attempts = 1 if port else 20
        for attempt in range(attempts):
            udp, _ = await loop.create_datagram_endpoint(
                lambda: _Datagrams(self._datagram), local_addr=(host, port)
            )
            bound: int = udp.get_extra_info("sockname")[1]
            try:
                self._server = await loop.create_server(partial(Connection, self), host, bound)
            except OSError:
                # The port that is free for UDP may be taken for TCP: then try another.
                udp.close()
                if attempt == attempts - 1:
                    raise
            else:
                udp_socket: socket.socket = udp.get_extra_info("socket")
                udp_socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
                self._udp, self._port = udp, bound
                break
        self._host = _reachable(host)
        self._agent.bind(self._host, self._port)
        logger.debug("sip_listening", extra={"host": host, "port": self._port})

    def flush(self) -> None:
        """Send pending outputs, deliver pending events, re-arm the timer."""
        if self._flushing:
            return
        self._flushing = True
        try:
            while True:
                outputs = self._agent.take_outputs()
                for output in outputs:
                    self._send(output)
                events = self._agent.take_events()
                for event in events:
                    self._deliver(event)
                if not outputs and not events:
                    break
        finally:
            self._flushing = False
        self._arm()

    async def close(self) -> None:
        """Close sockets and connections; calls are not hung up."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        if self._udp is not None:
            self._udp.close()
        if self._server is not None:
            self._server.close()
        for task in self._connecting:
            task.cancel()
        await asyncio.gather(*self._connecting, return_exceptions=True)
        for connection in self._connections:
            connection.close()

    # Incoming

    def _datagram(self, data: bytes, address: tuple[Any, ...]) -> None:
        host: str = address[0]
        if not self._access.admits(host):
            return
        if self._limit.take(host, self._clock.monotonic(), len(data)) == 0:
            self._pass_on(data, Endpoint("udp", host, address[1]))

    def receive(self, data: bytes, source: Endpoint) -> float:
        """Pass one message of a TCP connection to the user agent; returns for how many seconds
        its peer has to be held back."""
        early = self._limit.take(source.host, self._clock.monotonic(), len(data))
        self._pass_on(data, source)
        return early

    def _pass_on(self, data: bytes, source: Endpoint) -> None:
        if self._closed:
            return
        try:
            self._agent.receive(data, source, self._clock.monotonic())
        except Exception:
            # One message must never end the calls of all the others.
            logger.exception("sip_message_failed", extra={"peer": source.host})
        self.flush()

    def connected(self, connection: Connection, address: Address, *, outgoing: bool) -> bool:
        """A TCP connection stands; false if it isn't welcome."""
        if self._closed or not (outgoing or self._access.admits(address[0])):
            return False
        self._connections.add(connection, address)
        return True

    def active(self, connection: Connection, address: Address) -> None:
        """Something came on a connection."""
        self._connections.active(connection, address)

    def disconnected(self, connection: Connection, address: Address) -> None:
        """A TCP connection is gone."""
        self._connections.remove(connection, address)

    # Outgoing

    def _send(self, output: Send) -> None:
        destination = output.destination
        address = (destination.host, destination.port)
        if destination.transport == "udp":
            self._send_datagram(output.data, address)
            return
        connection = self._connections.get(address)
        if connection is None and output.fallback is not None:
            address = (output.fallback.host, output.fallback.port)
            connection = self._connections.get(address)
        if connection is not None:
            connection.send(output.data)
            return
        waiting = self._waiting.get(address)
        if waiting is not None:
            if len(waiting) < MAX_WAITING:
                waiting.append(output.data)
            return
        if self._closed or len(self._waiting) >= MAX_CONNECTIONS:
            return
        self._waiting[address] = [output.data]
        task = asyncio.ensure_future(self._connect(address))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    def _send_datagram(self, data: bytes, address: Address) -> None:
        if self._udp is None or self._udp.is_closing():
            return
        try:
            self._udp.sendto(data, address)
        except (OSError, ValueError) as error:
            # An address of another family than the socket's, for example; timers do the rest.
            extra = {"host": address[0], "port": address[1], "error": str(error)}
            logger.warning("sip_send_failed", extra=extra)

    async def _connect(self, address: Address) -> None:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                factory = partial(Connection, self, outgoing=True)
                _, connection = await loop.create_connection(factory, *address)
            for data in self._waiting[address]:
                connection.send(data)
        except OSError as error:
            # TimeoutError is an OSError, too.
            extra = {"host": address[0], "port": address[1], "error": str(error)}
            logger.warning("sip_connect_failed", extra=extra)
            self._agent.unreachable(Endpoint("tcp", *address), self._clock.monotonic())
            self.flush()
        finally:
            del self._waiting[address]

    def _deliver(self, event: Event) -> None:
        try:
            self._on_event(event)
        except Exception:
            logger.exception("sip_event_failed", extra={"event": type(event).__name__})

    # Time

    def _arm(self) -> None:
        deadline = self._agent.next_deadline()
        if self._timer is not None:
            if deadline == self._timer_deadline:
                return
            self._timer.cancel()
            self._timer = None
        if deadline is not None and not self._closed:
            delay = max(0.0, deadline - self._clock.monotonic())
            self._timer = asyncio.get_running_loop().call_later(delay, self._tick)
            self._timer_deadline = deadline

    def _tick(self) -> None:
        self._timer = None
        try:
            self._agent.advance(self._clock.monotonic())
        except Exception:
            # As with messages; the timers of the other calls have to be armed again.
            logger.exception("sip_timer_failed")
        self.flush()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, received: Callable[[bytes, tuple[Any, ...]], None]) -> None:
        self._received = received

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        self._received(data, addr)


def _reachable(host: str) -> str:
    if host not in ("0.0.0.0", "::", ""):  # noqa: S104
        return host
    family, probe = (
        (socket.AF_INET6, "2001:db8::1") if host == "::" else (socket.AF_INET, "192.0.2.1")
    )
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        try:
            # Connecting a datagram socket sends nothing: it only chooses the route.
            sock.connect((probe, 9))
        except OSError:
            return "::1" if host == "::" else "127.0.0.1"
        return str(sock.getsockname()[0])
