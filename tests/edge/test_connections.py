"""Slow, silent and too many TCP peers, on real loopback sockets under both event loops."""

import asyncio
import socket
from collections.abc import Callable, Coroutine

import pytest
import uvloop

from annie.edge import connections, transport
from annie.edge.flood import RateLimit
from annie.edge.sip.events import CallEnded, CallEstablished, IncomingCall
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
Peer = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Runner:
    """Runs a coroutine under one of the event loops, with a bound."""

    def runner(main: Coroutine[None, None, None]) -> None:
        with asyncio.Runner(loop_factory=request.param) as loop:
            loop.run(asyncio.wait_for(main, 30))

    return runner


async def connect(running: Edge, host: str = "127.0.0.1") -> Peer:
    """A connection to the edge from one of the loopback addresses."""
    return await asyncio.open_connection("127.0.0.1", running.transport.port, local_addr=(host, 0))


async def closed(peer: Peer) -> bool:
    """Wait until the edge has closed the connection."""
    async with asyncio.timeout(PATIENCE):
        try:
            while await peer[0].read(65_536):
                pass
        except ConnectionError:
            pass
    peer[1].close()
    return True


async def served(peer: Peer) -> bool:
    """Whether an OPTIONS is answered on this connection."""
    peer[1].write(message("OPTIONS", "TCP", "127.0.0.1", 5060))
    return (await read_message(peer[0])).startswith(b"SIP/2.0 200")


async def running_call(running: Edge, peer: Peer) -> bytes:
    """An answered and acknowledged call on this connection; its To value."""
    peer[1].write(message("INVITE", "TCP", "127.0.0.1", 5060, SDP))
    assert (await read_message(peer[0])).startswith(b"SIP/2.0 100")
    ok = await read_message(peer[0])
    await peer[0].readexactly(int(ok.partition(b"Content-Length: ")[2].partition(b"\r\n")[0]))
    to = ok.partition(b"\r\nTo: ")[2].partition(b"\r\n")[0]
    peer[1].write(inside("ACK", 1, to))
    assert isinstance(await running.event(), IncomingCall)
    assert isinstance(await running.event(), CallEstablished)
    return to


def inside(method: str, cseq: int, to: bytes, body: str = "") -> bytes:
    """A request in the dialog of ``running_call``."""
    data = message(method, "TCP", "127.0.0.1", 5060, body)
    data = data.replace(b"To: <sip:15550100@127.0.0.1>", b"To: " + to)
    data = data.replace(b";branch=z9hG4bK", f";branch=z9hG4bK{cseq}".encode())
    return data.replace(b"CSeq: 1 ", f"CSeq: {cseq} ".encode())


async def hold_and_hang_up(running: Edge, peer: Peer, to: bytes) -> None:
    """The running call's re-INVITE and BYE are answered."""
    peer[1].write(inside("INVITE", 2, to, SDP.replace("- 1 1", "- 1 2") + "a=sendonly\r\n"))
    ok = await read_message(peer[0])
    assert ok.startswith(b"SIP/2.0 200")
    await peer[0].readexactly(int(ok.partition(b"Content-Length: ")[2].partition(b"\r\n")[0]))
    peer[1].write(inside("ACK", 2, to) + inside("BYE", 3, to))
    assert (await read_message(peer[0])).startswith(b"SIP/2.0 200")
    while not isinstance(event := await running.event(), CallEnded):
        pass
    assert event.reason == "bye"


@pytest.mark.parametrize(
    "beginning",
    [
        b"",
        b"\r\n\r\n",
        b"I",
        b"INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP 1",
        b"INVITE sip:a@b SIP/2.0\r\nContent-Length: 60000\r\n\r\nv=0",
    ],
    ids=["silence", "keep-alive only", "an octet", "no end of headers", "no end of body"],
)
def test_who_never_sends_a_whole_message_is_cut_off(
    run: Runner, beginning: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "PARTIAL_SECONDS", 0.05)

    async def main() -> None:
        async with edge() as running:
            peer = await connect(running)
            peer[1].write(beginning)
            assert await closed(peer)

    run(main())


def test_sending_an_octet_now_and_then_gains_no_time(
    run: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "PARTIAL_SECONDS", 0.1)

    async def main() -> None:
        async with edge() as running:
            peer = await connect(running)
            gone = asyncio.ensure_future(closed(peer))
            while not gone.done():
                peer[1].write(b"x")
                await asyncio.wait([gone], timeout=0.01)

    run(main())


def test_a_message_that_stops_half_way_ends_even_a_connection_that_was_good(
    run: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "PARTIAL_SECONDS", 0.05)

    async def main() -> None:
        async with edge() as running:
            peer = await connect(running)
            assert await served(peer)
            peer[1].write(message("OPTIONS", "TCP", "127.0.0.1", 5060)[:-1])
            assert await closed(peer)

    run(main())


def test_a_connection_that_is_silent_for_hours_is_closed(
    run: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "IDLE_SECONDS", 0.1)

    async def main() -> None:
        async with edge() as running:
            peer = await connect(running)
            assert await served(peer)
            assert await closed(peer)

    run(main())


@pytest.mark.parametrize("length", [b"65537", b"999999999999", b"0x10", b"-1"])
def test_a_length_beyond_all_bounds_ends_the_connection_at_once(run: Runner, length: bytes) -> None:
    async def main() -> None:
        async with edge() as running:
            peer = await connect(running)
            data = message("OPTIONS", "TCP", "127.0.0.1", 5060)
            peer[1].write(data.replace(b"Content-Length: 0", b"Content-Length: " + length))
            assert await closed(peer)

    run(main())


def test_headers_without_end_are_not_collected(run: Runner) -> None:
    async def main() -> None:
        async with edge() as running:
            peer = await connect(running)
            peer[1].write(b"OPTIONS sip:a@b SIP/2.0\r\n" + b"X: y\r\n" * 20_000)
            assert await closed(peer)

    run(main())


def test_who_reads_nothing_is_cut_off(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MAX_UNSENT", 4096)

    async def main() -> None:
        async with edge() as running:
            with socket.socket() as sock:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                sock.connect(("127.0.0.1", running.transport.port))
                sock.setblocking(False)
                loop = asyncio.get_running_loop()
                batch = message("OPTIONS", "TCP", "127.0.0.1", 5060) * 100

                async def send_for_ever() -> None:
                    while True:
                        await loop.sock_sendall(sock, batch)

                with pytest.raises(ConnectionError):
                    await asyncio.wait_for(send_for_ever(), PATIENCE)

    run(main())


def test_the_host_with_the_most_connections_makes_room_and_calls_of_others_stay(
    run: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 8)

    async def main() -> None:
        async with edge() as running:
            caller = await connect(running, "127.0.0.2")
            to = await running_call(running, caller)
            flood = [await connect(running, "127.0.0.3") for _ in range(40)]
            async with asyncio.timeout(PATIENCE):
                await asyncio.gather(*(closed(peer) for peer in flood[:33]))
            assert await served(flood[-1])
            await hold_and_hang_up(running, caller, to)
            for peer in flood[33:]:
                peer[1].close()

    run(main())


def test_of_one_host_those_go_first_that_never_said_anything(
    run: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 3)

    async def main() -> None:
        async with edge() as running:
            good = await connect(running)
            assert await served(good)
            silent = [await connect(running) for _ in range(2)]
            last = await connect(running)
            assert await closed(silent[0])
            assert await served(good)
            assert await served(last)
            for peer in (good, last, silent[1]):
                peer[1].close()

    run(main())


def test_slow_peers_by_the_hundred_disturb_no_running_call(run: Runner) -> None:
    async def main() -> None:
        async with edge() as running:
            caller = await connect(running, "127.0.0.2")
            to = await running_call(running, caller)
            slow = [await connect(running, "127.0.0.3") for _ in range(300)]
            beginning = b"INVITE sip:a@b SIP/2.0\r\nContent-Length: 60000\r\n\r\n"
            for octet in beginning:
                for _, writer in slow:
                    writer.write(bytes([octet]))
            await hold_and_hang_up(running, caller, to)
            for _, writer in slow:
                writer.close()

    run(main())


def test_a_flood_over_tcp_is_read_no_faster_than_allowed_and_loses_nothing(
    run: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "RateLimit", lambda: RateLimit(per_second=400, burst=10))

    async def main() -> None:
        async with edge() as running:
            flood = await connect(running, "127.0.0.3")
            flood[1].write(message("OPTIONS", "TCP", "127.0.0.1", 5060) * 50)
            other = await connect(running, "127.0.0.2")
            assert await served(other)
            for _ in range(50):
                assert (await read_message(flood[0])).startswith(b"SIP/2.0 200")
            flood[1].close()
            other[1].close()

    run(main())


def test_a_flood_over_udp_is_dropped_and_others_are_served(
    run: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "RateLimit", lambda: RateLimit(per_second=1, burst=5))

    async def main() -> None:
        async with edge() as running:
            address = ("127.0.0.1", running.transport.port)
            with udp_socket("127.0.0.3") as flood, udp_socket("127.0.0.2") as other:
                for number in range(40):
                    flood.sendto(
                        message("INVITE", "UDP", *address_of(flood), SDP).replace(
                            b"Call-ID: 1", f"Call-ID: {number}".encode()
                        ),
                        address,
                    )
                other.sendto(message("OPTIONS", "UDP", *address_of(other)), address)
                assert (await receive(other)).startswith(b"SIP/2.0 200")
            assert running.agent.calls <= 5

    run(main())
