"""The voice process as it is run, with a fake edge at the other end of the link."""

import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
import soundfile

from annie.kit import link
from annie.kit.database import Database
from annie.kit.language import Language, VoiceId
from annie.speech.engines.nano_tts import NanoTts
from annie.speech.protocols import Pcm, VoiceStyle
from tests.calls.calls_support import store_practice

pytestmark = pytest.mark.integration

FRAME = np.zeros(link.FRAME_SAMPLES, np.int16)


class Edge:
    """Answers the link as an edge does: plays in real time and reports it."""

    def __init__(self) -> None:
        self.connected = asyncio.Event()
        self.ticked = asyncio.Event()
        self.messages: asyncio.Queue[link.Control] = asyncio.Queue()
        self.queues: dict[int, bytearray] = {}
        self.played: dict[int, int] = {}
        self.epochs: dict[int, int] = {}
        self.heard: dict[int, list[bytes]] = {}
        self.saying: dict[int, bytearray] = {}
        self.ending: set[int] = set()
        self._writer: asyncio.StreamWriter | None = None
        self._ticker: asyncio.Task[None] | None = None
        self._server: asyncio.Server | None = None

    async def listen(self, path: Path) -> None:
        self._server = await asyncio.start_unix_server(self._serve, str(path))

    async def close(self) -> None:
        if self._ticker is not None:
            self._ticker.cancel()
        if self._writer is not None:
            self._writer.close()
        if self._server is not None:
            self._server.close()

    def offer(self, call: int, dialled: str) -> None:
        self.queues[call], self.saying[call] = bytearray(), bytearray()
        self.played[call], self.epochs[call], self.heard[call] = 0, 0, []
        facts = link.CallFacts(dialled=dialled, caller="+14155550123")
        self._send(link.CallOffered(call, facts))

    def say(self, call: int, pcm: Pcm) -> None:
        self.saying[call] += pcm.astype("<i2").tobytes()

    def end(self, call: int, by: str) -> None:
        for table in (self.queues, self.saying):
            table.pop(call, None)
        self._send(link.CallEnded(call, by))

    async def expect(self, kind: type[link.Control]) -> link.Control:
        async with asyncio.timeout(60):
            while True:
                message = await self.messages.get()
                if isinstance(message, kind):
                    return message

    async def quiet(self, call: int) -> None:
        """Wait until something was heard and nothing is left to play for half a second."""
        empty = 0
        async with asyncio.timeout(60):
            while empty < 25:
                self.ticked.clear()
                await self.ticked.wait()
                empty = 0 if self.queues.get(call) or not self.heard[call] else empty + 1

    def _send(self, message: link.Control) -> None:
        assert self._writer is not None
        self._writer.write(link.encode_control(message))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._send(link.Hello(role="edge", pid=os.getpid()))
        self._ticker = asyncio.create_task(self._tick())
        packets = link.PacketReader()
        while data := await reader.read(65536):
            for packet in packets.feed(data):
                self._take(packet)

    def _take(self, packet: link.Packet) -> None:
        match packet:
            case link.Hello():
                self.connected.set()
            case link.Answer():
                self._send(link.CallEstablished(packet.call))
                self.messages.put_nowait(packet)
            case link.Hangup():
                if packet.after_playout and self.queues.get(packet.call):
                    self.ending.add(packet.call)
                else:
                    self.end(packet.call, "annie")
                self.messages.put_nowait(packet)
            case link.Flush():
                self.queues[packet.call].clear()
                self._send(link.Flushed(packet.call, packet.epoch, self.played[packet.call]))
                self.epochs[packet.call], self.played[packet.call] = packet.epoch + 1, 0
            case list():
                for audio in packet:
                    if audio.epoch == self.epochs[audio.call] and audio.call in self.queues:
                        self.queues[audio.call] += audio.pcm
            case link.UpstreamBatch():
                raise AssertionError("voice sends no upstream audio")
            case _:
                self.messages.put_nowait(packet)

    async def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        tick, due = 0, loop.time()
        while True:
            frames: list[tuple[int, int, int, int, bytes]] = []
            for call, queue in list(self.queues.items()):
                frame = bytes(queue[: link.FRAME_BYTES])
                del queue[: link.FRAME_BYTES]
                if frame:
                    self.heard[call].append(frame)
                    self.played[call] += 1
                elif call in self.ending:
                    self.ending.discard(call)
                    self.end(call, "annie")
                    continue
                said = bytes(self.saying[call][: link.FRAME_BYTES])
                del self.saying[call][: link.FRAME_BYTES]
                frames.append(
                    (call, self.epochs[call], self.played[call], 0, said.ljust(320, b"\0"))
                )
            if self._writer is not None:
                self._writer.write(link.encode_upstream(tick, frames))
            self.ticked.set()
            tick, due = tick + 1, due + 0.02
            await asyncio.sleep(max(0.0, due - loop.time()))


class VoiceProcess:
    """The process under test."""

    def __init__(self, directory: Path, process: asyncio.subprocess.Process, edge: Edge) -> None:
        self.directory = directory
        self.process = process
        self.edge = edge

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with sqlite3.connect(self.directory / "annie.db") as connection:
            return connection.execute(query).fetchall()


@pytest_asyncio.fixture
async def voice(tmp_path: Path) -> AsyncIterator[VoiceProcess]:
    url = f"sqlite:///{tmp_path}/annie.db"
    database = Database(url)
    await database.migrate()
    await store_practice(database)
    await database.close()
    edge = Edge()
    await edge.listen(tmp_path / "link.sock")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "annie.calls", "--socket", str(tmp_path / "link.sock")),
        *("--database-url", url, "--data", str(tmp_path), "--drain-seconds", "20"),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    async with asyncio.timeout(60):
        # In either order: which of them takes longer depends on the machine.
        lines = {await process.stdout.readline() for _ in range(2)}
        assert lines == {b"voice_ready\n", b"voice_loaded\n"}
    yield VoiceProcess(tmp_path, process, edge)
    await edge.close()
    if process.returncode is None:
        process.kill()
        await process.wait()


async def _question(text: str) -> Pcm:
    engine = NanoTts()
    try:
        style = VoiceStyle(VoiceId.CONFIDENT_UPBEAT)
        return np.concatenate(
            [pcm async for pcm in engine.synthesize(text, Language.ENGLISH, style)]
        )
    finally:
        await engine.close()


async def test_a_call_is_answered_from_the_records_and_recorded_and_survives_a_drain(
    voice: VoiceProcess,
):
    edge = voice.edge
    question = await _question("Do you take walk-ins?")
    edge.offer(1, "4155550100")
    await edge.expect(link.Answer)
    await edge.quiet(1)
    greeting = len(edge.heard[1])
    edge.say(1, question)

    # The process is asked to end while the caller waits for the answer.
    voice.process.send_signal(signal.SIGTERM)
    edge.heard[1].clear()
    await edge.quiet(1)
    assert greeting
    edge.offer(2, "4155550100")
    refused = await edge.expect(link.Reject)
    assert isinstance(refused, link.Reject)
    assert (refused.call, refused.status) == (2, 503)
    edge.end(1, "caller")
    async with asyncio.timeout(20):
        assert await voice.process.wait() == 0

    assert voice.rows("SELECT status, end_reason FROM conversations") == [
        ("CLOSED", "caller_hung_up")
    ]
    said = voice.rows("SELECT role, content FROM utterances ORDER BY at, id")
    assert [role for role, _ in said] == ["assistant", "user", "assistant"]
    assert str(said[2][1]).startswith("Yes, we take walk-ins every morning.")
    (recording,) = _recordings(voice.directory)
    assert soundfile.info(str(recording)).channels == 2


async def test_unknown_numbers_are_not_found_and_numbers_without_a_bot_say_so(voice: VoiceProcess):
    edge = voice.edge
    edge.offer(1, "+14155550199")
    refused = await edge.expect(link.Reject)
    assert isinstance(refused, link.Reject)
    assert refused.status == 404
    edge.offer(2, "+14155550103")
    await edge.expect(link.Answer)
    await edge.expect(link.Hangup)
    assert len(edge.heard[2]) > 100
    voice.process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(20):
        assert await voice.process.wait() == 0
    assert voice.rows("SELECT end_reason, recorded FROM conversations") == [("no_bot", 0)]


def _recordings(directory: Path) -> list[Path]:
    return list((directory / "recordings").glob("*.flac"))
