"""Messages between SIPp and our user agent get lost; calls don't."""

from pathlib import Path

import pytest

from annie.edge.sip.events import CallEnded, CallEstablished, CallProgress
from tests.interop.answering_agent import running_edge
from tests.interop.sipp import (
    ANSWERED,
    HANG_UP,
    HELD,
    SDP,
    call_in,
    expect,
    expect_request,
    finish,
    needs_sipp,
    pause,
    request,
    respond,
    start_sipp,
)

pytestmark = [pytest.mark.interop, needs_sipp]


@pytest.mark.parametrize("message", ["INVITE", "ACK", "BYE"])
async def test_a_call_survives_the_loss_of_one_of_the_callers_messages(
    tmp_path: Path, message: str
) -> None:
    async with running_edge() as edge:
        edge.agent.lose(message)
        steps = [request("INVITE", body=SDP), *ANSWERED, request("ACK"), pause(700), *HANG_UP]
        await call_in(edge.transport.port, tmp_path, *steps)
        assert edge.kinds() == ["IncomingCall", "CallEstablished", "CallEnded"]
        assert edge.events[-1] == CallEnded(1, "caller", "bye")


@pytest.mark.parametrize("message", ["SIP/2.0 100", "SIP/2.0 180", "SIP/2.0 200"])
async def test_a_call_survives_the_loss_of_one_of_our_responses(
    tmp_path: Path, message: str
) -> None:
    async with running_edge() as edge:
        edge.agent.lose(message, sent=True)
        steps = [request("INVITE", body=SDP), *ANSWERED, request("ACK"), *HANG_UP]
        await call_in(edge.transport.port, tmp_path, *steps)
        assert edge.kinds() == ["IncomingCall", "CallEstablished", "CallEnded"]


async def test_the_answer_to_a_lost_bye_response_is_the_same_again(tmp_path: Path) -> None:
    async with running_edge() as edge:
        steps = [request("INVITE", body=SDP), *ANSWERED, request("ACK")]
        process, _ = await start_sipp(
            tmp_path, [*steps, *HANG_UP], f"127.0.0.1:{edge.transport.port}", "-s", "+15550100"
        )
        await edge.until(CallEstablished)
        edge.agent.lose("SIP/2.0 200", sent=True)
        await finish(process, tmp_path)
        assert edge.events[-1] == CallEnded(1, "caller", "bye")


async def test_our_bye_is_sent_again_when_it_gets_lost(tmp_path: Path) -> None:
    async with running_edge() as edge:
        process, _ = await start_sipp(
            tmp_path,
            [
                request("INVITE", body=SDP),
                *ANSWERED,
                request("ACK"),
                expect_request("BYE"),
                respond(200, "OK", inside=True),
            ],
            *(f"127.0.0.1:{edge.transport.port}", "-s", "+15550100"),
        )
        await edge.agent.has_received("ACK")
        edge.agent.lose("BYE", sent=True)
        edge.hang_up(1)
        await finish(process, tmp_path)
        assert edge.events[-1] == CallEnded(1, "annie", "hangup")


@pytest.mark.parametrize("lost", ["request", "response", "ack"])
async def test_a_hold_survives_losses(tmp_path: Path, lost: str) -> None:
    async with running_edge() as edge:
        process, _ = await start_sipp(
            tmp_path,
            [
                request("INVITE", body=SDP),
                *ANSWERED,
                request("ACK"),
                request("INFO", cseq=2),
                expect(200),
                request("INVITE", cseq=3, body=HELD),
                expect(200, body="a=recvonly"),
                request("ACK", cseq=3),
                pause(700),
                *HANG_UP,
            ],
            *(f"127.0.0.1:{edge.transport.port}", "-s", "+15550100"),
        )
        await edge.agent.has_received("ACK")
        if lost == "response":
            await edge.agent.has_received("INFO")
            edge.agent.lose("SIP/2.0 200", sent=True)
        else:
            edge.agent.lose("INVITE" if lost == "request" else "ACK")
        await finish(process, tmp_path)
        assert edge.kinds()[-2:] == ["MediaChanged", "CallEnded"]
        assert edge.events[-1] == CallEnded(1, "caller", "bye")


@pytest.mark.parametrize("message", ["INVITE", "ACK", "BYE"])
async def test_a_call_of_ours_survives_the_loss_of_one_of_our_messages(
    tmp_path: Path, message: str
) -> None:
    async with running_edge() as edge:
        process, port = await start_sipp(
            tmp_path,
            [
                expect_request("INVITE"),
                respond(180, "Ringing"),
                respond(200, "OK", until_ack=True, body=SDP),
                expect_request("ACK"),
                expect_request("BYE"),
                respond(200, "OK", inside=True),
            ],
        )
        edge.agent.lose(message, sent=True)
        call = edge.dial(port)
        await edge.until(CallProgress)
        await edge.until(CallEstablished)
        await edge.agent.has_sent("ACK")
        edge.hang_up(call)
        await finish(process, tmp_path)
        assert edge.events[-1] == CallEnded(call, "annie", "hangup")
