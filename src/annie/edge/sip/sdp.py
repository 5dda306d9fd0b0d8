"""Session descriptions (RFC 4566) as far as telephone audio needs them."""

import contextlib
import re
from dataclasses import dataclass, field
from typing import Final

from annie.edge.sip.crypto import Crypto, parse_crypto

MAX_MEDIA: Final = 16
_DIRECTIONS: Final = ("sendrecv", "sendonly", "recvonly", "inactive")


_MEDIA_PORT: Final = re.compile(r"^(m=\w+ )[1-9][0-9]*( .*)$")


class SdpError(ValueError):
    """A body that is no session description."""


@dataclass(slots=True, frozen=True)
class Format:
    """One payload type of an m= line; ``codec`` in upper case, empty if unknown."""

    payload_type: int
    codec: str
    clock_rate: int


@dataclass(slots=True, frozen=True)
class Media:
    """One m= line. ``host`` is that of its own or the session's c= line, ``direction`` likewise;
    ``raw_formats`` is kept for refusing the line in the answer. ``ptime`` in ms, 0 if absent.
    ``rtcp_port`` is that of a=rtcp (RFC 3605), 0 if absent, ``rtcp_mux`` a=rtcp-mux (RFC 5761).
    ``cryptos`` are the a=crypto lines (RFC 4568) that we can do."""

    kind: str
    port: int
    protocol: str
    raw_formats: str
    formats: tuple[Format, ...]
    host: str
    direction: str
    ptime: int
    rtcp_port: int = 0
    rtcp_mux: bool = False
    cryptos: tuple[Crypto, ...] = ()


@dataclass(slots=True, frozen=True)
class SessionDescription:
    """A parsed description."""

    media: tuple[Media, ...]


#: Static payload types of RFC 3551 that concern us.
_STATIC: Final = {0: ("PCMU", 8000), 8: ("PCMA", 8000), 9: ("G722", 8000)}


@dataclass(slots=True)
class _Section:
    line: str = ""
    host: str = ""
    direction: str = ""
    ptime: int = 0
    rtcp_port: int = 0
    rtcp_mux: bool = False
    rtpmap: dict[int, tuple[str, int]] = field(default_factory=dict[int, tuple[str, int]])
    cryptos: list[Crypto] = field(default_factory=list[Crypto])


def parse_sdp(body: bytes) -> SessionDescription:
    """Parse a body; unknown lines and attributes are ignored, as are malformed attributes: they
    may belong to media that don't concern us.

    Raises:
        SdpError: it isn't SDP, or a line we need is malformed.
    """
    try:
        lines = body.decode("utf8").splitlines()
    except UnicodeDecodeError as error:
        raise SdpError("not UTF-8") from error
    if not lines or lines[0].strip() != "v=0":
        raise SdpError("no v=0")
    session = _Section()
    sections: list[_Section] = []
    current = session
    for line in lines[1:]:
        kind, _, value = line.strip().partition("=")
        if kind == "m":
            if len(sections) == MAX_MEDIA:
                raise SdpError(f"more than {MAX_MEDIA} media")
            current = _Section(line=value)
            sections.append(current)
        elif kind == "c":
            current.host = _connection(value)
        elif kind == "a":
            with contextlib.suppress(SdpError):
                _attribute(current, value)
    return SessionDescription(tuple(_media(section, session) for section in sections))


def _connection(value: str) -> str:
    words = value.split()
    if len(words) != 3 or words[0] != "IN" or words[1] not in ("IP4", "IP6"):
        raise SdpError("malformed c=")
    return words[2].partition("/")[0]


def _attribute(section: _Section, value: str) -> None:
    name, _, argument = value.partition(":")
    if name in _DIRECTIONS:
        section.direction = name
    elif name == "ptime":
        section.ptime = _number(argument.partition(".")[0], 1000)
    elif name == "rtcp":
        section.rtcp_port = _number(argument.strip().partition(" ")[0], 65_535)
    elif name == "rtcp-mux":
        section.rtcp_mux = True
    elif name == "crypto":
        if (crypto := parse_crypto(argument)) is not None:
            section.cryptos.append(crypto)
    elif name == "rtpmap":
        payload, _, encoding = argument.strip().partition(" ")
        codec, _, rate = encoding.strip().partition("/")
        section.rtpmap[_number(payload, 127)] = (
            codec.upper(),
            _number(rate.partition("/")[0], 1_000_000),
        )


def _media(section: _Section, session: _Section) -> Media:
    words = section.line.split()
    if len(words) < 4:
        raise SdpError("malformed m=")
    formats: list[Format] = []
    if words[2].startswith(("RTP/", "UDP/TLS/RTP/")):
        for word in words[3:]:
            payload = _number(word, 127)
            codec, rate = section.rtpmap.get(payload) or _STATIC.get(payload, ("", 0))
            formats.append(Format(payload, codec, rate))
    return Media(
        kind=words[0],
        port=_number(words[1].partition("/")[0], 65_535),
        protocol=words[2],
        raw_formats=" ".join(words[3:]),
        formats=tuple(formats),
        host=section.host or session.host,
        direction=section.direction or session.direction or "sendrecv",
        ptime=section.ptime,
        rtcp_port=section.rtcp_port,
        rtcp_mux=section.rtcp_mux,
        cryptos=tuple(section.cryptos),
    )


def _number(text: str, limit: int) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) < 8 and int(text) <= limit):
        raise SdpError(f"no number up to {limit}")
    return int(text)


def compose_sdp(
    session: int, version: int, host: str, media_lines: list[str], user: str = "annie"
) -> bytes:
    """A whole description; ``host`` is a literal address."""
    family = "IP6" if ":" in host else "IP4"
    lines = [
        "v=0",
        f"o={user} {session} {version} IN {family} {host}",
        "s=-",
        f"c=IN {family} {host}",
        "t=0 0",
        *media_lines,
    ]
    return ("\r\n".join(lines) + "\r\n").encode()


def media_lines_of(body: bytes, port: int) -> list[str]:
    """The m= and a= lines of a description of ours, for another one with ``port``.

    What was refused (port 0) stays so, as a later offer must not lack an m= line
    (RFC 3264 section 8).
    """
    _, separator, rest = body.decode().partition("m=")
    lines = (separator + rest).split("\r\n")
    return [_MEDIA_PORT.sub(rf"\g<1>{port}\g<2>", line) for line in lines if line]
