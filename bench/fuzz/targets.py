"""What is fuzzed: functions of arbitrary octets that raise if something is wrong.

Wrong is any exception, an answer that is no message, an address that a socket would choke on,
audio of the wrong length, and whatever is left behind after all timers have run out.
"""

import contextlib
import ipaddress
from collections.abc import Callable
from typing import Final

from annie.edge.rtp.codecs import open_codec
from annie.edge.rtp.digits import DIGITS, DigitReceiver
from annie.edge.rtp.rtcp import parse_rtcp
from annie.edge.rtp.stream import CallStream
from annie.edge.sip.digest import Credentials
from annie.edge.sip.events import IncomingCall, MediaDescription
from annie.edge.sip.framing import StreamFramer
from annie.edge.sip.offer_answer import CODECS, NotAcceptable, accept_answer, accept_offer
from annie.edge.sip.sdp import SdpError, compose_sdp, parse_sdp
from annie.edge.sip.user_agent import UnknownCall
from annie.kit.link import FRAME_BYTES
from tests.edge.sip.sip_peer import PEER_TCP, SDP, Bench, request

Target = Callable[[bytes], None]

#: Between two datagrams of one input; these in them stand for our tag and our branch.
NEXT: Final = b"\n----\n"
OUR_TAG: Final = b"$TAG"
OUR_BRANCH: Final = b"$BRANCH"
#: Longer than anything but a running call lives on by itself.
LONG: Final = 700.0

_FIRST_WORDS: Final = (b"SIP/2.0 ", b"BYE ", b"ACK ", b"CANCEL ", b"INVITE ", b"UPDATE ", b"PRACK ")


def datagrams(data: bytes) -> None:
    """SIP datagrams to a user agent that has a call of each direction."""
    bench = Bench(max_calls=20, ring_timeout=30, session_seconds=180)
    _, tag = bench.established()
    _, invite = bench.dial()
    branch = invite.headers["Via"].partition("branch=")[2].partition(";")[0]
    for part in data.split(NEXT)[:12]:
        part = part.replace(OUR_TAG, tag.encode()).replace(OUR_BRANCH, branch.encode())
        bench.receive(part)
        _look(bench)
    _clear(bench)


def stream(data: bytes) -> None:
    """A TCP stream, cut into pieces as its first octet says."""
    bench = Bench(max_calls=20, ring_timeout=30, source=PEER_TCP)
    size = 1 + (data[0] if data else 0)
    framer = StreamFramer()
    for start in range(1, len(data), size):
        for message in framer.feed(data[start : start + size]):
            bench.receive(message)
            _look(bench)
    _clear(bench)


def descriptions(data: bytes) -> None:
    """A session description, as an offer and as an answer."""
    try:
        description = parse_sdp(data)
    except SdpError:
        return
    for host in ("10.0.0.9", "2001:db8::9"):
        with contextlib.suppress(NotAcceptable):
            agreement = accept_offer(description, host)
            _check_media(agreement.media)
            answer = parse_sdp(compose_sdp(1, 1, host, agreement.media_lines(4000)))
            assert len(answer.media) == len(description.media)
            assert sum(media.port > 0 for media in answer.media) == 1
        with contextlib.suppress(NotAcceptable):
            _check_media(accept_answer(description, host))


def digest(data: bytes) -> None:
    """A header value of digest authentication: as a caller's proof, and as a question to us."""
    value = data.replace(b"\r", b"").replace(b"\n", b"").decode("latin-1")
    bench = Bench(accounts={"ann": "secret"})
    bench.receive(request("INVITE", body=SDP, extra=f"Authorization: {value}"))
    assert not bench.agent.calls
    _, invite = bench.dial(credentials=Credentials("me", "secret"))
    for header, status in (("WWW-Authenticate", 401), ("Proxy-Authenticate", 407)):
        bench.reply(invite, status, extra=f"{header}: {value}")
        _look(bench)
    _clear(bench)


def rtp(data: bytes) -> None:
    """Packets of RTP and of RTCP into one call: two octets before each, its length and what the
    network did to it."""
    stream = CallStream(1)
    codec = CODECS[data[0] % len(CODECS)] if data else "PCMU"
    stream.describe(MediaDescription("10.0.0.9", 4000, codec, 96, 101, True, True, 20, 0, True))
    now, at = 100.0, 1
    while at + 2 <= len(data):
        length, fate = data[at], data[at + 1]
        packet = data[at + 2 : at + 2 + length]
        at += 2 + length
        source = ("10.0.0.9", 4000 if fate & 1 else 4002)
        if fate & 2:
            stream.receive_control(packet, source, now)
        else:
            for press in stream.receive(packet, source, now):
                assert press.digit in DIGITS
        for _ in range(fate >> 5):
            now += 0.02
            assert len(stream.take(now)[4]) == FRAME_BYTES
            stream.expire_digit(now)
            assert stream.send() is not None
        stream.control.due(now)
    figures = stream.figures()
    assert min(figures.received, figures.lost, figures.late, figures.duplicates) >= 0


def rtcp(data: bytes) -> None:
    """One compound RTCP packet."""
    parse_rtcp(data)
    stream = CallStream(1)
    stream.describe(MediaDescription("10.0.0.9", 4000, "PCMU", 0, 101, True, True, 20))
    stream.receive_control(data, ("10.0.0.9", 4001), 100.0)
    stream.control.due(200.0)
    stream.figures()


def digits(data: bytes) -> None:
    """Events of RFC 4733: a timestamp's 4 octets and then the payload's, 9 octets an event; the
    last one is the time since the one before."""
    receiver = DigitReceiver()
    now = 0.0
    for at in range(0, len(data), 9):
        now += (data[at + 8] if at + 8 < len(data) else 0) / 100
        timestamp = int.from_bytes(data[at : at + 4], "big")
        presses = receiver.receive(timestamp, data[at + 4 : at + 8], now)
        expired = receiver.expire(now + 1) if now % 1 > 0.5 else None
        for press in [*presses, *([expired] if expired else [])]:
            assert press.digit in DIGITS
            assert press.duration_ms >= 0
    receiver.expire(now + 10)


def codecs(data: bytes) -> None:
    """Payloads of every codec, decoded and encoded again."""
    for name in CODECS:
        codec = open_codec(name)
        for start in range(0, len(data), 160):
            payload = data[start : start + 160]
            pcm = codec.decode(payload)
            assert len(pcm) == 2 * len(payload)
            assert len(codec.encode(pcm)) == len(payload)


TARGETS: Final[dict[str, Target]] = {
    target.__name__: target
    for target in (datagrams, stream, descriptions, digest, rtp, rtcp, digits, codecs)
}


def _look(bench: Bench) -> None:
    """Every message sent is one; every second call offered is answered."""
    for output in bench.outputs():
        assert output.data.startswith(_FIRST_WORDS)
        ipaddress.ip_address(output.destination.host)
        assert 0 < output.destination.port < 65_536
        head = output.data.partition(b"\r\n\r\n")[0].replace(b"\r\n", b"")
        assert b"\r" not in head
        assert b"\n" not in head
    for event in bench.events():
        media = getattr(event, "media", None)
        if isinstance(media, MediaDescription):
            _check_media(media)
        if isinstance(event, IncomingCall) and event.call % 2:
            assert "\0" not in event.facts.dialled + event.facts.caller + event.facts.caller_name
            with contextlib.suppress(UnknownCall):
                bench.answer(event.call)


def _clear(bench: Bench) -> None:
    bench.wait(LONG)
    _look(bench)
    for call in range(1, 40):
        bench.agent.hang_up(call, bench.now)
    bench.wait(LONG)
    assert bench.agent.idle


def _check_media(media: MediaDescription) -> None:
    ipaddress.ip_address(media.remote_host)
    assert "%" not in media.remote_host
    assert 0 <= media.remote_port < 65_536
    assert 0 <= media.payload_type < 128
