"""The user agent against SIPp and sipsak, over real sockets: peers that we did not write."""

import asyncio
import contextlib
import shutil
import socket
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import pytest

from annie.edge.access import AccessList
from annie.edge.sip.events import (
    CallEnded,
    CallEstablished,
    CallProgress,
    Endpoint,
    Event,
    IncomingCall,
    MediaChanged,
    Transport,
)
from annie.edge.sip.user_agent import UserAgent, UserAgentConfig
from annie.edge.transport import SipTransport
from annie.kit.clock import SystemClock

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(shutil.which("sipp") is None, reason="SIPp is not installed (sip-tester)"),
]

SDP = """v=0
o=user1 53655765 2353687637 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000"""
HELD = SDP.replace("2353687637", "2353687638") + "\na=sendonly"
SAVP = SDP.replace("RTP/AVP", "RTP/SAVP")


def request(method: str, *, cseq: int = 1, branch: str = "[branch]", body: str = "") -> str:
    """A ``send`` of SIPp, with the peer's tag for ACK, BYE and whatever has ``cseq`` over 1."""
    inside = cseq > 1 or method == "BYE"
    peer_tag = "[peer_tag_param]" if inside or method == "ACK" else ""
    kind = "Content-Type: application/sdp\n" if body else ""
    return f"""
<send{' retrans="500"' if method in ("INVITE", "BYE", "CANCEL") else ""}><![CDATA[
{method} sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch={branch}
From: "Caller" <sip:+15550199@[local_ip]:[local_port]>;tag=[pid]SIPpTag00[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>{peer_tag}
Call-ID: [call_id]
CSeq: {cseq} {method}
Contact: <sip:caller@[local_ip]:[local_port];transport=[transport]>
Max-Forwards: 70
{kind}Content-Length: [len]

{body}
]]></send>
"""


def expect(status: int, *, body: str = "", header: str = "", optional: bool = False) -> str:
    """A ``recv`` of SIPp; ``body`` and ``header`` are regular expressions that must match."""
    checks = ""
    if body:
        checks += (
            f'<ereg regexp="{body}" search_in="body" check_it="true" assign_to="1"/>'
            '<log message="[$1]"/>'
        )
    if header:
        checks += (
            f'<ereg regexp="{header}" search_in="msg" check_it="true" assign_to="2"/>'
            '<log message="[$2]"/>'
        )
    flag = ' optional="true"' if optional else ""
    return f'<recv response="{status}"{flag}><action>{checks}</action></recv>'


def expect_request(method: str) -> str:
    return f'<recv request="{method}"/>'


def pause(milliseconds: int) -> str:
    return f'<pause milliseconds="{milliseconds}"/>'


def respond(status: int, phrase: str, *, body: str = "") -> str:
    """SIPp's response to the last request."""
    kind = "Content-Type: application/sdp\n" if body else ""
    return f"""
<send><![CDATA[
SIP/2.0 {status} {phrase}
[last_Via:]
[last_From:]
[last_To:];tag=[pid]SIPpTag01[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port];transport=[transport]>
{kind}Content-Length: [len]

{body}
]]></send>
"""


def free_port(kind: int = socket.SOCK_DGRAM) -> int:
    with socket.socket(socket.AF_INET, kind) as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


class WatchedAgent(UserAgent):
    """Counts the INVITEs that arrive, repeated ones too."""

    def __init__(self, config: UserAgentConfig, on_invite: Callable[[int], None]) -> None:
        super().__init__(config)
        self.invites = 0
        self._on_invite = on_invite

    def receive(self, data: bytes, source: Endpoint, now: float) -> None:
        super().receive(data, source, now)
        if data.startswith(b"INVITE"):
            self.invites += 1
            self._on_invite(self.invites)


class Edge:
    """A user agent that answers ``+15550100`` and knows no other number.

    ``answers_at_invite`` of 0 answers at once, otherwise call 1 is answered when that many
    INVITEs have arrived, and with -1 never.
    """

    def __init__(self) -> None:
        self.clock = SystemClock()
        self.access = AccessList()
        self.answers_at_invite = 0
        self.agent = WatchedAgent(UserAgentConfig(trusted=self.access.trusted), self._on_invite)
        self.events: list[Event] = []
        self.news: asyncio.Queue[Event] = asyncio.Queue()
        self.transport = SipTransport(self.agent, self._on_event, self.access, self.clock)

    def _on_event(self, event: Event) -> None:
        self.events.append(event)
        self.news.put_nowait(event)
        if not isinstance(event, IncomingCall):
            return
        now = self.clock.monotonic()
        if event.facts.dialled != "+15550100":
            self.agent.reject(event.call, 404, "Not Found", now)
            return
        self.agent.ring(event.call, now)
        if self.answers_at_invite == 0:
            self.agent.answer(event.call, "127.0.0.1", 40_000, now)

    def _on_invite(self, count: int) -> None:
        if count == self.answers_at_invite:
            self.agent.answer(1, "127.0.0.1", 40_000, self.clock.monotonic())

    async def until(self, kind: type[Event]) -> None:
        while not isinstance(await asyncio.wait_for(self.news.get(), 15), kind):
            pass

    def hang_up(self, call: int) -> None:
        self.agent.hang_up(call, self.clock.monotonic())
        self.transport.flush()

    def dial(self, port: int, transport: Transport) -> int:
        call = self.agent.invite(
            f"sip:bob@127.0.0.1:{port}",
            Endpoint(transport, "127.0.0.1", port),
            "+15550100",
            "127.0.0.1",
            40_000,
            self.clock.monotonic(),
        )
        self.transport.flush()
        return call

    def kinds(self) -> list[str]:
        return [type(event).__name__ for event in self.events]


@contextlib.asynccontextmanager
async def running_edge() -> AsyncGenerator[Edge]:
    edge = Edge()
    await edge.transport.start("127.0.0.1", 0)
    try:
        yield edge
    finally:
        await edge.transport.close()


async def start_sipp(
    folder: Path, steps: list[str], *arguments: str, transport: str = "udp"
) -> tuple[asyncio.subprocess.Process, int]:
    """SIPp with a scenario of these steps, and its port."""
    scenario = folder / "scenario.xml"
    xml = '<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="test">'
    scenario.write_text(xml + "".join(steps) + "</scenario>")
    port = free_port(socket.SOCK_STREAM if transport == "tcp" else socket.SOCK_DGRAM)
    process = await asyncio.create_subprocess_exec(
        "sipp",
        *("-sf", str(scenario), "-i", "127.0.0.1", "-p", str(port), "-mp", str(free_port())),
        *("-t", "t1" if transport == "tcp" else "u1", "-m", "1", "-nostdin"),
        *("-timeout", "20", "-timeout_error", "-trace_err", *arguments),
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    return process, port


async def finish(process: asyncio.subprocess.Process, folder: Path) -> None:
    """SIPp must end by itself and be content."""
    output, _ = await asyncio.wait_for(process.communicate(), 40)
    assert process.returncode == 0, logged(folder, "errors") + output.decode()[-3000:]


def logged(folder: Path, kind: str) -> str:
    """What SIPp wrote into its log of this kind."""
    return "".join(path.read_text() for path in folder.glob(f"*_{kind}.log"))


async def call_in(
    edge: Edge, folder: Path, *steps: str, number: str = "+15550100", transport: str = "udp"
) -> None:
    """SIPp calls us."""
    target = f"127.0.0.1:{edge.transport.port}"
    process, _ = await start_sipp(folder, list(steps), target, "-s", number, transport=transport)
    await finish(process, folder)


ANSWERED = [
    expect(100, optional=True),
    expect(180, optional=True),
    expect(200, body="m=audio 40000 RTP/AVP 0 101"),
]
HANG_UP = [request("BYE", cseq=9), expect(200)]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_call_is_answered_and_hung_up_by_the_caller(tmp_path: Path, transport: str) -> None:
    async with running_edge() as edge:
        await call_in(
            edge,
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
                edge,
                tmp_path,
                *steps,
                expect_request("BYE"),
                respond(200, "OK").replace(";tag=[pid]SIPpTag01[call_number]", ""),
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
            edge,
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
        await call_in(edge, tmp_path, invite, *before, again, *end)
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


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_the_caller_holds_and_resumes(tmp_path: Path, transport: str) -> None:
    async with running_edge() as edge:
        await call_in(
            edge,
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
            edge,
            tmp_path,
            request("INVITE"),
            expect(100, optional=True),
            expect(180, optional=True),
            expect(200, body="m=audio 40000 RTP/AVP 0 8 9 101"),
            request("ACK", body=SDP),
            *HANG_UP,
        )
        assert edge.kinds() == ["IncomingCall", "CallEstablished", "MediaChanged", "CallEnded"]


async def test_an_unknown_number_is_404(tmp_path: Path) -> None:
    async with running_edge() as edge:
        steps = [request("INVITE", body=SDP), expect(100, optional=True), expect(404)]
        await call_in(edge, tmp_path, *steps, request("ACK"), number="+15550177")
        assert edge.kinds() == ["IncomingCall", "CallEnded"]


async def test_an_offer_of_srtp_only_is_488(tmp_path: Path) -> None:
    async with running_edge() as edge:
        steps = [request("INVITE", body=SAVP), expect(488, header="Warning: 304")]
        await call_in(edge, tmp_path, *steps, request("ACK"))
        assert edge.kinds() == []


async def test_requests_without_a_dialog_are_refused(tmp_path: Path) -> None:
    async with running_edge() as edge:
        await call_in(
            edge,
            tmp_path,
            request("BYE"),
            expect(481),
            request("REGISTER"),
            expect(405, header="Allow: INVITE"),
            request("DANCE"),
            expect(501, header="Allow: INVITE"),
        )
        assert edge.agent.idle


@pytest.mark.skipif(shutil.which("sipsak") is None, reason="sipsak is not installed")
async def test_sipsak_finds_us_alive() -> None:
    async with running_edge() as edge:
        process = await asyncio.create_subprocess_exec(
            *("sipsak", "-s", f"sip:x@127.0.0.1:{edge.transport.port}"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await asyncio.wait_for(process.communicate(), 20)
        assert process.returncode == 0, output


async def dial_when_ready(edge: Edge, port: int, transport: Transport) -> int:
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
                respond(200, "OK").replace(";tag=[pid]SIPpTag01[call_number]", ""),
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
