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
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from annie.edge.rtp.digits import Press
from annie.edge.rtp.lateness import Lateness
from annie.edge.rtp.ports import PortRange
from annie.edge.rtp.stream import CallStream
from annie.edge.rtp.ticker import SLOTS, Ticker
from annie.edge.sip.events import MediaDescription

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


@dataclass(slots=True, frozen=True)
class CallStatistics:
    """Packets and frames of one call so far. ``lost`` counts frames with nothing to hear."""

    sent: int
    received: int
    ignored: int
    lost: int
    late: int
    duplicates: int


class _Line:
    __slots__ = ("bound", "slot", "stream", "ticking")

    def __init__(self, stream: CallStream, bound: socket.socket, slot: int) -> None:
        self.stream = stream
        self.bound = bound
        self.slot = slot
        self.ticking = False


class MediaEngine:
    """RTP of all calls. ``lateness`` holds how late packets left."""

    def __init__(
        self,
        ports: PortRange,
        listener: MediaListener,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ports = ports
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

    def open(self, call: int) -> int:
        """Give a call its UDP port; returns its number.

        Raises:
            NoPortLeft: the range is exhausted.
            OSError: no socket could be had.
        """
        bound = self._ports.open()
        slot = min(_PREFERRED, key=lambda each: len(self._slots[each]) // _TOGETHER)
        line = _Line(CallStream(call), bound, slot)
        self._lines[call] = line
        self._slots[slot].append(line)
        self._selector.register(bound, selectors.EVENT_READ, line)
        self._wake()
        port: int = bound.getsockname()[1]
        return port

    def begin(self, call: int) -> None:
        """The call is up: from now on it is part of every batch."""
        if line := self._lines.get(call):
            line.ticking = True

    def describe(self, call: int, media: MediaDescription) -> None:
        """What was agreed with the peer, at first or anew."""
        if line := self._lines.get(call):
            line.stream.describe(media)

    def close(self, call: int) -> CallStatistics | None:
        """Forget a call and free its port. ``None`` if it is gone already."""
        line = self._lines.pop(call, None)
        if line is None:
            return None
        self._slots[line.slot].remove(line)
        self._selector.unregister(line.bound)
        line.bound.close()
        return _statistics(line.stream)

    def statistics(self, call: int) -> CallStatistics | None:
        """How a call fares; ``None`` if it is gone."""
        line = self._lines.get(call)
        return _statistics(line.stream) if line is not None else None

    def play(self, call: int, epoch: int, pcm: bytes) -> None:
        """Queue whole frames of PCM for a call; for one that is gone it is dropped."""
        if line := self._lines.get(call):
            line.stream.playback.push(epoch, pcm)

    def queued(self, call: int) -> int:
        """Frames that wait to be played."""
        line = self._lines.get(call)
        return line.stream.playback.queued if line is not None else 0

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
            self._poll(now)
        for _ in range(due):
            position = ticker.position
            # Before the work: a slot that fails must not be due again for ever.
            ticker.step()
            slot = position % SLOTS
            if slot == 0:
                self._take_batch(position // SLOTS, now)
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
            line: _Line = key.data
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
        for line in list(self._lines.values()):
            stream = line.stream
            if not line.ticking:
                continue
            entries.append(stream.take())
            press = stream.expire_digit(now)
            if press is not None:
                self._listener.on_digit(stream.call, press)
            if stream.finished():
                finished.append(stream.call)
        if entries:
            self._listener.on_batch(tick, entries)
        for call in finished:
            self._listener.on_played_out(call)

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


def _statistics(stream: CallStream) -> CallStatistics:
    receiver = stream.receiver
    return CallStatistics(
        sent=stream.sent,
        received=stream.received,
        ignored=stream.ignored,
        lost=receiver.lost,
        late=receiver.late,
        duplicates=receiver.duplicates,
    )
