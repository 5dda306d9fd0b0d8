"""Requests inside a dialog: hold, resume, order, late offers, the end (RFC 3261 12, 14, 15)."""

import dataclasses

import pytest

from annie.edge.sip.dialog import Dialog
from annie.edge.sip.events import CallEnded, CallEstablished, Endpoint, MediaChanged
from tests.edge.sip.sip_peer import HELD_SDP, PEER, PEER_TCP, SDP, Bench, request, sdp_with, tag_of

pytestmark = pytest.mark.unit


def reinvite(bench: Bench, tag: str, cseq: int, body: str = SDP, **fields: str) -> None:
    bench.receive(
        request("INVITE", branch=f"z9hG4bK-re{cseq}", cseq=cseq, to_tag=tag, body=body, **fields)
    )


def acknowledge(bench: Bench, tag: str, cseq: int, body: str = "") -> None:
    bench.receive(request("ACK", branch=f"z9hG4bK-ack{cseq}", cseq=cseq, to_tag=tag, body=body))


def test_bye_is_answered_repeatedly_and_ends_the_call() -> None:
    bench = Bench()
    call, tag = bench.established()
    bye = request("BYE", branch="z9hG4bK-2", cseq=2, to_tag=tag)
    bench.receive(bye)
    bench.receive(bye)
    assert bench.statuses() == [200, 200]
    assert bench.event(CallEnded) == CallEnded(call, "caller", "bye")
    bench.receive(request("BYE", branch="z9hG4bK-3", cseq=3, to_tag=tag))
    assert bench.statuses() == [481]
    bench.wait(70)
    assert bench.agent.idle


def test_our_bye_is_repeated_until_answered() -> None:
    bench = Bench()
    call, _ = bench.established()
    bench.agent.hang_up(call, bench.now)
    assert bench.event(CallEnded) == CallEnded(call, "annie", "hangup")
    bench.wait(3.6)
    byes = bench.requests()
    assert [bye.method for bye in byes] == ["BYE"] * 4
    assert len({bytes(bye) for bye in byes}) == 1
    bench.reply(byes[0], 200, "OK")
    bench.wait(40)
    assert not bench.outputs()
    assert bench.agent.idle


def test_an_unanswered_bye_is_given_up() -> None:
    bench = Bench()
    call, _ = bench.established()
    bench.agent.hang_up(call, bench.now)
    bench.wait(33)
    assert bench.agent.idle


def test_byes_that_cross_are_both_answered() -> None:
    bench = Bench()
    call, tag = bench.established()
    bench.agent.hang_up(call, bench.now)
    bench.outputs()
    bench.receive(request("BYE", branch="z9hG4bK-2", cseq=2, to_tag=tag))
    assert bench.statuses() == [200]
    assert bench.event(CallEnded).by == "annie"


@pytest.mark.parametrize(
    ("held", "answered", "sending", "receiving"),
    [
        (HELD_SDP, b"a=recvonly", False, True),
        (HELD_SDP.replace("sendonly", "inactive"), b"a=inactive", False, False),
        (SDP.replace("c=IN IP4 10.0.0.9", "c=IN IP4 0.0.0.0"), b"a=recvonly", False, True),
        (HELD_SDP.replace("sendonly", "recvonly"), b"a=sendonly", True, False),
    ],
)
def test_hold_and_resume(held: str, answered: bytes, sending: bool, receiving: bool) -> None:
    bench = Bench()
    call, tag = bench.established()
    reinvite(bench, tag, 2, held)
    (ok,) = bench.responses()
    assert ok.code == 200
    assert answered in ok.body
    assert b" 1 IN IP4 10.0.0.1" in ok.body
    changed = bench.event(MediaChanged)
    assert (changed.call, changed.media.sending, changed.media.receiving) == (
        call,
        sending,
        receiving,
    )
    acknowledge(bench, tag, 2)
    reinvite(bench, tag, 3)
    (ok,) = bench.responses()
    assert b"a=sendrecv" in ok.body
    assert b" 2 IN IP4 10.0.0.1" in ok.body
    assert bench.event(MediaChanged).media.sending
    acknowledge(bench, tag, 3)
    bench.wait(40)
    assert not bench.outputs()
    assert bench.agent.calls == 1


def test_hold_may_come_before_the_ack_of_the_answer() -> None:
    bench = Bench()
    call = bench.offer()
    bench.answer(call)
    tag = tag_of(bench.responses()[-1])
    bench.events()
    reinvite(bench, tag, 2, HELD_SDP)
    assert bench.statuses() == [200]
    assert not bench.event(MediaChanged).media.sending
    acknowledge(bench, tag, 2)
    acknowledge(bench, tag, 1)
    bench.wait(40)
    assert bench.statuses() == []


def test_a_reinvite_that_changes_nothing_keeps_the_description_and_tells_nothing() -> None:
    bench = Bench()
    _, tag = bench.established()
    reinvite(bench, tag, 2)
    (ok,) = bench.responses()
    assert b" 0 IN IP4 10.0.0.1" in ok.body
    assert not bench.events()


def test_a_reinvite_is_repeated_safely() -> None:
    bench = Bench()
    _, tag = bench.established()
    reinvite(bench, tag, 2, HELD_SDP)
    reinvite(bench, tag, 2, HELD_SDP)
    first, second = bench.responses()
    assert bytes(first) == bytes(second)
    assert len(bench.events()) == 1


def test_an_unacceptable_reinvite_leaves_the_call_as_it_was() -> None:
    bench = Bench()
    _, tag = bench.established()
    reinvite(bench, tag, 2, sdp_with("m=audio 7000 RTP/SAVP 0\r\n"))
    assert bench.statuses() == [488]
    bench.receive(request("ACK", branch="z9hG4bK-re2", cseq=2, to_tag=tag))
    assert not bench.events()
    assert bench.agent.calls == 1


def test_a_reinvite_whose_200_is_never_acknowledged_drops_the_call() -> None:
    bench = Bench()
    call, tag = bench.established()
    reinvite(bench, tag, 2)
    bench.wait(32.1)
    assert bench.methods() == ["BYE"]
    assert bench.event(CallEnded) == CallEnded(call, "edge", "ack timeout")


def test_media_may_move() -> None:
    bench = Bench()
    _, tag = bench.established()
    moved = SDP.replace("7000", "7100").replace("c=IN IP4 10.0.0.9", "c=IN IP4 10.0.0.10")
    reinvite(bench, tag, 2, moved)
    media = bench.event(MediaChanged).media
    assert (media.remote_host, media.remote_port) == ("10.0.0.10", 7100)


def test_the_remote_target_follows_a_reinvite() -> None:
    bench = Bench()
    call, tag = bench.established()
    data = request("INVITE", branch="z9hG4bK-re", cseq=2, to_tag=tag, body=SDP)
    bench.receive(data.replace(b"<sip:ann@10.0.0.9:5062>", b"<sip:new@10.0.0.44:5099>"))
    bench.agent.hang_up(call, bench.now)
    bye = bench.outputs()[-1]
    assert bye.data.startswith(b"BYE sip:new@10.0.0.44:5099 SIP/2.0")
    assert bye.destination == Endpoint("udp", "10.0.0.44", 5099)


def test_an_invite_without_offer_gets_one_and_the_answer_comes_in_the_ack() -> None:
    bench = Bench()
    call = bench.offer(body="")
    assert bench.answer(call) is None
    (ok,) = bench.responses()
    assert b"m=audio 30000 RTP/AVP 0 8 9 101" in ok.body
    assert bench.event(CallEstablished).media is None
    acknowledge(bench, tag_of(ok), 1, SDP)
    media = bench.event(MediaChanged).media
    assert (media.remote_port, media.codec, media.dtmf_payload_type) == (7000, "PCMA", 101)


@pytest.mark.parametrize("body", ["", sdp_with("m=audio 0 RTP/AVP 0\r\n"), "v=1"])
def test_an_ack_without_a_usable_answer_ends_the_call(body: str) -> None:
    bench = Bench()
    call = bench.offer(body="")
    bench.answer(call)
    (ok,) = bench.responses()
    bench.events()
    acknowledge(bench, tag_of(ok), 1, body)
    assert bench.methods() == ["BYE"]
    assert bench.event(CallEnded).by == "edge"


def test_an_offer_while_ours_is_open_is_491() -> None:
    bench = Bench()
    call = bench.offer(body="")
    bench.answer(call)
    (ok,) = bench.responses()
    bench.events()
    reinvite(bench, tag_of(ok), 2)
    assert bench.statuses() == [491]


def test_a_reinvite_without_offer_gets_one_too() -> None:
    bench = Bench()
    _, tag = bench.established()
    reinvite(bench, tag, 2, "")
    (ok,) = bench.responses()
    assert b"m=audio 30000 RTP/AVP 0 8 9 101" in ok.body
    acknowledge(bench, tag, 2, HELD_SDP)
    assert not bench.event(MediaChanged).media.sending


def test_a_reinvite_before_our_answer_is_told_to_wait() -> None:
    bench = Bench()
    call = bench.offer()
    bench.agent.ring(call, bench.now)
    (ringing,) = bench.responses()
    reinvite(bench, tag_of(ringing), 2)
    (refusal,) = bench.responses()
    assert refusal.code == 500
    assert refusal.headers.get("Retry-After")


@pytest.mark.parametrize("cseq", [0, 1])
def test_a_request_out_of_order_is_500(cseq: int) -> None:
    bench = Bench()
    _, tag = bench.established()
    bench.receive(request("INFO", branch="z9hG4bK-2", cseq=cseq, to_tag=tag))
    assert bench.statuses() == [500]


@pytest.mark.parametrize(
    ("method", "status"),
    [
        ("INFO", 200),
        ("OPTIONS", 200),
        ("UPDATE", 200),
        ("PRACK", 481),
        ("REFER", 405),
        ("DANCE", 501),
    ],
)
def test_other_requests_inside_a_dialog(method: str, status: int) -> None:
    bench = Bench()
    _, tag = bench.established()
    data = request(method, branch="z9hG4bK-2", cseq=2, to_tag=tag)
    bench.receive(data)
    bench.receive(data)
    assert bench.statuses() == [status, status]
    assert not bench.events()


def test_update_may_hold() -> None:
    bench = Bench()
    _, tag = bench.established()
    bench.receive(request("UPDATE", branch="z9hG4bK-2", cseq=2, to_tag=tag, body=HELD_SDP))
    (ok,) = bench.responses()
    assert b"a=recvonly" in ok.body
    assert not bench.event(MediaChanged).media.sending


def test_a_required_extension_inside_a_dialog_is_420() -> None:
    bench = Bench()
    _, tag = bench.established()
    reinvite(bench, tag, 2, extra="Require: timer, replaces")
    (refusal,) = bench.responses()
    assert (refusal.code, refusal.headers["Unsupported"]) == (420, "replaces")


def test_a_contact_that_needs_dns_or_lies_behind_nat_is_answered_where_it_came_from() -> None:
    for contact in (b"<sip:ann@pbx1.example.com>", b"<sip:ann@192.168.1.5:5060>"):
        public = Endpoint("udp", "203.0.113.77", 61_000)
        # 203.0.113.0/24 counts as private to the ipaddress module: use a routable one.
        public = dataclasses.replace(public, host="8.8.8.8")
        bench = Bench(source=public)
        data = request("INVITE", body=SDP).replace(b"<sip:ann@10.0.0.9:5062>", contact)
        bench.receive(data)
        bench.events()
        bench.agent.answer(1, "10.0.0.1", 30_000, bench.now)
        tag = tag_of(bench.responses()[-1])
        acknowledge(bench, tag, 1)
        bench.agent.hang_up(1, bench.now)
        assert bench.outputs()[-1].destination == public


def test_over_tcp_our_requests_take_the_callers_connection() -> None:
    bench = Bench(source=PEER_TCP)
    call, _ = bench.established(via_transport="TCP")
    bench.agent.hang_up(call, bench.now)
    (bye,) = bench.outputs()
    assert bye.destination == PEER_TCP
    assert bye.fallback == Endpoint("tcp", "10.0.0.9", 5062)
    assert b"Via: SIP/2.0/TCP 10.0.0.1:5060;" in bye.data


def test_our_requests_follow_the_peer_to_a_new_connection() -> None:
    bench = Bench(source=PEER_TCP)
    call, tag = bench.established(via_transport="TCP")
    again = dataclasses.replace(PEER_TCP, port=41_000)
    bench.receive(request("INFO", branch="z9hG4bK-2", cseq=2, to_tag=tag), again)
    bench.outputs()
    bench.agent.hang_up(call, bench.now)
    assert bench.outputs()[-1].destination == again


def test_a_dialog_is_a_plain_value() -> None:
    dialog = Dialog(
        "c", "l", "r", "<sip:l@x>;tag=l", "<sip:r@x>;tag=r", "sip:r@x", (), PEER, "<sip:a@b>", "b"
    )
    restored = Dialog(**{f.name: getattr(dialog, f.name) for f in dataclasses.fields(dialog)})
    assert restored == dialog
    assert dataclasses.asdict(dialog)["source"] == dataclasses.asdict(PEER)
