"""Torture cases of RFC 4475, by the names they have there, each with the one right result.

A status is our answer; ``None`` is silence. The messages keep what makes each case and
leave out what doesn't matter to a user agent that takes calls.
"""

import pytest

from tests.edge.sip.sip_peer import PEER, SDP, Bench, request

pytestmark = pytest.mark.unit

WSINV = (
    "INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0\r\n"
    "TO :\r\n sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n\r\n"
    'from   : "J Rosenberg \\\\\\""       <sip:jdrosen@example.com>\r\n  ;\r\n  tag = 98asjd8\r\n'
    "MaX-fOrWaRdS: 0068\r\nCall-ID: wsinv.ndaksdj@192.0.2.1\r\nContent-Length   : 150\r\n"
    "cseq: 0009\r\n  INVITE\r\nVia  : SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=390skdjuw\r\n"
    "s :\r\nNewFangledHeader:   newfangled value\r\n continued newfangled value\r\n"
    "UnknownHeaderWithUnusualValue: ;;,,;;,;\r\nContent-Type: application/sdp\r\n"
    "Route:\r\n <sip:services.example.com;lr;unknownwith=value;unknown-no-value>\r\n"
    "v:  SIP  / 2.0  / TCP     spindle.example.com   ;\r\n  branch  =   z9hG4bK9ikj8  ,\r\n"
    " SIP  /    2.0   / UDP  192.168.255.111   ; branch=\r\n z9hG4bK30239\r\n"
    'm:"Quoted string \\"\\"" <sip:jdrosen@example.com> ; newparam =\r\n      newvalue ;\r\n'
    "  secondparam ; q = 0.33\r\n\r\n" + SDP[:150].ljust(150)
).encode()

INVITE = request("INVITE", body=SDP)
OPTIONS = request("OPTIONS")


def invite(before: str, after: str) -> bytes:
    assert before.encode() in INVITE
    return INVITE.replace(before.encode(), after.encode(), 1)


def options(before: str, after: str) -> bytes:
    assert before.encode() in OPTIONS
    return OPTIONS.replace(before.encode(), after.encode(), 1)


FROM = '"Ann" <sip:+15550199@10.0.0.9>;tag=peer'
URI = "sip:+15550100@10.0.0.1 "

CASES: dict[str, tuple[bytes, int | None]] = {
    # 3.1.1 valid messages
    "wsinv": (WSINV, 481),
    "intmeth": (request("!interesting-Method0123456789_*+`.%indeed'~"), 501),
    "esc01": (invite(URI, "sip:sips%3Auser%40example.com@example.net "), 100),
    "escnull": (options("<sip:+15550100@10.0.0.1>", "<sip:null-%00-null@example.com>"), 200),
    "esc02": (request("RE%47IST%45R"), 501),
    "lwsdisp": (options(FROM, "caller<sip:caller@example.com>;tag=323"), 200),
    "longreq": (
        invite(FROM, f'"{"very" * 50}"<sip:{"loooong" * 20}@example.com>;p={"x" * 500};tag=1'),
        100,
    ),
    "dblreq": (OPTIONS + INVITE, 200),
    "semiuri": (options(URI, "sip:user;par=u%40example.net@example.com "), 200),
    "transports": (options("SIP/2.0/UDP 10", "SIP/2.0/UNKNOWN 10"), 200),
    "noreason": (b"SIP/2.0 100 \r\n" + OPTIONS.partition(b"\r\n")[2], None),
    # 3.1.2 invalid messages
    "badinv01": (invite("rport", "rport;;,;,,"), None),
    "clerr": (invite("Content-Length: ", "Content-Length: 9"), 400),
    "ncl": (invite("Content-Length: ", "Content-Length: -"), 400),
    "scalar02": (options("CSeq: 1 ", "CSeq: 36893488147419103232 "), 400),
    "scalarlg": (b"SIP/2.0 503 X\r\n" + OPTIONS.partition(b"\r\n")[2], None),
    "ltgtruri": (options(URI, "<sip:user@example.com> "), 400),
    "lwsruri": (options(URI, "sip:user@example.com; lr "), 400),
    "lwsstart": (options(f"OPTIONS {URI}", f"OPTIONS  {URI} "), 200),
    "badvers": (options("SIP/2.0\r\n", "SIP/7.0\r\n"), 505),
    "mismatch01": (options("CSeq: 1 OPTIONS", "CSeq: 1 INVITE"), 400),
    "mismatch02": (request("NEWMETHOD", cseq_method="INVITE"), 400),
    "bigcode": (b"SIP/2.0 4294967301 better\r\n" + OPTIONS.partition(b"\r\n")[2], None),
    # 3.2 transaction layer
    "badbranch": (options("z9hG4bK-1", "z9hG4bK"), 200),
    # 3.3 application layer
    "insuf": (b"INVITE sip:x@y SIP/2.0\r\nVia: SIP/2.0/UDP x;branch=z9hG4bKa\r\n\r\n", None),
    "unkscm": (options(URI, "nobodyKnowsThisScheme:totallyopaquecontent "), 416),
    "novelsc": (options(URI, "soap.beep://192.0.2.103:3002 "), 416),
    "unksm2": (options("<sip:+15550100@10.0.0.1>", "<isbn:2983792873>"), 200),
    "bext01": (request("OPTIONS", extra="Require: nothingSupportsThis, norThis"), 420),
    "invut": (INVITE.replace(b"application/sdp", b"application/unknownformat"), 415),
    "multi01": (request("OPTIONS", extra="From: Other <sip:o@x>;tag=1"), 400),
    "mcl01": (request("OPTIONS", extra="Content-Length: 5"), 400),
    "bcast": (b"SIP/2.0 200 OK\r\n" + OPTIONS.partition(b"\r\n")[2], None),
    "zeromf": (options("Max-Forwards: 70", "Max-Forwards: 0"), 483),
    "inv2543": (invite("branch=z9hG4bK-1;", ""), 100),
}


@pytest.mark.parametrize("name", CASES)
def test_torture(name: str) -> None:
    bench = Bench()
    data, expected = CASES[name]
    bench.receive(data, PEER)
    assert bench.statuses()[:1] == ([] if expected is None else [expected])
    bench.receive(request("OPTIONS", branch="z9hG4bK-alive", call_id="alive"))
    assert bench.statuses() == [200]
