"""Digest authentication, asked and asking (RFC 3261 section 22, RFC 7616, RFC 8760)."""

import hashlib

import pytest
from sipmessage import Request

from annie.edge.sip.digest import GUESS_SECONDS, MOST_GUESSES, Authorizer, Credentials
from annie.edge.sip.events import CallEnded, Endpoint, IncomingCall
from annie.edge.sip.message import IncomingResponse
from annie.edge.sip.parser import parse
from tests.edge.sip.sip_peer import SDP, TRUSTED, Bench, request, tag_of

pytestmark = pytest.mark.unit

ACCOUNTS = {"pbx": "s3cret", 'od"d': "x\\y"}
ME = Credentials("annie", "open sesame")
CHALLENGE = 'WWW-Authenticate: Digest realm="r", nonce="n1", algorithm=MD5, qop="auth,auth-int"'


def reply_of(bench: Bench) -> Authorizer:
    """What a caller knows after our 401."""
    (sent,) = bench.outputs()
    response = parse(sent.data, sent.destination)
    assert isinstance(response, IncomingResponse)
    assert response.status == 401
    caller = Authorizer(Credentials("pbx", "s3cret"))
    assert caller.challenged(response)
    return caller


def invite(authorization: str, cseq: int = 2) -> bytes:
    return request(
        "INVITE",
        body=SDP,
        cseq=cseq,
        branch=f"z9hG4bK-{cseq}",
        extra=f"Authorization: {authorization}" if authorization else "",
    )


def challenged(bench: Bench) -> Authorizer:
    bench.receive(invite("", 1))
    return reply_of(bench)


def answer(caller: Authorizer) -> str:
    ((_, value),) = caller.headers("INVITE", "sip:+15550100@10.0.0.1")
    return value


def test_whoever_proves_who_they_are_may_call() -> None:
    bench = Bench(accounts=ACCOUNTS)
    caller = challenged(bench)
    assert "algorithm=SHA-256" in answer(caller)
    bench.receive(invite(answer(caller)))
    assert bench.event(IncomingCall)


def test_both_algorithms_are_offered_the_stronger_first() -> None:
    bench = Bench(accounts=ACCOUNTS)
    bench.receive(invite("", 1))
    (response,) = bench.responses()
    values = response.headers.getlist("WWW-Authenticate")
    assert ["SHA-256" in value for value in values] == [True, False]


def test_the_weaker_one_does_for_a_peer_that_knows_no_other() -> None:
    bench = Bench(accounts=ACCOUNTS)
    bench.receive(invite("", 1))
    (response,) = bench.responses()
    peer = Bench()
    call, ours = peer.dial(credentials=Credentials("pbx", "s3cret"))
    value = response.headers.getlist("WWW-Authenticate")[1]
    peer.reply(ours, 401, "Unauthorized", extra=f"WWW-Authenticate: {value}")
    again = peer.requests()[-1]
    proof = again.headers["Authorization"].replace(str(again.uri), "sip:+15550100@10.0.0.1")
    assert "algorithm=MD5" in proof
    assert call


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('username="pbx"', 'username="nobody"'),
        ('username="pbx"', 'username=""'),
        ('response="', 'response="0'),
        ('nonce="', 'nonce="0'),
        ('nonce="', 'nonce="zzzzzzzz'),
        ("qop=auth", "qop=auth-int"),
        ("nc=00000001", "nc=1"),
        ("algorithm=SHA-256", "algorithm=SHA-512"),
        ("Digest ", "Basic "),
        ("Digest ", ""),
    ],
)
def test_a_proof_that_is_none_is_asked_for_again(old: str, new: str) -> None:
    bench = Bench(accounts=ACCOUNTS)
    value = answer(challenged(bench))
    assert old in value
    bench.receive(invite(value.replace(old, new, 1)))
    assert bench.statuses() == [401]
    assert not bench.events()


def test_an_old_nonce_is_stale_not_wrong() -> None:
    bench = Bench(accounts=ACCOUNTS)
    caller = challenged(bench)
    bench.wait(61)
    bench.receive(invite(answer(caller)))
    (response,) = bench.responses()
    assert "stale=true" in response.headers["WWW-Authenticate"]


def test_a_proof_for_another_method_is_none() -> None:
    bench = Bench(accounts=ACCOUNTS)
    caller = challenged(bench)
    ((_, value),) = caller.headers("BYE", "sip:+15550100@10.0.0.1")
    bench.receive(invite(value))
    assert bench.statuses() == [401]


def test_a_running_call_needs_no_further_proof() -> None:
    bench = Bench(accounts=ACCOUNTS)
    bench.receive(invite(answer(challenged(bench))))
    call = bench.event(IncomingCall).call
    bench.answer(call)
    tag = tag_of(bench.responses()[-1])
    bench.receive(request("ACK", cseq=2, branch="z9hG4bK-a", to_tag=tag))
    bench.receive(request("BYE", cseq=3, branch="z9hG4bK-b", to_tag=tag))
    assert bench.statuses() == [200]


def test_guessing_passwords_is_answered_no_more_and_harms_nobody_else() -> None:
    bench = Bench(accounts=ACCOUNTS)
    value = answer(challenged(bench)).replace('response="', 'response="0', 1)
    for attempt in range(2, 2 + MOST_GUESSES):
        bench.receive(invite(value, attempt))
    assert bench.statuses() == [401] * MOST_GUESSES
    bench.receive(invite(value, 50))
    assert not bench.outputs()
    elsewhere = Endpoint("udp", "10.0.0.33", 5060)
    bench.receive(request("INVITE", body=SDP, branch="z9hG4bK-e", call_id="e"), elsewhere)
    assert bench.statuses() == [401]
    bench.wait(GUESS_SECONDS + 1)
    bench.receive(invite("", 60))
    assert bench.statuses() == [401]


def test_whoever_is_allowed_by_name_needs_no_proof() -> None:
    bench = Bench(accounts=ACCOUNTS, exempt=TRUSTED)
    bench.receive(invite("", 1))
    assert bench.event(IncomingCall)


# We are asked


def test_our_call_answers_a_challenge_with_a_new_invite() -> None:
    bench = Bench()
    call, first = bench.dial(credentials=ME)
    bench.reply(first, 401, "Unauthorized", extra=CHALLENGE)
    ack, second = bench.requests()
    assert ack.method == "ACK"
    assert second.headers["CSeq"] == "2 INVITE"
    assert second.headers["Call-ID"] == first.headers["Call-ID"]
    proof = second.headers["Authorization"]
    assert 'username="annie"' in proof
    assert "nc=00000001" in proof
    bench.reply(second, 200, "OK", body=SDP)
    bench.events()
    bench.requests()
    bench.agent.hang_up(call, bench.now)
    (bye,) = bench.requests()
    assert "nc=00000002" in bye.headers["Authorization"]


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def test_a_peer_of_the_old_kind_gets_the_proof_of_rfc_2069() -> None:
    bench = Bench()
    _, first = bench.dial(credentials=Credentials("bob", "zanzibar"))
    extra = 'Proxy-Authenticate: Digest realm="biloxi.com", nonce="dcd98b71", opaque="5ccc"'
    bench.reply(first, 407, "Proxy Authentication Required", extra=extra)
    proof = bench.requests()[-1].headers["Proxy-Authorization"]
    request_hash = md5("INVITE:sip:bob@10.0.0.9:5062")
    expected = md5(f"{md5('bob:biloxi.com:zanzibar')}:dcd98b71:{request_hash}")
    assert f'response="{expected}"' in proof
    assert 'opaque="5ccc"' in proof
    assert "qop" not in proof


@pytest.mark.parametrize(
    "extra",
    [
        "",
        "WWW-Authenticate: Basic realm=x",
        'WWW-Authenticate: Digest realm="r", nonce="n", algorithm=SHA-512-256',
        'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth-int"',
        'WWW-Authenticate: Digest realm="r"',
    ],
)
def test_a_challenge_that_we_cant_answer_ends_the_call(extra: str) -> None:
    bench = Bench()
    call, first = bench.dial(credentials=ME)
    bench.reply(first, 401, "Unauthorized", extra=extra)
    assert bench.event(CallEnded) == CallEnded(call, "caller", "401 Unauthorized")


def test_without_credentials_a_challenge_ends_the_call() -> None:
    bench = Bench()
    call, first = bench.dial()
    bench.reply(first, 401, "Unauthorized", extra=CHALLENGE)
    assert bench.event(CallEnded) == CallEnded(call, "caller", "401 Unauthorized")


def test_a_wrong_password_is_told_once_not_tried_for_ever() -> None:
    bench = Bench()
    _, first = bench.dial(credentials=ME)
    bench.reply(first, 401, "Unauthorized", extra=CHALLENGE)
    second = bench.requests()[-1]
    bench.reply(second, 401, "Unauthorized", extra=CHALLENGE.replace("n1", "n2"))
    assert bench.event(CallEnded).reason == "401 Unauthorized"


def test_a_stale_nonce_is_replaced_but_not_for_ever() -> None:
    bench = Bench()
    _, sent = bench.dial(credentials=ME)
    invites: list[Request] = []
    for attempt in range(9):
        extra = CHALLENGE.replace("n1", f"n{attempt}") + ", stale=true"
        bench.reply(sent, 401, "Unauthorized", extra=extra)
        requests = bench.requests()
        if requests[-1].method != "INVITE":
            break
        sent = requests[-1]
        invites.append(sent)
    assert len(invites) == 3
    assert bench.event(CallEnded)


def test_a_challenged_bye_is_sent_again_with_the_proof() -> None:
    bench = Bench()
    call, first = bench.dial(credentials=ME)
    bench.reply(first, 200, "OK", body=SDP)
    bench.requests()
    bench.agent.hang_up(call, bench.now)
    (bye,) = bench.requests()
    bench.reply(bye, 401, "Unauthorized", extra=CHALLENGE)
    (again,) = bench.requests()
    assert again.method == "BYE"
    assert again.headers.get("Authorization")
    bench.reply(again, 200, "OK")
    bench.wait(70)
    assert bench.agent.idle


def test_a_cancelled_call_answers_no_challenge() -> None:
    bench = Bench()
    call, first = bench.dial(credentials=ME)
    bench.reply(first, 180, "Ringing")
    bench.agent.hang_up(call, bench.now)
    bench.requests()
    bench.reply(first, 401, "Unauthorized", extra=CHALLENGE)
    assert bench.methods() == ["ACK"]


def test_odd_characters_survive_quoting() -> None:
    bench = Bench(accounts=ACCOUNTS)
    bench.receive(invite("", 1))
    (sent,) = bench.outputs()
    response = parse(sent.data, sent.destination)
    assert isinstance(response, IncomingResponse)
    caller = Authorizer(Credentials('od"d', "x\\y"))
    assert caller.challenged(response)
    bench.receive(invite(answer(caller)))
    assert bench.event(IncomingCall)
