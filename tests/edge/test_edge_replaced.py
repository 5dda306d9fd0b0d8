"""An edge is gone; the next one goes on with its calls, and their callers only hear a gap."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import msgspec
import numpy as np
import pytest

from annie.edge.caller import Caller
from annie.edge.ledger import KeptCall
from annie.edge.rtp.srtp import SrtpKeys
from annie.edge.server import Edge
from annie.kit import link
from tests.edge.house import House, Session, until

pytestmark = pytest.mark.integration

CONVERSATION = UUID(int=7)
TONE = (8000 * np.sin(np.arange(16000) * 0.3)).astype(np.int16)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    made = House(tmp_path / "link", tmp_path / "calls")
    await made.edge.start()
    async with asyncio.timeout(60):
        yield made
    await made.close()


def keep(session: Session, number: int = 7) -> None:
    session.leg.checkpoint(UUID(int=number), "FRENCH", b"state", owed=False)


async def remembered(house: House, calls: int) -> None:
    """What is kept is on the disk: with the number of checkpoints that are in it."""
    directory = house.settings.calls_dir
    assert directory is not None
    await until(
        lambda: sum(b"state" in each.read_bytes() for each in directory.glob("*.call")) == calls
    )


async def test_the_call_goes_on_with_its_conversation(house: House) -> None:
    voice = await house.voice()
    heard = asyncio.Event()
    caller = await house.caller(lambda pcm, lost: heard.set() if any(pcm) else None)
    await caller.dial(house.uri)
    session = await house.sessions.get()
    keep(session)
    await remembered(house, 1)
    await house.replace_edge()
    assert await session.ended == ("edge", link.LINK_LOST)
    leg, resumed = await house.resumed.get()
    assert (resumed.conversation, resumed.state) == (CONVERSATION, b"state")
    assert resumed.comforted
    assert resumed.facts == session.leg.facts
    assert CONVERSATION in voice.live
    taken = Session(leg)
    heard.clear()
    leg.play(TONE)
    caller.play(TONE.tobytes())
    await heard.wait()
    await taken.spoken_to.wait()
    caller.hang_up()
    assert await taken.ended == ("caller", "bye")
    assert house.edge.calls == 0
    directory = house.settings.calls_dir
    assert directory is not None
    await until(lambda: not list(directory.glob("*.call")))


async def test_it_survives_a_second_time(house: House) -> None:
    await house.voice()
    caller, session = await house.call()
    keep(session)
    await remembered(house, 1)
    await house.replace_edge()
    leg, _ = await house.resumed.get()
    again = Session(leg)
    await until(lambda: newest(house).dialog.local_cseq > 1000)
    await house.replace_edge()
    assert await again.ended == ("edge", link.LINK_LOST)
    leg, resumed = await house.resumed.get()
    assert resumed.state == b"state"
    Session(leg).leg.hang_up()
    assert (await caller.wait_ended())[0] == "caller"


def newest(house: House) -> KeptCall:
    """The only call on the disk."""
    directory = house.settings.calls_dir
    assert directory is not None
    (path,) = directory.glob("*.call")
    return msgspec.msgpack.decode(path.read_bytes(), type=KeptCall)


async def test_a_caller_who_hung_up_meanwhile_is_found_out(house: House) -> None:
    await house.voice()
    caller, session = await house.call()
    keep(session)
    await remembered(house, 1)
    port = house.edge.port
    await house.edge.close()
    caller.hang_up()
    # Closed for good: its BYE went nowhere, and whoever asks gets an answer of nobody.
    await caller.close()
    house.settings = replace(house.settings, sip_port=port, media_timeout=0.5)
    house.edge = Edge(house.settings)
    await house.edge.start()
    leg, _ = await house.resumed.get()
    assert await Session(leg).ended == ("edge", link.MEDIA_LOST)


async def test_a_call_that_cant_be_taken_up_keeps_no_other_from_it(house: House) -> None:
    await house.voice()
    for number in (1, 2):
        _, session = await house.call()
        keep(session, number)
    await remembered(house, 2)
    port = house.edge.port
    await house.edge.close()
    directory = house.settings.calls_dir
    assert directory is not None
    first, *_ = sorted(directory.glob("*.call"))
    kept = msgspec.msgpack.decode(first.read_bytes(), type=KeptCall)
    assert kept.dialog.media is not None
    broken = replace(kept.dialog.media, srtp=SrtpKeys("ROT13", b"", b""))
    kept.dialog.media = broken
    first.write_bytes(msgspec.msgpack.encode(kept))
    house.settings = replace(house.settings, sip_port=port)
    house.edge = Edge(house.settings)
    await house.edge.start()
    _, resumed = await house.resumed.get()
    assert resumed.conversation == UUID(int=2)
    assert house.edge.calls == 1
    await until(lambda: not first.exists())


async def test_fifty_calls_are_all_taken_over(house: House) -> None:
    await house.voice()
    callers: list[Caller] = []
    heard: set[int] = set()

    def listener(index: int) -> Callable[[bytes, bool], None]:
        return lambda pcm, lost: None if lost else heard.add(index)

    for index in range(50):
        caller = await house.caller(listener(index))
        await caller.dial(house.uri)
        keep(await house.sessions.get(), index + 1)
        callers.append(caller)
    await remembered(house, 50)
    await house.replace_edge()
    resumed = [await house.resumed.get() for _ in callers]
    legs = [Session(leg) for leg, _ in resumed]
    assert {each.conversation for _, each in resumed} == {UUID(int=n + 1) for n in range(50)}
    heard.clear()
    await until(lambda: len(heard) == 50)
    assert not any(caller.ended for caller in callers)
    for leg in legs:
        leg.leg.hang_up()
    for caller in callers:
        assert (await caller.wait_ended())[0] == "caller"
