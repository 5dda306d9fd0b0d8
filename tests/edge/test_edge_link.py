import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from annie.calls.link import VoiceLink
from annie.calls.protocols import CallLeg
from annie.edge.link import DEAD_TICKS, Command, LinkServer, SocketInUse, Voice
from annie.kit import link
from annie.kit.link import FLAG_LOST, FRAME_BYTES, CallFacts

pytestmark = pytest.mark.integration

T = TypeVar("T")
FACTS = CallFacts("+13055550100", "+13055550101")


class Handler:
    def __init__(self) -> None:
        self.connected: asyncio.Queue[Voice] = asyncio.Queue()
        self.lost: asyncio.Queue[set[int]] = asyncio.Queue()
        self.commands: asyncio.Queue[Command] = asyncio.Queue()
        self.audio: asyncio.Queue[link.DownstreamAudio] = asyncio.Queue()

    def on_comfort(self, comfort: link.Comfort) -> None:
        pass

    def on_voice_moving(self, voice: Voice) -> None:
        pass

    def on_voice_connected(self, voice: Voice) -> None:
        self.connected.put_nowait(voice)

    def on_voice_lost(self, voice: Voice) -> None:
        self.lost.put_nowait(set(voice.calls))

    def on_command(self, voice: Voice, command: Command) -> None:
        self.commands.put_nowait(command)

    def on_audio(self, voice: Voice, audio: link.DownstreamAudio) -> None:
        self.audio.put_nowait(audio)


class Edge:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.handler = Handler()
        self.server = LinkServer(path, self.handler)
        self._voices: list[tuple[VoiceLink, asyncio.Task[None]]] = []

    async def voice(self, on_call: Callable[[CallLeg], None] = lambda leg: None) -> VoiceLink:
        voice = VoiceLink(self.path, on_call)
        self._voices.append((voice, asyncio.create_task(voice.run())))
        async with asyncio.timeout(5):
            await voice.wait_connected()
            await self.handler.connected.get()
        return voice

    async def close(self) -> None:
        for voice, task in self._voices:
            voice.close()
            await task
        await self.server.close()


@pytest.fixture
async def edge(tmp_path: Path) -> AsyncIterator[Edge]:
    made = Edge(tmp_path / "link")
    await made.server.start()
    yield made
    await made.close()


async def soon(queue: asyncio.Queue[T]) -> T:
    async with asyncio.timeout(5):
        return await queue.get()


async def test_an_offered_call_is_answered_and_its_audio_arrives(edge: Edge) -> None:
    def on_call(leg: CallLeg) -> None:
        leg.answer()

    await edge.voice(on_call)
    (voice,) = edge.server.voices
    edge.server.assign(1, voice)
    edge.server.send(1, link.CallOffered(1, FACTS))
    assert await soon(edge.handler.commands) == link.Answer(1)


async def test_the_least_loaded_voice_process_gets_the_next_call(edge: Edge) -> None:
    assert edge.server.least_loaded() is None
    await edge.voice()
    await edge.voice()
    shares: dict[Voice, int] = {}
    for call in range(1, 11):
        voice = edge.server.least_loaded()
        assert voice is not None
        edge.server.assign(call, voice)
        shares[voice] = shares.get(voice, 0) + 1
    assert list(shares.values()) == [5, 5]
    relieved = edge.server.voices[1]
    for call in relieved.calls.copy():
        edge.server.release(call)
    assert edge.server.least_loaded() is relieved


async def test_each_voice_process_hears_only_its_own_calls(edge: Edge) -> None:
    legs: list[CallLeg] = []
    heard: list[str] = []
    done = asyncio.Event()

    class Ear:
        def __init__(self, name: str) -> None:
            self.name = name

        def on_established(self) -> None: ...

        def on_frame(self, pcm: object, played: object, lost: bool) -> None:
            heard.append(self.name)
            if len(heard) == 2:
                done.set()

        def on_digit(self, digit: str) -> None: ...

        def on_ended(self, by: str, reason: str) -> None: ...

    def on_call(leg: CallLeg) -> None:
        legs.append(leg)
        leg.listen(Ear(leg.facts.dialled))

    await edge.voice(on_call)
    await edge.voice(on_call)
    for call, voice in enumerate(edge.server.voices, start=1):
        edge.server.assign(call, voice)
        voice.send(link.CallOffered(call, CallFacts(f"number {call}", "")))
    silence = bytes(FRAME_BYTES)
    edge.server.send_batch(0, [(call, 0, 0, FLAG_LOST, silence) for call in (1, 2, 3)])
    async with asyncio.timeout(5):
        await done.wait()
    assert sorted(heard) == ["number 1", "number 2"]


async def test_a_voice_process_can_not_touch_the_calls_of_another(edge: Edge) -> None:
    first = await edge.voice()
    await edge.voice()
    edge.server.assign(1, edge.server.voices[1])
    edge.server.assign(2, edge.server.voices[0])
    first.send(link.Hangup(1))
    first.send(link.Hangup(2))
    assert await soon(edge.handler.commands) == link.Hangup(2)
    assert edge.handler.commands.empty()


async def test_a_voice_process_that_goes_away_is_reported_with_its_calls(edge: Edge) -> None:
    voice = await edge.voice()
    edge.server.assign(5, edge.server.voices[0])
    voice.close()
    assert await soon(edge.handler.lost) == {5}
    assert edge.server.voices == ()
    assert edge.server.voice_of(5) is None


async def test_voice_finds_an_edge_that_comes_back(edge: Edge) -> None:
    voice = await edge.voice()
    await edge.server.close()
    assert await soon(edge.handler.lost) == set()
    edge.server = LinkServer(edge.path, edge.handler)
    await edge.server.start()
    await soon(edge.handler.connected)
    async with asyncio.timeout(5):
        await voice.wait_connected()


async def test_a_second_edge_on_the_same_socket_is_refused(edge: Edge) -> None:
    with pytest.raises(SocketInUse):
        await LinkServer(edge.path, Handler()).start()


async def test_a_socket_left_by_a_dead_edge_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "link"
    path.touch()
    server = LinkServer(path, Handler())
    await server.start()
    assert path.stat().st_mode & 0o777 == 0o600
    await server.close()
    assert not path.exists()


@pytest.mark.parametrize(
    "first",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        link.encode_control(link.Hello("voice", 1, version=99)),
        link.encode_control(link.Ring(1)),
        link.encode_control(link.Hello("voice", 1)) + link.encode_control(link.CallEstablished(1)),
        link.encode_control(link.Hello("voice", 1)) + link.encode_upstream(0, []),
    ],
    ids=["another protocol", "another version", "no hello", "an edge's message", "an edge's audio"],
)
async def test_a_peer_that_breaks_the_protocol_is_cut_off(edge: Edge, first: bytes) -> None:
    reader, writer = await asyncio.open_unix_connection(str(edge.path))
    writer.write(first)
    async with asyncio.timeout(5):
        try:
            while await reader.read(1024):
                pass
        except ConnectionResetError:
            pass
    writer.close()


async def test_a_voice_process_that_does_not_read_loses_audio_but_never_stalls_us(
    edge: Edge,
) -> None:
    _, writer = await asyncio.open_unix_connection(str(edge.path))
    writer.write(link.encode_control(link.Hello("voice", 1)))
    voice = await soon(edge.handler.connected)
    calls = range(1, 201)
    for call in calls:
        edge.server.assign(call, voice)
    batch = [(call, 0, 0, FLAG_LOST, bytes(FRAME_BYTES)) for call in calls]
    ticks = 0
    while not voice.dropped_ticks:
        edge.server.send_batch(ticks, batch)
        ticks += 1
        assert ticks < 1000
    for _ in range(DEAD_TICKS):
        edge.server.send_batch(ticks, batch)
    assert await soon(edge.handler.lost) == set(calls)
    assert voice.dropped_ticks == DEAD_TICKS
    writer.close()
