"""The voice process's end of the link: connects to the edge and turns packets into calls."""

import asyncio
import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, cast
from uuid import UUID

from annie.calls.link_leg import LinkLeg
from annie.calls.protocols import CallLeg
from annie.kit import link
from annie.kit.link import Control, Hello, LinkError, PacketReader, UpstreamBatch

logger = logging.getLogger(__name__)

#: Seconds between attempts to connect.
FIRST_RETRY: Final = 0.02
LAST_RETRY: Final = 0.2
#: Ticks between two signs of life (100 ms).
ALIVE_TICKS: Final = 5
#: Bytes of audio in one packet, well below ``kit.link.MAX_PACKET``.
MAX_AUDIO_PACKET: Final = 2 * 1024 * 1024


class VoiceLink:
    """The connection to the edge: offers calls as legs, keeps reconnecting until closed."""

    def __init__(
        self,
        path: Path | str,
        on_call: Callable[[CallLeg], None],
        on_tick: Callable[[], None] = lambda: None,
        on_resumed: Callable[[CallLeg, link.CallResumed], None] | None = None,
    ) -> None:
        """``on_call`` is given each offered call and must ``listen`` before it returns.

        ``on_resumed`` likewise, for established calls whose process was lost; without it
        they are hung up.

        ``on_tick`` is called once a tick after the frames of all calls were told, the
        place for work that is done for all calls in one batch.
        """
        self._path = str(path)
        self._on_call = on_call
        self._on_tick = on_tick
        self._on_resumed = on_resumed
        self._comforts: list[link.Comfort] = []
        self._live: frozenset[UUID] = frozenset()
        self._transport: asyncio.Transport | None = None
        self._legs: dict[int, LinkLeg] = {}
        self._dirty: dict[LinkLeg, None] = {}
        self._scheduled = False
        self._closed = False
        self._connected = asyncio.Event()
        self._informed = asyncio.Event()
        self._lost = asyncio.Event()

    @property
    def calls(self) -> int:
        """Calls that haven't ended."""
        return len(self._legs)

    @property
    def connected(self) -> bool:
        """Whether the edge has greeted us."""
        return self._connected.is_set()

    async def wait_connected(self) -> None:
        """Wait until the edge has greeted us."""
        await self._connected.wait()

    async def wait_informed(self) -> None:
        """Wait until the edge that is there now has told which calls are up."""
        await self._informed.wait()

    async def wait_lost(self) -> None:
        """Wait until the edge is gone."""
        await self._lost.wait()

    @property
    def live(self) -> frozenset[UUID]:
        """Conversations whose calls were up when the edge greeted us last."""
        return self._live

    def comfort(self, comforts: Sequence[link.Comfort]) -> None:
        """Leave with every edge what it plays when nobody is there to speak."""
        self._comforts = list(comforts)
        if self.connected:
            for each in self._comforts:
                self.send(each)

    async def run(self) -> None:
        """Connect, and connect again whenever the edge goes away, until ``close``."""
        loop = asyncio.get_running_loop()
        pause = FIRST_RETRY
        while not self._closed:
            self._lost.clear()
            try:
                await loop.create_unix_connection(lambda: _Connection(self), self._path)
                await self._lost.wait()
                pause = FIRST_RETRY
            except OSError:
                pass
            if not self._closed:
                await asyncio.sleep(pause)
                pause = min(2 * pause, LAST_RETRY)

    def close(self) -> None:
        """Drop the connection; ``run`` returns. Calls that are left end as ``LINK_LOST``."""
        self._closed = True
        if self._transport is not None:
            self._transport.abort()
        self._lost.set()

    # For the legs

    def send(self, message: Control) -> None:
        """Send a control message now."""
        if self._transport is not None:
            self._transport.write(link.encode_control(message))

    def schedule(self, leg: LinkLeg) -> None:
        """Collect a leg's audio at the end of this turn of the loop, with everybody else's."""
        self._dirty[leg] = None
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._send_audio)

    # For the connection

    def opened(self, transport: asyncio.Transport) -> None:
        """The socket is connected."""
        self._transport = transport
        transport.write(link.encode_control(Hello(role="voice", pid=os.getpid())))

    def lost(self) -> None:
        """The socket is gone."""
        self._transport = None
        if self._connected.is_set():
            logger.warning("link_lost", extra={"calls": len(self._legs)})
        self._connected.clear()
        self._informed.clear()
        legs, self._legs = list(self._legs.values()), {}
        self._dirty.clear()
        for leg in legs:
            leg.ended("edge", link.LINK_LOST)
        self._lost.set()

    def take(self, packet: link.Packet) -> None:
        """One packet from the edge. Raises ``LinkError`` for what no edge sends."""
        if isinstance(packet, UpstreamBatch):
            self._take_batch(packet)
            return
        match packet:
            case Hello():
                if packet.version != link.VERSION:
                    raise LinkError(
                        f"the edge speaks link version {packet.version}, this process "
                        f"{link.VERSION}: run both from the same release"
                    )
                self._connected.set()
                for comfort in self._comforts:
                    self.send(comfort)
                logger.debug("link_connected", extra={"pid": packet.pid})
            case link.LiveCalls():
                self._live = frozenset(packet.conversations)
                self._informed.set()
            case link.CallOffered():
                self._offer(packet)
            case link.CallResumed():
                self._resume(packet)
            case link.CallEstablished():
                if leg := self._legs.get(packet.call):
                    leg.established()
            case link.CallEnded():
                if leg := self._legs.pop(packet.call, None):
                    leg.ended(packet.by, packet.reason, packet.media)
            case link.DigitReceived():
                if leg := self._legs.get(packet.call):
                    leg.digit(packet.digit)
            case link.Flushed():
                if leg := self._legs.get(packet.call):
                    leg.flushed(packet.epoch, packet.played)
            case _:
                raise LinkError(f"the edge doesn't send {type(packet).__name__}")

    def _offer(self, offered: link.CallOffered) -> None:
        leg = LinkLeg(self, offered.call, offered.facts)
        self._legs[offered.call] = leg
        try:
            self._on_call(leg)
        except Exception:
            logger.exception("call_refused_by_fault", extra={"call": offered.call})
            leg.reject(500, "Server Internal Error")

    def _resume(self, resumed: link.CallResumed) -> None:
        leg = LinkLeg(self, resumed.call, resumed.facts, resumed)
        self._legs[resumed.call] = leg
        try:
            if self._on_resumed is None:
                leg.hang_up()
            else:
                self._on_resumed(leg, resumed)
        except Exception:
            logger.exception("call_not_resumed", extra={"call": resumed.call})
            leg.hang_up()

    def _take_batch(self, batch: UpstreamBatch) -> None:
        if batch.tick % ALIVE_TICKS == 0:
            self.send(link.Alive(batch.tick))
        for frame in batch.frames:
            leg = self._legs.get(frame.call)
            if leg is not None:
                leg.frame(batch.tick, frame)
        try:
            self._on_tick()
        except Exception:
            logger.exception("tick_failed")
        remainders = [
            audio for leg in self._legs.values() if (audio := self._remainder(leg)) is not None
        ]
        self._write_audio(remainders)

    def _remainder(self, leg: LinkLeg) -> tuple[int, int, bytes] | None:
        # What play() got in this very turn of the loop goes first, and may fill the frame.
        return None if leg in self._dirty else leg.take_remainder()

    def _send_audio(self) -> None:
        self._scheduled = False
        legs, self._dirty = list(self._dirty), {}
        audio: list[tuple[int, int, bytes]] = []
        for leg in legs:
            if whole := leg.take_audio():
                audio.append(whole)
            if leg.hanging_up and (rest := leg.take_remainder()):
                audio.append(rest)
        self._write_audio(audio)
        for leg in legs:
            leg.sent()

    def _write_audio(self, audio: list[tuple[int, int, bytes]]) -> None:
        if self._transport is None:
            return
        packet: list[tuple[int, int, bytes]] = []
        size = 0
        for each in audio:
            if packet and size + len(each[2]) > MAX_AUDIO_PACKET:
                self._transport.write(link.encode_downstream(packet))
                packet, size = [], 0
            packet.append(each)
            size += len(each[2])
        if packet:
            self._transport.write(link.encode_downstream(packet))


class _Connection(asyncio.Protocol):
    def __init__(self, owner: VoiceLink) -> None:
        self._owner = owner
        self._reader = PacketReader()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclasses of asyncio's.
        self._transport = cast(asyncio.Transport, transport)
        self._owner.opened(self._transport)

    def data_received(self, data: bytes) -> None:
        try:
            for packet in self._reader.feed(data):
                self._owner.take(packet)
        except LinkError as error:
            logger.error("link_broken", extra={"error": str(error)})
            if self._transport is not None:
                self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._owner.lost()
