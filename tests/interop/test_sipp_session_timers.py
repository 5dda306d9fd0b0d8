"""SIPp and session timers (RFC 4028), with our clock put forward: both may refresh."""

import asyncio
from pathlib import Path

import pytest

from annie.edge.sip.events import CallEnded, CallEstablished
from tests.interop.answering_agent import AnsweringAgent, running_edge
from tests.interop.sipp import (
    ANSWERED,
    HANG_UP,
    SDP,
    expect,
    expect_request,
    finish,
    needs_sipp,
    request,
    respond,
    start_sipp,
)

pytestmark = [pytest.mark.interop, needs_sipp]

OFFER = "Supported: timer\nSession-Expires: 90"
WE_REFRESH = "Require: timer\nSession-Expires: 90;refresher=uac"
THEY_REFRESH = "Require: timer\nSession-Expires: 90;refresher=uas"
OK = respond(200, "OK", inside=True)


async def calling_sipp(
    edge: AnsweringAgent, folder: Path, *steps: str
) -> asyncio.subprocess.Process:
    """SIPp calls, and the call is acknowledged."""
    target = f"127.0.0.1:{edge.transport.port}"
    process, _ = await start_sipp(folder, list(steps), target, "-s", "+15550100")
    await edge.agent.has_received("ACK")
    return process


async def test_a_session_that_the_caller_refreshes_lives(tmp_path: Path) -> None:
    async with running_edge() as edge:
        process = await calling_sipp(
            edge,
            tmp_path,
            request("INVITE", headers=f"{OFFER};refresher=uac", body=SDP),
            *ANSWERED[:2],
            expect(200, header="Session-Expires: 90;refresher=uac"),
            request("ACK"),
            # Our clock leaps by 50 s only after this.
            request("OPTIONS", cseq=2),
            expect(200),
            request("UPDATE", cseq=3, headers=f"{OFFER};refresher=uac"),
            expect(200, header="Session-Expires: 90;refresher=uac"),
            request("MESSAGE", cseq=4),
            expect(405),
            expect_request("BYE"),
            OK,
        )
        await edge.agent.has_received("OPTIONS")
        edge.leap(50)
        await edge.agent.has_received("MESSAGE")
        # 60 s after the last refresh it is over, which is 110 s after the first.
        edge.leap(59)
        assert edge.kinds() == ["IncomingCall", "CallEstablished"]
        edge.leap(2)
        await finish(process, tmp_path)
        assert edge.events[-1] == CallEnded(1, "edge", "session expired")


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
async def test_we_refresh_a_session_that_is_ours_to_refresh(tmp_path: Path, method: str) -> None:
    allow = "Allow: INVITE, ACK, BYE, CANCEL" + (", UPDATE" if method == "UPDATE" else "")
    session = "Session-Expires: 90;refresher=uac"
    refreshed = f"Require: timer\n{session}"
    answer = [respond(200, "OK", inside=True, headers=refreshed, until_ack=True, body=SDP)]
    if method == "UPDATE":
        answer = [respond(200, "OK", inside=True, headers=refreshed)]
    else:
        answer.append(expect_request("ACK"))
    async with running_edge() as edge:
        process = await calling_sipp(
            edge,
            tmp_path,
            request("INVITE", headers=f"{allow}\n{OFFER};refresher=uas", body=SDP),
            *ANSWERED[:2],
            expect(200, header="Session-Expires: 90;refresher=uas"),
            request("ACK"),
            expect_request(method, header=session),
            *answer,
            expect_request(method, header=session),
            *answer,
            *HANG_UP,
        )
        edge.leap(46)
        await edge.agent.has_received("SIP/2.0")
        edge.leap(46)
        await finish(process, tmp_path)
        assert edge.events[-1] == CallEnded(1, "caller", "bye")


async def test_a_refresh_that_nobody_answers_ends_the_call(tmp_path: Path) -> None:
    async with running_edge() as edge:
        process = await calling_sipp(
            edge,
            tmp_path,
            request("INVITE", headers=f"{OFFER};refresher=uas", body=SDP),
            *ANSWERED,
            request("ACK"),
            expect_request("INVITE"),
            expect_request("BYE"),
            OK,
        )
        edge.leap(46)
        await edge.agent.has_sent("INVITE")
        edge.leap(33)
        await finish(process, tmp_path)
        assert isinstance(ended := edge.events[-1], CallEnded)
        assert ended.by == "edge"


async def test_too_short_a_session_is_422_and_a_longer_one_is_taken(tmp_path: Path) -> None:
    async with running_edge() as edge:
        process = await calling_sipp(
            edge,
            tmp_path,
            request("INVITE", headers="Supported: timer\nSession-Expires: 30", body=SDP),
            expect(422, header="Min-SE: 90"),
            request("ACK"),
            request("INVITE", headers=f"Min-SE: 90\n{OFFER}", body=SDP)
            .replace("CSeq: 1", "CSeq: 2")
            .replace('retrans="500"', ""),
            *ANSWERED,
            request("ACK", cseq=2),
            *HANG_UP,
        )
        await finish(process, tmp_path)
        assert edge.kinds() == ["IncomingCall", "CallEstablished", "CallEnded"]


async def test_in_a_call_of_ours_the_refresher_is_whom_the_answer_names(tmp_path: Path) -> None:
    async with running_edge() as edge:
        process, port = await start_sipp(
            tmp_path,
            [
                expect_request("INVITE", header="Session-Expires: 1800"),
                respond(200, "OK", headers=WE_REFRESH, until_ack=True, body=SDP),
                expect_request("ACK"),
                expect_request("INVITE", header="Session-Expires: 90;refresher=uac"),
                # Now SIPp takes it over, and never does it.
                respond(200, "OK", inside=True, headers=THEY_REFRESH, until_ack=True, body=SDP),
                expect_request("ACK"),
                expect_request("BYE"),
                OK,
            ],
        )
        call = edge.dial(port)
        await edge.until(CallEstablished)
        edge.agent.forget()
        edge.leap(46)
        await edge.agent.has_sent("ACK")
        edge.leap(46)
        assert edge.kinds() == ["CallEstablished"]
        edge.leap(15)
        await finish(process, tmp_path)
        assert edge.events[-1] == CallEnded(call, "edge", "session expired")
