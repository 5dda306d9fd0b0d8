"""Media protected by SDES (RFC 4568): what is offered, answered, kept and changed."""

import base64
import re

import pytest

from annie.edge.rtp.srtp import KEY_BYTES
from annie.edge.sip.crypto import parse_crypto
from annie.edge.sip.events import CallEnded, MediaChanged
from tests.edge.sip.sip_peer import Bench, request, sdp_with, tag_of

pytestmark = pytest.mark.unit

AES = "AES_CM_128_HMAC_SHA1_80"
KEY = base64.b64encode(bytes(range(30))).decode()
OTHER = base64.b64encode(bytes(range(1, 31))).decode()


def offer(*cryptos: str, extra: str = "") -> str:
    lines = "".join(f"a=crypto:{crypto}\r\n" for crypto in cryptos)
    return sdp_with(f"m=audio 7000 RTP/SAVP 0 101\r\n{lines}{extra}")


def answered(bench: Bench, body: str) -> str:
    bench.answer(bench.offer(body))
    (ok,) = bench.responses()
    return ok.body.decode()


def our_key(description: str) -> str:
    (found,) = re.findall(r"a=crypto:\d+ \S+ inline:(\S+)", description)
    return found


@pytest.mark.parametrize("suite", list(KEY_BYTES))
def test_an_offer_with_a_key_is_answered_with_one(suite: str) -> None:
    bench = Bench()
    key = base64.b64encode(bytes(KEY_BYTES[suite])).decode()
    media = bench.answer(bench.offer(offer(f"4 {suite} inline:{key}")))
    (ok,) = bench.responses()
    body = ok.body.decode()
    assert "m=audio 30000 RTP/SAVP 0" in body
    assert f"a=crypto:4 {suite} inline:" in body
    assert media is not None
    assert media.srtp is not None
    assert media.srtp.theirs == bytes(KEY_BYTES[suite])
    assert base64.b64encode(media.srtp.ours).decode() == our_key(body)
    assert our_key(body) not in repr(media)


def test_of_several_the_first_that_we_can_do_is_taken() -> None:
    body = answered(
        Bench(),
        offer(
            f"1 F8_128_HMAC_SHA1_80 inline:{KEY}",
            f"2 {AES} inline:{KEY}|2^20|1:4",
            f"3 AES_CM_128_HMAC_SHA1_32 inline:{OTHER}|2^31",
            f"4 {AES} inline:{KEY}",
        ),
    )
    assert "a=crypto:3 AES_CM_128_HMAC_SHA1_32 inline:" in body


def test_a_plain_alternative_is_taken_where_it_stands_first() -> None:
    both = offer(f"1 {AES} inline:{KEY}")
    plain_first = sdp_with("m=audio 7002 RTP/AVP 0\r\n" + both.partition("t=0 0\r\n")[2])
    body = answered(Bench(), plain_first)
    assert "m=audio 30000 RTP/AVP 0" in body
    assert "m=audio 0 RTP/SAVP" in body
    assert "crypto" not in body


@pytest.mark.parametrize(
    "crypto",
    [
        "",
        f"1 {AES} inline:{KEY[:-4]}",
        f"1 {AES} inline:****",
        f"1 {AES} inline:{KEY} UNENCRYPTED_SRTP",
        f"1 {AES} inline:{KEY} UNAUTHENTICATED_SRTP",
        f"x {AES} inline:{KEY}",
        f"1 {AES} {KEY}",
        "1 AES_CM_128_HMAC_SHA1_80",
    ],
)
def test_an_offer_without_a_usable_key_is_488(crypto: str) -> None:
    bench = Bench()
    bench.receive(request("INVITE", body=offer(*([crypto] if crypto else []))))
    (refusal,) = bench.responses()
    assert refusal.code == 488
    assert "a=crypto" in refusal.headers["Warning"]


def test_parameters_that_change_nothing_are_borne() -> None:
    assert parse_crypto(f"1 {AES} inline:{KEY}|2^48 WSH=64") is not None
    assert parse_crypto(f"1 {AES.lower()} inline:{KEY}|4294967296") is not None


def established(bench: Bench) -> tuple[int, str, str]:
    """A protected call: number, our tag, our key."""
    call = bench.offer(offer(f"1 {AES} inline:{KEY}"))
    bench.answer(call)
    (ok,) = bench.responses()
    bench.receive(request("ACK", branch="z9hG4bK-ack", to_tag=tag_of(ok)))
    bench.events()
    return call, tag_of(ok), our_key(ok.body.decode())


def reinvite(bench: Bench, tag: str, body: str) -> str:
    bench.receive(request("INVITE", branch="z9hG4bK-re", cseq=2, to_tag=tag, body=body))
    (ok,) = bench.responses()
    return ok.body.decode()


def test_our_key_stays_while_theirs_does() -> None:
    bench = Bench()
    _, tag, ours = established(bench)
    body = reinvite(bench, tag, offer(f"1 {AES} inline:{KEY}", extra="a=sendonly\r\n"))
    assert our_key(body) == ours
    changed = bench.event(MediaChanged)
    assert changed.media.srtp is not None
    assert not changed.media.sending


def test_a_new_key_of_theirs_gets_a_new_one_of_ours() -> None:
    bench = Bench()
    _, tag, ours = established(bench)
    assert our_key(reinvite(bench, tag, offer(f"1 {AES} inline:{OTHER}"))) != ours
    media = bench.event(MediaChanged).media
    assert media.srtp is not None
    assert media.srtp.theirs == base64.b64decode(OTHER)


def test_our_own_reinvite_offers_the_key_again_and_takes_theirs() -> None:
    bench = Bench()
    timer = "Supported: timer\nSession-Expires: 200;refresher=uas"
    call = bench.offer(offer(f"1 {AES} inline:{KEY}"), extra=timer)
    bench.answer(call)
    (ok,) = bench.responses()
    bench.receive(request("ACK", branch="z9hG4bK-ack", to_tag=tag_of(ok)))
    bench.events()
    bench.wait(101)
    refresh = bench.requests()[0]
    assert "RTP/SAVP" in refresh.body.decode()
    assert our_key(refresh.body.decode()) == our_key(ok.body.decode())
    bench.reply(refresh, 200, "OK", body=offer(f"1 {AES} inline:{OTHER}"))
    media = bench.event(MediaChanged).media
    assert media.srtp is not None
    assert media.srtp.theirs == base64.b64decode(OTHER)


@pytest.mark.parametrize(
    "answer",
    [sdp_with("m=audio 7000 RTP/AVP 0\r\n"), offer(f"1 AES_CM_128_HMAC_SHA1_32 inline:{KEY}")],
)
def test_an_answer_that_protects_otherwise_ends_the_call(answer: str) -> None:
    bench = Bench()
    timer = "Supported: timer\nSession-Expires: 200;refresher=uas"
    call = bench.offer(offer(f"1 {AES} inline:{KEY}"), extra=timer)
    bench.answer(call)
    (ok,) = bench.responses()
    bench.receive(request("ACK", branch="z9hG4bK-ack", to_tag=tag_of(ok)))
    bench.events()
    bench.wait(101)
    bench.reply(bench.requests()[0], 200, "OK", body=answer)
    assert bench.event(CallEnded).by == "edge"
