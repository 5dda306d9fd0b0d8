"""Calls that we make (RFC 3261 sections 9.1, 13.2, 17.1)."""

import pytest

from annie.edge.sip.events import (
    CallEnded,
    CallEstablished,
    CallProgress,
    Endpoint,
    MediaChanged,
)
from tests.edge.sip.sip_peer import PEER, PEER_TCP, SDP, Bench, request, sdp_with

pytestmark = pytest.mark.unit


def test_an_answered_call_is_acknowledged_and_told() -> None:
    bench = Bench()
    call, invite = bench.dial()
    assert str(invite.uri) == "sip:bob@10.0.0.9:5062"
    assert invite.headers["From"].startswith("<sip:+15550100@10.0.0.1>;tag=")
    assert b"m=audio 30000 RTP/AVP 0 8 9 101" in invite.body
    bench.reply(invite, 100, "Trying", tag="")
    assert not bench.events()
    bench.reply(invite, 180, "Ringing")
    assert bench.event(CallProgress) == CallProgress(call, 180)
    bench.reply(invite, 200, "OK", body=SDP)
    (ack,) = bench.requests()
    assert (ack.method, ack.headers["CSeq"]) == ("ACK", "1 ACK")
    assert ack.headers["To"] == "<sip:bob@10.0.0.9:5062>;tag=bob"
    assert ack.via[0].parameters["branch"] != invite.via[0].parameters["branch"]
    established = bench.event(CallEstablished)
    assert established.media is not None
    assert established.media.codec == "PCMA"


def test_an_invite_is_repeated_until_something_comes() -> None:
    bench = Bench()
    _, invite = bench.dial()
    bench.wait(3.6)
    assert bench.methods() == ["INVITE"] * 3
    bench.reply(invite, 100, "Trying", tag="")
    bench.wait(20)
    assert not bench.outputs()


def test_over_tcp_nothing_is_repeated() -> None:
    bench = Bench()
    bench.dial(PEER_TCP)
    bench.wait(20)
    assert not bench.outputs()


def test_silence_ends_the_call_after_64_t1() -> None:
    bench = Bench()
    call, _ = bench.dial()
    bench.wait(32.1)
    assert bench.event(CallEnded) == CallEnded(call, "edge", "408 Request Timeout")
    assert bench.agent.idle


def test_a_destination_that_cannot_be_reached_ends_the_call() -> None:
    bench = Bench()
    call, _ = bench.dial(PEER_TCP)
    bench.agent.unreachable(Endpoint("tcp", "10.0.0.8", 1), bench.now)
    assert not bench.events()
    bench.agent.unreachable(PEER_TCP, bench.now)
    assert bench.event(CallEnded) == CallEnded(call, "edge", "503 Service Unavailable")
    assert bench.agent.idle


@pytest.mark.parametrize("status", [302, 401, 486, 503, 603])
def test_a_refusal_is_acknowledged_each_time_and_told_once(status: int) -> None:
    bench = Bench()
    call, invite = bench.dial()
    bench.reply(invite, status, "Some Reason")
    bench.reply(invite, status, "Some Reason")
    first, second = bench.requests()
    assert bytes(first) == bytes(second)
    assert first.method == "ACK"
    assert first.headers["To"].endswith(";tag=bob")
    assert first.headers["Via"] == invite.headers["Via"]
    assert bench.event(CallEnded) == CallEnded(call, "caller", f"{status} Some Reason")
    bench.wait(40)
    assert bench.agent.idle


def test_hanging_up_before_anything_came_sends_cancel_at_the_first_provisional() -> None:
    bench = Bench()
    call, invite = bench.dial()
    bench.agent.hang_up(call, bench.now)
    assert not bench.outputs()
    assert bench.event(CallEnded) == CallEnded(call, "annie", "hangup")
    bench.reply(invite, 100, "Trying", tag="")
    bench.reply(invite, 180, "Ringing")
    (cancel,) = bench.requests()
    assert (cancel.method, cancel.headers["CSeq"]) == ("CANCEL", "1 CANCEL")
    assert cancel.headers["Via"] == invite.headers["Via"]
    assert cancel.headers["To"] == invite.headers["To"]
    assert str(cancel.uri) == str(invite.uri)
    bench.reply(cancel, 200, "OK")
    bench.reply(invite, 487, "Request Terminated")
    assert bench.methods() == ["ACK"]
    assert not bench.events()
    bench.wait(40)
    assert bench.agent.idle


def test_hanging_up_while_it_rings_cancels_at_once() -> None:
    bench = Bench()
    call, invite = bench.dial()
    bench.reply(invite, 180, "Ringing")
    bench.agent.hang_up(call, bench.now)
    assert bench.methods() == ["CANCEL"]
    bench.agent.hang_up(call, bench.now)
    assert not bench.outputs()


def test_an_answer_that_crosses_the_cancel_is_acknowledged_and_ended() -> None:
    bench = Bench()
    call, invite = bench.dial()
    bench.reply(invite, 180, "Ringing")
    bench.agent.hang_up(call, bench.now)
    bench.outputs()
    bench.events()
    bench.reply(invite, 200, "OK", body=SDP)
    ack, bye = bench.requests()
    assert (ack.method, bye.method) == ("ACK", "BYE")
    assert not bench.events()
    bench.reply(bye, 200, "OK")
    bench.wait(70)
    assert bench.agent.idle


def test_a_cancelled_call_that_never_ends_is_given_up() -> None:
    bench = Bench()
    call, invite = bench.dial()
    bench.reply(invite, 180, "Ringing")
    bench.agent.hang_up(call, bench.now)
    bench.wait(33)
    assert bench.agent.idle


def test_ringing_for_too_long_is_cancelled() -> None:
    bench = Bench(ring_timeout=60)
    call, invite = bench.dial()
    bench.reply(invite, 180, "Ringing")
    bench.events()
    bench.wait(60.1)
    assert "CANCEL" in bench.methods()
    assert bench.event(CallEnded) == CallEnded(call, "edge", "no answer")


def test_a_repeated_200_gets_the_same_ack_again() -> None:
    bench = Bench()
    _, invite = bench.dial()
    bench.reply(invite, 200, "OK", body=SDP)
    bench.reply(invite, 200, "OK", body=SDP)
    first, second = bench.requests()
    assert bytes(first) == bytes(second)
    assert len(bench.events()) == 1
    bench.wait(33)
    bench.reply(invite, 200, "OK", body=SDP)
    assert bench.methods() == ["ACK"]


def test_of_a_fork_the_first_answer_is_kept_and_the_others_are_ended() -> None:
    bench = Bench()
    call, invite = bench.dial()
    bench.reply(invite, 180, "Ringing", tag="one")
    bench.reply(invite, 180, "Ringing", tag="two")
    bench.events()
    bench.reply(invite, 200, "OK", tag="two", body=SDP)
    bench.reply(invite, 200, "OK", tag="one", body=SDP)
    kept, other, bye = bench.requests()
    assert (kept.method, other.method, bye.method) == ("ACK", "ACK", "BYE")
    assert bye.headers["To"].endswith("tag=one")
    assert bench.event(CallEstablished).call == call
    bench.reply(bye, 200, "OK")
    assert not bench.events()
    assert bench.agent.calls == 1


def test_the_route_set_of_the_answer_is_used_backwards() -> None:
    bench = Bench()
    call, invite = bench.dial()
    routes = "Record-Route: <sip:10.0.0.7;lr>, <sip:10.0.0.8:5070;lr>"
    bench.reply(invite, 200, "OK", body=SDP, extra=routes)
    (ack,) = bench.outputs()
    assert ack.destination == Endpoint("udp", "10.0.0.8", 5070)
    assert b"Route: <sip:10.0.0.8:5070;lr>\r\nRoute: <sip:10.0.0.7;lr>\r\n" in ack.data
    bench.agent.hang_up(call, bench.now)
    (bye,) = bench.outputs()
    assert bye.destination == ack.destination
    assert b"CSeq: 2 BYE\r\n" in bye.data


@pytest.mark.parametrize(
    "body", ["", sdp_with("m=audio 0 RTP/AVP 0\r\n"), sdp_with("m=audio 7000 RTP/AVP 18\r\n")]
)
def test_an_answer_that_cannot_be_used_is_acknowledged_and_ended(body: str) -> None:
    bench = Bench()
    call, invite = bench.dial()
    bench.reply(invite, 200, "OK", body=body)
    assert bench.methods() == ["ACK", "BYE"]
    ended = bench.event(CallEnded)
    assert (ended.call, ended.by) == (call, "edge")


def test_the_other_side_may_hold_and_hang_up() -> None:
    bench = Bench()
    call, ack = bench.connected()
    ours = ack.headers["From"].rpartition("tag=")[2]
    fields = {"call_id": ack.headers["Call-ID"], "from_tag": "bob", "to_tag": ours}
    held = SDP + "a=sendonly\r\n"
    bench.receive(request("INVITE", branch="z9hG4bK-h", cseq=7, body=held, **fields))
    (ok,) = bench.responses()
    assert b"a=recvonly" in ok.body
    assert not bench.event(MediaChanged).media.sending
    bench.receive(request("ACK", branch="z9hG4bK-a", cseq=7, **fields))
    bench.receive(request("BYE", branch="z9hG4bK-b", cseq=8, **fields))
    assert bench.statuses() == [200]
    assert bench.event(CallEnded) == CallEnded(call, "caller", "bye")


def test_responses_of_strangers_are_ignored() -> None:
    bench = Bench()
    _, invite = bench.dial()
    before = invite.headers["From"]
    invite.headers.set("From", "<sip:x@y>;tag=wrong")
    bench.reply(invite, 200, "OK", body=SDP)
    invite.headers.set("From", before)
    invite.headers.set("Via", "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKwrong")
    bench.reply(invite, 200, "OK", body=SDP)
    assert not bench.outputs()
    assert not bench.events()


@pytest.mark.parametrize("uri", ["", "bob", "http://x", "sip:bob@x\r\nX: y", "sip:bob@x:99999"])
def test_only_sip_uris_can_be_called(uri: str) -> None:
    bench = Bench()
    with pytest.raises(ValueError):
        bench.agent.invite(uri, PEER, "me", "10.0.0.1", 30_000, bench.now)
    assert bench.agent.idle


def test_a_caller_name_cannot_smuggle_a_header() -> None:
    bench = Bench()
    bench.agent.invite("sip:b@10.0.0.9", PEER, "me>\r\nX-Evil: 1", "10.0.0.1", 1, bench.now)
    (invite,) = bench.requests()
    assert invite.headers.get("X-Evil") is None
