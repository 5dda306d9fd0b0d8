"""Calls that reach the edge through Kamailio, and stay with it until the BYE."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from annie.edge.sip.digest import Credentials
from annie.edge.sip.events import CallEnded, CallEstablished
from tests.interop.answering_agent import running_edge
from tests.interop.baresip_phone import BaresipPhone
from tests.interop.edge_process import NUMBER, TONE, EdgeProcess, edge_process
from tests.interop.kamailio import PASSWORD, Kamailio, kamailio, needs_kamailio
from tests.interop.sipp import SDP, call_in, expect, needs_sipp, request

pytestmark = [pytest.mark.interop, needs_kamailio]


@pytest.fixture
async def edge(tmp_path: Path) -> AsyncIterator[EdgeProcess]:
    async with edge_process(tmp_path) as running:
        yield running


@pytest.fixture
async def proxy(tmp_path: Path, edge: EdgeProcess) -> AsyncIterator[Kamailio]:
    # That this starts at all shows our answer to its pings: until then nothing is "up".
    async with kamailio(tmp_path, edge.port) as running:
        yield running


async def test_a_call_is_held_resumed_and_ended_by_the_caller_through_it(
    edge: EdgeProcess, proxy: Kamailio
) -> None:
    async with BaresipPhone(proxy.port) as phone:
        line = await phone.dial(NUMBER)
        call = await edge.call()
        line.play(TONE)
        await call.heard.until_loud()
        await call.played.until_loud()
        await line.call.hold()
        await call.played.until_quiet()
        await line.call.resume()
        await call.played.until_loud()
        await line.hang_up()
        assert await call.over() == ("caller", "bye")
    assert sum("seen INVITE" in line for line in proxy.log) == 3


async def test_our_bye_goes_through_it(edge: EdgeProcess, proxy: Kamailio) -> None:
    async with BaresipPhone(proxy.port) as phone:
        line = await phone.dial(NUMBER)
        call = await edge.call()
        call.leg.hang_up()
        await line.until_ended()
        assert await call.over() == ("annie", "hangup")
    await proxy.until(f"seen BYE from {edge.port}")


@needs_sipp
async def test_a_ringing_call_is_cancelled_through_it(
    tmp_path: Path, edge: EdgeProcess, proxy: Kamailio
) -> None:
    edge.answers = False
    branch = "z9hG4bK-cancelled"
    await call_in(
        proxy.port,
        tmp_path,
        request("INVITE", body=SDP, branch=branch),
        expect(100, optional=True),
        expect(180),
        request("CANCEL", branch=branch),
        expect(200),
        expect(487),
        request("ACK", branch=branch),
    )
    call = await edge.calls.get()
    assert await call.over() == ("caller", "cancelled")


@pytest.mark.parametrize("password", [PASSWORD, "wrong"])
async def test_we_call_through_it_only_with_the_right_password(
    edge: EdgeProcess, proxy: Kamailio, password: str
) -> None:
    async with running_edge() as caller:
        number = caller.dial(proxy.port, credentials=Credentials("annie", password), user=NUMBER)
        if password == PASSWORD:
            await caller.until(CallEstablished)
            call = await edge.call()
            caller.hang_up(number)
            assert await call.over() == ("caller", "bye")
        else:
            await caller.until(CallEnded)
            assert isinstance(ended := caller.events[-1], CallEnded)
            assert ended.reason.startswith("407")
            assert edge.calls.empty()


@needs_sipp
async def test_our_refusal_passes_through_it(tmp_path: Path, proxy: Kamailio) -> None:
    invite = request("INVITE", body=SDP)
    steps = [invite, expect(100, optional=True), expect(404), request("ACK")]
    await call_in(proxy.port, tmp_path, *steps, number="+15550177")


async def test_the_second_edge_takes_new_calls_when_the_first_is_killed(tmp_path: Path) -> None:
    folders = tmp_path / "first", tmp_path / "second"
    for folder in folders:
        folder.mkdir()
    async with (
        edge_process(folders[0]) as first,
        edge_process(folders[1]) as second,
        kamailio(tmp_path, first.port, second.port) as proxy,
        BaresipPhone(proxy.port) as phone,
    ):
        before = await phone.dial(NUMBER)
        await (await first.call()).heard.until_quiet(1)
        await before.hang_up()
        await first.kill()
        after = await phone.dial(NUMBER)
        call = await second.call()
        await call.played.until_loud()
        await after.hang_up()
        assert await call.over() == ("caller", "bye")
        await proxy.until(f"down sip:127.0.0.1:{first.port}")
        # Marked down, it isn't even tried any more.
        last = await phone.dial(NUMBER)
        await second.call()
        await last.hang_up()
