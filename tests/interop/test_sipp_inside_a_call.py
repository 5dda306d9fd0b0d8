"""SIPp changes a call that is up: hold, offers made and asked for, media that moves."""

import asyncio
import contextlib
import socket
from pathlib import Path

import pytest

from annie.edge.sip.events import MediaChanged
from tests.interop.answering_agent import running_edge
from tests.interop.edge_process import NUMBER, edge_process
from tests.interop.sipp import (
    ANSWERED,
    HANG_UP,
    HELD,
    SDP,
    call_in,
    expect,
    needs_sipp,
    pause,
    request,
)

pytestmark = [pytest.mark.interop, needs_sipp]

INACTIVE = HELD.replace("sendonly", "inactive")
#: How RFC 2543 held: still sent by old exchanges.
NOWHERE = HELD.replace("IN IP[media_ip_type] [media_ip]", "IN IP4 0.0.0.0").replace(
    "\na=sendonly", ""
)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.parametrize(
    ("held", "answer"),
    [(HELD, "a=recvonly"), (INACTIVE, "a=inactive"), (NOWHERE, "m=audio 40000")],
    ids=["sendonly", "inactive", "nowhere"],
)
async def test_the_caller_holds_and_resumes(
    tmp_path: Path, held: str, answer: str, transport: str
) -> None:
    async with running_edge() as edge:
        await call_in(
            edge.transport.port,
            tmp_path,
            request("INVITE", body=SDP),
            *ANSWERED,
            request("ACK"),
            request("INVITE", cseq=2, body=held),
            expect(200, body=answer),
            request("ACK", cseq=2),
            request("INVITE", cseq=3, body=SDP),
            expect(200, body="a=sendrecv"),
            request("ACK", cseq=3),
            *HANG_UP,
            transport=transport,
        )
        changes = [event.media for event in edge.events if isinstance(event, MediaChanged)]
        assert [media.sending for media in changes] == [False, True]


async def test_update_holds_resumes_and_asks_for_nothing(tmp_path: Path) -> None:
    async with running_edge() as edge:
        await call_in(
            edge.transport.port,
            tmp_path,
            request("INVITE", body=SDP),
            *ANSWERED,
            request("ACK"),
            request("UPDATE", cseq=2, body=HELD),
            expect(200, body="a=recvonly"),
            request("UPDATE", cseq=3, body=SDP),
            expect(200, body="a=sendrecv"),
            request("UPDATE", cseq=4),
            expect(200, header="Content-Length: 0"),
            *HANG_UP,
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


async def test_a_reinvite_without_offer_gets_one_and_its_answer_counts(tmp_path: Path) -> None:
    async with running_edge() as edge:
        await call_in(
            edge.transport.port,
            tmp_path,
            request("INVITE", body=SDP),
            *ANSWERED,
            request("ACK"),
            request("INVITE", cseq=2),
            expect(200, body="m=audio 40000 RTP/AVP 0 8 9 101"),
            request("ACK", cseq=2, body=HELD.replace("sendonly", "recvonly")),
            *HANG_UP,
        )
        changes = [event.media for event in edge.events if isinstance(event, MediaChanged)]
        assert [media.receiving for media in changes] == [False]


async def test_a_refused_offer_leaves_the_call_as_it_was(tmp_path: Path) -> None:
    video = SDP.replace("m=audio", "m=video")
    async with running_edge() as edge:
        await call_in(
            edge.transport.port,
            tmp_path,
            request("INVITE", body=SDP),
            *ANSWERED,
            request("ACK"),
            request("INVITE", cseq=2, body=video),
            expect(488),
            request("ACK", cseq=2),
            request("OPTIONS", cseq=3),
            expect(200),
            *HANG_UP,
        )
        assert edge.kinds() == ["IncomingCall", "CallEstablished", "CallEnded"]


def listening() -> socket.socket:
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.bind(("127.0.0.1", 0))
    receiver.setblocking(False)
    return receiver


def arrived(receiver: socket.socket) -> list[tuple[int, int, bytes]]:
    """Sequence number, timestamp and source of the RTP packets that wait here."""
    found: list[tuple[int, int, bytes]] = []
    with receiver, contextlib.suppress(BlockingIOError):
        while data := receiver.recv(2048):
            found.append((int.from_bytes(data[2:4]), int.from_bytes(data[4:8]), data[8:12]))
    return found


async def test_a_sentence_goes_on_without_a_gap_where_the_caller_moved_to(tmp_path: Path) -> None:
    first, second = listening(), listening()
    here, there = (
        SDP.replace("[media_port]", str(each.getsockname()[1])) for each in (first, second)
    )
    answered = [expect(100, optional=True), expect(180, optional=True), expect(200)]
    async with edge_process(tmp_path) as edge:
        caller = asyncio.create_task(
            call_in(
                edge.port,
                tmp_path,
                request("INVITE", body=here),
                *answered,
                request("ACK"),
                pause(600),
                request("INVITE", cseq=2, body=there.replace("2353687637", "2353687638")),
                expect(200),
                request("ACK", cseq=2),
                pause(600),
                *HANG_UP,
                number=NUMBER,
            )
        )
        call = await edge.call()
        await caller
        assert await call.over() == ("caller", "bye")
    before, after = arrived(first), arrived(second)
    assert min(len(before), len(after)) > 10
    sequence, timestamp, source = before[0]
    assert [packet[2] for packet in before + after] == [source] * len(before + after)
    numbers = [(packet[0] - sequence) % 65536 for packet in before + after]
    times = [(packet[1] - timestamp) % 2**32 for packet in before + after]
    assert numbers == list(range(len(numbers)))
    # A machine that stands still for a moment may skip a tick, but nothing is said twice.
    assert times == sorted(set(times))
    assert not any(time % 160 for time in times)
