"""The torture messages of RFC 4475 and RFC 5118, octet by octet, each with the one right result
for a user agent that takes calls and keeps no registrations.

A status is our answer (100: the call is offered); ``None`` is silence. Where the RFC leaves a
choice, the comment says which we make.
"""

import sys

import pytest

from annie.edge.sip.events import CallEstablished, Endpoint, IncomingCall
from annie.edge.sip.framing import StreamFramer
from annie.edge.sip.message import IncomingResponse
from annie.edge.sip.parser import parse
from tests.edge.sip.sip_peer import PEER, SDP, Bench, request, tag_of
from tests.edge.sip.torture_messages import torture_messages

pytestmark = pytest.mark.unit

RFC4475 = torture_messages("rfc4475.txt")
RFC5118 = torture_messages("rfc5118.txt")
PEER_V6 = Endpoint("udp", "2001:db8::9:1", 5060)

EXPECTED: dict[str, int | None] = {
    # 3.1.1: valid
    "wsinv": 481,  # well-formed; its To tag names no dialog of ours
    "intmeth": 501,
    "esc01": 100,
    "escnull": 405,
    "esc02": 501,
    "lwsdisp": 200,
    "longreq": 100,
    "dblreq": 405,  # the second request in the datagram is not there
    "semiuri": 200,
    "transports": 200,
    "mpart01": 405,
    "unreason": None,
    "noreason": None,
    # 3.1.2: invalid
    "badinv01": 400,
    "clerr": 400,
    "ncl": 400,
    "scalar02": 400,
    "scalarlg": None,
    "quotbal": 400,
    "ltgtruri": 400,
    "lwsruri": 400,
    "lwsstart": 100,  # liberal: the meaning is plain
    "trws": 200,  # likewise
    "escruri": 100,  # the escaped header is left out
    "baddate": 100,  # we use no Date
    "regbadct": 405,
    "badaspec": 200,  # liberal
    "baddn": 200,  # liberal
    "badvers": 505,
    "mismatch01": 400,
    "mismatch02": 400,
    "bigcode": None,
    # 3.2: transaction layer
    "badbranch": 200,
    # 3.3: application layer
    "insuf": 400,
    "unkscm": 416,
    "novelsc": 416,
    "unksm2": 405,
    "bext01": 420,
    "invut": 415,
    "regaut01": 405,
    "multi01": 400,
    "mcl01": 400,
    "bcast": None,
    "zeromf": 200,  # a proxy would refuse; for an endpoint it is the last hop anyhow
    "cparam01": 405,
    "cparam02": 405,
    "regescrt": 405,
    "sdp01": 406,
    # 3.4: compatibility
    "inv2543": 100,
    # RFC 5118
    "ipv6-good": 405,
    "ipv6-bad": 400,
    "port-ambiguous": 405,
    "port-unambiguous": 405,
    "via-received-param-with-delim": 481,
    "via-received-param-no-delim": 200,
    "ipv6-in-sdp": 488,  # parsed; only G.726 is offered
    "mult-ip-in-header": 481,
    "mult-ip-in-sdp": 100,
    "ipv4-mapped-ipv6": 488,  # as above
    "ipv6-bug-abnf-3-colons": 200,  # liberal
    "ipv6-correct-abnf-2-colons": 200,
}


def test_every_message_has_one_expected_result() -> None:
    assert len(RFC4475) == 49
    assert len(RFC5118) == 12
    assert {*RFC4475, *RFC5118} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_torture_message_gets_its_one_right_answer(name: str) -> None:
    source = PEER_V6 if name in RFC5118 else PEER
    _, data = (RFC4475 | RFC5118)[name]
    expected = EXPECTED[name]
    bench = Bench(source=source, ring_timeout=30)
    bench.receive(data)

    outputs = bench.outputs()
    statuses = [int(output.data.split(b" ")[1]) for output in outputs]
    assert statuses == ([] if expected is None else [expected])
    assert all(output.destination.host == source.host for output in outputs)
    calls = [event for event in bench.events() if isinstance(event, IncomingCall)]
    assert len(calls) == (expected == 100)
    bench.receive(request("OPTIONS", branch="z9hG4bK-alive", call_id="alive"))
    assert bench.statuses() == [200]
    bench.wait(300)
    assert bench.agent.idle


@pytest.mark.parametrize("name", EXPECTED)
def test_over_a_stream_it_comes_out_whole_or_ends_the_stream(name: str) -> None:
    _, data = (RFC4475 | RFC5118)[name]
    framer = StreamFramer()
    messages = [message for octet in data for message in framer.feed(bytes([octet]))]
    complete = data.startswith(messages[0]) if messages else False
    assert complete or framer.partial or framer.broken


@pytest.mark.parametrize(
    ("name", "status"), [("unreason", 200), ("noreason", 100), ("bcast", 200), ("scalarlg", None)]
)
def test_responses_are_understood_even_if_nobody_waits_for_them(
    name: str, status: int | None
) -> None:
    message = parse(RFC4475[name][1], PEER)
    if status is None:
        assert message is None
    else:
        assert isinstance(message, IncomingResponse)
        assert message.status == status


def test_a_reason_phrase_in_any_script_answers_our_call() -> None:
    bench = Bench()
    _, invite = bench.dial()
    phrase = RFC4475["unreason"][1].partition(b"\r\n")[0].decode().partition("200 ")[2]
    bench.reply(invite, 200, phrase, body=SDP)
    assert bench.methods() == ["ACK"]
    bench.event(CallEstablished)


def test_a_response_without_a_phrase_is_understood() -> None:
    bench = Bench()
    _, invite = bench.dial()
    bench.reply(invite, 200, "", body=SDP)
    assert bench.methods() == ["ACK"]
    (head, _, rest) = RFC4475["noreason"][1].partition(b"\r\n")
    assert parse(head.rstrip() + b"\r\n" + rest, PEER) is not None


def test_what_is_escaped_names_the_number_and_never_a_control_character() -> None:
    bench = Bench()
    bench.receive(RFC4475["esc01"][1])
    facts = bench.event(IncomingCall).facts
    assert facts.dialled == "sips:user@example.com"
    assert facts.caller == "I have spaces"

    nul = request("INVITE", uri="sip:null-%00-null@10.0.0.1", branch="z9hG4bK-nul", body=SDP)
    bench.receive(nul.replace(b'"Ann"', b'"A\\\0B"').replace(b"c1@peer", b"nul"))
    facts = bench.event(IncomingCall).facts
    assert facts.dialled == "null- -null"
    assert facts.caller_name == "A B"


def test_a_branch_of_nothing_but_the_cookie_names_no_transaction() -> None:
    bench = Bench()
    bench.receive(request("INVITE", branch="z9hG4bK", call_id="one", body=SDP))
    bench.receive(request("INVITE", branch="z9hG4bK", call_id="two", body=SDP))
    assert bench.agent.calls == 2
    bench.receive(request("CANCEL", branch="z9hG4bK", call_id="two"))
    assert bench.agent.calls == 1


def test_what_a_request_lacks_its_refusal_lacks_too() -> None:
    bench = Bench()
    bench.receive(RFC4475["insuf"][1])
    (output,) = bench.outputs()
    head = output.data.partition(b"\r\n\r\n")[0]
    assert b"\r\nCSeq: 193942 INVITE\r\n" in head
    assert not any(name in head for name in (b"From:", b"To:", b"Call-ID:"))


def test_a_peer_of_rfc_2543_without_contact_is_called_and_hung_up_at_its_from_address() -> None:
    bench = Bench()
    bench.receive(RFC4475["inv2543"][1])
    call = bench.event(IncomingCall).call
    bench.answer(call)
    ok = bench.responses()[-1]
    ack = RFC4475["inv2543"][1].partition(b"Content-Type")[0].replace(b"INVITE", b"ACK")
    to = b"To: sip:+16505552222@ss1.example.net;user=phone"
    bench.receive(ack.replace(to, to + b";tag=" + tag_of(ok).encode()) + b"\r\n")
    bench.agent.hang_up(call, bench.now)
    (bye,) = bench.requests()
    # Its Record-Route lacks lr: a strict router wants itself in the Request-URI.
    assert bye.uri.host == "example.com"
    assert bye.headers["Route"] == "<sip:+13035551111@ift.client.example.net;user=phone>"


@pytest.mark.parametrize(
    "accept", ["application/sdp", "text/plain, application/*;q=0.5", "*/*", "text/x,*/*"]
)
def test_whoever_accepts_a_session_description_gets_one(accept: str) -> None:
    bench = Bench()
    bench.receive(request("INVITE", body=SDP, extra=f"Accept: {accept}"))
    assert bench.statuses() == [100]


@pytest.mark.parametrize("via", ["10.0.0.9;;", "pbx1", "?"])
def test_a_message_is_forgotten_however_malformed_it_was(via: str) -> None:
    data = request("OPTIONS").replace(b"10.0.0.9:5062;", via.encode() + b";")
    source = Endpoint("udp", "10.0.0.9", 5062)
    references = sys.getrefcount(source)
    for _ in range(100):
        parse(data, source)
    assert sys.getrefcount(source) <= references
