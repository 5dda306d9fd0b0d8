"""SIPp rings our user agent over real sockets: how calls begin, end and are refused."""

import asyncio
from pathlib import Path

import pytest

from annie.edge.sip.events import (
    CallEnded,
    CallEstablished,
)
from tests.interop.answering_agent import running_edge
from tests.interop.sipp import (
    ANSWERED,
    HANG_UP,
    SAVP,
    SDP,
    call_in,
    expect,
    expect_request,
    finish,
    logged,
    needs_sipp,
    pause,
    request,
    respond,
    start_sipp,
)

pytestmark = [pytest.mark.interop, needs_sipp]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_call_is_answered_and_hung_up_by_the_caller(tmp_path: Path, transport: str) -> None:
    async with running_edge() as edge:
        await call_in(
            edge.transport.port,
            tmp_path,
            request("INVITE", body=SDP),
            *ANSWERED,
            request("ACK"),
            pause(100),
            *HANG_UP,
            transport=transport,
        )
        assert edge.kinds() == ["IncomingCall", "CallEstablished", "CallEnded"]
        assert edge.events[-1] == CallEnded(1, "caller", "bye")


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_call_is_hung_up_by_us(tmp_path: Path, transport: str) -> None:
    async with running_edge() as edge:
        steps = [request("INVITE", body=SDP), *ANSWERED, request("ACK")]
        caller = asyncio.create_task(
            call_in(
                edge.transport.port,
                tmp_path,
                *steps,
                expect_request("BYE"),
                respond(200, "OK", inside=True),
                transport=transport,
            )
        )
        await edge.until(CallEstablished)
        edge.hang_up(1)
        await caller
        assert edge.events[-1] == CallEnded(1, "annie", "hangup")


async def test_a_call_is_cancelled_while_it_rings(tmp_path: Path) -> None:
    async with running_edge() as edge:
        edge.answers_at_invite = -1
        branch = "z9hG4bK-cancelled"
        await call_in(
            edge.transport.port,
            tmp_path,
            request("INVITE", body=SDP, branch=branch),
            expect(100, optional=True),
            expect(180),
            request("CANCEL", branch=branch),
            expect(200),
            expect(487),
            request("ACK", branch=branch),
        )
        assert edge.events[-1] == CallEnded(1, "caller", "cancelled")


async def test_a_repeated_invite_is_one_call(tmp_path: Path) -> None:
    async with running_edge() as edge:
        edge.answers_at_invite = 2
        invite = request("INVITE", body=SDP, branch="z9hG4bK-repeated")
        again = invite.replace(' retrans="500"', "")
        before = [expect(100), expect(180)]
        end = [expect(200), request("ACK"), *HANG_UP]
        await call_in(edge.transport.port, tmp_path, invite, *before, again, *end)
        assert edge.agent.invites >= 2
        assert edge.kinds() == ["IncomingCall", "CallEstablished", "CallEnded"]


async def test_the_answer_is_repeated_until_it_is_acknowledged(tmp_path: Path) -> None:
    async with running_edge() as edge:
        process, _ = await start_sipp(
            tmp_path,
            [request("INVITE", body=SDP), *ANSWERED, pause(1300), request("ACK"), *HANG_UP],
            f"127.0.0.1:{edge.transport.port}",
            *("-s", "+15550100", "-trace_msg"),
        )
        await finish(process, tmp_path)
        before, _, after = logged(tmp_path, "messages").partition("\nACK sip:")
        assert before.count("SIP/2.0 200 OK") >= 2
        assert after.count("CSeq: 1 INVITE") == 0
        assert edge.kinds() == ["IncomingCall", "CallEstablished", "CallEnded"]


async def test_an_unknown_number_is_404(tmp_path: Path) -> None:
    async with running_edge() as edge:
        steps = [request("INVITE", body=SDP), expect(100, optional=True), expect(404)]
        await call_in(edge.transport.port, tmp_path, *steps, request("ACK"), number="+15550177")
        assert edge.kinds() == ["IncomingCall", "CallEnded"]


async def test_an_offer_of_srtp_only_is_488(tmp_path: Path) -> None:
    async with running_edge() as edge:
        steps = [request("INVITE", body=SAVP), expect(488, header="Warning: 304")]
        await call_in(edge.transport.port, tmp_path, *steps, request("ACK"))
        assert edge.kinds() == []


async def test_requests_without_a_dialog_are_refused(tmp_path: Path) -> None:
    async with running_edge() as edge:
        await call_in(
            edge.transport.port,
            tmp_path,
            request("BYE"),
            expect(481),
            request("REGISTER"),
            expect(405, header="Allow: INVITE"),
            request("DANCE"),
            expect(501, header="Allow: INVITE"),
        )
        assert edge.agent.idle


async def test_a_hundred_calls_come_and_go(tmp_path: Path) -> None:
    async with running_edge() as edge:
        scenario = [
            request("INVITE", body=SDP),
            *ANSWERED,
            request("ACK"),
            pause(300),
            *HANG_UP,
        ]
        target = f"127.0.0.1:{edge.transport.port}"
        process, _ = await start_sipp(
            tmp_path, scenario, target, "-s", "+15550100", "-m", "100", "-r", "50"
        )
        await finish(process, tmp_path)
        assert edge.kinds().count("CallEnded") == 100
        assert edge.agent.calls == 0
