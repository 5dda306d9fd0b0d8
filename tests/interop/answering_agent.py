"""Our user agent on real sockets with next to nothing behind it, for peers to try."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable

from annie.edge.access import AccessList
from annie.edge.sip.events import Endpoint, Event, IncomingCall, Transport
from annie.edge.sip.user_agent import UserAgent, UserAgentConfig
from annie.edge.transport import SipTransport
from annie.kit.clock import SystemClock


class WatchedAgent(UserAgent):
    """Counts the messages and INVITEs that arrive, repeated ones too."""

    def __init__(self, config: UserAgentConfig, on_invite: Callable[[int], None]) -> None:
        super().__init__(config)
        self.received = 0
        self.invites = 0
        self._on_invite = on_invite

    def receive(self, data: bytes, source: Endpoint, now: float) -> None:
        super().receive(data, source, now)
        self.received += 1
        if data.startswith(b"INVITE"):
            self.invites += 1
            self._on_invite(self.invites)


class AnsweringAgent:
    """A user agent that answers ``+15550100`` and knows no other number.

    ``answers_at_invite`` of 0 answers at once, otherwise call 1 is answered when that many
    INVITEs have arrived, and with -1 never.
    """

    def __init__(self, access: AccessList) -> None:
        self.clock = SystemClock()
        self.access = access
        self.answers_at_invite = 0
        self.agent = WatchedAgent(UserAgentConfig(trusted=self.access.trusted), self._on_invite)
        self.events: list[Event] = []
        self.news: asyncio.Queue[Event] = asyncio.Queue()
        self.transport = SipTransport(self.agent, self._on_event, self.access, self.clock)

    def _on_event(self, event: Event) -> None:
        self.events.append(event)
        self.news.put_nowait(event)
        if not isinstance(event, IncomingCall):
            return
        now = self.clock.monotonic()
        if event.facts.dialled != "+15550100":
            self.agent.reject(event.call, 404, "Not Found", now)
            return
        self.agent.ring(event.call, now)
        if self.answers_at_invite == 0:
            self.agent.answer(event.call, "127.0.0.1", 40_000, now)

    def _on_invite(self, count: int) -> None:
        if count == self.answers_at_invite:
            self.agent.answer(1, "127.0.0.1", 40_000, self.clock.monotonic())

    async def until(self, kind: type[Event]) -> None:
        while not isinstance(await asyncio.wait_for(self.news.get(), 15), kind):
            pass

    def hang_up(self, call: int) -> None:
        self.agent.hang_up(call, self.clock.monotonic())
        self.transport.flush()

    def dial(self, port: int, transport: Transport) -> int:
        call = self.agent.invite(
            f"sip:bob@127.0.0.1:{port}",
            Endpoint(transport, "127.0.0.1", port),
            "+15550100",
            "127.0.0.1",
            40_000,
            self.clock.monotonic(),
        )
        self.transport.flush()
        return call

    def kinds(self) -> list[str]:
        return [type(event).__name__ for event in self.events]


@contextlib.asynccontextmanager
async def running_edge(access: AccessList | None = None) -> AsyncGenerator[AnsweringAgent]:
    edge = AnsweringAgent(access or AccessList())
    await edge.transport.start("127.0.0.1", 0)
    try:
        yield edge
    finally:
        await edge.transport.close()
