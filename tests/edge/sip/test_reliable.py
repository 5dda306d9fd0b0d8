"""Reliable provisional responses (RFC 3262), sent and received."""

import pytest
from sipmessage import Request, Response

from annie.edge.sip.events import CallEnded, CallEstablished
from tests.edge.sip.sip_peer import SDP, Bench, request, tag_of

pytestmark = pytest.mark.unit


def ringing(bench: Bench, body: str = SDP) -> tuple[int, Response]:
    """A caller who requires reliability hears ringing."""
    call = bench.offer(body, extra="Require: 100rel")
    bench.agent.ring(call, bench.now)
    (ring,) = bench.responses()
    return call, ring


def prack(ring: Response, rack: str, *, cseq: int = 2, body: str = "") -> bytes:
    branch = f"z9hG4bK-p{cseq}"
    extra = f"RAck: {rack}"
    return request("PRACK", branch=branch, cseq=cseq, to_tag=tag_of(ring), extra=extra, body=body)


def test_ringing_is_repeated_until_it_is_acknowledged() -> None:
    bench = Bench()
    _, ring = ringing(bench)
    assert ring.headers["Require"] == "100rel"
    bench.wait(3.6)
    assert bench.statuses() == [180, 180, 180]
    bench.receive(prack(ring, f"{ring.headers['RSeq']} 1 INVITE"))
    assert bench.statuses() == [200]
    bench.wait(20)
    assert not bench.outputs()


@pytest.mark.parametrize("wrong", ["", "x", "{0}", "{0} 2 INVITE", "{0} 1 BYE", "1{0} 1 INVITE"])
def test_an_acknowledgement_of_something_else_is_refused(wrong: str) -> None:
    bench = Bench()
    _, ring = ringing(bench)
    bench.receive(prack(ring, wrong.format(ring.headers["RSeq"])))
    assert bench.statuses() == [481]
    bench.wait(0.6)
    assert bench.statuses() == [180]


def test_a_second_acknowledgement_is_refused() -> None:
    bench = Bench()
    _, ring = ringing(bench)
    rack = f"{ring.headers['RSeq']} 1 INVITE"
    bench.receive(prack(ring, rack))
    bench.receive(prack(ring, rack, cseq=3))
    assert bench.statuses()[0] == 200


def test_the_answer_ends_the_repetition() -> None:
    bench = Bench()
    call, ring = ringing(bench)
    bench.answer(call)
    assert bench.statuses() == [200]
    bench.receive(request("ACK", branch="z9hG4bK-a", to_tag=tag_of(ring)))
    bench.wait(40)
    assert not bench.outputs()
    assert bench.agent.calls == 1


def test_ringing_that_is_never_acknowledged_ends_the_call() -> None:
    bench = Bench()
    call, ring = ringing(bench)
    bench.wait(33)
    assert bench.statuses()[-1] == 504
    assert bench.event(CallEnded) == CallEnded(call, "edge", "no PRACK")
    bench.receive(request("ACK", branch="z9hG4bK-1", to_tag=tag_of(ring)))
    bench.wait(40)
    assert bench.agent.idle


def test_whoever_only_supports_it_gets_a_plain_ringing() -> None:
    bench = Bench()
    call = bench.offer(extra="Supported: 100rel")
    bench.agent.ring(call, bench.now)
    (ring,) = bench.responses()
    assert ring.headers.get("RSeq") is None
    bench.wait(10)
    assert not bench.outputs()


def test_without_an_offer_there_is_no_ringing_only_the_answer() -> None:
    bench = Bench()
    call = bench.offer("", extra="Require: 100rel")
    bench.agent.ring(call, bench.now)
    assert not bench.outputs()
    bench.answer(call)
    (ok,) = bench.responses()
    assert ok.code == 200
    assert b"m=audio 30000" in ok.body


# Our own calls


def provisional(bench: Bench, invite: Request, number: int, body: str = "") -> list[Request]:
    extra = f"Require: 100rel\nRSeq: {number}"
    bench.reply(invite, 183, "Session Progress", extra=extra, body=body)
    return bench.requests()


def test_each_reliable_response_is_acknowledged_once_and_in_order() -> None:
    bench = Bench()
    _, invite = bench.dial()
    assert "100rel" in invite.headers["Supported"]
    (first,) = provisional(bench, invite, 7)
    assert (first.method, first.headers["RAck"]) == ("PRACK", "7 1 INVITE")
    assert first.headers["CSeq"] == "2 PRACK"
    assert str(first.uri) == "sip:bob@10.0.0.9:5062"
    bench.reply(first, 200, "OK")
    assert not provisional(bench, invite, 7)
    assert not provisional(bench, invite, 9)
    (second,) = provisional(bench, invite, 8)
    assert (second.headers["RAck"], second.headers["CSeq"]) == ("8 1 INVITE", "3 PRACK")
    bench.reply(second, 200, "OK")
    bench.reply(invite, 200, "OK", body=SDP)
    (ack,) = bench.requests()
    assert ack.headers["CSeq"] == "1 ACK"
    bench.agent.hang_up(1, bench.now)
    (bye,) = bench.requests()
    assert bye.headers["CSeq"] == "4 BYE"


def test_an_answer_given_early_needs_not_be_repeated() -> None:
    bench = Bench()
    _, invite = bench.dial()
    (ack,) = provisional(bench, invite, 1, SDP)
    bench.reply(ack, 200, "OK")
    bench.events()
    bench.reply(invite, 200, "OK")
    established = bench.event(CallEstablished)
    assert established.media is not None
    assert established.media.remote_port == 7000


def test_an_unreliable_response_isnt_acknowledged() -> None:
    bench = Bench()
    _, invite = bench.dial()
    bench.reply(invite, 180, "Ringing", extra="RSeq: 4")
    assert not bench.outputs()


def test_a_lost_acknowledgement_is_repeated() -> None:
    bench = Bench()
    _, invite = bench.dial()
    provisional(bench, invite, 1)
    bench.wait(1.6)
    assert bench.methods() == ["PRACK", "PRACK"]


def test_a_fork_of_a_thousand_branches_is_not_followed() -> None:
    bench = Bench()
    _, invite = bench.dial()
    for branch in range(1000):
        tag, extra = f"b{branch}", "Require: 100rel\nRSeq: 1"
        bench.reply(invite, 183, "Progress", tag=tag, extra=extra)
    assert len(bench.requests()) == 16
