"""Callers for measuring: every packet is stamped when it arrives, not when it is played."""

import asyncio
import audioop
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from annie.edge.access import AccessList
from annie.edge.rtp.packet import parse
from annie.edge.sip import events as sip
from annie.edge.sip.user_agent import UserAgent, UserAgentConfig
from annie.edge.transport import SipTransport
from annie.kit.clock import SystemClock
from annie.speech.protocols import Pcm

#: Mean absolute level of 20 ms that counts as sound: far over comfort noise, far under speech.
AUDIBLE = 150
SILENCE = b"\xff" * 160


@dataclass(eq=False)
class Line(asyncio.DatagramProtocol):
    """One call: what was heard with its arrival times, and what is still to be said."""

    number: int = 0
    arrivals: list[float] = field(default_factory=list[float])
    levels: list[int] = field(default_factory=list[int])
    ulaw: list[bytes] = field(default_factory=list[bytes])
    said_at: list[tuple[float, int]] = field(default_factory=list[tuple[float, int]])
    outgoing: list[bytes] = field(default_factory=list[bytes])
    remote: tuple[str, int] | None = None
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    answered_at: float = 0.0
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    reason: str = ""
    transport: Any = None
    sequence: int = 0
    #: What is heard comes back so many packets later, at this gain; 0 is no echo.
    echo_packets: int = 0
    echo_gain: float = 0.0

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        packet = parse(data)
        if packet is None or packet.payload_type != 0:
            return
        self.arrivals.append(time.monotonic())
        self.ulaw.append(packet.payload)
        self.levels.append(audioop.rms(audioop.ulaw2lin(packet.payload, 2), 2))

    def send_tick(self) -> None:
        """Send 20 ms: what is queued, or silence."""
        if self.remote is None or self.transport is None or self.ended.is_set():
            return
        payload = self.outgoing.pop(0) if self.outgoing else self._echoed()
        if payload is not SILENCE and not self.echo_gain:
            level = audioop.rms(audioop.ulaw2lin(payload, 2), 2)
            self.said_at.append((time.monotonic(), level))
        header = b"\x80\x00" + self.sequence.to_bytes(2, "big")
        header += (self.sequence * 160 & 0xFFFFFFFF).to_bytes(4, "big") + self.number.to_bytes(
            4, "big"
        )
        self.sequence = self.sequence + 1 & 0xFFFF
        self.transport.sendto(header + payload, self.remote)

    def _echoed(self) -> bytes:
        if not self.echo_gain or len(self.ulaw) <= self.echo_packets:
            return SILENCE
        heard = audioop.ulaw2lin(self.ulaw[-1 - self.echo_packets], 2)
        return audioop.lin2ulaw(audioop.mul(heard, 2, self.echo_gain), 2)

    def say(self, pcm: Pcm) -> None:
        """Queue 8 kHz PCM."""
        ulaw = audioop.lin2ulaw(pcm.astype("<i2").tobytes(), 2)
        ulaw += b"\xff" * (-len(ulaw) % 160)
        self.outgoing += [ulaw[at : at + 160] for at in range(0, len(ulaw), 160)]

    def first_sound(self, after: float) -> float | None:
        """When the first audible packet came that arrived after ``after``."""
        found = [
            at
            for at, level in zip(self.arrivals, self.levels, strict=True)
            if at > after and level > AUDIBLE
        ]
        return found[0] if found else None

    def last_sound(self) -> float:
        """When the newest audible packet came; 0 if none did."""
        for at, level in zip(reversed(self.arrivals), reversed(self.levels), strict=True):
            if level > AUDIBLE:
                return at
        return 0.0

    def heard(self, after: float = 0.0) -> Pcm:
        """What arrived after ``after``."""
        chosen = [
            payload for at, payload in zip(self.arrivals, self.ulaw, strict=True) if at > after
        ]
        return np.frombuffer(audioop.ulaw2lin(b"".join(chosen), 2), dtype="<i2").astype(np.int16)


class Phones:
    """Any number of lines over one SIP user agent; use as an async context manager."""

    def __init__(self, sip_port: int) -> None:
        self._destination = sip.Endpoint("udp", "127.0.0.1", sip_port)
        self._agent = UserAgent(UserAgentConfig(user_agent="bench", max_calls=2000))
        self._sip = SipTransport(self._agent, self._on_event, AccessList(), SystemClock())
        self._lines: dict[int, Line] = {}
        self._ticker: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Phones":
        await self._sip.start("127.0.0.1", 0)
        self._ticker = asyncio.create_task(self._tick())
        return self

    async def __aexit__(self, *_: object) -> None:
        for call in list(self._lines):
            self._agent.hang_up(call, time.monotonic())
        self._sip.flush()
        await asyncio.sleep(0.5)
        if self._ticker is not None:
            self._ticker.cancel()
        for line in self._lines.values():
            line.transport.close()
        await self._sip.close()

    async def dial(self, number: str) -> Line:
        """Ring and wait until answered."""
        line = Line()
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: line, ("127.0.0.1", 0))
        port = transport.get_extra_info("sockname")[1]
        host, sip_port = self._destination.host, self._destination.port
        line.number = self._agent.invite(
            f"sip:{number}@{host}:{sip_port}",
            self._destination,
            "+12025550199",
            "127.0.0.1",
            port,
            time.monotonic(),
        )
        self._lines[line.number] = line
        self._sip.flush()
        await asyncio.wait_for(line.answered.wait(), 20.0)
        return line

    def hang_up(self, line: Line) -> None:
        """Send BYE."""
        self._agent.hang_up(line.number, time.monotonic())
        self._sip.flush()

    async def release(self, line: Line, timeout: float = 10.0) -> bool:
        """Hang up, wait for the end and forget the line; False when the end didn't come."""
        if not line.ended.is_set():
            self.hang_up(line)
        try:
            await asyncio.wait_for(line.ended.wait(), timeout)
        except TimeoutError:
            return False
        finally:
            self._lines.pop(line.number, None)
            line.transport.close()
        return True

    def _on_event(self, event: sip.Event) -> None:
        if isinstance(event, sip.IncomingCall):
            return
        line = self._lines.get(event.call)
        if line is None:
            return
        if isinstance(event, sip.CallEstablished) and event.media is not None:
            line.remote = (event.media.remote_host, event.media.remote_port)
            line.answered_at = time.monotonic()
            line.answered.set()
        elif isinstance(event, sip.MediaChanged):
            line.remote = (event.media.remote_host, event.media.remote_port)
        elif isinstance(event, sip.CallEnded):
            line.reason = event.reason
            line.ended.set()
            line.answered.set()

    async def _tick(self) -> None:
        began, ticks = time.monotonic(), 0
        while True:
            for line in list(self._lines.values()):
                line.send_tick()
            ticks += 1
            await asyncio.sleep(max(0.0, began + ticks * 0.02 - time.monotonic()))
