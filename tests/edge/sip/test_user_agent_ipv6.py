"""Calls over IPv6: Via, Contact, Route and session descriptions (RFC 5118)."""

import pytest

from annie.edge.sip.events import Endpoint, IncomingCall
from tests.edge.sip.sip_peer import SDP, Bench, request, tag_of

pytestmark = pytest.mark.unit

PEER = Endpoint("udp", "2001:db8::9", 5062)
PEER_TCP = Endpoint("tcp", "2001:db8::9", 40_962)
SDP_V6 = SDP.replace("IP4 10.0.0.9", "IP6 2001:db8::9")


def over_v6(data: bytes) -> bytes:
    """A request of the usual peer as it would be over IPv6."""
    return data.replace(b"10.0.0.9", b"[2001:db8::9]").replace(b"10.0.0.1", b"[2001:db8::1]")


def bench_v6(source: Endpoint = PEER) -> Bench:
    bench = Bench(source=source)
    bench.agent.bind("2001:db8::1", 5060)
    return bench


@pytest.mark.parametrize("source", [PEER, PEER_TCP])
def test_a_call_is_answered_and_hung_up_in_ipv6(source: Endpoint) -> None:
    bench = bench_v6(source)
    transport = source.transport.upper()
    invite = request("INVITE", via_transport=transport).replace(b"Content-Length: 0", b"l: 0")
    body = f"Content-Type: application/sdp\r\nl: {len(SDP_V6)}\r\n\r\n{SDP_V6}".encode()
    bench.receive(over_v6(invite).replace(b"l: 0\r\n\r\n", body))
    event = bench.event(IncomingCall)
    assert event.facts.peer == f"{source.transport}:[2001:db8::9]:{source.port}"
    bench.outputs()

    media = bench.agent.answer(event.call, "2001:db8::1", 30_000, bench.now)
    assert media is not None
    assert (media.remote_host, media.remote_port) == ("2001:db8::9", 7000)
    (output,) = bench.outputs()
    assert output.destination == source
    assert b"\r\nContact: <sip:annie@[2001:db8::1]:5060" in output.data
    assert b"\r\nc=IN IP6 2001:db8::1\r\n" in output.data

    tag = output.data.partition(b"\r\nTo: ")[2].partition(b"\r\n")[0].rpartition(b"tag=")[2]
    bench.receive(over_v6(request("ACK", to_tag=tag.decode(), via_transport=transport)))
    bench.agent.hang_up(event.call, bench.now)
    (output,) = bench.outputs()
    assert output.data.startswith(b"BYE sip:ann@[2001:db8::9]:5062 SIP/2.0\r\n")
    assert f"Via: SIP/2.0/{transport} [2001:db8::1]:5060;branch=".encode() in output.data
    expected = source if source is PEER_TCP else Endpoint("udp", "2001:db8::9", 5062)
    assert output.destination == expected


def test_requests_follow_a_route_of_ipv6() -> None:
    bench = bench_v6()
    route = "Record-Route: <sip:[2001:db8::7]:5070;lr>"
    bench.receive(over_v6(request("INVITE", extra=route)))
    call = bench.event(IncomingCall).call
    bench.agent.answer(call, "2001:db8::1", 30_000, bench.now)
    tag = tag_of(bench.responses()[-1])
    answer = f"Content-Type: application/sdp\r\nl: {len(SDP_V6)}\r\n\r\n{SDP_V6}".encode()
    ack = over_v6(request("ACK", to_tag=tag))
    bench.receive(ack.replace(b"Content-Length: 0\r\n\r\n", answer))
    bench.agent.hang_up(call, bench.now)
    (output,) = bench.outputs()
    assert output.destination == Endpoint("udp", "2001:db8::7", 5070)


def test_we_call_an_ipv6_address() -> None:
    bench = bench_v6()
    bench.agent.invite("sip:bob@[2001:db8::9]:5062", PEER, "me", "2001:db8::1", 30_000, bench.now)
    (output,) = bench.outputs()
    assert output.data.startswith(b"INVITE sip:bob@[2001:db8::9]:5062 SIP/2.0\r\n")
    assert b"\r\nFrom: <sip:me@[2001:db8::1]>;tag=" in output.data
    assert b"\r\no=annie " in output.data
    assert b" IN IP6 2001:db8::1\r\n" in output.data


def test_an_address_with_an_ipv4_tail_is_one() -> None:
    bench = bench_v6()
    data = over_v6(request("OPTIONS")).replace(b"[2001:db8::9]:5062", b"[2001:db8::192.0.2.1]")
    bench.receive(data)
    (response,) = bench.responses()
    assert response.code == 200
    assert response.headers["Via"].startswith("SIP/2.0/UDP [2001:db8::192.0.2.1];")
