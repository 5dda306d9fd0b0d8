"""Calls that come in: one INVITE from ringing to its end (RFC 3261 sections 8, 9, 13, 17)."""

import pytest

from annie.edge.sip.events import CallEnded, CallEstablished, Endpoint, IncomingCall
from annie.edge.sip.user_agent import UnknownCall
from tests.edge.sip.sip_peer import PEER, PEER_TCP, SDP, Bench, request, tag_of

pytestmark = pytest.mark.unit


def test_an_invite_is_tried_told_rung_and_answered() -> None:
    bench = Bench()
    bench.receive(request("INVITE", body=SDP))
    assert bench.statuses() == [100]
    incoming = bench.event(IncomingCall)
    assert incoming.facts.dialled == "+15550100"
    assert incoming.facts.codec == "PCMA"
    bench.agent.ring(incoming.call, bench.now)
    (ringing,) = bench.responses()
    assert ringing.code == 180
    media = bench.answer(incoming.call)
    (ok,) = bench.responses()
    assert ok.code == 200
    assert tag_of(ok) == tag_of(ringing)
    assert b"m=audio 30000 RTP/AVP 8 101" in ok.body
    assert str(ok.contact[0].uri) == "sip:annie@10.0.0.1:5060"
    assert media is not None
    assert (media.remote_host, media.remote_port, media.codec) == ("10.0.0.9", 7000, "PCMA")
    assert bench.event(CallEstablished).media == media


def test_record_route_is_copied_into_the_200_and_routes_our_bye() -> None:
    bench = Bench()
    routes = (
        "Record-Route: <sip:10.0.0.7:5070;lr>\r\nRecord-Route: <sip:10.0.0.8;lr>, <sip:p3;lr;x=1>"
    )
    call = bench.offer(extra=routes)
    bench.answer(call)
    (ok,) = bench.responses()
    assert ok.headers.getlist("Record-Route") == [
        "<sip:10.0.0.7:5070;lr>",
        "<sip:10.0.0.8;lr>",
        "<sip:p3;lr;x=1>",
    ]
    bench.receive(request("ACK", branch="z9hG4bK-a", to_tag=tag_of(ok)))
    bench.agent.hang_up(call, bench.now)
    (output,) = bench.outputs()
    assert output.destination == Endpoint("udp", "10.0.0.7", 5070)
    text = output.data.decode()
    assert text.startswith("BYE sip:ann@10.0.0.9:5062 SIP/2.0\r\n")
    routed = [line for line in text.split("\r\n") if line.startswith("Route:")]
    assert routed == [
        "Route: <sip:10.0.0.7:5070;lr>",
        "Route: <sip:10.0.0.8;lr>",
        "Route: <sip:p3;lr;x=1>",
    ]


def test_a_strict_router_is_put_into_the_request_uri() -> None:
    bench = Bench()
    call, _ = bench.established(extra="Record-Route: <sip:10.0.0.7>, <sip:10.0.0.8;lr>")
    bench.agent.hang_up(call, bench.now)
    (bye,) = bench.requests()
    assert str(bye.uri) == "sip:10.0.0.7"
    assert bye.headers.getlist("Route") == ["<sip:10.0.0.8;lr>", "<sip:ann@10.0.0.9:5062>"]


def test_a_repeated_invite_makes_one_call_and_repeats_the_last_response() -> None:
    bench = Bench()
    invite = request("INVITE", body=SDP)
    bench.receive(invite)
    call = bench.event(IncomingCall).call
    bench.receive(invite)
    assert bench.statuses() == [100, 100]
    bench.agent.ring(call, bench.now)
    bench.receive(invite)
    assert bench.statuses() == [180, 180]
    bench.answer(call)
    bench.receive(invite)
    first, second = bench.responses()
    assert bytes(first) == bytes(second)
    assert [type(event) for event in bench.events()] == [CallEstablished]
    assert bench.agent.calls == 1


def test_an_invite_repeated_after_the_ack_is_absorbed() -> None:
    bench = Bench()
    bench.established()
    bench.receive(request("INVITE", body=SDP))
    assert not bench.outputs()
    assert not bench.events()


def test_the_same_invite_by_another_path_is_a_loop() -> None:
    bench = Bench()
    bench.offer()
    bench.receive(request("INVITE", body=SDP, branch="z9hG4bK-other"))
    assert bench.statuses() == [482]
    assert not bench.events()


@pytest.mark.parametrize("source", [PEER, PEER_TCP])
def test_the_200_is_repeated_until_the_ack(source: Endpoint) -> None:
    bench = Bench(source=source)
    call = bench.offer()
    bench.answer(call)
    (ok,) = bench.responses()
    bench.wait(3.6)
    assert bench.statuses() == [200, 200, 200]
    bench.receive(request("ACK", branch="z9hG4bK-ack", to_tag=tag_of(ok)))
    bench.wait(40)
    assert not bench.outputs()
    assert [type(event) for event in bench.events()] == [CallEstablished]


def test_without_an_ack_the_call_is_dropped_with_bye_after_64_t1() -> None:
    bench = Bench()
    call = bench.offer()
    bench.answer(call)
    bench.events()
    bench.wait(31.9)
    assert not bench.events()
    bench.outputs()
    bench.wait(0.2)
    assert bench.methods() == ["BYE"]
    assert bench.event(CallEnded) == CallEnded(call, "edge", "ack timeout")
    bench.wait(33)
    assert bench.agent.idle


def test_cancel_before_the_answer_ends_with_487() -> None:
    bench = Bench()
    call = bench.offer()
    bench.receive(request("CANCEL"))
    cancel_ok, terminated = bench.responses()
    assert (cancel_ok.code, cancel_ok.headers["CSeq"]) == (200, "1 CANCEL")
    assert (terminated.code, terminated.headers["CSeq"]) == (487, "1 INVITE")
    assert bench.event(CallEnded) == CallEnded(call, "caller", "cancelled")
    bench.receive(request("CANCEL"))
    assert bench.statuses() == [200]
    bench.receive(request("ACK", to_tag=tag_of(terminated)))
    bench.wait(40)
    assert not bench.outputs()
    assert bench.agent.idle


def test_cancel_after_the_answer_changes_nothing() -> None:
    bench = Bench()
    call = bench.offer()
    bench.answer(call)
    bench.outputs()
    bench.events()
    bench.receive(request("CANCEL"))
    assert bench.statuses() == [200]
    assert not bench.events()
    assert bench.agent.calls == 1


def test_cancel_of_nothing_is_481() -> None:
    bench = Bench()
    bench.receive(request("CANCEL"))
    assert bench.statuses() == [481]


def test_an_answer_after_cancel_is_an_error_and_other_commands_are_ignored() -> None:
    bench = Bench()
    call = bench.offer()
    bench.receive(request("CANCEL"))
    bench.outputs()
    bench.events()
    with pytest.raises(UnknownCall):
        bench.answer(call)
    bench.agent.ring(call, bench.now)
    bench.agent.reject(call, 486, "Busy Here", bench.now)
    bench.agent.hang_up(call, bench.now)
    assert not bench.outputs()
    assert not bench.events()


def test_a_rejection_is_repeated_until_its_ack() -> None:
    bench = Bench()
    call = bench.offer()
    bench.agent.reject(call, 404, "Not Found", bench.now)
    (refusal,) = bench.responses()
    assert (refusal.code, refusal.phrase) == (404, "Not Found")
    assert bench.event(CallEnded) == CallEnded(call, "annie", "404 Not Found")
    bench.wait(3.6)
    assert bench.statuses() == [404, 404, 404]
    bench.receive(request("ACK", to_tag=tag_of(refusal)))
    bench.wait(40)
    assert not bench.outputs()
    assert bench.agent.idle


def test_a_rejection_that_is_never_acknowledged_is_given_up() -> None:
    bench = Bench()
    call = bench.offer()
    bench.agent.reject(call, 404, "Not Found", bench.now)
    bench.wait(33)
    assert bench.agent.idle


def test_over_tcp_a_rejection_is_not_repeated() -> None:
    bench = Bench(source=PEER_TCP)
    call = bench.offer(via_transport="TCP")
    bench.agent.reject(call, 486, "Busy Here", bench.now)
    assert bench.statuses() == [486]
    bench.wait(10)
    assert not bench.outputs()


def test_a_reason_cannot_smuggle_a_header() -> None:
    bench = Bench()
    call = bench.offer()
    bench.agent.reject(call, 480, "Away\r\nX-Evil: 1", bench.now)
    (refusal,) = bench.responses()
    assert refusal.headers.get("X-Evil") is None


def test_a_rejection_needs_a_status_that_refuses() -> None:
    bench = Bench()
    call = bench.offer()
    with pytest.raises(ValueError, match="200"):
        bench.agent.reject(call, 200, "OK", bench.now)


def test_a_call_that_nobody_answers_is_refused() -> None:
    bench = Bench(ring_timeout=60)
    call = bench.offer()
    bench.wait(61)
    assert 480 in bench.statuses()
    assert bench.event(CallEnded) == CallEnded(call, "edge", "no answer")


def test_hanging_up_before_the_answer_refuses() -> None:
    bench = Bench()
    call = bench.offer()
    bench.agent.hang_up(call, bench.now)
    assert bench.statuses() == [480]
    assert bench.event(CallEnded) == CallEnded(call, "annie", "hangup")


def test_hanging_up_before_the_ack_waits_for_it_with_the_bye() -> None:
    bench = Bench()
    call = bench.offer()
    bench.answer(call)
    (ok,) = bench.responses()
    bench.events()
    bench.agent.hang_up(call, bench.now)
    assert not bench.outputs()
    assert bench.event(CallEnded) == CallEnded(call, "annie", "hangup")
    bench.receive(request("ACK", branch="z9hG4bK-ack", to_tag=tag_of(ok)))
    (bye,) = bench.requests()
    assert bye.method == "BYE"
    bench.reply(bye, 200, "OK")
    bench.wait(40)
    assert bench.agent.idle


def test_hanging_up_before_an_ack_that_never_comes_still_sends_the_bye() -> None:
    bench = Bench()
    call = bench.offer()
    bench.answer(call)
    bench.agent.hang_up(call, bench.now)
    bench.outputs()
    bench.wait(32.1)
    assert bench.methods() == ["BYE"]
    bench.wait(33)
    assert bench.agent.idle


def test_bye_on_an_unanswered_call_ends_the_invite_too() -> None:
    bench = Bench()
    call = bench.offer()
    bench.agent.ring(call, bench.now)
    (ringing,) = bench.responses()
    bench.receive(request("BYE", branch="z9hG4bK-2", cseq=2, to_tag=tag_of(ringing)))
    assert bench.statuses() == [200, 487]
    assert bench.event(CallEnded) == CallEnded(call, "caller", "bye")


@pytest.mark.parametrize(("status", "after"), [(503, "5"), (404, None), (486, None)])
def test_only_a_refusal_for_now_says_when_to_try_again(status: int, after: str | None) -> None:
    bench = Bench()
    call = bench.offer()
    bench.agent.reject(call, status, "No", bench.now)
    (refusal,) = bench.responses()
    assert refusal.code == status
    assert refusal.headers.get("Retry-After") == after


def test_more_calls_than_allowed_are_refused_with_retry_after() -> None:
    bench = Bench(max_calls=1)
    bench.offer()
    bench.receive(request("INVITE", body=SDP, branch="z9hG4bK-2", call_id="c2"))
    (refusal,) = bench.responses()
    assert refusal.code == 503
    assert refusal.headers["Retry-After"] == "10"
    assert not bench.events()


def test_lingering_transactions_are_bounded() -> None:
    bench = Bench(max_calls=2)
    for number in range(200):
        name = f"z9hG4bK-{number}"
        bench.receive(request("INVITE", body=SDP, branch=name, call_id=name))
        bench.receive(request("CANCEL", branch=name, call_id=name))
    assert len(bench.events()) <= 2 * 16
    bench.receive(request("OPTIONS", branch="z9hG4bK-o", call_id="o"))
    assert bench.statuses()[-1] == 200
    bench.wait(70)
    assert bench.agent.idle


def test_responses_go_back_to_where_the_request_came_from() -> None:
    bench = Bench()
    elsewhere = Endpoint("udp", "10.0.0.77", 1234)
    bench.receive(request("OPTIONS"), elsewhere)
    (output,) = bench.outputs()
    assert output.destination == elsewhere
    assert b";received=10.0.0.77;rport=1234\r\n" in output.data


def test_without_rport_responses_go_to_the_port_in_via() -> None:
    bench = Bench()
    data = request("OPTIONS").replace(b";rport", b"")
    bench.receive(data, Endpoint("udp", "10.0.0.77", 1234))
    (output,) = bench.outputs()
    assert output.destination == Endpoint("udp", "10.0.0.77", 5062)
    assert b";received=10.0.0.77\r\n" in output.data


def test_over_tcp_responses_use_the_connection_and_name_a_way_back() -> None:
    bench = Bench(source=PEER_TCP)
    bench.receive(request("OPTIONS", via_transport="TCP"))
    (output,) = bench.outputs()
    assert output.destination == PEER_TCP
    assert output.fallback == Endpoint("tcp", "10.0.0.9", 5062)


def test_all_vias_are_echoed_in_order() -> None:
    bench = Bench()
    extra = "Via: SIP/2.0/UDP p1;branch=z9hG4bK-p1, SIP/2.0/UDP p2;branch=z9hG4bK-p2"
    bench.receive(request("OPTIONS", extra=extra))
    (response,) = bench.responses()
    values = response.headers.getlist("Via")
    assert values[1:] == [
        "SIP/2.0/UDP p1;branch=z9hG4bK-p1",
        "SIP/2.0/UDP p2;branch=z9hG4bK-p2",
    ]


def test_peers_of_rfc_2543_without_the_magic_cookie_are_served() -> None:
    bench = Bench()
    call = bench.offer(branch="1")
    bench.receive(request("INVITE", body=SDP, branch="1"))
    assert bench.statuses() == [100]
    assert not bench.events()
    bench.answer(call)
    (ok,) = bench.responses()
    bench.receive(request("ACK", branch="1", to_tag=tag_of(ok)))
    bench.wait(40)
    assert not bench.outputs()
