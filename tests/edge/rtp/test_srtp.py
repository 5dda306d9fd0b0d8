"""Protected media of one call: what goes out can be read by the peer, and only what is theirs."""

import os

import pytest

from annie.edge.rtp.srtp import KEY_BYTES, Srtp, SrtpKeys
from annie.edge.rtp.stream import CallStream
from annie.edge.sip.events import MediaDescription
from annie.kit.link import FLAG_LOST

pytestmark = pytest.mark.unit

PEER = ("10.0.0.9", 7000)
TONE = (b"\x00\x20" * 80 + b"\x00\xe0" * 80)[:320]


def keys(suite: str = "AES_CM_128_HMAC_SHA1_80") -> SrtpKeys:
    length = KEY_BYTES[suite]
    return SrtpKeys(suite, os.urandom(length), os.urandom(length))


def turned(mine: SrtpKeys) -> SrtpKeys:
    return SrtpKeys(mine.suite, mine.theirs, mine.ours)


def media(srtp: SrtpKeys | None, *, mux: bool = False) -> MediaDescription:
    return MediaDescription(*PEER, "PCMU", 0, 101, True, True, 20, rtcp_mux=mux, srtp=srtp)


def pair(srtp: SrtpKeys, *, mux: bool = False) -> tuple[CallStream, CallStream]:
    """Both ends of a protected call."""
    ends = CallStream(1), CallStream(2)
    ends[0].describe(media(srtp, mux=mux))
    ends[1].describe(media(turned(srtp), mux=mux))
    return ends


def sent(stream: CallStream) -> bytes:
    data = stream.send()
    assert data is not None
    return data


@pytest.mark.parametrize("suite", list(KEY_BYTES))
def test_what_one_end_says_the_other_hears(suite: str) -> None:
    us, peer = pair(keys(suite))
    heard = []
    for tick in range(20):
        us.playback.push(0, TONE)
        peer.receive(sent(us), PEER, tick * 0.02)
        heard.append(peer.take(tick * 0.02 + 0.01))
    assert any(abs(int.from_bytes(pcm[:2], "little", signed=True)) > 4000 for *_, pcm in heard)
    assert peer.ignored == 0


def test_what_is_said_can_not_be_read_on_the_way() -> None:
    us, _ = pair(keys())
    plain = CallStream(3)
    plain.describe(media(None))
    us.playback.push(0, TONE)
    assert len(sent(us)) == len(sent(plain)) + 10


def test_what_is_not_theirs_is_ignored() -> None:
    us, peer = pair(keys())
    stranger, _ = pair(keys())
    data = sent(us)
    broken = data[:-1] + bytes([data[-1] ^ 1])
    for packet in (sent(stranger), broken, os.urandom(60), b"\x80", b""):
        peer.receive(packet, PEER, 1.0)
    assert peer.ignored == 5
    peer.receive(data, PEER, 1.0)
    peer.receive(data, PEER, 1.0)
    assert peer.ignored == 6
    assert peer.figures().received == 1


def test_unprotected_packets_are_ignored_on_a_protected_call() -> None:
    plain = CallStream(3)
    plain.describe(media(None))
    us, _ = pair(keys())
    us.receive(sent(plain), PEER, 1.0)
    assert us.ignored == 1
    assert us.take(1.0)[3] == FLAG_LOST


@pytest.mark.parametrize("mux", [False, True])
def test_reports_are_protected_as_well(mux: bool) -> None:
    us, peer = pair(keys(), mux=mux)
    for tick in range(3):
        peer.receive(sent(us), PEER, tick * 0.02)
        us.receive(sent(peer), PEER, tick * 0.02)
    report = next(data for tick in range(1000) if (data := us.control_due(tick * 0.1)) is not None)
    (peer.receive if mux else peer.receive_control)(report, PEER, 1.0)
    assert peer.ignored == 0
    forged = report[:-1] + bytes([report[-1] ^ 1])
    peer.receive_control(forged, PEER, 1.0)
    assert peer.ignored == 1
    peer.receive_control(us.goodbye(2.0), PEER, 2.0)
    assert peer.ignored == 1


def test_the_same_keys_described_again_count_on() -> None:
    mine = keys()
    us, peer = pair(mine)
    peer.receive(sent(us), PEER, 0.0)
    us.describe(media(mine))
    peer.describe(media(turned(mine)))
    peer.receive(sent(us), PEER, 0.02)
    assert peer.ignored == 0


def test_new_keys_take_over_at_once() -> None:
    us, peer = pair(keys())
    peer.receive(sent(us), PEER, 0.0)
    fresh = keys()
    us.describe(media(fresh))
    old = sent(us)
    peer.describe(media(turned(fresh)))
    peer.receive(old, PEER, 0.02)
    assert peer.ignored == 0


@pytest.mark.parametrize(("suite", "length"), [("AES_CM_128_HMAC_SHA1_80", 16), ("ROT13", 30)])
def test_keys_that_are_none_are_refused(suite: str, length: int) -> None:
    with pytest.raises(ValueError, match="with keys of"):
        Srtp(SrtpKeys(suite, bytes(length), bytes(length)))
