"""SIPp changes a call that is up: hold, offers, refreshes, and messages that get lost."""

from pathlib import Path

import pytest

from annie.edge.sip.events import (
    MediaChanged,
)
from tests.interop.answering_agent import running_edge
from tests.interop.sipp import (
    ANSWERED,
    HANG_UP,
    HELD,
    SDP,
    call_in,
    expect,
    needs_sipp,
    request,
)

pytestmark = [pytest.mark.interop, needs_sipp]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_the_caller_holds_and_resumes(tmp_path: Path, transport: str) -> None:
    async with running_edge() as edge:
        await call_in(
            edge.transport.port,
            tmp_path,
            request("INVITE", body=SDP),
            *ANSWERED,
            request("ACK"),
            request("INVITE", cseq=2, body=HELD),
            expect(200, body="a=recvonly"),
            request("ACK", cseq=2),
            request("INVITE", cseq=3, body=SDP),
            expect(200, body="a=sendrecv"),
            request("ACK", cseq=3),
            *HANG_UP,
            transport=transport,
        )
        changes = [event.media for event in edge.events if isinstance(event, MediaChanged)]
        assert [media.sending for media in changes] == [False, True]


async def test_an_invite_without_offer_gets_one(tmp_path: Path) -> None:
    async with running_edge() as edge:
        await call_in(
            edge.transport.port,
            tmp_path,
            request("INVITE"),
            expect(100, optional=True),
            expect(180, optional=True),
            expect(200, body="m=audio 40000 RTP/AVP 0 8 9 101"),
            request("ACK", body=SDP),
            *HANG_UP,
        )
        assert edge.kinds() == ["IncomingCall", "CallEstablished", "MediaChanged", "CallEnded"]
