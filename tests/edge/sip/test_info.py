"""Keys told by INFO, as peers without RFC 4733 do."""

import pytest

from annie.edge.sip.events import DigitPressed
from tests.edge.sip.sip_peer import Bench, request

pytestmark = pytest.mark.unit


def inform(bench: Bench, tag: str, kind: str, body: str, extra: str = "") -> int:
    data = request("INFO", branch="z9hG4bK-i", cseq=2, to_tag=tag, body=body, extra=extra)
    bench.receive(data.replace(b"application/sdp", kind.encode()))
    (status,) = bench.statuses()
    return status


@pytest.mark.parametrize(
    ("kind", "body", "digit", "milliseconds"),
    [
        ("application/dtmf-relay", "Signal=5\r\nDuration=240\r\n", "5", 240),
        ("application/dtmf-relay", "Signal= #\nDuration= 90\n", "#", 90),
        ("application/dtmf-relay", "signal=10", "*", 160),
        ("application/dtmf-relay", "Signal=11", "#", 160),
        ("application/dtmf-relay", "Signal=d", "D", 160),
        ("Application/DTMF-Relay;x=y", "Duration=99999999\nSignal=1", "1", 160),
        ("application/dtmf-relay", "Signal=1\nDuration=999999", "1", 10_000),
        ("application/dtmf", "7", "7", 160),
        ("application/dtmf", " 0\r\n", "0", 160),
        ("application/dtmf", "Signal=8\nDuration=100", "8", 100),
    ],
)
def test_a_key_is_told(kind: str, body: str, digit: str, milliseconds: int) -> None:
    bench = Bench()
    call, tag = bench.established()
    assert inform(bench, tag, kind, body) == 200
    assert bench.event(DigitPressed) == DigitPressed(call, digit, milliseconds)


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/dtmf-relay", "Signal=x", 400),
        ("application/dtmf-relay", "Duration=5", 400),
        ("application/dtmf-relay", "Signal=17", 400),
        ("application/dtmf", "55", 400),
        ("application/dtmf", "\u0665", 400),
        ("text/plain", "5", 415),
        ("application/dtmf-relay", "Signal=hf", 200),
        ("application/dtmf-relay", "Signal=16", 200),
    ],
)
def test_what_is_no_key_is_not_told(kind: str, body: str, status: int) -> None:
    bench = Bench()
    _, tag = bench.established()
    assert inform(bench, tag, kind, body) == status
    assert not bench.events()


def test_a_package_that_nobody_agreed_to_is_refused() -> None:
    bench = Bench()
    _, tag = bench.established()
    assert inform(bench, tag, "application/dtmf", "5", "Info-Package: foo") == 469


def test_a_repeated_request_is_one_key() -> None:
    bench = Bench()
    _, tag = bench.established()
    data = request("INFO", branch="z9hG4bK-i", cseq=2, to_tag=tag, body="5")
    data = data.replace(b"application/sdp", b"application/dtmf")
    bench.receive(data)
    bench.receive(data)
    assert bench.statuses() == [200, 200]
    assert bench.event(DigitPressed)
