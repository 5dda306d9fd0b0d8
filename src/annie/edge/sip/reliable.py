"""Reliable provisional responses (RFC 3262), from the side that sends them."""

import re
import secrets
from typing import Final, Protocol

from annie.edge.sip.message import IncomingRequest
from annie.edge.sip.timers import GIVE_UP, T1, Timers

_RACK: Final = re.compile(r"\s*([0-9]{1,10})\s+([0-9]{1,10})\s+(\S+)\s*")


class Sender(Protocol):
    """What this needs of the call."""

    def send_provisional(self) -> None:
        """Put the response on the wire, again."""
        ...

    def provisional_lost(self, now: float) -> None:
        """It was sent for 64 * T1, and no PRACK came."""
        ...


class ReliableProvisional:
    """One provisional response, sent until its PRACK comes. ``number`` is its RSeq."""

    def __init__(self, timers: Timers, sender: Sender, invite_cseq: int, now: float) -> None:
        self.number = secrets.randbelow(2**31 - 1) + 1
        self._timers = timers
        self._sender = sender
        self._invite_cseq = invite_cseq
        self._interval = T1
        timers.start(self, "repeat", now + T1)
        timers.start(self, "lost", now + GIVE_UP)

    def acknowledges(self, prack: IncomingRequest) -> bool:
        """Whether a PRACK means this response; it isn't repeated then."""
        match = _RACK.fullmatch(prack.headers.get("RAck") or "")
        if match is None:
            return False
        if (int(match[1]), int(match[2]), match[3]) != (self.number, self._invite_cseq, "INVITE"):
            return False
        self.stop()
        return True

    def stop(self) -> None:
        """Repeat it no more: the INVITE has its final response, or the PRACK came."""
        self._timers.stop(self, "repeat", "lost")

    def fire(self, timer: str, now: float) -> None:
        """A timer is due."""
        if timer == "lost":
            self.stop()
            self._sender.provisional_lost(now)
            return
        self._sender.send_provisional()
        self._interval *= 2
        self._timers.start(self, "repeat", now + self._interval)
