"""Whatever comes in whatever order: one call per INVITE, and nothing is left behind."""

import contextlib
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sipmessage import Message, Request, Response

from annie.edge.sip.client_transaction import LONGEST_PROCEEDING
from annie.edge.sip.digest import Credentials
from annie.edge.sip.events import CallEnded, CallEstablished, Event, IncomingCall
from annie.edge.sip.user_agent import UnknownCall
from tests.edge.sip.sip_peer import HELD_SDP, PEER, PEER_TCP, SDP, Bench, message, request

pytestmark = pytest.mark.unit


class Chaos:
    """Drives a user agent with arbitrary steps and keeps what it said."""

    def __init__(self, tcp: bool) -> None:
        source = PEER_TCP if tcp else PEER
        self.bench = Bench(source=source, max_calls=20, ring_timeout=30, session_seconds=90)
        self.told: list[Event] = []
        self.tags: dict[int, str] = {}
        self.reliable: dict[int, str] = {}
        self.ours: list[Request] = []
        self.dialled: set[int] = set()
        #: Dialogs by Call-ID and the other side's or our tag: that stood, and that were ended.
        self.tagged: set[tuple[str, str]] = set()
        self.answered: set[tuple[str, str]] = set()
        self.over: set[tuple[str, str]] = set()

    def collect(self) -> None:
        for output in self.bench.outputs():
            sent = Message.parse(output.data)
            if isinstance(sent, Request):
                self.ours.append(sent)
                self.sent_request(sent)
            else:
                self.sent_response(sent)
        self.told += self.bench.events()

    def sent_request(self, sent: Request) -> None:
        name = sent.headers["Call-ID"]
        side = "From" if name.isdigit() else "To"
        dialog = (name, sent.headers[side].rpartition(";tag=")[2])
        if sent.method == "BYE":
            self.over.add(dialog)
        elif sent.method == "ACK" and not name.isdigit():
            # The ACK of a refusal shares its INVITE's Via, that of a 2xx doesn't.
            via = sent.headers["Via"]
            if all(each.headers["Via"] != via for each in self.ours if each.method == "INVITE"):
                self.answered.add(dialog)

    def sent_response(self, sent: Response) -> None:
        name, cseq = sent.headers["Call-ID"], sent.headers["CSeq"]
        dialog = (name, sent.headers["To"].rpartition(";tag=")[2])
        if cseq.endswith("BYE") and sent.code == 200:
            self.over.add(dialog)
        elif cseq == "1 INVITE" and sent.code in (180, 200):
            self.tags[int(name)] = dialog[1]
            self.tagged.add(dialog)
            if sent.code == 200:
                self.answered.add(dialog)
            elif (number := sent.headers.get("RSeq")) is not None:
                self.reliable[int(name)] = number

    def peer(
        self, method: str, dialog: int, cseq: int, variant: int, body: str, extra: str = ""
    ) -> None:
        inside = method in ("ACK", *INSIDE) or (method == "INVITE" and cseq > 1)
        branch = f"z9hG4bK-{dialog}-{cseq}-{variant}"
        if method in INSIDE:
            branch += method
            cseq += 1
        if method == "PRACK":
            extra = f"RAck: {self.reliable.get(dialog, '1')} 1 INVITE"
        self.bench.receive(
            request(
                method,
                branch=branch,
                cseq=cseq,
                call_id=str(dialog),
                to_tag=self.tags.get(dialog, "none") if inside else "",
                body=body,
                extra=extra,
            )
        )

    def rung(self, dialog: int, extra: str) -> None:
        """An inbound call up to 180, unless this dialog's INVITE was already used."""
        before = len(self.told)
        self.peer("INVITE", dialog, 1, 0, SDP, extra)
        self.collect()
        for event in self.told[before:]:
            if isinstance(event, IncomingCall):
                self.bench.agent.ring(event.call, self.bench.now)

    def called(self, call: int, status: int, extra: str) -> None:
        """A call of ours up to the first response."""
        self.command("dial", call)
        self.collect()
        self.reply(0, status, "a", SDP, extra)

    def through(self, dialog: int, body: str, extra: str) -> None:
        """An inbound call all the way, unless this dialog's INVITE was already used."""
        before = len(self.told)
        self.peer("INVITE", dialog, 1, 0, body, extra)
        self.collect()
        for event in self.told[before:]:
            if isinstance(event, IncomingCall):
                self.bench.answer(event.call)
        self.collect()
        self.peer("ACK", dialog, 1, 0, SDP)

    def command(self, name: str, call: int) -> None:
        bench, agent = self.bench, self.bench.agent
        match name:
            case "ring":
                agent.ring(call, bench.now)
            case "answer":
                with contextlib.suppress(UnknownCall):
                    bench.answer(call)
            case "reject":
                agent.reject(call, 486, "Busy Here", bench.now)
            case "dial":
                destination = bench.source
                number = agent.invite(
                    "sip:bob@10.0.0.9",
                    destination,
                    "me",
                    "10.0.0.1",
                    4000,
                    bench.now,
                    Credentials("me", "secret") if call % 2 else None,
                )
                self.dialled.add(number)
            case "unreachable":
                agent.unreachable(bench.source, bench.now)
            case _:
                agent.hang_up(call, bench.now)

    def reply(self, index: int, status: int, tag: str, body: str, extra: str) -> None:
        if self.ours:
            # The latest requests are those that still wait.
            request = self.ours[-1 - index % len(self.ours)]
            self.bench.reply(request, status, tag=tag, body=body, extra=extra)


INSIDE = ("BYE", "INFO", "UPDATE", "PRACK")

asked = st.sampled_from(
    [
        "",
        "",
        "Session-Expires: 90;refresher=uas\r\nSupported: timer",
        "Session-Expires: 120;refresher=uac\r\nSupported: timer, 100rel\r\nAllow: UPDATE",
        "Require: 100rel",
        "Session-Expires: 20\r\nSupported: timer",
    ]
)
told = st.sampled_from(
    [
        "",
        "",
        "Require: 100rel\r\nRSeq: 1",
        "Require: 100rel\r\nRSeq: 2",
        "Session-Expires: 90;refresher=uac\r\nAllow: UPDATE",
        'WWW-Authenticate: Digest realm="a", nonce="b", qop="auth"',
        "Min-SE: 300",
    ]
)
sdps = st.sampled_from([SDP, SDP, SDP, HELD_SDP, "", "v=1"])
dialogs = st.integers(1, 2)
cseqs = st.sampled_from([1, 1, 1, 2, 3])
variants = st.sampled_from([0, 0, 0, 1])


def peer(*methods: str) -> st.SearchStrategy[tuple[object, ...]]:
    return st.tuples(
        st.just("peer"), st.sampled_from(methods), dialogs, cseqs, variants, sdps, asked
    )


def command(*names: str) -> st.SearchStrategy[tuple[object, ...]]:
    return st.tuples(st.just("command"), st.sampled_from(names), st.integers(1, 3))


def reply(*statuses: int) -> st.SearchStrategy[tuple[object, ...]]:
    tags = st.sampled_from(["a", "a", "b", ""])
    return st.tuples(
        st.just("reply"), st.integers(0, 3), st.sampled_from(statuses), tags, sdps, told
    )


# Alternatives are drawn alike: what makes a call get further stands here more often.
steps = st.one_of(
    peer("INVITE"),
    peer("INVITE", "ACK"),
    peer("ACK"),
    peer("CANCEL", "INFO", "UPDATE", "PRACK"),
    peer("BYE"),
    st.tuples(st.just("through"), dialogs, sdps, asked),
    st.tuples(st.just("rung"), dialogs, asked),
    st.tuples(st.just("called"), st.integers(1, 3), st.sampled_from([183, 200, 401, 422]), told),
    command("answer"),
    command("answer", "ring", "dial"),
    command("dial", "reject", "hang up", "unreachable"),
    reply(200),
    reply(100, 180, 183, 302, 401, 422, 481, 487, 491, 503),
    st.tuples(st.just("wait"), st.sampled_from([0.1, 0.6, 5.0, 33.0, 46.0, 46.0])),
)


@settings(max_examples=250, deadline=None)
@given(st.lists(steps, min_size=8, max_size=50), st.booleans())
def test_no_order_of_messages_makes_two_calls_of_one_invite_or_leaves_a_leg(
    script: list[tuple[object, ...]], tcp: bool
) -> None:
    chaos = Chaos(tcp)
    for kind, *arguments in script:
        match kind:
            case "peer":
                chaos.peer(*arguments)  # type: ignore[arg-type]
            case "through":
                chaos.through(*arguments)  # type: ignore[arg-type]
            case "rung":
                chaos.rung(*arguments)  # type: ignore[arg-type]
            case "called":
                chaos.called(*arguments)  # type: ignore[arg-type]
            case "command":
                chaos.command(*arguments)  # type: ignore[arg-type]
            case "reply":
                chaos.reply(*arguments)  # type: ignore[arg-type]
            case _:
                chaos.bench.wait(*arguments)  # type: ignore[arg-type]
        chaos.collect()
    for call in range(1, 60):
        chaos.bench.agent.hang_up(call, chaos.bench.now)
    chaos.bench.wait(LONGEST_PROCEEDING + 100)
    chaos.collect()

    assert chaos.bench.agent.idle
    assert chaos.answered <= chaos.over
    offered = Counter(
        event.facts.sip_call_id for event in chaos.told if isinstance(event, IncomingCall)
    )
    tagged = Counter(name for name, _ in chaos.tagged)
    assert all(tagged[name] <= offered[name] for name in tagged)
    begun = [event for event in chaos.told if isinstance(event, IncomingCall)]
    ended = Counter(event.call for event in chaos.told if isinstance(event, CallEnded))
    assert set(ended) == {event.call for event in begun} | chaos.dialled
    assert set(ended.values()) <= {1}
    over: set[int] = set()
    established: Counter[int] = Counter()
    for event in chaos.told:
        assert event.call not in over
        if isinstance(event, CallEnded):
            over.add(event.call)
        if isinstance(event, CallEstablished):
            established[event.call] += 1
    assert set(established.values()) <= {1}


@given(st.lists(st.sampled_from(["again", "other path", "wait"]), max_size=12))
def test_one_invite_is_one_call_however_often_and_wherever_it_arrives(how: list[str]) -> None:
    bench = Bench(ring_timeout=500)
    bench.receive(request("INVITE", body=SDP))
    for step in how:
        if step == "wait":
            bench.wait(5)
        else:
            branch = "z9hG4bK-1" if step == "again" else "z9hG4bK-2"
            bench.receive(request("INVITE", body=SDP, branch=branch))
    assert bench.agent.calls == 1
    assert len(bench.events()) == 1


SEEDS = [
    request("INVITE", body=SDP, extra="Record-Route: <sip:10.0.0.7;lr>\r\nDiversion: <sip:1@a>"),
    request("INVITE", extra="History-Info: <sip:1@a?Reason=SIP%3Bcause%3D302>;index=1,<sip:b@c>"),
    request("OPTIONS"),
    request("CANCEL"),
    request("ACK", to_tag="x"),
    request("BYE", to_tag="x", cseq=2),
    message("SIP/2.0 200 OK", "Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKx\nCSeq: 1 INVITE\nTo: a"),
]
PIECES = [
    *(b"\r\n", b"\r\n ", b":", b";", b",", b"<", b">", b'"', b"%", b"=", b"\\", b"\0", b"\xff"),
    *(b";self=1", b";lr", b"[::1]", b"SIP/2.0", b"99999999999999999999", b" " * 50, b"\t"),
]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(data)))
        length = draw(st.integers(0, 12))
        data[at : at + length] = draw(st.one_of(st.sampled_from(PIECES), st.binary(max_size=6)))
    return bytes(data)


@settings(max_examples=600, deadline=None)
@given(st.lists(mutated(), min_size=1, max_size=4))
def test_mutated_messages_never_raise_and_every_answer_is_a_message(messages: list[bytes]) -> None:
    bench = Bench(ring_timeout=30)
    bench.offer(branch="z9hG4bK-0", call_id="c0")
    for data in messages:
        bench.receive(data)
        for output in bench.outputs():
            assert output.data.startswith((b"SIP/2.0 ", b"BYE "))
            assert output.destination.host == "10.0.0.9"
            head = output.data.partition(b"\r\n\r\n")[0].replace(b"\r\n", b"")
            assert b"\r" not in head
            assert b"\n" not in head
    for event in bench.events():
        with contextlib.suppress(UnknownCall):
            bench.answer(event.call)
    bench.wait(300)
    for call in range(1, 10):
        bench.agent.hang_up(call, bench.now)
    bench.wait(300)
    assert bench.agent.idle


@pytest.mark.parametrize(
    "filler",
    [
        b" ",
        b"\t",
        b";",
        b",",
        b"<",
        b'"',
        b"\\",
        b"a.",
        b"a-",
        b";a=b",
        b"%41",
        b"(",
        b"<>",
        b'\\"',
    ],
)
@pytest.mark.parametrize("header", [b"Via: ", b"From: ", b"Contact: ", b"Call-ID: ", b"sip:"])
def test_a_message_of_64_kb_of_anything_is_survived(filler: bytes, header: bytes) -> None:
    bench = Bench()
    data = request("INVITE", body=SDP, extra="Diversion: <sip:a@b>")
    bulk = header + filler * (60_000 // len(filler))
    bench.receive(data.replace(header, bulk, 1))
    bench.receive(data.replace(header, bulk + b"x", 1))
