"""An edge process, and in the test's own process the voice that answers its calls."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import numpy as np

from annie.calls.link import VoiceLink
from annie.calls.protocols import CallLeg
from annie.speech.protocols import Pcm

#: The only number that is answered; other calls are refused with 404.
NUMBER = "+15550100"
#: One second of 400 Hz, of which a period is a whole number of samples: it can be repeated.
TONE: Pcm = (8000 * np.sin(np.arange(8000) * (2 * np.pi * 400 / 8000))).astype(np.int16)
#: Mean absolute level of 20 ms that is a voice or a tone, not noise.
LOUD = 1000


def level(pcm: Pcm) -> float:
    """Mean absolute sample value; 0 of nothing."""
    return float(np.abs(pcm.astype(int)).mean()) if len(pcm) else 0.0


class Meter:
    """Tells when a stream of frames became loud or quiet."""

    def __init__(self) -> None:
        self._loud: asyncio.Queue[bool] = asyncio.Queue()

    def feed(self, pcm: Pcm) -> None:
        self._loud.put_nowait(level(pcm) > LOUD)

    async def until_loud(self, frames: int = 10) -> None:
        """Wait for so many loud frames in a row."""
        await self._until(True, frames)

    async def until_quiet(self, frames: int = 25) -> None:
        """Wait for so many quiet frames in a row."""
        await self._until(False, frames)

    async def _until(self, loud: bool, frames: int) -> None:
        run = 0
        async with asyncio.timeout(15):
            while run < frames:
                run = run + 1 if await self._loud.get() is loud else 0


class Conversation:
    """A call seen from voice: says a tone for ever, measures what it hears and says."""

    def __init__(self, leg: CallLeg) -> None:
        self.leg = leg
        self.established = asyncio.Event()
        self.ended: asyncio.Future[tuple[str, str]] = asyncio.get_running_loop().create_future()
        self.digits: asyncio.Queue[str] = asyncio.Queue()
        self.heard = Meter()
        self.played = Meter()
        leg.listen(self)

    def on_established(self) -> None:
        self.established.set()

    def on_frame(self, pcm: Pcm, played: Pcm, lost: bool) -> None:
        if self.leg.queued_samples < len(TONE):
            self.leg.play(TONE)
        self.heard.feed(pcm)
        self.played.feed(played)

    def on_digit(self, digit: str) -> None:
        self.digits.put_nowait(digit)

    def on_ended(self, by: str, reason: str) -> None:
        if not self.ended.done():
            self.ended.set_result((by, reason))

    async def press(self, count: int) -> str:
        """The next keys pressed."""
        async with asyncio.timeout(10):
            return "".join([await self.digits.get() for _ in range(count)])

    async def over(self) -> tuple[str, str]:
        """By whom and why the call ended."""
        async with asyncio.timeout(15):
            return await asyncio.shield(self.ended)


class EdgeProcess:
    """``python -m annie.edge``, and a link to it."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self.process = process
        self.port = port
        #: Whether a call is answered, or only rings.
        self.answers = True
        self.calls: asyncio.Queue[Conversation] = asyncio.Queue()

    def on_call(self, leg: CallLeg) -> None:
        if leg.facts.dialled != NUMBER:
            leg.reject(404, "Not Found")
            return
        self.calls.put_nowait(Conversation(leg))
        leg.ring()
        if self.answers:
            leg.answer()

    async def call(self) -> Conversation:
        """The next call, once it is established."""
        async with asyncio.timeout(15):
            conversation = await self.calls.get()
            await conversation.established.wait()
            return conversation

    async def kill(self) -> None:
        self.process.kill()
        await self.process.wait()


@contextlib.asynccontextmanager
async def edge_process(folder: Path, *arguments: str) -> AsyncGenerator[EdgeProcess]:
    """An edge on a free port of loopback whose calls are answered by ``Conversation``s."""
    socket = folder / "link"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "annie.edge", "--sip", "127.0.0.1:0", "--socket", str(socket)),
        *("--rtp-ports", "20000-31999", "--drain-seconds", "0", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=(folder / "edge.log").open("w"),
        env={**os.environ, "ANNIE_LOG_LEVEL": "DEBUG"},
    )
    assert process.stdout is not None
    async with asyncio.timeout(20):
        ready = (await process.stdout.readline()).decode()
    assert ready.startswith("edge_ready"), (folder / "edge.log").read_text()
    edge = EdgeProcess(process, int(ready.split()[1].rpartition(":")[2]))
    voice = VoiceLink(socket, edge.on_call)
    running = asyncio.create_task(voice.run())
    try:
        async with asyncio.timeout(10):
            await voice.wait_connected()
        yield edge
    finally:
        voice.close()
        await running
        if process.returncode is None:
            await edge.kill()
