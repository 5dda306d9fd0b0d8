"""The driver on real loopback sockets, under both event loops."""

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import Callable, Coroutine

import pytest
import uvloop

from annie.edge.access import AccessList
from annie.edge.sip.events import CallEnded, CallEstablished, Endpoint, Event, IncomingCall
from annie.edge.sip.user_agent import UserAgent, UserAgentConfig
from annie.edge.transport import SipTransport
from annie.kit.clock import SystemClock
from tests.edge.sip_wire import (
    PATIENCE,
    SDP,
    Edge,
    address_of,
    edge,
    message,
    read_message,
    receive,
    udp_socket,
)

pytestmark = pytest.mark.integration

Runner = Callable[[Coroutine[None, None, None]], None]


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Runner:
    """Runs a coroutine under one of the event loops, with a bound."""

    def runner(main: Coroutine[None, None, None]) -> None:
        with asyncio.Runner(loop_factory=request.param) as loop:
            loop.run(asyncio.wait_for(main, 30))

    return runner


def test_udp_and_tcp_are_served_on_one_port(run: Runner) -> None:
    async def main() -> None:
        async with edge() as running:
            port = running.transport.port
            with udp_socket() as sock:
                sock.sendto(message("OPTIONS", "UDP", *address_of(sock)), ("127.0.0.1", port))
                assert (await receive(sock)).startswith(b"SIP/2.0 200 OK")
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(message("OPTIONS", "TCP", "127.0.0.1", 5060))
            assert (await read_message(reader)).startswith(b"SIP/2.0 200 OK")
            writer.close()

    run(main())


def test_a_call_is_answered_and_its_200_repeated_by_the_timer(run: Runner) -> None:
    async def main() -> None:
        async with edge() as running:
            with udp_socket() as sock:
                invite = message("INVITE", "UDP", *address_of(sock), SDP)
                sock.sendto(invite, ("127.0.0.1", running.transport.port))
                assert (await receive(sock)).startswith(b"SIP/2.0 100")
                first = await receive(sock)
                second = await receive(sock)
                assert first.startswith(b"SIP/2.0 200")
                assert first == second
                assert f"sip:annie@127.0.0.1:{running.transport.port}".encode() in first
            assert isinstance(await running.event(), IncomingCall)
            assert isinstance(await running.event(), CallEstablished)

    run(main())


def test_a_peer_outside_the_allowed_networks_gets_nothing(run: Runner) -> None:
    async def main() -> None:
        access = AccessList([ipaddress.ip_network("127.0.0.2")], private=False)
        async with edge(access) as running:
            port = running.transport.port
            with udp_socket("127.0.0.3") as stranger, udp_socket("127.0.0.2") as friend:
                stranger.sendto(
                    message("OPTIONS", "UDP", *address_of(stranger)), ("127.0.0.1", port)
                )
                friend.sendto(message("OPTIONS", "UDP", *address_of(friend)), ("127.0.0.1", port))
                assert (await receive(friend)).startswith(b"SIP/2.0 200")
                with pytest.raises(BlockingIOError):
                    stranger.recv(65_536)
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(message("OPTIONS", "TCP", "127.0.0.1", 5060))
            with contextlib.suppress(ConnectionError):
                assert await asyncio.wait_for(reader.read(), PATIENCE) == b""
            writer.close()

    run(main())


def test_a_stream_may_be_cut_anywhere_and_keep_alives_are_answered(run: Runner) -> None:
    async def main() -> None:
        async with edge() as running:
            reader, writer = await asyncio.open_connection("127.0.0.1", running.transport.port)
            data = b"\r\n\r\n" + message("OPTIONS", "TCP", "127.0.0.1", 5060)
            for octet in data:
                writer.write(bytes([octet]))
                await writer.drain()
            async with asyncio.timeout(PATIENCE):
                assert await reader.readexactly(2) == b"\r\n"
            assert (await read_message(reader)).startswith(b"SIP/2.0 200 OK")
            writer.close()

    run(main())


def test_a_stream_that_cannot_be_followed_is_closed(run: Runner) -> None:
    async def main() -> None:
        async with edge() as running:
            reader, writer = await asyncio.open_connection("127.0.0.1", running.transport.port)
            data = message("OPTIONS", "TCP", "127.0.0.1", 5060)
            writer.write(data.replace(b"Content-Length: 0", b"Content-Length: -5"))
            answer = await asyncio.wait_for(reader.read(), PATIENCE)
            assert answer.startswith(b"SIP/2.0 400")
            writer.close()

    run(main())


def test_a_call_over_tcp_is_ended_on_its_own_connection(run: Runner) -> None:
    async def main() -> None:
        async with edge() as running:
            reader, writer = await asyncio.open_connection("127.0.0.1", running.transport.port)
            writer.write(message("INVITE", "TCP", "127.0.0.1", 5060, SDP))
            assert (await read_message(reader)).startswith(b"SIP/2.0 100")
            ok = await read_message(reader)
            tag = ok.partition(b"\r\nTo: ")[2].partition(b"\r\n")[0]
            length = int(ok.partition(b"Content-Length: ")[2].partition(b"\r\n")[0])
            await reader.readexactly(length)
            ack = message("ACK", "TCP", "127.0.0.1", 5060)
            writer.write(ack.replace(b"<sip:15550100@127.0.0.1>\r\n", tag + b"\r\n"))
            # The answer to OPTIONS shows that the ACK before it was read.
            writer.write(message("OPTIONS", "TCP", "127.0.0.1", 5060))
            await read_message(reader)
            running.agent.hang_up(1, running.clock.monotonic())
            running.transport.flush()
            assert (await read_message(reader)).startswith(b"BYE sip:a@127.0.0.1:5060 SIP/2.0")
            writer.close()

    run(main())


def test_a_destination_that_refuses_tcp_ends_the_call_at_once(run: Runner) -> None:
    async def main() -> None:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            port: int = closed.getsockname()[1]
            async with edge() as running:
                destination = Endpoint("tcp", "127.0.0.1", port)
                call = running.agent.invite(
                    f"sip:b@127.0.0.1:{port}",
                    destination,
                    "a",
                    "127.0.0.1",
                    4000,
                    running.clock.monotonic(),
                )
                running.transport.flush()
                ended = await running.event()
                assert ended == CallEnded(call, "edge", "503 Service Unavailable")

    run(main())


def test_a_listener_that_fails_costs_nobody_else_a_call(
    run: Runner, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        clock = SystemClock()
        agent = UserAgent(UserAgentConfig())

        def fail(_: Event) -> None:
            raise RuntimeError("listener")

        transport = SipTransport(agent, fail, AccessList(), clock)
        await transport.start("127.0.0.1", 0)
        with udp_socket() as sock:
            address = ("127.0.0.1", transport.port)
            sock.sendto(message("INVITE", "UDP", *address_of(sock), SDP), address)
            assert (await receive(sock)).startswith(b"SIP/2.0 100")
            sock.sendto(message("OPTIONS", "UDP", *address_of(sock)), address)
            assert (await receive(sock)).startswith(b"SIP/2.0 200")
        await transport.close()

    run(main())
    assert "sip_event_failed" in caplog.text


def test_a_timer_that_fails_costs_the_others_nothing(
    run: Runner, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> None:
        async with edge() as running:
            advance = running.agent.advance

            def fail_once(now: float) -> None:
                monkeypatch.setattr(running.agent, "advance", advance)
                raise RuntimeError("timer")

            monkeypatch.setattr(running.agent, "advance", fail_once)
            with udp_socket() as sock:
                invite = message("INVITE", "UDP", *address_of(sock), SDP)
                sock.sendto(invite, ("127.0.0.1", running.transport.port))
                answers = [await receive(sock) for _ in range(3)]
            assert answers[1] == answers[2]

    run(main())
    assert "sip_timer_failed" in caplog.text


def test_a_port_that_is_taken_is_an_error(run: Runner) -> None:
    async def main() -> None:
        async with edge() as first:
            second = Edge(AccessList())
            with pytest.raises(OSError, match=r"in use|bind"):
                await second.transport.start("127.0.0.1", first.transport.port)

    run(main())


def test_on_a_wildcard_address_peers_are_told_a_real_one(run: Runner) -> None:
    async def main() -> None:
        running = Edge(AccessList())
        await running.transport.start("0.0.0.0", 0)  # noqa: S104
        assert not ipaddress.ip_address(running.transport.host).is_unspecified
        await running.transport.close()

    run(main())
