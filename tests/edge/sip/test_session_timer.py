"""Sessions prove that they are alive (RFC 4028), in both roles and on either side's demand."""

import pytest

from annie.edge.sip.events import CallEnded, MediaChanged
from tests.edge.sip.sip_peer import SDP, Bench, request, tag_of

pytestmark = pytest.mark.unit

TIMER = "Supported: timer\nSession-Expires: 200"
UPDATES = TIMER + ";refresher=uas\nAllow: INVITE, ACK, BYE, UPDATE"


def test_what_nobody_asks_for_isnt_there() -> None:
    bench = Bench()
    call = bench.offer(extra="Supported: timer")
    bench.answer(call)
    (ok,) = bench.responses()
    assert ok.headers.get("Session-Expires") is None
    assert "timer" in ok.headers["Supported"]


@pytest.mark.parametrize(
    ("asked", "answered", "required"),
    [
        (TIMER, "200;refresher=uac", "timer"),
        (TIMER + ";refresher=uac", "200;refresher=uac", "timer"),
        (TIMER + ";refresher=uas", "200;refresher=uas", None),
        # Put in by a proxy: whoever called knows nothing of it.
        ("Session-Expires: 200", "200;refresher=uas", None),
        ("Session-Expires: 200;refresher=uac", "200;refresher=uas", None),
        ("Supported: timer\nx: 1800", "1800;refresher=uac", "timer"),
    ],
)
def test_a_callers_demand_is_agreed_to(asked: str, answered: str, required: str | None) -> None:
    bench = Bench()
    bench.answer(bench.offer(extra=asked))
    (ok,) = bench.responses()
    assert ok.headers["Session-Expires"] == answered
    assert ok.headers.get("Require") == required


def test_too_short_an_interval_is_refused_with_the_shortest_we_take() -> None:
    bench = Bench()
    bench.receive(request("INVITE", body=SDP, extra="Supported: timer\nSession-Expires: 60"))
    (refusal,) = bench.responses()
    assert (refusal.code, refusal.headers["Min-SE"]) == (422, "90")
    assert not bench.events()


def test_too_short_an_interval_of_a_proxy_means_no_timer() -> None:
    bench = Bench()
    bench.answer(bench.offer(extra="Session-Expires: 60"))
    (ok,) = bench.responses()
    assert ok.headers.get("Session-Expires") is None


@pytest.mark.parametrize("value", ["", "soon", "-5", "90x", "1e3"])
def test_an_interval_that_is_none_is_refused(value: str) -> None:
    bench = Bench()
    bench.receive(request("INVITE", body=SDP, extra=f"Session-Expires: {value}"))
    assert bench.statuses() == [400]


def test_we_refresh_at_half_of_the_interval_with_the_same_description() -> None:
    bench = Bench()
    bench.established(extra=TIMER + ";refresher=uas")
    bench.wait(99)
    assert not bench.requests()
    bench.wait(2)
    refresh = bench.requests()[0]
    assert refresh.method == "INVITE"
    assert refresh.headers["Session-Expires"] == "200;refresher=uac"
    assert b" 0 IN IP4 10.0.0.1" in refresh.body
    bench.reply(refresh, 200, "OK", body=SDP, extra="Session-Expires: 200;refresher=uac")
    assert bench.methods() == ["ACK"]
    bench.wait(99)
    assert not bench.requests()
    bench.wait(2)
    assert bench.methods()[0] == "INVITE"
    assert not bench.events()


def test_a_peer_that_knows_update_is_spared_the_description() -> None:
    bench = Bench()
    bench.established(extra=UPDATES)
    bench.wait(101)
    refresh = bench.requests()[0]
    assert (refresh.method, refresh.body) == ("UPDATE", b"")
    bench.reply(refresh, 200, "OK", extra="Session-Expires: 200;refresher=uac")
    bench.wait(99)
    assert not bench.outputs()
    bench.wait(2)
    assert bench.methods()[0] == "UPDATE"


def test_a_peer_that_refuses_update_after_all_gets_an_invite() -> None:
    bench = Bench()
    bench.established(extra=UPDATES)
    bench.wait(101)
    bench.reply(bench.requests()[0], 405, "Method Not Allowed")
    assert bench.methods() == ["INVITE"]


@pytest.mark.parametrize("answer", [408, 481])
def test_a_refresh_that_finds_no_dialog_ends_the_call(answer: int) -> None:
    bench = Bench()
    call, _ = bench.established(extra=UPDATES)
    bench.wait(101)
    bench.reply(bench.requests()[0], answer, "Gone")
    assert bench.event(CallEnded) == CallEnded(call, "edge", f"{answer} Gone")
    assert bench.methods() == ["BYE"]


def test_a_refresh_that_nobody_answers_ends_the_call() -> None:
    bench = Bench()
    call, _ = bench.established(extra=UPDATES)
    bench.wait(101 + 33)
    assert bench.event(CallEnded) == CallEnded(call, "edge", "408 Request Timeout")
    bench.wait(40)
    assert bench.agent.idle


def test_a_refresh_that_fails_for_now_is_tried_again() -> None:
    bench = Bench()
    bench.established(extra=UPDATES)
    bench.wait(101)
    bench.reply(bench.requests()[0], 500, "Busy", extra="Retry-After: 5")
    bench.wait(11)
    (again,) = bench.requests()[:1]
    bench.reply(again, 200, "OK", extra="Session-Expires: 200;refresher=uac")
    bench.wait(90)
    assert not bench.events()


def test_a_peer_that_doesnt_refresh_is_taken_for_dead() -> None:
    bench = Bench()
    call, _ = bench.established(extra=TIMER + ";refresher=uac")
    bench.wait(167)
    assert not bench.events()
    bench.wait(2)
    assert bench.event(CallEnded) == CallEnded(call, "edge", "session expired")
    assert bench.methods()[0] == "BYE"


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_a_peer_that_refreshes_stays(method: str) -> None:
    bench = Bench()
    _, tag = bench.established(extra=TIMER + ";refresher=uac")
    for cseq in range(2, 6):
        bench.wait(100)
        body = SDP if method == "INVITE" else ""
        branch = f"z9hG4bK-r{cseq}"
        bench.receive(request(method, branch=branch, cseq=cseq, to_tag=tag, body=body, extra=TIMER))
        (ok,) = bench.responses()
        assert ok.headers["Session-Expires"] == "200;refresher=uac"
        if method == "INVITE":
            bench.receive(request("ACK", branch=branch + "a", cseq=cseq, to_tag=tag))
    assert not bench.events()


def test_a_refresh_without_a_timer_ends_the_timer() -> None:
    bench = Bench()
    _, tag = bench.established(extra=TIMER + ";refresher=uac")
    bench.receive(request("UPDATE", branch="z9hG4bK-2", cseq=2, to_tag=tag))
    bench.outputs()
    bench.wait(4000)
    assert not bench.events()


def test_our_own_call_asks_for_a_timer_and_refreshes_it() -> None:
    bench = Bench(session_seconds=1800)
    _, invite = bench.dial()
    assert invite.headers["Session-Expires"] == "1800"
    assert invite.headers["Min-SE"] == "90"
    bench.reply(invite, 200, "OK", body=SDP, extra="Session-Expires: 1800;refresher=uac")
    bench.requests()
    bench.wait(901)
    refresh = bench.requests()[0]
    assert refresh.headers["Session-Expires"] == "1800;refresher=uac"


def test_our_own_call_waits_longer_where_that_is_demanded() -> None:
    bench = Bench(session_seconds=1800)
    _, invite = bench.dial()
    bench.reply(invite, 422, "Session Interval Too Small", extra="Min-SE: 3600")
    ack, again = bench.requests()
    assert ack.method == "ACK"
    assert again.headers["Session-Expires"] == "3600"
    assert again.headers["CSeq"] == "2 INVITE"
    bench.reply(again, 422, "Session Interval Too Small", extra="Min-SE: 3600")
    assert bench.event(CallEnded).reason == "422 Session Interval Too Small"


def test_a_callee_that_has_the_timer_for_itself_must_keep_it() -> None:
    bench = Bench(session_seconds=300)
    call, _ = bench.connected(extra="Session-Expires: 300;refresher=uas")
    bench.wait(300)
    assert bench.event(CallEnded) == CallEnded(call, "edge", "session expired")


def test_a_call_that_is_over_refreshes_nothing() -> None:
    bench = Bench()
    _, tag = bench.established(extra=TIMER + ";refresher=uas")
    bench.receive(request("BYE", branch="z9hG4bK-9", cseq=9, to_tag=tag))
    bench.outputs()
    bench.wait(500)
    assert not bench.outputs()
    assert bench.agent.idle


# Glare (RFC 3261 section 14)


def test_an_offer_that_meets_ours_is_refused_and_ours_comes_again_later() -> None:
    bench = Bench()
    _, tag = bench.established(extra=TIMER + ";refresher=uas")
    bench.wait(100)
    (ours,) = bench.requests()
    bench.receive(request("INVITE", branch="z9hG4bK-g", cseq=2, to_tag=tag, body=SDP))
    assert bench.statuses() == [491]
    bench.reply(ours, 491, "Request Pending")
    bench.outputs()
    # The Call-ID is theirs: we wait for up to two seconds.
    bench.wait(2.01)
    (again,) = [sent for sent in bench.requests() if sent.method == "INVITE"][:1]
    assert again.headers["CSeq"] != ours.headers["CSeq"]
    bench.reply(again, 200, "OK", body=SDP, extra="Session-Expires: 200;refresher=uac")
    bench.wait(40)
    assert not bench.events()


def test_we_offer_nothing_while_theirs_waits_for_its_ack() -> None:
    bench = Bench()
    _, tag = bench.established(extra=TIMER + ";refresher=uas")
    bench.wait(99.9)
    bench.receive(request("INVITE", branch="z9hG4bK-g", cseq=2, to_tag=tag, extra=TIMER))
    bench.outputs()
    bench.wait(0.3)
    assert not bench.requests()


def test_a_refused_refresh_leaves_the_call_as_it_was() -> None:
    bench = Bench()
    call = bench.offer(extra=TIMER + ";refresher=uas")
    bench.answer(call)
    tag = tag_of(bench.responses()[-1])
    bench.receive(request("ACK", branch="z9hG4bK-a", to_tag=tag))
    bench.events()
    bench.wait(101)
    bench.reply(bench.requests()[0], 488, "Not Acceptable Here")
    bench.outputs()
    assert not bench.events()
    assert bench.agent.calls == 1


def test_the_answer_to_a_refresh_may_move_the_peer() -> None:
    bench = Bench()
    bench.established(extra=TIMER + ";refresher=uas")
    bench.wait(101)
    moved = SDP.replace("7000", "7100")
    bench.reply(bench.requests()[0], 200, "OK", body=moved)
    assert bench.event(MediaChanged).media.remote_port == 7100


def test_a_repeated_answer_to_a_refresh_is_acknowledged_again() -> None:
    bench = Bench()
    bench.established(extra=TIMER + ";refresher=uas")
    bench.wait(101)
    refresh = bench.requests()[0]
    bench.reply(refresh, 200, "OK", body=SDP)
    first = bench.outputs()
    bench.reply(refresh, 200, "OK", body=SDP)
    assert [each.data for each in bench.outputs()] == [each.data for each in first]
