"""A process goes on with the dialogs of one that is gone: by re-INVITE, on the stored value."""

import msgspec
import pytest

from annie.edge.sip.dialog import Dialog
from annie.edge.sip.events import CallEnded, MediaChanged
from tests.edge.sip.sip_peer import HELD_SDP, SDP, Bench, request

pytestmark = pytest.mark.unit


def kept(bench: Bench, call: int) -> Dialog:
    """The dialog as it comes back from a file."""
    dialog = bench.agent.dialog(call)
    assert dialog is not None
    return msgspec.msgpack.decode(msgspec.msgpack.encode(dialog), type=Dialog)


def taken_over(before: Bench, call: int, port: int = 31_000) -> Bench:
    """Another process with that call."""
    bench = Bench()
    bench.now = before.now
    bench.agent.take_over(call, kept(before, call), "10.0.0.1", port, bench.now)
    return bench


def test_the_peer_is_told_where_its_call_is_now() -> None:
    before = Bench()
    call, tag = before.established()
    bench = taken_over(before, call)
    (invite,) = bench.requests()
    assert invite.method == "INVITE"
    assert invite.headers["CSeq"] == "1001 INVITE"
    assert invite.headers["From"].endswith(f"tag={tag}")
    assert invite.headers["Call-ID"] == "c1@peer"
    assert str(invite.uri) == "sip:ann@10.0.0.9:5062"
    assert b"m=audio 31000 RTP/AVP 8 101" in invite.body
    assert b" 1 IN IP4 10.0.0.1" in invite.body
    bench.reply(invite, 200, "OK", body=SDP)
    assert bench.methods() == ["ACK"]
    assert bench.agent.calls == 1


def test_a_call_that_we_began_goes_on_too() -> None:
    before = Bench()
    call, _ = before.connected()
    bench = taken_over(before, call)
    (invite,) = bench.requests()
    assert invite.headers["CSeq"] == "1002 INVITE"
    bench.reply(invite, 200, "OK", body=SDP)
    bench.requests()
    bench.agent.hang_up(call, bench.now)
    assert bench.methods() == ["BYE"]


def test_the_peer_can_hang_up_at_once() -> None:
    before = Bench()
    call, tag = before.established()
    bench = taken_over(before, call)
    bench.outputs()
    bench.receive(request("BYE", branch="z9hG4bK-b", cseq=2, to_tag=tag))
    assert bench.statuses() == [200]
    assert bench.event(CallEnded) == CallEnded(call, "caller", "bye")
    bench.wait(70)
    assert bench.agent.idle


def test_a_peer_that_hung_up_meanwhile_says_so() -> None:
    before = Bench()
    call, _ = before.established()
    bench = taken_over(before, call)
    (invite,) = bench.requests()
    bench.reply(invite, 481, "Call Does Not Exist")
    assert bench.event(CallEnded) == CallEnded(call, "edge", "481 Call Does Not Exist")


def test_a_call_on_hold_stays_on_hold() -> None:
    before = Bench()
    call, tag = before.established()
    before.receive(request("INVITE", branch="z9hG4bK-h", cseq=2, to_tag=tag, body=HELD_SDP))
    before.receive(request("ACK", branch="z9hG4bK-a", cseq=2, to_tag=tag))
    assert before.agent.take_changed() == {call}
    bench = taken_over(before, call)
    (invite,) = bench.requests()
    assert b"a=recvonly" in invite.body
    bench.reply(invite, 200, "OK", body=HELD_SDP)
    assert not bench.events()


def test_the_route_through_a_proxy_is_kept() -> None:
    before = Bench()
    call, _ = before.established(extra="Record-Route: <sip:10.0.0.7;lr>")
    bench = taken_over(before, call)
    (sent,) = bench.outputs()
    assert b"Route: <sip:10.0.0.7;lr>" in sent.data
    assert sent.destination.host == "10.0.0.7"


def test_the_session_timer_runs_on() -> None:
    before = Bench()
    call, _ = before.established(extra="Supported: timer\nSession-Expires: 200;refresher=uas")
    bench = taken_over(before, call)
    (invite,) = bench.requests()
    assert invite.headers["Session-Expires"] == "200;refresher=uac"
    extra = "Session-Expires: 200;refresher=uac"
    bench.reply(invite, 200, "OK", body=SDP, extra=extra)
    bench.requests()
    bench.wait(101)
    assert bench.methods()[0] == "INVITE"


def test_a_peer_that_moved_meanwhile_is_followed() -> None:
    before = Bench()
    call, _ = before.established()
    bench = taken_over(before, call)
    (invite,) = bench.requests()
    bench.reply(invite, 200, "OK", body=SDP.replace("7000", "7500"))
    assert bench.event(MediaChanged).media.remote_port == 7500


def test_new_calls_get_numbers_of_their_own() -> None:
    before = Bench()
    before.established()
    call = before.offer(branch="z9hG4bK-2", call_id="c2@peer")
    before.answer(call)
    bench = taken_over(before, call)
    bench.outputs()
    assert bench.offer(branch="z9hG4bK-3", call_id="c3@peer") > call


def test_a_call_that_stands_already_is_not_taken_twice() -> None:
    before = Bench()
    call, _ = before.established()
    dialog = kept(before, call)
    bench = taken_over(before, call)
    with pytest.raises(ValueError, match="isn't anybody else's"):
        bench.agent.take_over(call, dialog, "10.0.0.1", 31_002, bench.now)


def test_only_answered_calls_are_kept() -> None:
    bench = Bench()
    call = bench.offer()
    assert bench.agent.dialog(call) is None
    assert not bench.agent.take_changed()
    bench.answer(call)
    assert bench.agent.take_changed() == {call}
    assert bench.agent.dialog(call) is not None
