import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from annie.calls.protocols import CallLeg
from annie.edge import handover, server
from annie.edge.caller import CallFailed
from annie.kit import link
from tests.edge.house import House, Session, until

pytestmark = pytest.mark.integration

TONE = (8000 * np.sin(np.arange(16000) * 0.3)).astype(np.int16)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    made = House(tmp_path / "link")
    await made.edge.start()
    async with asyncio.timeout(30):
        yield made
    await made.close()


async def test_a_call_is_answered_and_both_sides_hear_each_other(house: House) -> None:
    heard = asyncio.Event()
    await house.voice()
    caller = await house.caller(lambda pcm, lost: heard.set() if any(pcm) else None)
    await caller.dial(house.uri)
    session = await house.sessions.get()
    await session.established.wait()
    assert session.leg.facts.dialled == "+13055550100"
    session.leg.play(TONE)
    caller.play(TONE.tobytes())
    await heard.wait()
    await session.spoken_to.wait()
    caller.hang_up()
    assert await session.ended == ("caller", "bye")
    assert house.edge.calls == house.edge.media.calls == 0


async def test_what_is_heard_is_what_the_leg_reports_as_played(house: House) -> None:
    frames: list[bytes] = []
    await house.voice()
    caller = await house.caller(lambda pcm, lost: frames.append(pcm))
    await caller.dial(house.uri)
    session = await house.sessions.get()
    for begin in range(0, 8000, 333):
        session.leg.play(TONE[begin : min(begin + 333, 8000)])
    session.leg.hang_up(after_playout=True)
    assert await session.ended == ("annie", "hangup")
    assert (await caller.wait_ended())[0] == "caller"
    assert session.leg.played_samples == 8000
    heard = np.frombuffer(b"".join(frames), "<i2").astype(float)
    played = np.concatenate(session.played).astype(float)
    assert np.array_equal(np.trim_zeros(played), np.trim_zeros(TONE[:8000].astype(float)))
    loud = np.flatnonzero(np.abs(heard) > 50)
    assert abs((loud[-1] - loud[0] + 1) - 8000) <= 320


async def test_a_flush_silences_the_line(house: House) -> None:
    await house.voice()
    caller, session = await house.call()
    frames = caller.frames()
    session.leg.play(np.tile(TONE, 10))
    async for pcm in frames:
        if any(pcm):
            break
    session.leg.flush()
    quiet = 0
    async for pcm in frames:
        quiet = 0 if any(pcm) else quiet + 1
        if quiet == 10:
            break
    assert session.leg.played_samples < 16000
    assert session.leg.queued_samples == 0


async def test_digits_go_both_ways(house: House) -> None:
    pressed: asyncio.Queue[str] = asyncio.Queue()
    await house.voice()
    caller = await house.caller(on_digit=pressed.put_nowait)
    await caller.dial(house.uri)
    session = await house.sessions.get()
    caller.send_digits("42#")
    session.leg.send_digits("7*")
    assert [await session.digits.get() for _ in range(3)] == ["4", "2", "#"]
    assert [await pressed.get() for _ in range(2)] == ["7", "*"]


async def test_a_rejection_reaches_the_caller(house: House) -> None:
    await house.voice(lambda leg: leg.reject(404, "Not Found"))
    caller = await house.caller()
    with pytest.raises(CallFailed, match="404 Not Found"):
        await caller.dial(house.uri)
    assert house.edge.calls == 0


async def test_a_nonsensical_rejection_is_a_500(house: House) -> None:
    await house.voice(lambda leg: leg.reject(200, "Yes\r\nX: y"))
    caller = await house.caller()
    with pytest.raises(CallFailed, match="500"):
        await caller.dial(house.uri)


async def test_a_call_waits_for_a_voice_process(house: House) -> None:
    caller = await house.caller()
    dialling = asyncio.create_task(caller.dial(house.uri))
    while not house.edge.calls:  # noqa: ASYNC110 - nothing outside tells of it
        await asyncio.sleep(0)
    await house.voice()
    await dialling
    assert not caller.ended


async def test_without_a_voice_process_a_call_is_refused_in_time(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "VOICE_WAIT", 0.05)
    caller = await house.caller()
    with pytest.raises(CallFailed, match="503"):
        await caller.dial(house.uri)


async def test_a_voice_process_that_does_not_decide_is_not_waited_for(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "DECISION_WAIT", 0.05)
    await house.voice(lambda leg: None)
    caller = await house.caller()
    with pytest.raises(CallFailed, match="503"):
        await caller.dial(house.uri)
    session = await house.sessions.get()
    assert await session.ended == ("edge", "no decision")


async def test_ringing_gives_a_voice_process_more_time(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "DECISION_WAIT", 0.05)

    def ring_first(leg: CallLeg) -> None:
        leg.ring()
        asyncio.get_running_loop().call_later(0.15, leg.answer)

    await house.voice(ring_first)
    caller, _ = await house.call()
    assert caller.ringing.is_set()


async def test_a_caller_who_gives_up_is_told_to_voice(house: House) -> None:
    await house.voice(lambda leg: leg.ring())
    caller = await house.caller()
    dialling = asyncio.create_task(caller.dial(house.uri))
    session = await house.sessions.get()
    await caller.ringing.wait()
    caller.hang_up()
    with pytest.raises(CallFailed, match="hangup"):
        await dialling
    assert await session.ended == ("caller", "cancelled")


async def test_a_lost_voice_process_ends_its_calls(house: House) -> None:
    voice = await house.voice()
    caller, session = await house.call()
    voice.close()
    assert (await caller.wait_ended())[0] == "caller"
    assert await session.ended == ("edge", "link lost")
    assert house.edge.calls == 0


CONVERSATION = UUID(int=7)
WAIT = np.full(1600, 5000, np.int16)


def _comfort() -> link.Comfort:
    farewell = np.full(1600, -5000, np.int16)
    return link.Comfort("FRENCH", WAIT.astype("<i2").tobytes(), farewell.astype("<i2").tobytes())


async def test_an_established_call_of_a_lost_voice_process_goes_on_in_another(
    house: House,
) -> None:
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    first = await house.voice()
    first.comfort([_comfort()])
    caller = await house.caller(lambda pcm, lost: heard.put_nowait(pcm))
    await caller.dial(house.uri)
    session = await house.sessions.get()
    session.leg.checkpoint(CONVERSATION, "FRENCH", b"state 1", owed=False)
    session.leg.checkpoint(CONVERSATION, "FRENCH", b"state 2", owed=False)
    session.leg.play(TONE[:1600] // 8)
    await until(lambda: np.concatenate(session.played or [TONE[:0]]).any())
    first.close()
    assert await session.ended == ("edge", "link lost")
    while abs(int(np.frombuffer(await heard.get(), "<i2")[80])) < 4500:
        pass
    await house.voice()
    leg, resumed = await house.resumed.get()
    assert (resumed.conversation, resumed.state) == (CONVERSATION, b"state 2")
    assert resumed.comforted
    assert resumed.facts.dialled == "+13055550100"
    taken = Session(leg)
    leg.play(TONE)
    caller.play(TONE.tobytes())
    await taken.spoken_to.wait()
    await until(lambda: not leg.queued_samples)
    assert house.edge.calls == 1


async def test_what_is_still_queued_of_a_lost_process_is_heard_before_the_comfort(
    house: House,
) -> None:
    heard: list[int] = []
    first = await house.voice()
    first.comfort([_comfort()])
    caller = await house.caller(
        lambda pcm, lost: heard.append(int(np.abs(np.frombuffer(pcm, "<i2").astype(int)).max()))
    )
    await caller.dial(house.uri)
    session = await house.sessions.get()
    session.leg.checkpoint(CONVERSATION, "FRENCH", b"", owed=True)
    session.leg.play(np.full(4800, 1000, np.int16))
    await until(lambda: any(900 < level < 1100 for level in heard))
    first.close()
    await until(lambda: any(level > 4500 for level in heard))
    speaking = [level for level in heard if level > 900]
    first_comfort = next(at for at, level in enumerate(speaking) if level > 4500)
    assert first_comfort == 30


async def test_nobody_coming_for_a_call_ends_it_with_an_apology(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handover, "GIVE_UP", 0.5)
    heard: list[bytes] = []
    first = await house.voice()
    first.comfort([_comfort()])
    caller = await house.caller(lambda pcm, lost: heard.append(pcm))
    await caller.dial(house.uri)
    session = await house.sessions.get()
    session.leg.checkpoint(CONVERSATION, "FRENCH", b"", owed=False)
    await until(lambda: house.edge.kept == 1)
    first.close()
    assert (await caller.wait_ended())[0] == "caller"
    samples = np.frombuffer(b"".join(heard), "<i2")
    assert samples.min() < -4500
    assert house.edge.calls == 0


async def test_a_voice_process_that_stands_still_loses_its_calls_to_another(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "STUCK_TICKS", 25)
    first = await house.voice()
    _, session = await house.call()
    session.leg.checkpoint(CONVERSATION, "FRENCH", b"here", owed=False)
    await house.voice()
    unread: list[link.Packet] = []
    monkeypatch.setattr(first, "take", unread.append)
    leg, resumed = await house.resumed.get()
    assert resumed.state == b"here"
    Session(leg)
    monkeypatch.undo()
    for packet in unread:
        first.take(packet)
    assert await session.ended == ("edge", link.HANDED_OVER)
    assert house.edge.calls == 1


async def test_an_unanswered_call_of_a_lost_voice_process_goes_to_another(house: House) -> None:
    first = await house.voice(lambda leg: None)
    caller = await house.caller()
    dialling = asyncio.create_task(caller.dial(house.uri))
    await house.sessions.get()
    await house.voice()
    first.close()
    await dialling
    session = await house.sessions.get()
    await session.established.wait()


async def test_calls_are_spread_over_voice_processes(house: House) -> None:
    voices = [await house.voice() for _ in range(2)]
    for _ in range(4):
        await house.call()
    assert [voice.calls for voice in voices] == [2, 2]


async def test_draining_refuses_new_calls_and_lets_running_ones_end(house: House) -> None:
    await house.voice()
    caller, _ = await house.call()
    draining = asyncio.create_task(house.edge.drain(20.0))
    await asyncio.sleep(0)
    late = await house.caller()
    with pytest.raises(CallFailed, match="503"):
        await late.dial(house.uri)
    assert not caller.ended
    caller.hang_up()
    await draining


async def test_draining_ends_calls_that_outlast_it(house: House) -> None:
    await house.voice()
    caller, session = await house.call()
    await house.edge.drain(0.05)
    assert caller.ended
    assert await session.ended == ("edge", "draining")


async def start_process(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "annie.edge",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "ANNIE_LOG_LEVEL": "ERROR"},
    )


async def test_the_process_says_when_it_is_ready_and_stops_on_sigterm(tmp_path: Path) -> None:
    path = tmp_path / "link"
    process = await start_process("--sip", "127.0.0.1:0", "--socket", str(path))
    assert process.stdout is not None
    async with asyncio.timeout(20):
        line = await process.stdout.readline()
        assert line.startswith(b"edge_ready")
        process.send_signal(signal.SIGTERM)
        rest, errors = await process.communicate()
    assert (process.returncode, rest, errors) == (0, b"", b"")
    assert not path.exists()


async def test_a_taken_port_is_named_and_the_process_exits_with_2(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        process = await start_process(
            "--sip", f"127.0.0.1:{port}", "--socket", str(tmp_path / "link")
        )
        async with asyncio.timeout(20):
            output, errors = await process.communicate()
    assert process.returncode == 2
    assert output == b""
    assert f"127.0.0.1:{port}".encode() in errors
    assert b"give --sip another" in errors


@pytest.mark.parametrize(
    "arguments",
    [
        ("--sip", "nonsense"),
        ("--sip", "127.0.0.1:99999"),
        ("--rtp-ports", "9-1"),
        ("--allow", "not-a-network"),
    ],
)
async def test_a_bad_option_is_explained(tmp_path: Path, arguments: tuple[str, str]) -> None:
    process = await start_process("--socket", str(tmp_path / "link"), *arguments)
    async with asyncio.timeout(20):
        _, errors = await process.communicate()
    assert process.returncode == 2
    assert arguments[1].encode() in errors


async def test_a_caller_who_vanished_without_a_word_is_given_up(house: House) -> None:
    await house.voice()
    caller, session = await house.call()
    house.edge.on_media_lost(1)
    assert await asyncio.wait_for(session.ended, 5) == ("edge", link.MEDIA_LOST)
    assert await asyncio.wait_for(caller.wait_ended(), 5) == ("caller", "bye")
    assert session.leg.media is not None
    assert session.leg.media.codec == "PCMU"
    assert house.edge.calls == 0
