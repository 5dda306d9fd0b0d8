"""Where the fuzzers begin: one list of inputs for each target, and what mutations insert."""

from typing import Final

from annie.edge.rtp import packet
from annie.edge.rtp.reception import ReportBlock
from annie.edge.rtp.rtcp import (
    build_description,
    build_goodbye,
    build_receiver_report,
    build_sender_report,
)
from bench.fuzz.targets import NEXT, OUR_BRANCH, OUR_TAG
from tests.edge.sip.sip_peer import HELD_SDP, SDP, message, request
from tests.edge.sip.torture_messages import torture_messages

_TORTURE = [
    data for file in ("rfc4475.txt", "rfc5118.txt") for _, data in torture_messages(file).values()
]
_TAG = OUR_TAG.decode()


def _answer(status: int, cseq: str = "1 INVITE", body: str = "", extra: str = "") -> bytes:
    return message(
        f"SIP/2.0 {status} X",
        f"""
        Via: SIP/2.0/UDP 10.0.0.1:5060;branch={OUR_BRANCH.decode()};rport
        From: <sip:+15550100@10.0.0.1>;tag={_TAG}
        To: <sip:bob@10.0.0.9:5062>;tag=bob
        Call-ID: c1@peer
        CSeq: {cseq}
        Contact: <sip:bob@10.0.0.9:5062>
        {extra}
        """,
        body,
    )


_CALL = NEXT.join(
    [
        request("INVITE", body=SDP, branch="z9hG4bK-2", call_id="c2"),
        request("CANCEL", branch="z9hG4bK-2", call_id="c2"),
        request("ACK", branch="z9hG4bK-2", call_id="c2", to_tag=_TAG),
    ]
)
_INSIDE = NEXT.join(
    [
        request("INVITE", body=HELD_SDP, branch="z9hG4bK-3", cseq=2, to_tag=_TAG),
        request("ACK", branch="z9hG4bK-4", cseq=2, to_tag=_TAG),
        request("UPDATE", body=SDP, branch="z9hG4bK-5", cseq=3, to_tag=_TAG),
        request("INFO", branch="z9hG4bK-6", cseq=4, to_tag=_TAG, extra="Session-Expires: 90"),
        request("BYE", branch="z9hG4bK-7", cseq=5, to_tag=_TAG),
    ]
)
_EXTENDED = request(
    "INVITE",
    body=SDP,
    branch="z9hG4bK-8",
    call_id="c8",
    extra="Record-Route: <sip:10.0.0.7;lr>, <sip:[2001:db8::7]>\r\n"
    "Diversion: <sip:1@a>;reason=user-busy\r\nP-Asserted-Identity: <tel:+15550177>\r\n"
    "History-Info: <sip:1@a?Reason=SIP%3Bcause%3D302>;index=1, <sip:b@c>;index=1.1\r\n"
    "Session-Expires: 1800;refresher=uas\r\nMin-SE: 90\r\nSupported: timer, 100rel\r\n"
    "Require: 100rel\r\nAccept: application/sdp",
)
_DATAGRAMS = [
    *_TORTURE,
    _CALL,
    _INSIDE,
    _EXTENDED,
    NEXT.join([_answer(183, extra="Require: 100rel\r\nRSeq: 1"), _answer(200, body=SDP)]),
    _answer(401, extra='WWW-Authenticate: Digest realm="a", nonce="b", qop="auth"'),
    NEXT.join([_answer(486), _answer(200, "1 CANCEL")]),
    request("OPTIONS") + NEXT + request("PRACK", to_tag=_TAG, extra="RAck: 1 1 INVITE"),
    request("INFO", to_tag=_TAG, cseq=9).replace(
        b"Content-Length: 0\r\n\r\n",
        b"Content-Type: application/dtmf-relay\r\nContent-Length: 23\r\n\r\n"
        b"Signal=5\r\nDuration=80\r\n",
    ),
]

_BLOCK = ReportBlock(1, 3, 7, 70_000, 12, 5, 6)
_RTCP = [
    build_sender_report(1, 2**63, 160, 10, 1600, _BLOCK) + build_description(1, "a@b"),
    build_receiver_report(1, _BLOCK) + build_goodbye(1),
]


def _flow(codec: int, packets: list[bytes], fates: list[int]) -> bytes:
    parts = [bytes((len(each), fate)) + each for each, fate in zip(packets, fates, strict=True)]
    return bytes((codec,)) + b"".join(parts)


_AUDIO = [packet.build(0, n == 1, n, n * 160, 7, bytes(160)) for n in range(1, 8)]
_KEYS = [
    packet.build(101, n == 1, 20 + n, 4000, 7, bytes((5, 10 + 128 * (n > 2), 0, 40 * n)))
    for n in range(1, 6)
]
_RTP = [
    _flow(0, _AUDIO, [0x21] * 7),
    _flow(1, [*_AUDIO[:3], *_KEYS], [0x21] * 8),
    _flow(2, [packet.build(9, False, 5, 800, 9, bytes(160)), *_RTCP], [0x41, 0x02, 0x03]),
    _flow(0, [packet.build(13, False, 8, 1280, 7, b"\x40"), *_AUDIO], [0x61] * 8),
]

SEEDS: Final[dict[str, list[bytes]]] = {
    "datagrams": _DATAGRAMS,
    "stream": [b"\x07" + data for data in (*_TORTURE, _CALL.replace(NEXT, b"\r\n\r\n"))],
    "descriptions": [
        SDP.encode(),
        HELD_SDP.encode(),
        b"v=0\r\nc=IN IP6 2001:db8::1\r\na=inactive\r\nm=audio 9 RTP/AVP 96 9\r\na=rtpmap:96 "
        b"telephone-event/8000\r\na=rtcp:53020\r\na=rtcp-mux\r\na=ptime:30\r\n"
        b"m=video 0 RTP/AVP 31\r\n",
    ],
    "digest": [
        b'Digest realm="annie", nonce="0011", qop="auth,auth-int", algorithm=SHA-256, stale=true',
        b'Digest username="ann", realm="annie", nonce="000003e8abcd", uri="sip:a@b", nc=00000001, '
        b'response="00", cnonce="x", qop=auth, algorithm=MD5, opaque="\\"y\\\\"',
        b"Basic YTpi",
    ],
    "rtp": _RTP,
    "rtcp": _RTCP,
    "digits": [b"".join(each[4:8] + each[12:] + b"\x02" for each in _KEYS)],
    "codecs": [bytes(range(256)), bytes(320)],
}

TOKENS: Final[list[bytes]] = [
    *(b"\r\n", b"\r\n ", b":", b";", b",", b"<", b">", b'"', b"%", b"=", b"\\", b"\0", b"\xff"),
    *(b"\r\n\r\n", NEXT, OUR_TAG, OUR_BRANCH, b";self=1", b";lr", b"[::1]", b"SIP/2.0", b"%00"),
    *(b"99999999999999999999", b"4294967296", b"-1", b" " * 50, b"\t", b"fe80::1%0", b"\xc2\x85"),
    *(b"INVITE", b"ACK", b"BYE", b"CANCEL", b"UPDATE", b"PRACK", b"OPTIONS", b"REGISTER", b"INFO"),
    *(b"Require: ", b"Session-Expires: ", b"RSeq: ", b"RAck: ", b"Route: ", b"Record-Route: "),
    *(b"Authorization: Digest ", b"Content-Type: application/sdp", b"a=rtpmap:0 ", b"m=audio "),
]
