"""A bad network on loopback: a relay between a phone and Annie that loses, delays and mixes up.

It stands where a NAT would: it rewrites the addresses in session descriptions, so that the
RTP of both sides passes through it. What it does to the caller's packets comes from a seed.
"""

import asyncio
import contextlib
import random
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import cast

_MEDIA = re.compile(rb"m=audio (\d+) ")
_LENGTH = re.compile(rb"(Content-Length|l):\s*\d+", re.IGNORECASE)

Address = tuple[str, int]


@dataclass(frozen=True)
class Weather:
    """Shares of packets, and the mean of an exponential delay in seconds."""

    loss: float = 0.0
    jitter: float = 0.0
    reordered: float = 0.0
    duplicated: float = 0.0
    seed: int = 1


class _Leg(asyncio.DatagramProtocol):
    """One RTP socket of the relay; what comes in leaves by the other one."""

    def __init__(self, weather: Weather | None) -> None:
        self.other: _Leg | None = None
        self.target: Address | None = None
        self.transport: asyncio.DatagramTransport | None = None
        self.lost = 0
        self._weather = weather
        self._chance = random.Random(weather.seed if weather else 0)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # asyncio's own isn't declared to be one.
        self.transport = cast(asyncio.DatagramTransport, transport)

    @property
    def port(self) -> int:
        assert self.transport is not None
        port: int = self.transport.get_extra_info("sockname")[1]
        return port

    def datagram_received(self, data: bytes, addr: Address) -> None:
        other, weather, chance = self.other, self._weather, self._chance
        assert other is not None
        if weather is None:
            other.leave(data)
            return
        if chance.random() < weather.loss:
            self.lost += 1
            return
        delay = chance.expovariate(1 / weather.jitter) if weather.jitter else 0.0
        delay += 0.03 if chance.random() < weather.reordered else 0.0
        loop = asyncio.get_running_loop()
        loop.call_later(delay, other.leave, data)
        if chance.random() < weather.duplicated:
            loop.call_later(delay + 0.005, other.leave, data)

    def leave(self, data: bytes) -> None:
        """Send to whom this socket faces."""
        if self.target is not None and self.transport is not None:
            self.transport.sendto(data, self.target)


class BadNetwork(asyncio.DatagramProtocol):
    """The SIP side of the relay: one call at a time, from a phone to Annie."""

    def __init__(self, annie: Address, weather: Weather) -> None:
        self._annie = annie
        self._phone: Address | None = None
        self._transport: asyncio.DatagramTransport | None = None
        #: What the phone sends to, and what Annie sends to.
        self.facing_phone = _Leg(weather)
        self.facing_annie = _Leg(None)
        self.facing_phone.other, self.facing_annie.other = self.facing_annie, self.facing_phone

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    @property
    def port(self) -> int:
        """Where the phone dials."""
        assert self._transport is not None
        port: int = self._transport.get_extra_info("sockname")[1]
        return port

    def datagram_received(self, data: bytes, addr: Address) -> None:
        assert self._transport is not None
        if addr == self._annie:
            data = self._through(data, self.facing_annie, self.facing_phone)
            if self._phone is not None:
                self._transport.sendto(data, self._phone)
        else:
            self._phone = addr
            data = self._through(data, self.facing_phone, self.facing_annie)
            self._transport.sendto(data, self._annie)

    def _through(self, data: bytes, theirs: _Leg, ours: _Leg) -> bytes:
        """Note where a description's sender listens (on ``theirs``), and put our port there."""
        head, separator, body = data.partition(b"\r\n\r\n")
        found = _MEDIA.search(body)
        if found is None:
            return data
        theirs.target = ("127.0.0.1", int(found[1]))
        body = _MEDIA.sub(b"m=audio %d " % ours.port, body, count=1)
        return _LENGTH.sub(rb"\1: %d" % len(body), head) + separator + body


@contextlib.asynccontextmanager
async def bad_network(annie_port: int, weather: Weather) -> AsyncGenerator[BadNetwork]:
    """A relay in front of Annie's SIP port, with this weather from the phone to her."""
    loop = asyncio.get_running_loop()
    relay = BadNetwork(("127.0.0.1", annie_port), weather)
    opened: list[asyncio.BaseTransport] = []
    try:
        for protocol in (relay, relay.facing_phone, relay.facing_annie):
            transport, _ = await loop.create_datagram_endpoint(
                lambda protocol=protocol: protocol, ("127.0.0.1", 0)
            )
            opened.append(transport)
        yield relay
    finally:
        for transport in opened:
            transport.close()
