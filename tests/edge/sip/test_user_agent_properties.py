"""Whatever comes in whatever order: one call per INVITE, and nothing is left behind."""

import contextlib
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sipmessage import Message, Request

from annie.edge.sip.events import CallEnded, CallEstablished, Event, IncomingCall
from annie.edge.sip.user_agent import UnknownCall
from tests.edge.sip.sip_peer import HELD_SDP, PEER, PEER_TCP, SDP, Bench, message, request

pytestmark = pytest.mark.unit


class Chaos:
    """Drives a user agent with arbitrary steps and keeps what it said."""

    def __init__(self, tcp: bool) -> None:
        self.bench = Bench(source=PEER_TCP if tcp else PEER, max_calls=20, ring_timeout=30)
        self.told: list[Event] = []
        self.tags: dict[int, str] = {}
        self.ours: list[Request] = []
        self.dialled: set[int] = set()

    def collect(self) -> None:
        for output in self.bench.outputs():
            sent = Message.parse(output.data)
            if isinstance(sent, Request):
                self.ours.append(sent)
            else:
                name = sent.headers["Call-ID"]
                tag = sent.headers["To"].rpartition(";tag=")[2]
                if name.isdigit() and sent.code in (180, 200) and "INVITE" in sent.headers["CSeq"]:
                    self.tags[int(name)] = tag
        self.told += self.bench.events()

    def peer(self, method: str, dialog: int, cseq: int, variant: int, body: str) -> None:
        inside = method in ("ACK", "BYE", "INFO", "UPDATE") or (method == "INVITE" and cseq > 1)
        branch = f"z9hG4bK-{dialog}-{cseq}-{variant}"
        if method in ("BYE", "INFO", "UPDATE"):
            branch += method
            cseq += 1
        self.bench.receive(
            request(
                method,
                branch=branch,
                cseq=cseq,
                call_id=str(dialog),
                to_tag=self.tags.get(dialog, "none") if inside else "",
                body=body,
            )
        )

    def through(self, dialog: int, body: str) -> None:
        """An inbound call all the way, unless this dialog's INVITE was already used."""
        before = len(self.told)
        self.peer("INVITE", dialog, 1, 0, body)
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
                    "sip:bob@10.0.0.9", destination, "me", "10.0.0.1", 4000, bench.now
                )
                self.dialled.add(number)
            case "unreachable":
                agent.unreachable(bench.source, bench.now)
            case _:
                agent.hang_up(call, bench.now)

    def reply(self, index: int, status: int, tag: str, body: str) -> None:
        if self.ours:
            self.bench.reply(self.ours[index % len(self.ours)], status, tag=tag, body=body)


sdps = st.sampled_from([SDP, SDP, SDP, HELD_SDP, "", "v=1"])
dialogs = st.integers(1, 2)
cseqs = st.sampled_from([1, 1, 1, 2, 3])
variants = st.sampled_from([0, 0, 0, 1])


def peer(*methods: str) -> st.SearchStrategy[tuple[object, ...]]:
    return st.tuples(st.just("peer"), st.sampled_from(methods), dialogs, cseqs, variants, sdps)


def command(*names: str) -> st.SearchStrategy[tuple[object, ...]]:
    return st.tuples(st.just("command"), st.sampled_from(names), st.integers(1, 3))


def reply(*statuses: int) -> st.SearchStrategy[tuple[object, ...]]:
    tags = st.sampled_from(["a", "a", "b", ""])
    return st.tuples(st.just("reply"), st.integers(0, 3), st.sampled_from(statuses), tags, sdps)


# Alternatives are drawn alike: what makes a call get further stands here more often.
steps = st.one_of(
    peer("INVITE"),
    peer("INVITE", "ACK"),
    peer("ACK"),
    peer("CANCEL", "INFO", "UPDATE"),
    peer("BYE"),
    st.tuples(st.just("through"), dialogs, sdps),
    command("answer"),
    command("answer", "ring", "dial"),
    command("dial", "reject", "hang up", "unreachable"),
    reply(200),
    reply(100, 180, 183, 302, 401, 481, 487, 503),
    st.tuples(st.just("wait"), st.sampled_from([0.1, 0.6, 0.6, 5.0, 33.0])),
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
            case "command":
                chaos.command(*arguments)  # type: ignore[arg-type]
            case "reply":
                chaos.reply(*arguments)  # type: ignore[arg-type]
            case _:
                chaos.bench.wait(*arguments)  # type: ignore[arg-type]
        chaos.collect()
    for call in range(1, 60):
        chaos.bench.agent.hang_up(call, chaos.bench.now)
    chaos.bench.wait(300)
    chaos.collect()

    assert chaos.bench.agent.idle
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
