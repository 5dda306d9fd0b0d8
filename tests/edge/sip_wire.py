"""A SIP transport on loopback, and peers on plain sockets."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator

from annie.edge.access import AccessList
from annie.edge.sip.events import Event, IncomingCall
from annie.edge.sip.user_agent import UserAgent, UserAgentConfig
from annie.edge.transport import SipTransport
from annie.kit.clock import SystemClock

SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 7000 RTP/AVP 0\r\n"
)
PATIENCE = 10.0


class Edge:
    """A transport with its events in a queue; answers calls when told to."""

    def __init__(self, access: AccessList) -> None:
        self.clock = SystemClock()
        self.agent = UserAgent(UserAgentConfig(trusted=access.trusted))
        self.events: asyncio.Queue[Event] = asyncio.Queue()
        self.answering = True
        self.transport = SipTransport(self.agent, self._on_event, access, self.clock)

    def _on_event(self, event: Event) -> None:
        self.events.put_nowait(event)
        if isinstance(event, IncomingCall) and self.answering:
            self.agent.answer(event.call, "127.0.0.1", 40_000, self.clock.monotonic())

    async def event(self) -> Event:
        return await asyncio.wait_for(self.events.get(), PATIENCE)


@contextlib.asynccontextmanager
async def edge(access: AccessList | None = None) -> AsyncGenerator[Edge]:
    running = Edge(access or AccessList())
    await running.transport.start("127.0.0.1", 0)
    try:
        yield running
    finally:
        await running.transport.close()


def udp_socket(host: str = "127.0.0.1") -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((host, 0))
    sock.setblocking(False)
    return sock


def address_of(sock: socket.socket) -> tuple[str, int]:
    host, port = sock.getsockname()
    return host, port


async def receive(sock: socket.socket) -> bytes:
    """One datagram, without depending on the loop's own datagram support."""

    def blocking() -> bytes:
        sock.settimeout(PATIENCE)
        try:
            return sock.recv(65_536)
        finally:
            sock.setblocking(False)

    return await asyncio.to_thread(blocking)


def message(method: str, transport: str, host: str, port: int, body: str = "") -> bytes:
    kind = "Content-Type: application/sdp\r\n" if body else ""
    return (
        f"{method} sip:15550100@127.0.0.1 SIP/2.0\r\n"
        f"Via: SIP/2.0/{transport} {host}:{port};branch=z9hG4bK-{method};rport\r\n"
        f"Max-Forwards: 70\r\nFrom: <sip:a@{host}>;tag=a\r\nTo: <sip:15550100@127.0.0.1>\r\n"
        f"Call-ID: 1\r\nCSeq: 1 {method}\r\nContact: <sip:a@{host}:{port}>\r\n"
        f"{kind}Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


async def read_message(reader: asyncio.StreamReader) -> bytes:
    """One message without body, or the head of one."""
    async with asyncio.timeout(PATIENCE):
        return await reader.readuntil(b"\r\n\r\n")
