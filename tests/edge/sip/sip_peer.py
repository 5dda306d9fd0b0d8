"""A far end on paper: composes messages for the user agent and reads what it sends."""

import ipaddress
from typing import TypeVar

from sipmessage import Message, Request, Response

from annie.edge.sip.digest import Credentials
from annie.edge.sip.events import Endpoint, Event, IncomingCall, MediaDescription, Send
from annie.edge.sip.user_agent import UserAgent, UserAgentConfig

PEER = Endpoint("udp", "10.0.0.9", 5062)
PEER_TCP = Endpoint("tcp", "10.0.0.9", 40_962)
LOCAL = ("10.0.0.1", 5060)
TRUSTED = (ipaddress.IPv4Network("10.0.0.0/8"),)

SDP = (
    "v=0\r\no=peer 1 1 IN IP4 10.0.0.9\r\ns=-\r\nc=IN IP4 10.0.0.9\r\nt=0 0\r\n"
    "m=audio 7000 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n"
    "a=rtpmap:101 telephone-event/8000\r\n"
)
HELD_SDP = SDP.replace("peer 1 1", "peer 1 2") + "a=sendonly\r\n"

E = TypeVar("E")


def sdp_with(media: str) -> str:
    """A description whose m= section is ``media``."""
    return SDP.partition("m=")[0] + media


def message(first: str, headers: str, body: str = "") -> bytes:
    """A message from header lines with plain line ends."""
    lines = [line.strip() for line in headers.strip().splitlines() if line.strip()]
    if body:
        lines.append("Content-Type: application/sdp")
    lines.append(f"Content-Length: {len(body.encode())}")
    return ("\r\n".join([first, *lines]) + "\r\n\r\n" + body).encode()


def request(
    method: str,
    *,
    uri: str = "sip:+15550100@10.0.0.1",
    branch: str = "z9hG4bK-1",
    cseq: int = 1,
    call_id: str = "c1@peer",
    from_tag: str = "peer",
    to_tag: str = "",
    body: str = "",
    extra: str = "",
    via_transport: str = "UDP",
    cseq_method: str = "",
) -> bytes:
    """A request of the peer."""
    to = "<sip:+15550100@10.0.0.1>" + (f";tag={to_tag}" if to_tag else "")
    return message(
        f"{method} {uri} SIP/2.0",
        f"""
        Via: SIP/2.0/{via_transport} 10.0.0.9:5062;branch={branch};rport
        Max-Forwards: 70
        From: "Ann" <sip:+15550199@10.0.0.9>;tag={from_tag}
        To: {to}
        Call-ID: {call_id}
        CSeq: {cseq} {cseq_method or method}
        Contact: <sip:ann@10.0.0.9:5062>
        {extra}
        """,
        body,
    )


class Bench:
    """A user agent and the time; everything sent and told is kept since the last look."""

    def __init__(
        self,
        *,
        max_calls: int = 100,
        source: Endpoint = PEER,
        ring_timeout: float = 180.0,
        session_seconds: int = 0,
        accounts: dict[str, str] | None = None,
        exempt: tuple[ipaddress.IPv4Network, ...] = (),
    ) -> None:
        """``accounts``: everybody who isn't ``exempt`` has to prove to be one of these."""
        config = UserAgentConfig(
            trusted=TRUSTED,
            max_calls=max_calls,
            ring_timeout=ring_timeout,
            session_seconds=session_seconds,
            accounts=accounts or {},
            challenged=TRUSTED if accounts else (),
            exempt=exempt,
        )
        self.agent = UserAgent(config)
        self.agent.bind(*LOCAL)
        self.source = source
        self.now = 1000.0

    def receive(self, data: bytes, source: Endpoint | None = None) -> None:
        self.agent.receive(data, source or self.source, self.now)

    def wait(self, seconds: float) -> None:
        """Let time pass, firing each timer at its own deadline."""
        target = self.now + seconds
        while (deadline := self.agent.next_deadline()) is not None and deadline <= target:
            self.now = max(self.now, deadline)
            self.agent.advance(self.now)
        self.now = target

    def outputs(self) -> list[Send]:
        return self.agent.take_outputs()

    def sent(self) -> list[Request | Response]:
        return [Message.parse(output.data) for output in self.agent.take_outputs()]

    def responses(self) -> list[Response]:
        return [message for message in self.sent() if isinstance(message, Response)]

    def requests(self) -> list[Request]:
        return [message for message in self.sent() if isinstance(message, Request)]

    def statuses(self) -> list[int]:
        return [response.code for response in self.responses()]

    def methods(self) -> list[str]:
        return [request.method for request in self.requests()]

    def events(self) -> list[Event]:
        return self.agent.take_events()

    def event(self, kind: type[E]) -> E:
        """The only event since the last look, which must be of this kind."""
        events = self.events()
        assert len(events) == 1, events
        assert isinstance(events[0], kind)
        return events[0]

    # Inbound calls

    def offer(
        self,
        body: str = SDP,
        *,
        branch: str = "z9hG4bK-1",
        call_id: str = "c1@peer",
        extra: str = "",
        via_transport: str = "UDP",
    ) -> int:
        """An INVITE comes in; the call's number. Outputs are dropped."""
        self.receive(
            request(
                "INVITE",
                body=body,
                branch=branch,
                call_id=call_id,
                extra=extra,
                via_transport=via_transport,
            )
        )
        self.outputs()
        return self.event(IncomingCall).call

    def answer(self, call: int) -> MediaDescription | None:
        return self.agent.answer(call, "10.0.0.1", 30_000, self.now)

    def established(self, *, extra: str = "", via_transport: str = "UDP") -> tuple[int, str]:
        """An inbound call, answered and acknowledged: its number and our tag."""
        call = self.offer(extra=extra, via_transport=via_transport)
        self.answer(call)
        tag = tag_of(self.responses()[-1])
        self.receive(request("ACK", branch="z9hG4bK-ack", to_tag=tag))
        assert not self.outputs()
        self.events()
        return call, tag

    # Outbound calls

    def dial(
        self, destination: Endpoint | None = None, credentials: Credentials | None = None
    ) -> tuple[int, Request]:
        """We call the peer: the call's number and our INVITE."""
        call = self.agent.invite(
            "sip:bob@10.0.0.9:5062",
            destination or self.source,
            "+15550100",
            "10.0.0.1",
            30_000,
            self.now,
            credentials,
        )
        (invite,) = self.requests()
        return call, invite

    def reply(
        self,
        to: Request,
        status: int,
        phrase: str = "X",
        *,
        tag: str = "bob",
        body: str = "",
        extra: str = "",
    ) -> None:
        """The peer responds to a request of ours."""
        suffix = f";tag={tag}" if tag and "tag=" not in to.headers["To"] else ""
        self.receive(
            message(
                f"SIP/2.0 {status} {phrase}",
                f"""
                Via: {to.headers["Via"]}
                From: {to.headers["From"]}
                To: {to.headers["To"]}{suffix}
                Call-ID: {to.headers["Call-ID"]}
                CSeq: {to.headers["CSeq"]}
                Contact: <sip:bob@10.0.0.9:5062>
                {extra}
                """,
                body,
            )
        )

    def connected(self, *, extra: str = "") -> tuple[int, Request]:
        """An outbound call, answered: its number and our ACK."""
        call, invite = self.dial()
        self.reply(invite, 200, "OK", body=SDP, extra=extra)
        (ack,) = self.requests()
        self.events()
        return call, ack


def tag_of(response: Response) -> str:
    """The To tag."""
    return response.headers["To"].rpartition("tag=")[2]
