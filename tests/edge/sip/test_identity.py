"""Who calls, and who forwarded why (RFC 3325, 5806, 7044)."""

import pytest

from annie.edge.sip.identity import call_facts, diversions
from annie.edge.sip.message import IncomingRequest
from annie.edge.sip.parser import parse
from annie.kit.link import Diversion
from tests.edge.sip.sip_peer import PEER, request

pytestmark = pytest.mark.unit


def invite(extra: str = "", uri: str = "sip:+15550100@10.0.0.1") -> IncomingRequest:
    message = parse(request("INVITE", extra=extra, uri=uri), PEER)
    assert isinstance(message, IncomingRequest)
    return message


def test_facts_of_an_invite() -> None:
    facts = call_facts(invite("User-Agent: Phone 1.0"), "PCMU", trusted=True)
    assert facts.dialled == "+15550100"
    assert facts.caller == "+15550199"
    assert facts.caller_name == "Ann"
    assert facts.user_agent == "Phone 1.0"
    assert facts.codec == "PCMU"
    assert facts.sip_call_id == "c1@peer"
    assert facts.peer == "udp:10.0.0.9:5062"


@pytest.mark.parametrize(
    "uri",
    [
        "tel:+15550100",
        "sip:+15550100;phone-context=x@10.0.0.1",
        "sip:+15550100@pbx1:5060;user=phone",
        "sip:%2B15550100@[2001:db8::1]",
    ],
)
def test_the_dialled_number_is_found_in_every_kind_of_uri(uri: str) -> None:
    assert call_facts(invite(uri=uri), "", trusted=False).dialled == "+15550100"


def test_an_asserted_identity_is_believed_from_trusted_peers_only() -> None:
    message = invite('P-Asserted-Identity: "X" <sip:x@y>, <tel:+15550123>')
    assert call_facts(message, "", trusted=True).asserted_identity == "x"
    assert call_facts(message, "", trusted=False).asserted_identity == ""


def test_an_anonymous_caller_is_named_so() -> None:
    message = parse(
        request("INVITE").replace(
            b'"Ann" <sip:+15550199@10.0.0.9>', b'"Anonymous" <sip:anonymous@anonymous.invalid>'
        ),
        PEER,
    )
    assert isinstance(message, IncomingRequest)
    facts = call_facts(message, "", trusted=False)
    assert (facts.caller, facts.caller_name) == ("anonymous", "Anonymous")


def test_diversions_come_latest_first_with_their_reasons() -> None:
    extra = (
        'Diversion: "Bob" <sip:+15550111@a>;reason=no-answer;counter=1, '
        "<tel:+15550112>;reason=User-Busy\r\n"
        "Diversion: <sip:+15550113@a>;reason=unconditional;privacy=off, <sip:+15550114@a>"
    )
    assert diversions(invite(extra)) == (
        Diversion("+15550111", "no-answer"),
        Diversion("+15550112", "user-busy"),
        Diversion("+15550113", "unconditional"),
        Diversion("+15550114", "unknown"),
    )


@pytest.mark.parametrize(
    ("cause", "reason"),
    [("302", "unconditional"), ("486", "user-busy"), ("408", "no-answer"), ("480", "unavailable")],
)
def test_history_tells_the_reason_by_the_entry_left(cause: str, reason: str) -> None:
    extra = (
        f"History-Info: <sip:+15550111@a?Reason=SIP%3Bcause%3D{cause}>;index=1, "
        "<sip:+15550100@a>;index=1.1;mp=1"
    )
    assert diversions(invite(extra)) == (Diversion("+15550111", reason),)


def test_history_tells_the_reason_by_the_entry_taken() -> None:
    extra = (
        "History-Info: <sip:+15550111@a>;index=1\r\n"
        "History-Info: <sip:+15550112@a;cause=486>;index=1.1;mp=1\r\n"
        "History-Info: <sip:+15550100@a;cause=408>;index=1.1.1"
    )
    assert diversions(invite(extra)) == (
        Diversion("+15550112", "no-answer"),
        Diversion("+15550111", "user-busy"),
    )


def test_history_understands_the_causes_of_q850() -> None:
    extra = (
        "History-Info: <sip:+15550111@a?Reason=Q.850%3Bcause%3D19%3Btext%3D%22no%22>;index=1,"
        "<sip:b@a>;index=1.1"
    )
    assert diversions(invite(extra)) == (Diversion("+15550111", "no-answer"),)


def test_history_of_mere_routing_is_no_diversion() -> None:
    extra = "History-Info: <sip:+15550100@a>;index=1, <sip:+15550100@b>;index=1.1;rc=1"
    assert diversions(invite(extra)) == ()


def test_diversion_goes_before_history() -> None:
    extra = (
        "Diversion: <sip:+15550119@a>;reason=no-answer\r\n"
        "History-Info: <sip:+15550111@a>;index=1, <sip:x@a;cause=486>;index=1.1"
    )
    assert diversions(invite(extra)) == (Diversion("+15550119", "no-answer"),)


def test_malformed_diversions_are_left_out_and_long_lists_cut() -> None:
    extra = "\r\n".join(["Diversion: <nonsense>", *["Diversion: <sip:1@a>;reason=x"] * 30])
    assert len(diversions(invite(extra))) == 10
