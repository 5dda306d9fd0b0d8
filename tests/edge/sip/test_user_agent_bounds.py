"""Floods: what is held stays bounded, and running calls don't notice."""

import pytest

from annie.edge.sip.client_transaction import LONGEST_PROCEEDING
from annie.edge.sip.events import CallEnded, CallProgress, IncomingCall, MediaChanged
from annie.edge.sip.session import MAX_LINGERING
from tests.edge.sip.sip_peer import HELD_SDP, PEER, PEER_TCP, SDP, Bench, request, tag_of

pytestmark = pytest.mark.unit

MAX_CALLS = 50
#: Calls, dialogs, transactions, timers; of the latter up to twice as many as run.
MOST_HELD = 40 * MAX_CALLS


def flooded(bench: Bench, count: int, *, answer: bool = False, cancel: bool = False) -> list[int]:
    """That many INVITEs, each another call; the statuses that they got, each counted once."""
    statuses: set[int] = set()
    for number in range(count):
        name = f"z9hG4bK-flood{number}"
        bench.receive(request("INVITE", body=SDP, branch=name, call_id=name))
        for event in bench.events():
            if answer and isinstance(event, IncomingCall):
                bench.answer(event.call)
        if cancel:
            bench.receive(request("CANCEL", branch=name, call_id=name))
        statuses.update(bench.statuses())
        assert bench.agent.held <= MOST_HELD
    return sorted(statuses)


def hold_and_hang_up(bench: Bench, call: int, tag: str) -> None:
    """The running call's re-INVITE and BYE get their answers."""
    bench.receive(request("INVITE", body=HELD_SDP, cseq=2, to_tag=tag, branch="z9hG4bK-hold"))
    (ok,) = bench.responses()
    assert ok.code == 200
    bench.receive(request("ACK", cseq=2, to_tag=tag, branch="z9hG4bK-held"))
    bench.receive(request("BYE", cseq=3, to_tag=tag, branch="z9hG4bK-bye"))
    assert bench.statuses() == [200]
    events = bench.events()
    assert any(isinstance(event, MediaChanged) for event in events)
    assert CallEnded(call, "caller", "bye") in events


@pytest.mark.parametrize("source", [PEER, PEER_TCP])
def test_a_flood_of_invites_is_refused_and_a_running_call_goes_on(source: object) -> None:
    bench = Bench(max_calls=MAX_CALLS, source=PEER if source is PEER else PEER_TCP)
    call, tag = bench.established()
    assert flooded(bench, 5000) == [100, 503]
    assert bench.agent.calls == MAX_CALLS
    hold_and_hang_up(bench, call, tag)
    bench.wait(500)
    assert bench.agent.idle


def test_ten_thousand_half_open_dialogs_are_never_held_at_once() -> None:
    bench = Bench(max_calls=MAX_CALLS)
    call, tag = bench.established()
    for _ in range(10):
        assert set(flooded(bench, 1000, answer=True)) <= {100, 200, 503}
        bench.wait(3)
        bench.outputs()
        bench.events()
    hold_and_hang_up(bench, call, tag)
    bench.wait(200)
    assert bench.agent.idle


def test_calls_offered_and_cancelled_at_once_leave_room_for_a_running_call() -> None:
    bench = Bench(max_calls=MAX_CALLS)
    call, tag = bench.established()
    assert 503 in flooded(bench, 5000, cancel=True)
    hold_and_hang_up(bench, call, tag)
    bench.wait(200)
    assert bench.agent.idle


def test_a_running_call_that_floods_leaves_room_for_another() -> None:
    bench = Bench(max_calls=MAX_CALLS)
    call, tag = bench.established()
    bench.receive(request("INVITE", body=SDP, branch="z9hG4bK-other", call_id="other"))
    bench.answer(bench.event(IncomingCall).call)
    other = tag_of(bench.responses()[-1])
    bench.events()
    for number in range(3000):
        method = ("INVITE", "INFO", "UPDATE")[number % 3]
        body = SDP if method == "INVITE" else ""
        bench.receive(
            request(
                method,
                body=body,
                cseq=1 + number,
                branch=f"z9hG4bK-{number}",
                call_id="other",
                to_tag=other,
                extra="Session-Expires: 3600;refresher=uac\r\nSupported: timer",
            )
        )
        assert bench.agent.held <= MOST_HELD
    statuses = bench.statuses()
    assert statuses.count(503) >= 1000 - MAX_LINGERING - 1
    bench.events()
    hold_and_hang_up(bench, call, tag)


def test_timers_stopped_early_do_not_pile_up() -> None:
    bench = Bench(max_calls=MAX_CALLS)
    # What is due first is running: the stopped ones behind it never come to the top.
    bench.established(extra="Session-Expires: 7200;refresher=uac\r\nSupported: timer")
    bench.receive(request("INVITE", body=SDP, branch="z9hG4bK-other", call_id="other"))
    bench.answer(bench.event(IncomingCall).call)
    tag = tag_of(bench.responses()[-1])
    bench.receive(request("ACK", branch="z9hG4bK-acked", call_id="other", to_tag=tag))
    for number in range(2000):
        bench.receive(
            request(
                "UPDATE",
                cseq=2 + number,
                branch=f"z9hG4bK-{number}",
                call_id="other",
                to_tag=tag,
                extra="Session-Expires: 86400;refresher=uac\r\nSupported: timer",
            )
        )
        bench.wait(1)
        bench.outputs()
    assert bench.agent.held < 300


def test_a_message_with_our_branch_and_another_call_id_changes_nothing() -> None:
    bench = Bench()
    call, invite = bench.dial()
    invite.headers.set("Call-ID", "another")
    for status in (180, 200, 486):
        bench.reply(invite, status, body=SDP)
    assert not bench.events()
    bench.wait(40)
    assert bench.events() == [CallEnded(call, "edge", "408 Request Timeout")]
    assert bench.agent.idle


def test_a_callee_who_is_always_about_to_answer_a_cancelled_call_is_given_up() -> None:
    bench = Bench(ring_timeout=LONGEST_PROCEEDING * 2)
    call, invite = bench.dial()
    for _ in range(30):
        bench.reply(invite, 183)
        bench.wait(30)
    progress = [event for event in bench.events() if isinstance(event, CallProgress)]
    assert len(progress) == LONGEST_PROCEEDING // 30
    bench.agent.hang_up(call, bench.now)
    bench.wait(100)
    assert bench.agent.idle


FILLERS = [*b' \t;,<"\\=a0.-%(:\n', b'\\"', b"a=", b";a=b", b"a,", b"\r\n ", b"=\n", b"S=1\n"]


@pytest.mark.timeout(20)
@pytest.mark.parametrize("filler", [bytes([f]) if isinstance(f, int) else f for f in FILLERS])
def test_no_text_is_read_in_more_than_linear_time(filler: bytes) -> None:
    bench = Bench(accounts={"ann": "secret"})
    bulk = filler * (60_000 // len(filler))
    short = filler * (8000 // len(filler))
    for name in ("Authorization: Digest", "Session-Expires:", "Accept:", "Require:", "Diversion:"):
        bench.receive(request("INVITE", body=SDP, extra=f"{name} {short.decode()}"))
    invite = request("INVITE", body=SDP)
    for piece in (b"v=0", b"c=IN", b"m=audio", b"a=rtpmap:8"):
        body = SDP.encode().replace(piece, piece + bulk, 1)
        bench.receive(invite.partition(b"Content-Length")[0] + b"\r\n" + body)

    bench = Bench()
    _, tag = bench.established()
    for cseq, kind in enumerate((b"application/dtmf-relay", b"application/dtmf"), 2):
        info = request("INFO", cseq=cseq, branch=f"z9hG4bK-{cseq}", to_tag=tag)
        head = info.partition(b"Content-Length")[0]
        bench.receive(head + b"Content-Type: " + kind + b"\r\n\r\n" + bulk)
        assert bench.statuses() == [400] or not bulk.strip()
    _, invite = bench.dial()
    bench.reply(invite, 401, extra=f"WWW-Authenticate: Digest {short.decode()}")
    bench.reply(invite, 200, short.decode("latin-1").replace("\n", " "))
