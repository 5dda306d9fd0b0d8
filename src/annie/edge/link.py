"""The edge's end of the link: listens on a Unix socket for voice processes.

A voice process that doesn't read must not stall the ticker: what can't be written at
once waits in a buffer of about a second; beyond it the audio of that tick is dropped
and counted, and a process that reads nothing for ten seconds is given up.
"""

import asyncio
import contextlib
import logging
import os
import socket
from pathlib import Path
from typing import Final, Protocol, cast

from annie.kit import link
from annie.kit.link import Control, DownstreamAudio, Hello, LinkError, PacketReader

logger = logging.getLogger(__name__)

#: Ticks of unread audio that are kept for a voice process (1 s).
BACKLOG_TICKS: Final = 50
#: Bytes of backlog that are always allowed: a second of a few calls.
BACKLOG_BYTES: Final = 256 * 1024
#: Ticks without room in the backlog after which a voice process counts as dead (10 s).
DEAD_TICKS: Final = 500

BatchEntry = tuple[int, int, int, int, bytes]
#: What a voice process may say about a call.
Command = (
    link.Ring
    | link.Answer
    | link.Reject
    | link.Hangup
    | link.Flush
    | link.SendDigits
    | link.Checkpoint
)
_COMMANDS: Final = (
    link.Ring,
    link.Answer,
    link.Reject,
    link.Hangup,
    link.Flush,
    link.SendDigits,
    link.Checkpoint,
)


class SocketInUse(OSError):  # noqa: N818
    """Another edge is listening on the socket."""


class LinkHandler(Protocol):
    """Told by the link, on the loop."""

    def on_voice_connected(self, voice: "Voice") -> None:
        """A voice process of our version is ready for calls."""
        ...

    def on_voice_lost(self, voice: "Voice") -> None:
        """Its connection is gone; ``voice.calls`` are the calls that it had."""
        ...

    def on_comfort(self, comfort: link.Comfort) -> None:
        """What to play when nobody is there to speak."""
        ...

    def on_voice_moving(self, voice: "Voice") -> None:
        """It didn't move for a while, and does again."""
        ...

    def on_command(self, voice: "Voice", command: Command) -> None:
        """It wants something done with one of its calls."""
        ...

    def on_audio(self, voice: "Voice", audio: DownstreamAudio) -> None:
        """Audio to be played to one of its calls."""
        ...


class Voice(asyncio.Protocol):
    """One connected voice process. ``dropped_ticks`` counts batches that it was too slow for."""

    def __init__(self, server: "LinkServer") -> None:
        self._server = server
        self._reader = PacketReader()
        self._transport: asyncio.Transport | None = None
        self._greeted = False
        self._blocked_ticks = 0
        self.calls: set[int] = set()
        self.dropped_ticks = 0
        self.pid = 0
        #: Ticks since its last sign of life, counted while it has calls; too many: stalled.
        #: Not seconds: a pause of our own must not be taken for one of theirs.
        self.still_ticks = 0
        self.stalled = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(link.encode_control(Hello(role="edge", pid=os.getpid())))

    def data_received(self, data: bytes) -> None:
        try:
            for packet in self._reader.feed(data):
                self._take(packet)
        except LinkError as error:
            logger.error("link_broken", extra={"pid": self.pid, "error": str(error)})
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._server.lost(self)

    def send(self, message: Control) -> None:
        """Send a control message; dropped if the connection is gone."""
        if self._transport is not None:
            self._transport.write(link.encode_control(message))

    def send_batch(self, tick: int, entries: list[BatchEntry]) -> None:
        """Send a tick's audio, or drop it if the process is too far behind."""
        transport = self._transport
        if transport is None:
            return
        packet = link.encode_upstream(tick, entries)
        backlog = transport.get_write_buffer_size()
        if backlog > max(BACKLOG_BYTES, BACKLOG_TICKS * len(packet)):
            self.dropped_ticks += 1
            self._blocked_ticks += 1
            if self._blocked_ticks == 1:
                logger.warning("voice_too_slow", extra={"pid": self.pid, "backlog": backlog})
            if self._blocked_ticks >= DEAD_TICKS:
                logger.error("voice_given_up", extra={"pid": self.pid})
                self.abort()
            return
        self._blocked_ticks = 0
        transport.write(packet)

    def abort(self) -> None:
        """Close the connection without waiting."""
        if self._transport is not None:
            self._transport.abort()

    def _take(self, packet: link.Packet) -> None:
        self.still_ticks = 0
        if not self._greeted:
            self._greet(packet)
            return
        if self.stalled:
            self.stalled = False
            self._server.handler.on_voice_moving(self)
        if isinstance(packet, link.Alive):
            return
        if isinstance(packet, link.Comfort):
            self._server.handler.on_comfort(packet)
        elif isinstance(packet, list):
            for audio in packet:
                if audio.call in self.calls:
                    self._server.handler.on_audio(self, audio)
        elif isinstance(packet, _COMMANDS):
            # A call that has ended meanwhile is no fault: our message and theirs crossed.
            if packet.call in self.calls:
                self._server.handler.on_command(self, packet)
        else:
            raise LinkError(f"a voice process doesn't send {type(packet).__name__}")

    def _greet(self, packet: link.Packet) -> None:
        if not isinstance(packet, Hello):
            raise LinkError("the first packet must be Hello")
        if packet.version != link.VERSION:
            raise LinkError(
                f"voice speaks link version {packet.version}, this edge {link.VERSION}: "
                "run both from the same release"
            )
        self._greeted = True
        self.pid = packet.pid
        self._server.connected(self)


class LinkServer:
    """Listens for voice processes and knows which call belongs to which."""

    def __init__(self, path: Path, handler: LinkHandler) -> None:
        self.handler = handler
        self._path = path
        self._voices: list[Voice] = []
        self._by_call: dict[int, Voice] = {}
        self._bound: socket.socket | None = None
        self._server: asyncio.Server | None = None

    @property
    def voices(self) -> tuple[Voice, ...]:
        """Voice processes that are ready, oldest first."""
        return tuple(self._voices)

    def claim(self) -> None:
        """Take the path, without listening yet. A socket file that nobody listens on is replaced.

        Raises:
            SocketInUse: another process listens there.
            OSError: the path can't be bound.
        """
        if _is_served(self._path):
            raise SocketInUse(f"another edge is listening on {self._path}")
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()
        bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            bound.bind(str(self._path))
            # Whoever can connect hears every call: nobody but our own user may.
            self._path.chmod(0o600)
        except BaseException:
            bound.close()
            raise
        self._bound = bound

    async def start(self) -> None:
        """Listen. Raises as ``claim`` does, which needs not have been called before."""
        if self._bound is None:
            self.claim()
        bound, self._bound = self._bound, None
        loop = asyncio.get_running_loop()
        self._server = await loop.create_unix_server(lambda: Voice(self), sock=bound)

    async def close(self) -> None:
        """Stop listening and drop every connection."""
        if self._bound is not None:
            self._bound.close()
            self._bound = None
        if self._server is not None:
            self._server.close()
            self._server = None
            with contextlib.suppress(FileNotFoundError):
                self._path.unlink()
        for voice in list(self._voices):
            voice.abort()

    def least_loaded(self) -> Voice | None:
        """The voice process with the fewest calls; ``None`` if none is there."""
        moving = [voice for voice in self._voices if not voice.stalled]
        return min(moving, key=lambda voice: len(voice.calls), default=None)

    def assign(self, call: int, voice: Voice) -> None:
        """Give a call to a voice process."""
        if not voice.calls:
            # It had no reason to give a sign of life until now.
            voice.still_ticks = 0
        voice.calls.add(call)
        self._by_call[call] = voice

    def release(self, call: int) -> None:
        """The call is over, or without a voice process for now."""
        voice = self._by_call.pop(call, None)
        if voice is not None:
            voice.calls.discard(call)

    def voice_of(self, call: int) -> Voice | None:
        """Who has the call."""
        return self._by_call.get(call)

    def send(self, call: int, message: Control) -> None:
        """Tell the call's voice process; nothing happens if it has none."""
        voice = self._by_call.get(call)
        if voice is not None:
            voice.send(message)

    def send_batch(self, tick: int, entries: list[BatchEntry]) -> None:
        """Send everybody their calls' part of a tick."""
        shares: dict[Voice, list[BatchEntry]] = {}
        for entry in entries:
            voice = self._by_call.get(entry[0])
            if voice is not None:
                shares.setdefault(voice, []).append(entry)
        for voice, share in shares.items():
            voice.send_batch(tick, share)

    def connected(self, voice: Voice) -> None:
        """Called by a connection that has said a good Hello."""
        self._voices.append(voice)
        logger.debug("voice_connected", extra={"pid": voice.pid, "voices": len(self._voices)})
        self.handler.on_voice_connected(voice)

    def lost(self, voice: Voice) -> None:
        """Called by a connection that has ended."""
        if voice not in self._voices:
            return
        self._voices.remove(voice)
        logger.warning("voice_lost", extra={"pid": voice.pid, "calls": len(voice.calls)})
        self.handler.on_voice_lost(voice)
        for call in list(voice.calls):
            if self._by_call.get(call) is voice:
                self.release(call)


def _is_served(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True
