"""SIPp asks for reliable ringing (RFC 3262), for proof of identity, and presses keys by INFO."""

from pathlib import Path

import pytest

from annie.edge.sip.digest import Credentials
from annie.edge.sip.events import CallEnded, CallEstablished, CallProgress, DigitPressed
from tests.interop.answering_agent import running_edge
from tests.interop.sipp import (
    ANSWERED,
    HANG_UP,
    SDP,
    call_in,
    expect,
    expect_request,
    finish,
    needs_sipp,
    request,
    respond,
    start_sipp,
)

pytestmark = [pytest.mark.interop, needs_sipp]


async def test_ringing_is_acknowledged_where_the_caller_requires_it(tmp_path: Path) -> None:
    async with running_edge() as edge:
        edge.answers_at_invite = -1
        process, _ = await start_sipp(
            tmp_path,
            [
                request("INVITE", headers="Require: 100rel\nSupported: 100rel", body=SDP),
                expect(100, optional=True),
                # RSeq is $3.
                expect(180, header="Require: 100rel").replace(
                    "</action>",
                    '<ereg regexp="[0-9]+" search_in="hdr" header="RSeq:" check_it="true"'
                    ' assign_to="3"/></action>',
                ),
                request("PRACK", cseq=2, headers="RAck: [$3] 1 INVITE"),
                expect(200),
                *ANSWERED[2:],
                request("ACK"),
                *HANG_UP,
            ],
            *(f"127.0.0.1:{edge.transport.port}", "-s", "+15550100"),
        )
        await edge.agent.has_received("PRACK")
        edge.answer(1)
        await finish(process, tmp_path)
        assert edge.kinds() == ["IncomingCall", "CallEstablished", "CallEnded"]


async def test_we_acknowledge_ringing_that_is_sent_reliably(tmp_path: Path) -> None:
    async with running_edge() as edge:
        process, port = await start_sipp(
            tmp_path,
            [
                expect_request("INVITE", header="Supported:.*100rel").replace(
                    "</action>",
                    '<ereg regexp=".*" search_in="hdr" header="Via:" assign_to="3"/></action>',
                ),
                respond(180, "Ringing", headers="Require: 100rel\nRSeq: 71"),
                expect_request("PRACK", header="RAck: 71 1 INVITE"),
                respond(200, "OK", inside=True),
                respond(200, "OK", inside=True, until_ack=True, body=SDP)
                .replace("[last_Via:]", "Via:[$3]")
                .replace("[last_CSeq:]", "CSeq: 1 INVITE"),
                expect_request("ACK"),
                expect_request("BYE"),
                respond(200, "OK", inside=True),
            ],
        )
        call = edge.dial(port)
        await edge.until(CallProgress)
        await edge.until(CallEstablished)
        edge.hang_up(call)
        await finish(process, tmp_path)


async def test_we_prove_who_we_are_when_asked(tmp_path: Path) -> None:
    nonce = "47364c23432d2e131a5fb210812c"
    challenge = f'WWW-Authenticate: Digest realm="trunk.example", nonce="{nonce}"'
    checked = (
        '<recv request="INVITE"><action>'
        '<verifyauth assign_to="4" username="annie" password="secret"/>'
        '</action></recv><nop next="9" test="4"/>' + "{refused}" + '<label id="9"/>'
    )
    async with running_edge() as edge:
        process, port = await start_sipp(
            tmp_path,
            [
                expect_request("INVITE"),
                respond(401, "Unauthorized", headers=challenge),
                expect_request("ACK"),
                checked.format(refused=respond(403, "Forbidden")),
                respond(200, "OK", until_ack=True, body=SDP),
                expect_request("ACK"),
                expect_request("BYE"),
                respond(200, "OK", inside=True),
            ],
        )
        call = edge.dial(port, credentials=Credentials("annie", "secret"))
        await edge.until(CallEstablished)
        await edge.agent.has_sent("ACK")
        edge.hang_up(call)
        await finish(process, tmp_path)
        assert edge.events[-1] == CallEnded(call, "annie", "hangup")


async def test_keys_come_by_info(tmp_path: Path) -> None:
    def key(cseq: int, text: str, kind: str) -> str:
        return request("INFO", cseq=cseq, body=text).replace("application/sdp", kind)

    async with running_edge() as edge:
        await call_in(
            edge.transport.port,
            tmp_path,
            request("INVITE", body=SDP),
            *ANSWERED,
            request("ACK"),
            key(2, "Signal=5\nDuration=160", "application/dtmf-relay"),
            expect(200),
            key(3, "#", "application/dtmf"),
            expect(200),
            *HANG_UP,
        )
        pressed = [event.digit for event in edge.events if isinstance(event, DigitPressed)]
        assert pressed == ["5", "#"]
