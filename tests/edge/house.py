"""An edge, voice processes and callers on one loop, for tests of the edge as a whole."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from annie.calls.link import VoiceLink
from annie.calls.protocols import CallLeg
from annie.edge.caller import Caller
from annie.edge.server import Edge
from annie.edge.settings import EdgeSettings
from annie.kit import link
from annie.speech.protocols import Pcm


class Session:
    """What a voice process keeps of a call."""

    def __init__(self, leg: CallLeg) -> None:
        self.leg = leg
        self.established = asyncio.Event()
        self.spoken_to = asyncio.Event()
        self.silenced = asyncio.Event()
        self.ended: asyncio.Future[tuple[str, str]] = asyncio.get_running_loop().create_future()
        self.digits: asyncio.Queue[str] = asyncio.Queue()
        self.played: list[Pcm] = []
        leg.listen(self)

    def on_established(self) -> None:
        self.established.set()

    def on_frame(self, pcm: Pcm, played: Pcm, lost: bool) -> None:
        self.played.append(played)
        if pcm.any():
            self.spoken_to.set()

    def on_digit(self, digit: str) -> None:
        self.digits.put_nowait(digit)

    def on_ended(self, by: str, reason: str) -> None:
        self.ended.set_result((by, reason))


class House:
    """An edge, voice processes and callers on one loop."""

    def __init__(self, path: Path, calls_dir: Path | None = None) -> None:
        self.path = path
        self.settings = EdgeSettings(
            "127.0.0.1",
            0,
            path,
            first_rtp_port=0,
            last_rtp_port=0,
            max_calls=100,
            calls_dir=calls_dir,
        )
        self.edge = Edge(self.settings)
        self.sessions: asyncio.Queue[Session] = asyncio.Queue()
        self.resumed: asyncio.Queue[tuple[CallLeg, link.CallResumed]] = asyncio.Queue()
        self._voices: list[tuple[VoiceLink, asyncio.Task[None]]] = []
        self._callers: list[Caller] = []

    @property
    def uri(self) -> str:
        return f"sip:+13055550100@127.0.0.1:{self.edge.port}"

    async def voice(
        self, decide: Callable[[CallLeg], None] = lambda leg: leg.answer()
    ) -> VoiceLink:
        def on_call(leg: CallLeg) -> None:
            self.sessions.put_nowait(Session(leg))
            decide(leg)

        voice = VoiceLink(
            self.path,
            on_call,
            on_resumed=lambda leg, resumed: self.resumed.put_nowait((leg, resumed)),
        )
        self._voices.append((voice, asyncio.create_task(voice.run())))
        await voice.wait_connected()
        return voice

    async def caller(
        self,
        on_frame: Callable[[bytes, bool], None] = lambda pcm, lost: None,
        on_digit: Callable[[str], None] = lambda digit: None,
    ) -> Caller:
        caller = Caller(on_frame, on_digit)
        await caller.start()
        self._callers.append(caller)
        return caller

    async def call(self) -> tuple[Caller, Session]:
        caller = await self.caller()
        await caller.dial(self.uri)
        return caller, await self.sessions.get()

    async def replace_edge(self) -> None:
        """The edge is gone without a word, and another one starts on its port."""
        port = self.edge.port
        await self.edge.close()
        self.settings = replace(self.settings, sip_port=port)
        self.edge = Edge(self.settings)
        await self.edge.start()

    async def close(self) -> None:
        for caller in self._callers:
            caller.hang_up()
            await caller.close()
        for voice, task in self._voices:
            voice.close()
            await task
        await self.edge.close()


async def until(condition: Callable[[], object]) -> None:
    """Wait for what comes over the wire."""
    while not condition():  # noqa: ASYNC110 - there is nothing to be told by
        await asyncio.sleep(0.01)
