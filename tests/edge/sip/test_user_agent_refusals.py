"""What is refused and how (RFC 3261 section 8.2), and what isn't worth an answer."""

import pytest

from annie.edge.sip.events import IncomingCall
from tests.edge.sip.sip_peer import PEER, SDP, Bench, request, sdp_with, tag_of

pytestmark = pytest.mark.unit


def test_options_is_answered_with_what_we_can() -> None:
    bench = Bench()
    bench.receive(request("OPTIONS"))
    (response,) = bench.responses()
    assert response.code == 200
    assert "INVITE" in response.headers["Allow"]
    assert response.headers["Accept"] == "application/sdp"
    assert tag_of(response)


def test_a_repeated_request_gets_the_same_response_without_state() -> None:
    bench = Bench()
    bench.receive(request("OPTIONS"))
    bench.receive(request("OPTIONS"))
    first, second = bench.outputs()
    assert first == second
    assert bench.agent.idle


@pytest.mark.parametrize(
    ("method", "status"),
    [
        ("REGISTER", 405),
        ("REFER", 405),
        ("SUBSCRIBE", 405),
        ("PRACK", 481),
        ("DANCE", 501),
        ("INFO", 481),
        ("UPDATE", 481),
        ("BYE", 481),
    ],
)
def test_other_methods_outside_a_dialog(method: str, status: int) -> None:
    bench = Bench()
    bench.receive(request(method))
    (response,) = bench.responses()
    assert response.code == status
    assert (response.headers.get("Allow") is not None) == (status in (405, 501))


@pytest.mark.parametrize("method", ["BYE", "INVITE", "INFO", "OPTIONS"])
def test_a_request_inside_an_unknown_dialog_is_481(method: str) -> None:
    bench = Bench()
    bench.receive(request(method, to_tag="nobody"))
    assert bench.statuses() == [481]


def test_a_required_extension_is_refused_by_name() -> None:
    bench = Bench()
    bench.receive(request("INVITE", body=SDP, extra="Require: 100rel, Precondition, Histinfo"))
    (response,) = bench.responses()
    assert response.code == 420
    assert response.headers["Unsupported"] == "precondition, histinfo"
    assert not bench.events()


def test_whoever_is_the_last_hop_needs_none_left() -> None:
    bench = Bench()
    bench.receive(request("OPTIONS").replace(b"Max-Forwards: 70", b"Max-Forwards: 0"))
    assert bench.statuses() == [200]


def test_a_wish_for_a_session_timer_is_no_obstacle() -> None:
    bench = Bench()
    bench.offer(extra="Session-Expires: 1800;refresher=uac\r\nMin-SE: 90\r\nSupported: timer")


@pytest.mark.parametrize(
    "media",
    [
        "m=audio 7000 RTP/AVP 18 96\r\na=rtpmap:96 opus/48000/2\r\n",
        "m=audio 7000 RTP/SAVP 0 8\r\n",
        "m=audio 0 RTP/AVP 0\r\n",
        "m=video 7000 RTP/AVP 0\r\n",
        "",
    ],
)
def test_an_offer_without_common_ground_is_488(media: str) -> None:
    bench = Bench()
    bench.receive(request("INVITE", body=sdp_with(media)))
    (response,) = bench.responses()
    assert response.code == 488
    assert response.headers["Warning"].startswith("304 annie ")
    assert not bench.events()
    assert bench.agent.calls == 0


def test_a_body_of_another_kind_is_415() -> None:
    bench = Bench()
    data = request("INVITE", body=SDP).replace(b"application/sdp", b"text/plain")
    bench.receive(data)
    (response,) = bench.responses()
    assert response.code == 415
    assert response.headers["Accept"] == "application/sdp"


@pytest.mark.parametrize(
    "change",
    [
        (b"CSeq: 1 INVITE", b"CSeq: 36893488147419103232 INVITE"),
        (b"CSeq: 1 INVITE", b"CSeq: 1 BYE"),
        (b"CSeq: 1 INVITE", b"CSeq: one"),
        (b"Content-Length: ", b"Content-Length: -"),
        (b"Content-Length: ", b"Content-Length: 9"),
        (b"Call-ID: c1@peer", b"Call-ID: c1@peer\r\nCall-ID: c2@peer"),
        (b"<sip:ann@10.0.0.9:5062>", b"*"),
        (b"Contact: <sip:ann@10.0.0.9:5062>\r\n", b""),
        (b"sip:+15550100@10.0.0.1 SIP", b"sip:%%% SIP"),
        (b"sip:+15550100@10.0.0.1 SIP", b"sip:+15550100@10.0.0.1;self=1 SIP"),
        (b"v=0", b"v=1"),
        (b"To: ", b"X-To: "),
        (b"CSeq: ", b"X-CSeq: "),
        (b"Max-Forwards: 70", b"what is this"),
        (b"10.0.0.1 SIP", b"10.0.0.1 and more SIP"),
        (b"branch=", b"self=1;branch="),
        (b'"Ann" ', b'"Ann '),
        (b"Max-Forwards: 70", b"Record-Route: <http://x>"),
    ],
)
def test_a_bad_request_that_can_be_answered_is_400(change: tuple[bytes, bytes]) -> None:
    bench = Bench()
    data = request("INVITE", body=SDP)
    assert change[0] in data
    bench.receive(data.replace(*change, 1))
    assert bench.statuses() == [400]
    assert not bench.events()


@pytest.mark.parametrize(
    ("before", "after", "status"),
    [
        (b" SIP/2.0\r\n", b" SIP/7.0\r\n", 505),
        (b"sip:+15550100@10.0.0.1 SIP", b"nobody:knows SIP", 416),
        (b"sip:+15550100@10.0.0.1 SIP", b"sips:+15550100@10.0.0.1 SIP", 416),
    ],
)
def test_another_version_or_scheme_is_named(before: bytes, after: bytes, status: int) -> None:
    bench = Bench()
    bench.receive(request("INVITE", body=SDP).replace(before, after, 1))
    assert bench.statuses() == [status]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n\r\n",
        b"\0" * 4,
        b"hello",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"INVITE sip:a@b SIP/2.0\r\n\r\n",
        b"SIP/2.0 200 OK\r\n\r\n",
        b"SIP/2.0 banana OK\r\nVia: x\r\n\r\n",
        request("INVITE").replace(b"Via: ", b"X-Via: "),
        request("INVITE").replace(b"Call-ID: c1", b"Call-ID: c1\nX: y"),
        request("INVITE", extra="X: " + "y" * 70_000),
        request("INVITE", extra="\r\n".join(f"X-{n}: y" for n in range(300))),
        request("ACK").replace(b"CSeq: 1", b"CSeq: x"),
        request("ACK", to_tag="nobody"),
    ],
)
def test_garbage_is_dropped_in_silence(data: bytes) -> None:
    bench = Bench()
    bench.receive(data)
    assert not bench.outputs()
    assert not bench.events()
    assert bench.agent.idle


def test_folded_lines_compact_names_and_odd_spacing_are_understood() -> None:
    bench = Bench()
    data = (
        request("INVITE", body=SDP)
        .replace(b"Via:", b"v  :")
        .replace(b"From: ", b"f:\r\n\t ")
        .replace(b"Call-ID:", b"i:")
        .replace(b"Contact:", b"m:")
    )
    bench.receive(b"\r\n\r\n" + data)
    assert bench.statuses() == [100]


def test_header_names_and_display_names_may_be_unusual() -> None:
    bench = Bench()
    data = request("INVITE", body=SDP).replace(b'"Ann"', "José (été) \\".encode())
    bench.receive(data.replace(b"CSeq", b"cSEQ"), PEER)
    assert bench.statuses() == [100]


def test_a_name_that_is_no_utf8_is_read_as_latin_1() -> None:
    bench = Bench()
    bench.receive(request("INVITE", body=SDP).replace(b"Ann", b"Jos\xe9"))
    assert bench.event(IncomingCall).facts.caller_name == "José"
    (trying,) = bench.responses()
    assert "José" in trying.headers["From"]


def test_a_scheme_in_capitals_is_the_same_scheme() -> None:
    bench = Bench()
    bench.receive(request("OPTIONS", uri="SIP:+15550100@10.0.0.1"))
    assert bench.statuses() == [200]


def test_a_header_that_is_too_long_is_refused_by_the_others() -> None:
    bench = Bench()
    bench.receive(request("INVITE", body=SDP, extra="X-Long: " + "y" * 9000))
    (refusal,) = bench.responses()
    assert refusal.code == 513
    assert refusal.headers["Call-ID"] == "c1@peer"


@pytest.mark.parametrize("uri", ["tel:+" + "1" * 200, "sip:" + "a" * 5000 + "@10.0.0.1"])
def test_a_uri_beyond_all_measure_is_none(uri: str) -> None:
    bench = Bench()
    bench.receive(request("INVITE", uri=uri, body=SDP))
    assert bench.statuses() == [400]
