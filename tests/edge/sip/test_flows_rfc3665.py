"""The call flows of RFC 3665 section 3, from both ends: we are Bob, who is called, or Alice.

The RFC's hosts are addresses here, as we look up no names: Alice is 10.0.0.9 and Bob 10.0.0.1
(or the other way round where we call), ss1 is 10.0.0.111, ss2 is 10.0.0.222.
"""

import pytest
from sipmessage import Request

from annie.edge.sip.digest import Credentials
from annie.edge.sip.events import (
    CallEnded,
    CallEstablished,
    CallProgress,
    Endpoint,
    IncomingCall,
    MediaChanged,
)
from tests.edge.sip.sip_peer import SDP, Bench, request, tag_of

pytestmark = pytest.mark.unit

SS1 = Endpoint("udp", "10.0.0.111", 5060)
SS2 = Endpoint("udp", "10.0.0.222", 5060)
ROUTES = "<sip:10.0.0.222;lr>, <sip:10.0.0.111;lr>"


def through_proxies(data: bytes) -> bytes:
    """A request of Alice's as ss2 passes it on: two Vias more, two hops less, both on the route."""
    vias = (
        b"Via: SIP/2.0/UDP 10.0.0.222:5060;branch=%b-ss2\r\n"
        b"Via: SIP/2.0/UDP 10.0.0.111:5060;branch=%b-ss1;received=10.0.0.111\r\n"
    )
    branch = data.partition(b"branch=")[2].partition(b";")[0]
    data = data.replace(b"Via: ", vias % (branch, branch) + b"Via: ", 1)
    if b" INVITE\r\n" in data:
        data = data.replace(b"Max-Forwards", f"Record-Route: {ROUTES}\r\nMax-Forwards".encode(), 1)
    return data.replace(b"Max-Forwards: 70", b"Max-Forwards: 68")


# 3.1 Successful session establishment


def test_3_1_alice_calls_bob_and_bob_hangs_up() -> None:
    bench = Bench()
    bench.receive(request("INVITE", body=SDP))
    call = bench.event(IncomingCall).call
    bench.agent.ring(call, bench.now)
    bench.answer(call)
    trying, ringing, ok = bench.responses()
    assert [trying.code, ringing.code, ok.code] == [100, 180, 200]
    assert tag_of(ringing) == tag_of(ok)
    bench.receive(request("ACK", branch="z9hG4bK-ack", to_tag=tag_of(ok)))
    bench.agent.hang_up(call, bench.now)
    (bye,) = bench.requests()
    assert bye.method == "BYE"
    assert bye.headers["CSeq"].endswith(" BYE")
    assert bye.headers["From"] == ok.headers["To"]
    assert bye.headers["To"] == ok.headers["From"]
    bench.reply(bye, 200, "OK")
    bench.wait(40)
    assert bench.agent.idle


def test_3_1_we_call_and_the_other_side_hangs_up() -> None:
    bench = Bench()
    call, invite = bench.dial()
    bench.reply(invite, 180, "Ringing")
    bench.reply(invite, 200, "OK", body=SDP)
    (ack,) = bench.requests()
    assert ack.method == "ACK"
    assert ack.headers["CSeq"] == invite.headers["CSeq"].replace("INVITE", "ACK")
    assert ack.headers["Via"] != invite.headers["Via"]
    assert [type(event) for event in bench.events()] == [CallProgress, CallEstablished]
    bench.receive(bye_of_callee(invite))
    assert bench.statuses() == [200]
    assert bench.event(CallEnded) == CallEnded(call, "caller", "bye")
    bench.wait(40)
    assert bench.agent.idle


def bye_of_callee(invite: Request) -> bytes:
    """The BYE of whom we called."""
    tag = invite.headers["From"].rpartition("tag=")[2]
    return request(
        "BYE", call_id=invite.headers["Call-ID"], from_tag="bob", to_tag=tag, branch="z9hG4bK-bye"
    )


# 3.2 Session establishment through two proxies


def test_3_2_two_proxies_are_echoed_and_routed_through() -> None:
    bench = Bench(source=SS2)
    bench.receive(through_proxies(request("INVITE", body=SDP)))
    call = bench.event(IncomingCall).call
    bench.agent.ring(call, bench.now)
    bench.answer(call)
    outputs = bench.outputs()
    assert {output.destination for output in outputs} == {SS2}
    for output in outputs:
        assert output.data.count(b"\r\nVia: ") == 3
    ringing, ok = (output.data for output in outputs[1:])
    assert b"\r\nRecord-Route: <sip:10.0.0.222;lr>\r\nRecord-Route: <sip:10.0.0.111;lr>\r\n" in ok
    assert b"\r\nRecord-Route: " in ringing
    tag = ok.partition(b"\r\nTo: ")[2].partition(b"\r\n")[0].rpartition(b"tag=")[2].decode()

    bench.receive(through_proxies(request("ACK", branch="z9hG4bK-ack", to_tag=tag)))
    bench.agent.hang_up(call, bench.now)
    (output,) = bench.outputs()
    assert output.destination == SS2
    assert output.data.startswith(b"BYE sip:ann@10.0.0.9:5062 SIP/2.0\r\n")
    first, second = output.data.index(b"10.0.0.222;lr"), output.data.index(b"10.0.0.111;lr")
    assert first < second


def test_3_2_our_own_call_goes_by_the_route_that_the_answer_recorded() -> None:
    bench = Bench(source=SS1)
    call, invite = bench.dial(SS1)
    bench.reply(invite, 100, "Trying", tag="")
    bench.reply(invite, 180, "Ringing", extra=f"Record-Route: {ROUTES}")
    bench.reply(invite, 200, "OK", body=SDP, extra=f"Record-Route: {ROUTES}")
    (output,) = bench.outputs()
    assert output.destination == SS1
    assert output.data.startswith(b"ACK sip:bob@10.0.0.9:5062 SIP/2.0\r\n")
    # The answer's Record-Route is read backwards (RFC 3261 section 12.1.2).
    assert output.data.index(b"10.0.0.111;lr") < output.data.index(b"10.0.0.222;lr")
    bench.agent.hang_up(call, bench.now)
    (output,) = bench.outputs()
    assert output.destination == SS1


# 3.3 Session with multiple proxy authentication


def test_3_3_each_proxy_on_the_way_is_told_who_we_are() -> None:
    bench = Bench(source=SS1)
    call, invite = bench.dial(SS1, Credentials("alice", "secret"))
    ask = 'Proxy-Authenticate: Digest realm="atlanta", nonce="f84f", qop="auth", algorithm=MD5'
    bench.reply(invite, 407, "Proxy Authorization Required", extra=ask)
    ack, again = bench.requests()
    assert ack.method == "ACK"
    assert 'realm="atlanta"' in again.headers["Proxy-Authorization"]
    assert int(again.headers["CSeq"].split()[0]) == int(invite.headers["CSeq"].split()[0]) + 1
    assert again.headers["Call-ID"] == invite.headers["Call-ID"]

    ask = ask.replace("atlanta", "biloxi")
    bench.reply(again, 407, "Proxy Authorization Required", extra=ask, tag="other")
    ack, third = bench.requests()
    assert ack.headers["CSeq"] == again.headers["CSeq"].replace("INVITE", "ACK")
    atlanta, biloxi = third.headers.getlist("Proxy-Authorization")
    assert 'realm="atlanta"' in atlanta
    assert 'realm="biloxi"' in biloxi
    bench.reply(third, 200, "OK", body=SDP)
    assert bench.methods() == ["ACK"]
    assert bench.event(CallEstablished).call == call


# 3.4 Session with proxy failure


def test_3_4_a_proxy_that_does_not_answer_is_given_up_and_another_may_be_tried() -> None:
    bench = Bench()
    call, invite = bench.dial(SS1)
    bench.wait(32)
    assert bench.methods() == ["INVITE"] * 6
    assert bench.event(CallEnded) == CallEnded(call, "edge", "408 Request Timeout")
    call, again = bench.dial(SS2)
    assert again.headers["Call-ID"] != invite.headers["Call-ID"]
    bench.reply(again, 200, "OK", body=SDP)
    assert bench.event(CallEstablished).call == call


# 3.5 Session through an application layer gateway


def test_3_5_a_gateway_that_rewrote_media_and_contact_is_followed() -> None:
    gateway = Endpoint("udp", "10.0.0.50", 5060)
    bench = Bench(source=gateway)
    data = request("INVITE", body=SDP.replace("c=IN IP4 10.0.0.9", "c=IN IP4 10.0.0.50"))
    data = data.replace(b"Contact: <sip:ann@10.0.0.9:5062>", b"Contact: <sip:ann@10.0.0.50>")
    bench.receive(data.replace(b"Length: 173", f"Length: {len(SDP) + 1}".encode()))
    call = bench.event(IncomingCall).call
    media = bench.answer(call)
    assert media is not None
    assert media.remote_host == "10.0.0.50"
    tag = tag_of(bench.responses()[-1])
    bench.receive(request("ACK", branch="z9hG4bK-ack", to_tag=tag))
    bench.agent.hang_up(call, bench.now)
    (output,) = bench.outputs()
    assert output.destination == gateway


# 3.6 Session via redirect and proxy servers with SDP in the ACK


def test_3_6_an_invite_without_sdp_gets_an_offer_and_the_ack_answers_it() -> None:
    bench = Bench(source=SS2)
    bench.receive(through_proxies(request("INVITE", cseq=2, branch="z9hG4bK-2")))
    call = bench.event(IncomingCall).call
    assert bench.answer(call) is None
    ok = bench.responses()[-1]
    assert b"\r\nm=audio 30000 RTP/AVP 0 8 9 101\r\n" in ok.body
    bench.events()
    ack = request("ACK", cseq=2, branch="z9hG4bK-ack", to_tag=tag_of(ok), body=SDP)
    bench.receive(through_proxies(ack))
    assert bench.event(MediaChanged).media.remote_port == 7000


def test_3_6_a_redirection_is_acknowledged_and_told() -> None:
    bench = Bench()
    call, invite = bench.dial(SS1)
    contact = "Contact: <sip:bob@chicago.example.com>"
    bench.reply(invite, 302, "Moved Temporarily", extra=contact)
    (ack,) = bench.requests()
    assert ack.method == "ACK"
    assert ack.headers["Via"] == invite.headers["Via"]
    assert bench.event(CallEnded) == CallEnded(call, "caller", "302 Moved Temporarily")
    bench.wait(40)
    assert bench.agent.idle


# 3.7 Session with re-INVITE (IP address change)


def test_3_7_alice_moves_to_another_address_in_mid_call() -> None:
    bench = Bench()
    call, tag = bench.established()
    moved = Endpoint("udp", "10.0.0.99", 5062)
    data = request(
        "INVITE",
        cseq=2,
        to_tag=tag,
        branch="z9hG4bK-moved",
        body=SDP.replace("peer 1 1", "peer 1 2"),
    ).replace(b"10.0.0.9", b"10.0.0.99")
    data = data.replace(b"Content-Length: 173", b"Content-Length: 175")
    data = data.replace(b"<sip:+15550199@10.0.0.99>", b"<sip:+15550199@10.0.0.9>")
    bench.receive(data, moved)
    (ok,) = bench.responses()
    assert ok.code == 200
    assert bench.event(MediaChanged).media.remote_host == "10.0.0.99"
    bench.receive(request("ACK", cseq=2, to_tag=tag, branch="z9hG4bK-ack2"), moved)
    bench.agent.hang_up(call, bench.now)
    (output,) = bench.outputs()
    assert output.destination == moved
    assert output.data.startswith(b"BYE sip:ann@10.0.0.99:5062 SIP/2.0")


# 3.8 Unsuccessful: no answer


def test_3_8_alice_gives_up_while_it_rings() -> None:
    bench = Bench(source=SS2)
    bench.receive(through_proxies(request("INVITE", body=SDP)))
    call = bench.event(IncomingCall).call
    bench.agent.ring(call, bench.now)
    bench.outputs()
    # ss2 sends the CANCEL itself: with its own Via alone, that of the INVITE on top.
    cancel = request("CANCEL").replace(
        b"10.0.0.9:5062;branch=z9hG4bK-1", b"10.0.0.222:5060;branch=z9hG4bK-1-ss2"
    )
    bench.receive(cancel)
    ok, terminated = bench.responses()
    assert (ok.code, ok.headers["CSeq"]) == (200, "1 CANCEL")
    assert (terminated.code, terminated.headers["CSeq"]) == (487, "1 INVITE")
    assert tag_of(ok) == tag_of(terminated)
    assert bench.event(CallEnded) == CallEnded(call, "caller", "cancelled")
    bench.receive(
        request("ACK", to_tag=tag_of(terminated)).replace(
            b"10.0.0.9:5062;branch=z9hG4bK-1", b"10.0.0.222:5060;branch=z9hG4bK-1-ss2"
        )
    )
    bench.wait(40)
    assert not bench.outputs()
    assert bench.agent.idle


def test_3_8_we_give_up_while_it_rings() -> None:
    bench = Bench()
    call, invite = bench.dial(SS1)
    bench.reply(invite, 100, "Trying", tag="")
    bench.reply(invite, 180, "Ringing")
    bench.agent.hang_up(call, bench.now)
    (cancel,) = bench.requests()
    assert cancel.method == "CANCEL"
    assert cancel.uri == invite.uri
    for name in ("Via", "From", "To", "Call-ID"):
        assert cancel.headers[name] == invite.headers[name]
    assert cancel.headers["CSeq"] == invite.headers["CSeq"].replace("INVITE", "CANCEL")
    bench.reply(cancel, 200, "OK")
    bench.reply(invite, 487, "Request Terminated")
    assert bench.methods() == ["ACK"]
    bench.wait(40)
    assert bench.agent.idle


# 3.9 Unsuccessful: busy, 3.11: temporarily unavailable, and others alike


@pytest.mark.parametrize(
    ("status", "phrase"),
    [(486, "Busy Here"), (480, "Temporarily Unavailable"), (404, "Not Found"), (603, "Decline")],
)
def test_3_9_and_3_11_a_refusal_is_sent_until_its_ack(status: int, phrase: str) -> None:
    bench = Bench(source=SS2)
    bench.receive(through_proxies(request("INVITE", body=SDP)))
    call = bench.event(IncomingCall).call
    bench.outputs()
    bench.agent.reject(call, status, phrase, bench.now)
    bench.wait(0.6)
    first, second = bench.outputs()
    assert first == second
    assert first.data.startswith(f"SIP/2.0 {status} {phrase}\r\n".encode())
    tag = first.data.partition(b"\r\nTo: ")[2].partition(b"\r\n")[0].rpartition(b"tag=")[2]
    ack = request("ACK", to_tag=tag.decode())
    bench.receive(through_proxies(ack))
    bench.wait(40)
    assert not bench.outputs()
    assert bench.agent.idle


@pytest.mark.parametrize(
    ("status", "phrase"), [(486, "Busy Here"), (480, "Temporarily Unavailable"), (600, "Busy")]
)
def test_3_9_and_3_11_a_refusal_of_our_call_is_acknowledged_and_told(
    status: int, phrase: str
) -> None:
    bench = Bench()
    call, invite = bench.dial(SS1)
    bench.reply(invite, 100, "Trying", tag="")
    bench.reply(invite, status, phrase)
    (ack,) = bench.requests()
    assert ack.headers["To"].endswith(";tag=bob")
    assert ack.headers["Via"] == invite.headers["Via"]
    assert bench.event(CallEnded) == CallEnded(call, "caller", f"{status} {phrase}")


# 3.10 Unsuccessful: no response from the user agent


def test_3_10_a_proxy_whose_user_agent_is_dead_answers_for_it() -> None:
    bench = Bench()
    call, invite = bench.dial(SS1)
    bench.reply(invite, 100, "Trying", tag="")
    bench.wait(60)
    assert not bench.outputs()
    bench.reply(invite, 480, "No Response")
    assert bench.methods() == ["ACK"]
    assert bench.event(CallEnded) == CallEnded(call, "caller", "480 No Response")


# Not drawn in the RFC, but what every one of its flows has to survive


def test_a_lost_ack_makes_the_200_come_again_until_it_is_there() -> None:
    bench = Bench()
    call = bench.offer()
    bench.answer(call)
    first = bench.outputs()
    bench.wait(2)
    repeated = bench.outputs()
    assert len(repeated) == 2
    assert {output.data for output in repeated} == {first[0].data}
    tag = repeated[0].data.partition(b"\r\nTo: ")[2].partition(b"\r\n")[0].rpartition(b"tag=")[2]
    bench.receive(request("ACK", branch="z9hG4bK-late", to_tag=tag.decode()))
    bench.wait(40)
    assert not bench.outputs()
    assert bench.agent.calls == 1


def test_a_lost_200_to_our_bye_makes_it_go_out_again() -> None:
    bench = Bench()
    call, _ = bench.established()
    bench.agent.hang_up(call, bench.now)
    bench.wait(0.6)
    first, second = bench.requests()
    assert first.headers["Via"] == second.headers["Via"]
    bench.reply(second, 200, "OK")
    bench.wait(40)
    assert not bench.outputs()
    assert bench.agent.idle
