"""The offer/answer model (RFC 3264) for one audio stream with telephone-events (RFC 4733)."""

from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final, cast

from annie.edge.rtp.codec import PAYLOAD_TYPES, CodecName
from annie.edge.rtp.srtp import KEY_BYTES, SrtpKeys
from annie.edge.sip.crypto import agree
from annie.edge.sip.events import MediaDescription
from annie.edge.sip.sdp import Format, Media, SessionDescription

PTIME_MS: Final = 20
_SAVP: Final = "RTP/SAVP"
DTMF_PAYLOAD_TYPE: Final = 101
#: What we offer, in this order, and answer with. G.722 costs more and gives us no more, as
#: we hear at 8 kHz; a peer that prefers it gets it.
CODECS: Final[tuple[CodecName, ...]] = ("PCMU", "PCMA", "G722")
_REVERSED: Final = {
    "sendrecv": "sendrecv",
    "sendonly": "recvonly",
    "recvonly": "sendonly",
    "inactive": "inactive",
}


class NotAcceptable(Exception):  # noqa: N818
    """No common ground: 488 (RFC 3261 section 21.4.26). The text is for its Warning."""


@dataclass(slots=True, frozen=True)
class Agreement:
    """An offer that we can answer: what RTP needs, and our answer's m= lines.

    ``lines`` lacks our port, which ``media_lines`` puts in.
    """

    media: MediaDescription
    lines: tuple[str, ...]

    def media_lines(self, port: int) -> list[str]:
        """The m= and a= lines of the answer with our RTP port."""
        return [line.replace("{port}", str(port), 1) for line in self.lines]


def accept_offer(
    offer: SessionDescription,
    fallback_host: str,
    codecs: tuple[CodecName, ...] = CODECS,
    before: SrtpKeys | None = None,
) -> Agreement:
    """Choose from an offer: the first audio that we can do, plain or protected by SDES, and the
    offerer's first codec in ``codecs``. ``before`` are the keys that the call has already: they
    stay while the peer's do.

    ``fallback_host`` is where the offer came from. It stands in where the description names a
    host by DNS, or an address of another family than its own, which is that of our sockets:
    phones with both write the one and mean either. A stream of our family goes first.

    Raises:
        NotAcceptable: nothing in it can be answered.
    """
    candidates = [
        (not _reachable(media.host, fallback_host), index, voice)
        for index, media in enumerate(offer.media)
        if _usable(media) and (voice := _voice(media, codecs)) is not None
    ]
    if not candidates:
        raise NotAcceptable(_why(offer, codecs))
    _, chosen, voice = min(candidates, key=lambda each: each[:2])
    media = offer.media[chosen]
    dtmf = _dtmf(media)
    direction = _REVERSED[_effective_direction(media)]
    secured = agree(media.cryptos, before) if media.protocol == _SAVP else None
    crypto_line, keys = (secured[0].line, secured[1]) if secured is not None else ("", None)
    lines: list[str] = []
    for index, other in enumerate(offer.media):
        if index == chosen:
            lines += _lines(media, voice, dtmf, crypto_line, direction)
        else:
            lines.append(f"m={other.kind} 0 {other.protocol} {other.raw_formats}")
    described = _describe(media, voice, dtmf, direction, fallback_host)
    agreed = replace(described, rtcp_mux=media.rtcp_mux, srtp=keys)
    return Agreement(agreed, tuple(lines))


def offer_lines(port: int, codecs: tuple[CodecName, ...] = CODECS) -> list[str]:
    """The m= and a= lines of our own offer."""
    numbers = " ".join(str(PAYLOAD_TYPES[codec]) for codec in codecs)
    return [
        f"m=audio {port} RTP/AVP {numbers} {DTMF_PAYLOAD_TYPE}",
        *(f"a=rtpmap:{PAYLOAD_TYPES[codec]} {codec}/8000" for codec in codecs),
        f"a=rtpmap:{DTMF_PAYLOAD_TYPE} telephone-event/8000",
        f"a=fmtp:{DTMF_PAYLOAD_TYPE} 0-15",
        f"a=ptime:{PTIME_MS}",
        "a=sendrecv",
    ]


def accept_answer(
    answer: SessionDescription,
    fallback_host: str,
    codecs: tuple[CodecName, ...] = CODECS,
    before: SrtpKeys | None = None,
) -> MediaDescription:
    """What the answer to our own offer agreed on; ``before`` are the keys that we offered.

    Raises:
        NotAcceptable: it refuses the stream or answers with what we didn't offer.
    """
    if len(answer.media) != 1 or not _usable(answer.media[0]):
        raise NotAcceptable("the answer refuses our audio")
    media = answer.media[0]
    voice = _voice(media, codecs)
    if voice is None:
        raise NotAcceptable("no common codec")
    direction = _REVERSED[_effective_direction(media)]
    described = _describe(media, voice, _dtmf(media), direction, fallback_host)
    if (media.protocol == _SAVP) != (before is not None):
        raise NotAcceptable("the answer protects otherwise than we offered")
    if before is None:
        return described
    theirs = next((crypto for crypto in media.cryptos if crypto.suite == before.suite), None)
    if theirs is None:
        raise NotAcceptable("the answer has no key of the suite that we offered")
    return replace(described, srtp=replace(before, theirs=theirs.key))


def _usable(media: Media) -> bool:
    if media.kind != "audio" or media.port == 0:
        return False
    return media.protocol == "RTP/AVP" or (media.protocol == _SAVP and bool(media.cryptos))


def _reachable(host: str, signalling: str) -> bool:
    address, ours = _address(host), _address(signalling)
    if address is None or ours is None or address.is_unspecified:
        return True
    return address.version == ours.version


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """A literal address, of IPv4 where it is mapped into IPv6 (RFC 4291 section 2.5.5.2)."""
    if "%" in host:
        # A zone means nothing to us, and may be any text: NUL, for example.
        return None
    try:
        address = ip_address(host)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _why(offer: SessionDescription, codecs: tuple[CodecName, ...]) -> str:
    audio = [media for media in offer.media if media.kind == "audio" and media.port > 0]
    if not audio:
        return "no audio offered"
    if all(media.protocol not in ("RTP/AVP", _SAVP) for media in audio):
        return "only RTP/AVP and RTP/SAVP are supported"
    if not any(map(_usable, audio)):
        return f"RTP/SAVP needs a=crypto with one of {', '.join(KEY_BYTES)}"
    return f"only {', '.join(codecs)} are supported"


def _voice(media: Media, codecs: tuple[CodecName, ...]) -> Format | None:
    known = (f for f in media.formats if f.codec in codecs and f.clock_rate == 8000)
    return next(known, None)


def _dtmf(media: Media) -> Format | None:
    events = (f for f in media.formats if f.codec == "TELEPHONE-EVENT" and f.clock_rate == 8000)
    return next(events, None)


def _effective_direction(media: Media) -> str:
    # Hold as in RFC 2543: the address 0.0.0.0 says that nothing is to be sent to it.
    address = _address(media.host)
    if address is not None and address.is_unspecified:
        return {"sendrecv": "sendonly", "recvonly": "inactive"}.get(
            media.direction, media.direction
        )
    return media.direction


def _describe(
    media: Media, voice: Format, dtmf: Format | None, direction: str, fallback_host: str
) -> MediaDescription:
    reachable = _reachable(media.host, fallback_host)
    return MediaDescription(
        remote_host=str((reachable and _address(media.host)) or fallback_host),
        remote_port=media.port,
        codec=cast(CodecName, voice.codec),
        payload_type=voice.payload_type,
        dtmf_payload_type=dtmf.payload_type if dtmf else None,
        sending=direction in ("sendrecv", "sendonly"),
        receiving=direction in ("sendrecv", "recvonly"),
        ptime_ms=media.ptime or PTIME_MS,
        rtcp_port=media.rtcp_port,
    )


def _lines(
    media: Media, voice: Format, dtmf: Format | None, crypto_line: str, direction: str
) -> list[str]:
    payloads = [str(voice.payload_type), *([str(dtmf.payload_type)] if dtmf else [])]
    lines = [
        f"m=audio {{port}} {media.protocol} {' '.join(payloads)}",
        *([crypto_line] if crypto_line else []),
        f"a=rtpmap:{voice.payload_type} {voice.codec}/8000",
    ]
    if dtmf:
        lines.append(f"a=rtpmap:{dtmf.payload_type} telephone-event/8000")
        lines.append(f"a=fmtp:{dtmf.payload_type} 0-15")
    if media.rtcp_mux:
        lines.append("a=rtcp-mux")
    return [*lines, f"a=ptime:{PTIME_MS}", f"a={direction}"]
