"""Offers and answers (RFC 3264) and the descriptions that carry them (RFC 4566)."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annie.edge.sip.offer_answer import NotAcceptable, accept_answer, accept_offer, offer_lines
from annie.edge.sip.sdp import SdpError, compose_sdp, parse_sdp
from tests.edge.sip.sip_peer import SDP, sdp_with

pytestmark = pytest.mark.unit


def accept(media: str) -> list[str]:
    return accept_offer(parse_sdp(sdp_with(media).encode()), "10.0.0.9").media_lines(4000)


def test_the_offerers_first_known_codec_is_chosen_alone_with_its_digits() -> None:
    lines = accept(
        "m=audio 7000 RTP/AVP 18 8 0 96\r\na=rtpmap:96 telephone-event/8000\r\na=fmtp:96 0-16\r\n"
    )
    assert lines[0] == "m=audio 4000 RTP/AVP 8 96"
    assert "a=rtpmap:8 PCMA/8000" in lines
    assert "a=rtpmap:96 telephone-event/8000" in lines


def test_without_digits_offered_none_are_answered() -> None:
    assert accept("m=audio 7000 RTP/AVP 0\r\n")[0] == "m=audio 4000 RTP/AVP 0"


def test_digits_at_another_clock_are_not_taken() -> None:
    media = "m=audio 7000 RTP/AVP 0 97\r\na=rtpmap:97 telephone-event/48000\r\n"
    assert accept(media)[0] == "m=audio 4000 RTP/AVP 0"


def test_a_codec_may_have_a_dynamic_number() -> None:
    media = "m=audio 7000 RTP/AVP 98\r\na=rtpmap:98 pcmu/8000\r\na=ptime:30\r\n"
    agreement = accept_offer(parse_sdp(sdp_with(media).encode()), "10.0.0.9")
    assert (agreement.media.codec, agreement.media.payload_type) == ("PCMU", 98)
    assert agreement.media.ptime_ms == 30


def test_every_line_of_the_offer_is_answered_in_order() -> None:
    lines = accept(
        "m=video 7002 RTP/AVP 31\r\nm=audio 7004 RTP/SAVP 0\r\nm=audio 7000 RTP/AVP 0\r\n"
        "m=application 9 TCP/BFCP *\r\n"
    )
    assert [line for line in lines if line.startswith("m=")] == [
        "m=video 0 RTP/AVP 31",
        "m=audio 0 RTP/SAVP 0",
        "m=audio 4000 RTP/AVP 0",
        "m=application 0 TCP/BFCP *",
    ]


@pytest.mark.parametrize(
    ("offered", "answered"),
    [
        ("sendrecv", "sendrecv"),
        ("sendonly", "recvonly"),
        ("recvonly", "sendonly"),
        ("inactive", "inactive"),
    ],
)
def test_directions_are_mirrored(offered: str, answered: str) -> None:
    assert accept(f"m=audio 7000 RTP/AVP 0\r\na={offered}\r\n")[-1] == f"a={answered}"


def test_a_direction_of_the_session_holds_for_its_media() -> None:
    text = SDP.replace("t=0 0\r\n", "t=0 0\r\na=sendonly\r\n")
    agreement = accept_offer(parse_sdp(text.encode()), "10.0.0.9")
    assert not agreement.media.sending


def test_the_address_of_the_media_line_goes_before_that_of_the_session() -> None:
    text = sdp_with("m=audio 7000 RTP/AVP 0\r\nc=IN IP4 10.0.0.99\r\n")
    agreement = accept_offer(parse_sdp(text.encode()), "10.0.0.9")
    assert agreement.media.remote_host == "10.0.0.99"


def test_a_host_name_is_replaced_by_the_signalling_address() -> None:
    text = SDP.replace("c=IN IP4 10.0.0.9", "c=IN IP4 media.example.com")
    agreement = accept_offer(parse_sdp(text.encode()), "10.0.0.9")
    assert agreement.media.remote_host == "10.0.0.9"


def test_our_offer_answered_with_one_codec() -> None:
    body = compose_sdp(1, 1, "10.0.0.2", ["m=audio 5000 RTP/AVP 8 101", *offer_lines(1)[4:6]])
    media = accept_answer(parse_sdp(body), "10.0.0.2")
    assert (media.codec, media.dtmf_payload_type, media.remote_port) == ("PCMA", 101, 5000)


def test_a_peer_that_prefers_g722_gets_it_and_others_get_g711() -> None:
    assert accept("m=audio 7000 RTP/AVP 9 0\r\n")[:2] == [
        "m=audio 4000 RTP/AVP 9",
        "a=rtpmap:9 G722/8000",
    ]
    assert accept("m=audio 7000 RTP/AVP 0 9\r\n")[0] == "m=audio 4000 RTP/AVP 0"
    assert offer_lines(4000)[0] == "m=audio 4000 RTP/AVP 0 8 9 101"


def test_what_we_were_told_not_to_speak_is_not_spoken() -> None:
    offer = parse_sdp(sdp_with("m=audio 7000 RTP/AVP 9 0 8\r\n").encode())
    assert accept_offer(offer, "10.0.0.9", ("PCMA",)).media.codec == "PCMA"
    with pytest.raises(NotAcceptable, match="only G722"):
        accept_offer(parse_sdp(SDP.encode()), "10.0.0.9", ("G722",))
    assert offer_lines(4000, ("G722", "PCMA"))[0] == "m=audio 4000 RTP/AVP 9 8 101"


def test_rtcp_shares_the_port_only_where_that_was_offered() -> None:
    offered = parse_sdp(sdp_with("m=audio 7000 RTP/AVP 0\r\na=rtcp-mux\r\n").encode())
    agreement = accept_offer(offered, "10.0.0.9")
    assert agreement.media.rtcp_mux
    assert "a=rtcp-mux" in agreement.media_lines(4000)
    assert "a=rtcp-mux" not in accept("m=audio 7000 RTP/AVP 0\r\n")
    # An answer can't agree to what our offer doesn't propose.
    assert not accept_answer(offered, "10.0.0.9").rtcp_mux


def test_rtcp_may_have_a_port_of_its_own_choice() -> None:
    media = "m=audio 7000 RTP/AVP 0\r\na=rtcp:7777 IN IP4 10.0.0.9\r\n"
    agreement = accept_offer(parse_sdp(sdp_with(media).encode()), "10.0.0.9")
    assert agreement.media.rtcp_port == 7777


def test_an_answer_of_another_shape_is_not_acceptable() -> None:
    two = sdp_with("m=audio 7000 RTP/AVP 0\r\nm=audio 7002 RTP/AVP 0\r\n")
    with pytest.raises(NotAcceptable):
        accept_answer(parse_sdp(two.encode()), "10.0.0.2")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"hello",
        b"v=0\r\nm=audio\r\n",
        b"v=0\r\nm=audio x RTP/AVP 0\r\n",
        b"v=0\r\nm=audio 70000 RTP/AVP 0\r\n",
        b"v=0\r\nm=audio 7000 RTP/AVP 300\r\n",
        b"v=0\r\nc=IN IP5 x\r\n",
        b"v=0\r\n" + b"m=audio 1 RTP/AVP 0\r\n" * 17,
    ],
)
def test_what_is_no_description_is_an_error(body: bytes) -> None:
    with pytest.raises(SdpError):
        parse_sdp(body)


payloads = st.lists(st.sampled_from([0, 8, 9, 18, 96, 101]), min_size=1, max_size=6, unique=True)
directions = st.sampled_from(["sendrecv", "sendonly", "recvonly", "inactive"])


@given(payloads, directions, st.integers(1, 65_535))
def test_whatever_we_answer_is_a_valid_answer_to_the_offer(
    offered: list[int], direction: str, port: int
) -> None:
    numbers = " ".join(map(str, offered))
    text = sdp_with(
        f"m=audio {port} RTP/AVP {numbers}\r\n"
        f"a=rtpmap:101 telephone-event/8000\r\na={direction}\r\n"
    )
    try:
        agreement = accept_offer(parse_sdp(text.encode()), "10.0.0.9")
    except NotAcceptable:
        assert not {0, 8, 9} & set(offered)
        return
    answer = parse_sdp(compose_sdp(1, 1, "10.0.0.1", agreement.media_lines(4000)))
    assert len(answer.media) == 1
    assert {f.payload_type for f in answer.media[0].formats} <= set(offered)
    assert agreement.media.receiving == (direction in ("sendrecv", "sendonly"))
    assert agreement.media.sending == (direction in ("sendrecv", "recvonly"))


@given(st.binary(max_size=400))
def test_any_octets_are_a_description_or_an_error(body: bytes) -> None:
    for data in (body, b"v=0\r\n" + body, SDP.encode() + body):
        with contextlib.suppress(SdpError, NotAcceptable):
            accept_offer(parse_sdp(data), "10.0.0.9")


@pytest.mark.parametrize("bad", ["a=rtpmap:31 LPC", "a=rtpmap:x y/z", "a=rtcp:none", "a=ptime:"])
def test_a_malformed_attribute_is_left_out(bad: str) -> None:
    described = parse_sdp(f"{SDP}{bad}\r\n".encode())
    assert described == parse_sdp(SDP.encode())


def test_media_of_our_address_family_go_first_and_others_are_sought_where_they_signal() -> None:
    both = (
        b"v=0\r\nm=audio 7000 RTP/AVP 0\r\nc=IN IP6 2001:db8::9\r\n"
        b"m=audio 7002 RTP/AVP 0\r\nc=IN IP4 10.0.0.9\r\n"
    )
    assert accept_offer(parse_sdp(both), "10.0.0.9").media.remote_port == 7002
    assert accept_offer(parse_sdp(both), "2001:db8::9").media.remote_port == 7000
    only = both.partition(b"m=audio 7002")[0]
    media = accept_offer(parse_sdp(only), "10.0.0.9").media
    assert (media.remote_host, media.remote_port) == ("10.0.0.9", 7000)


def test_an_ipv4_address_mapped_into_ipv6_is_one() -> None:
    mapped = SDP.replace("IP4 10.0.0.9\r\nt", "IP6 ::ffff:10.0.0.9\r\nt").encode()
    assert accept_offer(parse_sdp(mapped), "10.0.0.1").media.remote_host == "10.0.0.9"


def test_hold_by_an_unspecified_address_has_no_family() -> None:
    held = SDP.replace("IP4 10.0.0.9\r\nt", "IP6 ::\r\nt").encode()
    assert not accept_offer(parse_sdp(held), "10.0.0.1").media.sending
