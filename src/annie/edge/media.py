"""The media engine: sockets and the one ticker for all calls of the process.

Each tick of 20 ms: every call's received frame goes into one upstream batch, then one
packet a call is sent, spread over ten slots of 2 ms. Sockets are read with one poll a
slot instead of a callback a packet, which costs a fraction of it and keeps the order
of things the same in every tick.
"""

import asyncio
import contextlib
import logging
import selectors
import time
from collections.abc import Callable
from typing import Final, Protocol

from annie.edge.rtp.digits import Press
from annie.edge.rtp.lateness import Lateness
from annie.edge.rtp.ports import PortRange, Ports
from annie.edge.rtp.stream import CallStream
from annie.edge.rtp.ticker import SLOTS, Ticker
from annie.edge.sip.events import MediaDescription
from annie.kit.link import MediaFigures

logger = logging.getLogger(__name__)

#: ``(call, epoch, played, flags, pcm)``, as ``kit.link.encode_upstream`` takes it.
BatchEntry = tuple[int, int, int, int, bytes]

#: The batch goes up in slot 0. An answer to it comes within a few milliseconds, so
#: calls that leave a little later than that hear it in the same tick.
_PREFERRED: Final = (3, 4, 5, 2, 6, 7, 8, 9, 1, 0)
#: Calls that share a slot before another is used: waking up costs more than a few packets.
_TOGETHER: Final = 8
_DATAGRAM: Final = 2048
#: Packets read from one socket at one poll; more than that is a flood.
_READ_AT_ONCE: Final = 16
#: Seconds between two looks at a call for what isn't done every tick: RTCP, a dead peer.
_ATTEND: Final = 1.0
#: Seconds without RTP and RTCP from a peer that isn't on hold after which it is dead.
MEDIA_TIMEOUT: Final = 30.0


class MediaListener(Protocol):
    """Told by the engine, on the loop, while it ticks. Must return quickly."""

    def on_batch(self, tick: int, entries: list[BatchEntry]) -> None:
        """20 ms of all calls that are open. ``tick`` counts 20 ms since the engine started."""
        ...

    def on_digit(self, call: int, press: Press) -> None:
        """A key was pressed."""
        ...

    def on_played_out(self, call: int) -> None:
        """After ``hang_up_after_playout``: the caller has heard everything."""
        ...

    def on_media_lost(self, call: int) -> None:
        """The peer has been silent for too long; told once a second until the call is closed."""
        ...


class _Line:
    __slots__ = ("attend_at", "bound", "ports", "slot", "stream", "ticking")

    def __init__(self, stream: CallStream, ports: Ports, slot: int) -> None:
        self.stream = stream
        self.ports = ports
        self.bound = ports.rtp
        self.slot = slot
        self.ticking = False
        self.attend_at = 0.0


class MediaEngine:
    """RTP of all calls. ``lateness`` holds how late packets left."""

    def __init__(
        self,
        ports: PortRange,
        listener: MediaListener,
        monotonic: Callable[[], float] = time.monotonic,
        media_timeout: float = MEDIA_TIMEOUT,
    ) -> None:
        """``media_timeout`` in seconds; 0 waits for a peer for ever."""
        self._ports = ports
        self._media_timeout = media_timeout
        self._wall_offset = time.time() - time.monotonic()
        self._listener = listener
        self._monotonic = monotonic
        self._lines: dict[int, _Line] = {}
        self._slots: list[list[_Line]] = [[] for _ in range(SLOTS)]
        self._selector = selectors.DefaultSelector()
        self._ticker = Ticker(monotonic())
        self._timer: asyncio.TimerHandle | None = None
        self._resting = True
        self._closed = False
        self._buffer = bytearray(_DATAGRAM)
        self._view = memoryview(self._buffer)
        self.lateness = Lateness()

    @property
    def calls(self) -> int:
        """Calls with a port."""
        return len(self._lines)

    @property
    def skipped_ticks(self) -> int:
        """Ticks given up because the process was held up for more than 100 ms."""
        return self._ticker.skipped

    def open(self, call: int, wanted: int = 0) -> int:
        """Give a call its UDP ports; returns the number of RTP's, RTCP has the next one.

        ``wanted``: the port that it had before, taken if it is free.

        Raises:
            NoPortLeft: the range is exhausted.
            OSError: no socket could be had.
        """
        ports = self._ports.open(self._monotonic(), wanted)
        slot = min(_PREFERRED, key=lambda each: len(self._slots[each]) // _TOGETHER)
        line = _Line(CallStream(call, ports.former, self._wall_offset), ports, slot)
        self._lines[call] = line
        self._slots[slot].append(line)
        self._selector.register(ports.rtp, selectors.EVENT_READ, (line, False))
        self._selector.register(ports.rtcp, selectors.EVENT_READ, (line, True))
        self._wake()
        return ports.number

    def begin(self, call: int) -> None:
        """The call is up: from now on it is part of every batch."""
        if line := self._lines.get(call):
            line.ticking = True
            line.attend_at = self._monotonic() + _ATTEND

    def describe(self, call: int, media: MediaDescription) -> None:
        """What was agreed with the peer, at first or anew."""
        if line := self._lines.get(call):
            line.stream.describe(media)

    def close(self, call: int) -> MediaFigures | None:
        """Forget a call and free its ports. ``None`` if it is gone already."""
        line = self._lines.pop(call, None)
        if line is None:
            return None
        self._slots[line.slot].remove(line)
        stream, now = line.stream, self._monotonic()
        if line.ticking:
            self._send_control(line, stream.goodbye(now))
        self._selector.unregister(line.ports.rtp)
        self._selector.unregister(line.ports.rtcp)
        self._ports.release(line.ports, stream.stream_heard, now)
        return stream.figures()

    def statistics(self, call: int) -> MediaFigures | None:
        """How a call fares; ``None`` if it is gone."""
        line = self._lines.get(call)
        return line.stream.figures() if line is not None else None

    def play(self, call: int, epoch: int, pcm: bytes) -> None:
        """Queue whole frames of PCM for a call; for one that is gone it is dropped."""
        if line := self._lines.get(call):
            line.stream.playback.push(epoch, pcm)

    def queued(self, call: int) -> int:
        """Frames that wait to be played."""
        line = self._lines.get(call)
        return line.stream.playback.queued if line is not None else 0

    def position(self, call: int) -> tuple[int, int, int] | None:
        """Epoch of a call's playback, its frames that were played, and those that wait."""
        line = self._lines.get(call)
        if line is None:
            return None
        playback = line.stream.playback
        return playback.epoch, playback.played, playback.queued

    def flush(self, call: int, epoch: int) -> int | None:
        """End ``epoch`` of a call's playback; returns how many of its frames were played.

        ``None`` if the call or the epoch is over already.
        """
        line = self._lines.get(call)
        return line.stream.playback.flush(epoch) if line is not None else None

    def send_digits(self, call: int, digits: str) -> None:
        """Interrupt the playback with digits. Raises ``ValueError`` for what no key has."""
        if line := self._lines.get(call):
            line.stream.send_digits(digits)

    def hang_up_after_playout(self, call: int) -> None:
        """Have ``on_played_out`` called once the queue is empty."""
        if line := self._lines.get(call):
            line.stream.hang_up_after_playout()

    def shut(self) -> None:
        """Stop ticking and free every port."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for call in list(self._lines):
            self.close(call)
        self._selector.close()

    def advance(self, now: float) -> None:
        """Run every slot due at ``now``. The timer calls it; tests call it themselves."""
        ticker = self._ticker
        due, skipped = ticker.catch_up(now)
        if skipped:
            logger.warning("ticks_skipped", extra={"ticks": skipped})
            for line in self._lines.values():
                line.stream.skip(skipped)
        if due:
            # Arrivals count from when the poll was due: that we were held up is not jitter.
            self._poll(min(now, ticker.due_at(ticker.position)))
        for _ in range(due):
            position = ticker.position
            # Before the work: a slot that fails must not be due again for ever.
            ticker.step()
            slot = position % SLOTS
            if slot == 0:
                self._take_batch(position // SLOTS, ticker.due_at(position))
            if self._slots[slot]:
                self._send_slot(slot, ticker.due_at(position))

    def next_due(self) -> float:
        """When ``advance`` has something to do next."""
        ticker = self._ticker
        position = ticker.position
        while position % SLOTS and not self._slots[position % SLOTS]:
            position += 1
        return ticker.due_at(position)

    def _wake(self) -> None:
        if not self._resting or self._closed:
            return
        self._resting = False
        self._ticker.rest(self._monotonic())
        with contextlib.suppress(RuntimeError):
            self._arm(asyncio.get_running_loop())

    def _arm(self, loop: asyncio.AbstractEventLoop) -> None:
        milliseconds = round((self.next_due() - self._monotonic()) * 1000)
        self._timer = loop.call_later(max(milliseconds, 1) / 1000, self._on_timer, loop)

    def _on_timer(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._closed:
            return
        try:
            self.advance(self._monotonic())
        except Exception:
            # One call's surprise must not silence all the others.
            logger.exception("tick_failed")
        if self._lines:
            self._arm(loop)
        else:
            self._resting = True
            self._timer = None

    def _poll(self, now: float) -> None:
        for key, _ in self._selector.select(0):
            line: _Line
            is_control: bool
            line, is_control = key.data
            if is_control:
                self._read_control(line)
                continue
            for _ in range(_READ_AT_ONCE):
                try:
                    size, source = line.bound.recvfrom_into(self._buffer)
                except (BlockingIOError, InterruptedError):
                    break
                except OSError:
                    # An ICMP error for a packet that we sent; the next read goes on.
                    continue
                for press in line.stream.receive(bytes(self._view[:size]), source[:2], now):
                    self._listener.on_digit(line.stream.call, press)

    def _take_batch(self, tick: int, now: float) -> None:
        entries: list[BatchEntry] = []
        finished: list[int] = []
        lost: list[int] = []
        for line in list(self._lines.values()):
            stream = line.stream
            if not line.ticking:
                continue
            entries.append(stream.take(now))
            press = stream.expire_digit(now)
            if press is not None:
                self._listener.on_digit(stream.call, press)
            if stream.finished():
                finished.append(stream.call)
            if now >= line.attend_at:
                line.attend_at = now + _ATTEND
                if self._attend(line, now):
                    lost.append(stream.call)
        if entries:
            self._listener.on_batch(tick, entries)
        for call in finished:
            self._listener.on_played_out(call)
        for call in lost:
            self._listener.on_media_lost(call)

    def _attend(self, line: _Line, now: float) -> bool:
        """What is due once in a while; whether the peer has to be given up."""
        report = line.stream.control_due(now)
        if report is not None:
            self._send_control(line, report)
        silent = line.stream.silent_for(now)
        return 0 < self._media_timeout <= silent

    def _read_control(self, line: _Line) -> None:
        for _ in range(_READ_AT_ONCE):
            try:
                data, source = line.ports.rtcp.recvfrom(_DATAGRAM)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                # As above.
                continue
            line.stream.receive_control(data, source[:2], self._monotonic())

    def _send_control(self, line: _Line, data: bytes) -> None:
        target = line.stream.control_target
        if target is not None:
            bound = line.ports.rtp if line.stream.muxed else line.ports.rtcp
            with contextlib.suppress(OSError):
                bound.sendto(data, target)

    def _send_slot(self, slot: int, due: float) -> None:
        monotonic = self._monotonic
        record = self.lateness.record
        for line in self._slots[slot]:
            data = line.stream.send()
            if data is None:
                continue
            target = line.stream.target
            if target is None:
                continue
            # A full socket buffer or an unreachable host costs this packet, as on any network.
            with contextlib.suppress(OSError):
                line.bound.sendto(data, target)
            record(monotonic() - due)
