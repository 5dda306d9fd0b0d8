"""Our user agent rings SIPp."""

import asyncio
from pathlib import Path

import pytest

from annie.edge.sip.events import (
    CallEnded,
    CallEstablished,
    CallProgress,
    Transport,
)
from tests.interop.answering_agent import AnsweringAgent, running_edge
from tests.interop.sipp import (
    SDP,
    expect_request,
    finish,
    needs_sipp,
    respond,
    start_sipp,
)

pytestmark = [pytest.mark.interop, needs_sipp]


async def dial_when_ready(edge: AnsweringAgent, port: int, transport: Transport) -> int:
    """Dial SIPp; over TCP it may still be starting, which refuses the connection."""
    for _ in range(50):
        call = edge.dial(port, transport)
        if transport == "udp":
            return call
        event = await asyncio.wait_for(edge.news.get(), 15)
        if not (isinstance(event, CallEnded) and event.reason.startswith("503")):
            edge.news.put_nowait(event)
            return call
        await edge.clock.sleep(0.1)
    raise AssertionError("SIPp never listened")


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_we_call_and_hang_up(tmp_path: Path, transport: Transport) -> None:
    async with running_edge() as edge:
        process, port = await start_sipp(
            tmp_path,
            [
                expect_request("INVITE"),
                respond(180, "Ringing"),
                respond(200, "OK", body=SDP),
                expect_request("ACK"),
                expect_request("BYE"),
                respond(200, "OK", inside=True),
            ],
            transport=transport,
        )
        call = await dial_when_ready(edge, port, transport)
        await edge.until(CallEstablished)
        edge.hang_up(call)
        await finish(process, tmp_path)
        assert edge.events[-1] == CallEnded(call, "annie", "hangup")


async def test_we_call_and_they_are_busy(tmp_path: Path) -> None:
    async with running_edge() as edge:
        process, port = await start_sipp(
            tmp_path, [expect_request("INVITE"), respond(486, "Busy Here"), expect_request("ACK")]
        )
        edge.dial(port, "udp")
        await edge.until(CallEnded)
        await finish(process, tmp_path)
        assert edge.events[-1] == CallEnded(1, "caller", "486 Busy Here")


async def test_we_call_and_give_up_while_it_rings(tmp_path: Path) -> None:
    terminated = respond(487, "Request Terminated").replace("[last_CSeq:]", "CSeq: 1 INVITE")
    async with running_edge() as edge:
        process, port = await start_sipp(
            tmp_path,
            [
                expect_request("INVITE"),
                respond(180, "Ringing"),
                expect_request("CANCEL"),
                respond(200, "OK"),
                terminated,
                expect_request("ACK"),
            ],
        )
        call = edge.dial(port, "udp")
        await edge.until(CallProgress)
        edge.hang_up(call)
        await finish(process, tmp_path)
        assert edge.events[-1] == CallEnded(call, "annie", "hangup")
