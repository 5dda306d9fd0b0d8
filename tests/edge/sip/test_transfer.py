"""We ask the peer to call somebody else (RFC 3515, RFC 5589), and are told how it went."""

import pytest
from sipmessage import Request

from annie.edge.sip.digest import Credentials
from annie.edge.sip.events import CallEnded, TransferProgress
from annie.edge.sip.user_agent import UnknownCall
from tests.edge.sip.sip_peer import SDP, Bench, request

pytestmark = pytest.mark.unit

TARGET = "sip:+12125550142@10.0.0.9;user=phone"


def refer(bench: Bench, call: int, target: str = TARGET) -> Request:
    bench.agent.refer(call, target, bench.now)
    (sent,) = bench.requests()
    return sent


def notify(
    bench: Bench,
    tag: str,
    fragment: str,
    *,
    cseq: int = 2,
    state: str = "active;expires=60",
    event: str = "refer",
    kind: str = "message/sipfrag;version=2.0",
) -> int:
    extra = f"Event: {event}\nSubscription-State: {state}"
    data = request(
        "NOTIFY", branch=f"z9hG4bK-n{cseq}", cseq=cseq, to_tag=tag, body=fragment, extra=extra
    )
    bench.receive(data.replace(b"application/sdp", kind.encode()))
    (status,) = bench.statuses()
    return status


@pytest.mark.parametrize(
    "target", [TARGET, "tel:+12125550142;phone-context=x", "sips:anna@example.com", "sip:a@[::1]"]
)
def test_the_target_is_passed_on_as_it_is(target: str) -> None:
    bench = Bench()
    call, tag = bench.established()
    sent = refer(bench, call, target)
    assert sent.method == "REFER"
    assert sent.headers["Refer-To"] == f"<{target}>"
    assert sent.headers["Referred-By"] == "<sip:+15550100@10.0.0.1>"
    assert sent.headers["From"].endswith(f"tag={tag}")


def test_the_outcome_is_told_step_by_step() -> None:
    bench = Bench()
    call, tag = bench.established()
    bench.reply(refer(bench, call), 202, "Accepted")
    assert notify(bench, tag, "SIP/2.0 100 Trying\r\n") == 200
    assert bench.event(TransferProgress) == TransferProgress(call, 100, False)
    assert notify(bench, tag, "SIP/2.0 180 Ringing\r\n", cseq=3) == 200
    assert bench.event(TransferProgress) == TransferProgress(call, 180, False)
    ended = "terminated;reason=noresource"
    assert notify(bench, tag, "SIP/2.0 200 OK\r\n", cseq=4, state=ended) == 200
    assert bench.event(TransferProgress) == TransferProgress(call, 200, True)
    assert bench.agent.calls == 1
    assert notify(bench, tag, "SIP/2.0 200 OK\r\n", cseq=5) == 481


def test_a_notify_may_overtake_the_202() -> None:
    bench = Bench()
    call, tag = bench.established()
    sent = refer(bench, call)
    assert notify(bench, tag, "SIP/2.0 100 Trying\r\n") == 200
    bench.reply(sent, 202, "Accepted")
    assert bench.event(TransferProgress).status == 100


def test_the_peer_may_hang_up_first_and_tell_afterwards() -> None:
    bench = Bench()
    call, tag = bench.established()
    bench.reply(refer(bench, call), 202, "Accepted")
    bench.receive(request("BYE", branch="z9hG4bK-b", cseq=2, to_tag=tag))
    assert bench.statuses() == [200]
    assert bench.event(CallEnded) == CallEnded(call, "caller", "bye")
    assert notify(bench, tag, "SIP/2.0 486 Busy Here\r\n", cseq=3, state="terminated") == 200
    assert bench.event(TransferProgress) == TransferProgress(call, 486, True)
    bench.wait(70)
    assert bench.agent.idle


def test_we_may_hang_up_first_too() -> None:
    bench = Bench()
    call, tag = bench.established()
    bench.reply(refer(bench, call), 202, "Accepted")
    bench.agent.hang_up(call, bench.now)
    (bye,) = bench.requests()
    bench.reply(bye, 200, "OK")
    bench.events()
    assert notify(bench, tag, "SIP/2.0 200 OK", cseq=3) == 200
    assert bench.event(TransferProgress) == TransferProgress(call, 200, True)
    bench.wait(70)
    assert bench.agent.idle


@pytest.mark.parametrize("status", [403, 405, 501, 603])
def test_a_refusal_is_the_outcome(status: int) -> None:
    bench = Bench()
    call, _ = bench.established()
    bench.reply(refer(bench, call), status, "No")
    assert bench.event(TransferProgress) == TransferProgress(call, status, True)
    assert bench.agent.calls == 1
    refer(bench, call)


def test_a_peer_that_never_answers_is_told_as_408() -> None:
    bench = Bench()
    call, _ = bench.established()
    refer(bench, call)
    bench.wait(33)
    assert bench.event(TransferProgress) == TransferProgress(call, 408, True)


def test_a_peer_that_never_tells_is_given_up() -> None:
    bench = Bench()
    call, tag = bench.established()
    bench.reply(refer(bench, call), 202, "Accepted")
    bench.receive(request("BYE", branch="z9hG4bK-b", cseq=2, to_tag=tag))
    bench.events()
    bench.wait(181)
    assert bench.event(TransferProgress) == TransferProgress(call, 408, True)
    bench.wait(70)
    assert bench.agent.idle


def test_a_subscription_that_ends_without_a_word_has_failed() -> None:
    bench = Bench()
    call, tag = bench.established()
    bench.reply(refer(bench, call), 202, "Accepted")
    assert notify(bench, tag, "", state="terminated;reason=timeout") == 200
    assert bench.event(TransferProgress) == TransferProgress(call, 487, True)


@pytest.mark.parametrize(
    ("fragment", "event", "kind", "status"),
    [
        ("SIP/2.0 200 OK", "presence", "message/sipfrag", 489),
        ("SIP/2.0 200 OK", "refer", "text/plain", 415),
        ("no status", "refer", "message/sipfrag", 400),
        ("SIP/2.0 999 X", "refer", "message/sipfrag", 400),
    ],
)
def test_a_notify_that_says_nothing_is_refused(
    fragment: str, event: str, kind: str, status: int
) -> None:
    bench = Bench()
    call, tag = bench.established()
    bench.reply(refer(bench, call), 202, "Accepted")
    assert notify(bench, tag, fragment, event=event, kind=kind) == status
    assert not bench.events()


def test_nobody_is_told_of_what_was_never_asked() -> None:
    bench = Bench()
    _, tag = bench.established()
    assert notify(bench, tag, "SIP/2.0 200 OK") == 481


def test_one_transfer_at_a_time_and_only_of_an_answered_call() -> None:
    bench = Bench()
    call = bench.offer()
    with pytest.raises(UnknownCall):
        bench.agent.refer(call, TARGET, bench.now)
    other = Bench()
    call, _ = other.established()
    refer(other, call)
    with pytest.raises(UnknownCall):
        other.agent.refer(call, TARGET, other.now)


@pytest.mark.parametrize(
    "target", ["", "bob", "http://x", "sip:a>b@c", "sip:a@b\r\nX: y", "sip:é@b"]
)
def test_a_target_that_is_no_uri_is_refused(target: str) -> None:
    bench = Bench()
    call, _ = bench.established()
    with pytest.raises(ValueError, match="is no sip"):
        bench.agent.refer(call, target, bench.now)


def test_a_challenged_transfer_is_sent_again_with_the_proof() -> None:
    bench = Bench()
    call, invite = bench.dial(credentials=Credentials("annie", "x"))
    bench.reply(invite, 200, "OK", body=SDP)
    bench.requests()
    challenge = 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"'
    bench.reply(refer(bench, call), 401, "Unauthorized", extra=challenge)
    (again,) = bench.requests()
    assert again.method == "REFER"
    assert "Digest" in again.headers["Authorization"]
