"""Telephone events: keys pressed and sent as RTP packets of their own (RFC 4733)."""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from annie.kit.link import FRAME_SAMPLES

DIGITS: Final = "0123456789*#ABCD"

_EVENT = struct.Struct("!BBH")
_END: Final = 0x80
_VOLUME: Final = 10
_LONGEST: Final = 0xFFFF
#: Seconds without an update after which a press counts as ended (its end packets were lost).
TIMEOUT: Final = 0.2
#: 100 ms of tone, the end packet sent three times (section 2.5.1.4), 60 ms of rest after that.
UPDATE_TICKS: Final = 5
END_PACKETS: Final = 3
REST_TICKS: Final = 3


@dataclass(slots=True, frozen=True)
class Press:
    """One key pressed by the peer."""

    digit: str
    duration_ms: int


@dataclass(slots=True)
class _Open:
    began: int
    code: int
    duration: int
    seen_at: float
    segments_before: int = 0


class DigitReceiver:
    """Makes one ``Press`` of the many packets that tell of it."""

    __slots__ = ("_done", "_open")

    def __init__(self) -> None:
        self._open: _Open | None = None
        self._done: int | None = None

    def receive(self, timestamp: int, payload: bytes, now: float) -> list[Press]:
        """Take one event packet; returns the presses that it ended, oldest first."""
        if len(payload) < _EVENT.size:
            return []
        code, flags, duration = _EVENT.unpack_from(payload)
        if code >= len(DIGITS) or self._is_past(timestamp):
            return []
        presses: list[Press] = []
        current = self._open
        if current is not None and current.began != timestamp:
            if _continues(current, code, timestamp):
                # Longer than the field can say: the press goes on in a new segment.
                current.began = timestamp
                current.segments_before += _LONGEST
            elif _after(timestamp, current.began):
                presses.append(self._finish(current))
                current = None
            else:
                return []
        if current is None:
            current = self._open = _Open(timestamp, code, duration, now)
        current.duration = max(current.duration, current.segments_before + duration)
        current.seen_at = now
        if flags & _END:
            presses.append(self._finish(current))
        return presses

    def expire(self, now: float) -> Press | None:
        """The press whose end never came, once it has been quiet for ``TIMEOUT`` seconds."""
        if self._open is None or now - self._open.seen_at < TIMEOUT:
            return None
        return self._finish(self._open)

    def _is_past(self, timestamp: int) -> bool:
        return self._done is not None and not _after(timestamp, self._done)

    def _finish(self, press: _Open) -> Press:
        self._open = None
        self._done = press.began
        return Press(DIGITS[press.code], press.duration * 1000 // 8000)


def _after(timestamp: int, other: int) -> bool:
    return 0 < (timestamp - other) & 0xFFFFFFFF < 0x80000000


def _continues(press: _Open, code: int, timestamp: int) -> bool:
    return press.code == code and (timestamp - press.began) & 0xFFFFFFFF == _LONGEST


@dataclass(slots=True, frozen=True)
class EventPacket:
    """What to put into the event packet of this tick; ``began`` marks the first of a digit."""

    began: bool
    payload: bytes


class DigitSender:
    """Plays a row of digits out in ticks of 20 ms: 200 ms a digit, 100 ms of it sounding."""

    __slots__ = ("_codes", "_tick")

    def __init__(self, digits: Iterable[str]) -> None:
        """Raises ``ValueError`` for a character that no telephone key has."""
        self._codes: list[int] = []
        self._tick = 0
        self.append(digits)

    def append(self, digits: Iterable[str]) -> None:
        """Queue more digits behind those being sent. Raises as the constructor."""
        codes = [DIGITS.find(digit.upper()) for digit in digits]
        if -1 in codes:
            raise ValueError("digits may be 0-9, *, # and A-D")
        self._codes += codes

    @property
    def active(self) -> bool:
        """Whether digits are still to be sent."""
        return bool(self._codes)

    @property
    def digit(self) -> str:
        """The digit being sent; only while ``active``."""
        return DIGITS[self._codes[0]]

    def next(self) -> EventPacket | None:
        """What this tick sends; ``None`` for rest between digits or when nothing is left."""
        if not self._codes:
            return None
        code, tick = self._codes[0], self._tick
        self._tick += 1
        last_update = UPDATE_TICKS - 1
        if tick >= last_update + END_PACKETS:
            if self._tick >= last_update + END_PACKETS + REST_TICKS:
                self._codes.pop(0)
                self._tick = 0
            return None
        duration = FRAME_SAMPLES * min(tick + 1, UPDATE_TICKS)
        flags = _VOLUME | (_END if tick >= last_update else 0)
        return EventPacket(tick == 0, _EVENT.pack(code, flags, duration))
