"""Our user agent on real sockets with next to nothing behind it, for peers to try."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable

from annie.edge.access import AccessList
from annie.edge.sip.digest import Credentials
from annie.edge.sip.events import Endpoint, Event, IncomingCall, Send, Transport
from annie.edge.sip.user_agent import UserAgent, UserAgentConfig
from annie.edge.transport import SipTransport
from annie.kit.clock import SystemClock


class LeapingClock(SystemClock):
    """A clock that a test may put forward."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead


class WatchedAgent(UserAgent):
    """Counts the messages and INVITEs that arrive, repeated ones too, and can lose some."""

    def __init__(self, config: UserAgentConfig, on_invite: Callable[[int], None]) -> None:
        super().__init__(config)
        self.received = 0
        self.invites = 0
        self._lost_in: list[bytes] = []
        self._lost_out: list[bytes] = []
        self._taken: set[bytes] = set()
        self._left: set[bytes] = set()
        self._news = asyncio.Event()
        self._on_invite = on_invite

    def lose(self, start: str, *, sent: bool = False) -> None:
        """Lose the next message that arrives, or is ``sent``, and begins like this."""
        (self._lost_out if sent else self._lost_in).append(start.encode())

    def forget(self) -> None:
        """Let ``has_received`` and ``has_sent`` count from now on."""
        self._taken.clear()
        self._left.clear()

    async def has_received(self, method: str) -> None:
        """Wait until such a request was taken, now or before."""
        await self._until(lambda: method.encode() in self._taken)

    async def has_received_so_many(self, messages: int) -> None:
        """Wait until as many messages have arrived."""
        await self._until(lambda: self.received >= messages)

    async def has_sent(self, method: str) -> None:
        """Wait until such a request left us, now or before."""
        await self._until(lambda: method.encode() in self._left)

    async def _until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(15):
            while not condition():
                self._news.clear()
                await self._news.wait()

    def receive(self, data: bytes, source: Endpoint, now: float) -> None:
        if _matching(data, self._lost_in):
            return
        super().receive(data, source, now)
        self.received += 1
        self._taken.add(data.partition(b" ")[0])
        self._news.set()
        if data.startswith(b"INVITE"):
            self.invites += 1
            self._on_invite(self.invites)

    def take_outputs(self) -> list[Send]:
        outputs = [
            output
            for output in super().take_outputs()
            if not _matching(output.data, self._lost_out)
        ]
        self._left.update(output.data.partition(b" ")[0] for output in outputs)
        self._news.set()
        return outputs


def _matching(data: bytes, starts: list[bytes]) -> bool:
    for start in starts:
        if data.startswith(start):
            starts.remove(start)
            return True
    return False


class AnsweringAgent:
    """A user agent that answers ``+15550100`` and knows no other number.

    ``answers_at_invite`` of 0 answers at once, otherwise call 1 is answered when that many
    INVITEs have arrived, and with -1 never.
    """

    def __init__(self, access: AccessList, config: UserAgentConfig) -> None:
        self.clock = LeapingClock()
        self.answers_at_invite = 0
        self.agent = WatchedAgent(config, self._on_invite)
        self.events: list[Event] = []
        self.news: asyncio.Queue[Event] = asyncio.Queue()
        self.transport = SipTransport(self.agent, self._on_event, access, self.clock)

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

    def answer(self, call: int) -> None:
        self.agent.answer(call, "127.0.0.1", 40_000, self.clock.monotonic())
        self.transport.flush()

    def leap(self, seconds: float) -> None:
        """Let so much time pass for us at once; peers don't notice."""
        self.clock.ahead += seconds
        self.agent.advance(self.clock.monotonic())
        self.transport.flush()

    def dial(
        self,
        port: int,
        transport: Transport = "udp",
        credentials: Credentials | None = None,
        *,
        user: str = "bob",
    ) -> int:
        call = self.agent.invite(
            f"sip:{user}@127.0.0.1:{port}",
            Endpoint(transport, "127.0.0.1", port),
            "+15550100",
            "127.0.0.1",
            40_000,
            self.clock.monotonic(),
            credentials,
        )
        self.transport.flush()
        return call

    def kinds(self) -> list[str]:
        return [type(event).__name__ for event in self.events]


@contextlib.asynccontextmanager
async def running_edge(
    access: AccessList | None = None, config: UserAgentConfig | None = None
) -> AsyncGenerator[AnsweringAgent]:
    edge = AnsweringAgent(access or AccessList(), config or UserAgentConfig())
    await edge.transport.start("127.0.0.1", 0)
    try:
        yield edge
    finally:
        await edge.transport.close()
