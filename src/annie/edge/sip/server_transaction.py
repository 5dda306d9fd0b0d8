"""Server transactions (RFC 3261 section 17.2, corrected by RFC 6026)."""

from enum import Enum, auto
from typing import Protocol

from annie.edge.sip.message import RequestHead, response_route
from annie.edge.sip.timers import GIVE_UP, T1, T2, T4
from annie.edge.sip.transactions import TransactionLayer, server_key


class State(Enum):
    """States of figures 7 and 8; ``ACCEPTED`` is that of RFC 6026."""

    PROCEEDING = auto()
    COMPLETED = auto()
    ACCEPTED = auto()
    CONFIRMED = auto()
    TERMINATED = auto()


class InviteUser(Protocol):
    """Whose INVITE it is: to be told what happens to it."""

    @property
    def local_tag(self) -> str:
        """Our tag of the dialog that the INVITE made or belongs to."""
        ...

    def cancelled(self, transaction: "InviteServerTransaction", now: float) -> None:
        """A CANCEL came before a final response (RFC 3261 section 9.2)."""
        ...

    def ack_missing(self, transaction: "InviteServerTransaction", now: float) -> None:
        """64 * T1 have passed since the 2xx (RFC 3261 section 13.3.1.4)."""
        ...


class InviteServerTransaction:
    """One INVITE received. Repeats its last response to repeated requests.

    A 2xx is repeated until ``acknowledged`` is called, over TCP too, because a hop
    further on may be unreliable; an error is repeated (timer G, UDP only) until the ACK.
    """

    def __init__(
        self, layer: TransactionLayer, head: RequestHead, user: InviteUser, now: float
    ) -> None:
        self.key = server_key(head)
        self.state = State.PROCEEDING
        self._layer = layer
        self.user = user
        self._route = response_route(head)
        self._reliable = head.source.transport == "tcp"
        self._last: bytes = b""
        self._interval = T1
        self._origin = (head.call_id, head.from_tag, head.cseq_value)
        layer.servers[self.key] = self
        layer.origins.setdefault(self._origin, self)

    @property
    def pending(self) -> bool:
        """No final response has been sent."""
        return self.state is State.PROCEEDING

    def respond(self, status: int, data: bytes, now: float) -> None:
        """Send a response; ignored after a final one."""
        if self.state is not State.PROCEEDING:
            return
        self._last = data
        self._send()
        if status < 200:
            return
        timers = self._layer.timers
        self._interval = T1
        if status < 300:
            self.state = State.ACCEPTED
            timers.start(self, "answer", now + T1)
            timers.start(self, "L", now + GIVE_UP)
        else:
            self.state = State.COMPLETED
            timers.start(self, "H", now + GIVE_UP)
            if not self._reliable:
                timers.start(self, "G", now + T1)

    def repeated(self, now: float) -> None:
        """The INVITE came again: repeat what was said last, unless it was acknowledged."""
        if self.state in (State.PROCEEDING, State.COMPLETED) or self._answer_unacknowledged():
            self._send()

    def repeat(self) -> None:
        """Send the last provisional response again."""
        if self.state is State.PROCEEDING:
            self._send()

    def acknowledged(self, now: float) -> None:
        """The ACK came: for an error in this transaction, for a 2xx in the dialog."""
        timers = self._layer.timers
        if self.state is State.ACCEPTED:
            timers.stop(self, "answer")
            self._last = b""
        elif self.state is State.COMPLETED:
            self.state = State.CONFIRMED
            timers.stop(self, "G", "H")
            if self._reliable:
                self._terminate()
            else:
                timers.start(self, "I", now + T4)

    def fire(self, timer: str, now: float) -> None:
        """A timer is due."""
        if timer in ("answer", "G"):
            self._send()
            self._interval = min(2 * self._interval, T2)
            self._layer.timers.start(self, timer, now + self._interval)
            return
        unacknowledged = self._answer_unacknowledged()
        self._terminate()
        if unacknowledged:
            self.user.ack_missing(self, now)

    def _answer_unacknowledged(self) -> bool:
        return self.state is State.ACCEPTED and bool(self._last)

    def _send(self) -> None:
        if self._last:
            self._layer.send(self._last, *self._route)

    def _terminate(self) -> None:
        self.state = State.TERMINATED
        self._layer.timers.stop(self, "answer", "G", "H", "I", "L")
        self._layer.servers.pop(self.key, None)
        if self._layer.origins.get(self._origin) is self:
            del self._layer.origins[self._origin]


class RequestServerTransaction:
    """One request other than INVITE, answered with one final response at once.

    It lives on for 64 * T1 (timer J) to repeat the response; over TCP not at all.
    """

    def __init__(
        self, layer: TransactionLayer, head: RequestHead, response: bytes, now: float
    ) -> None:
        self.key = server_key(head)
        self._layer = layer
        self._route = response_route(head)
        self._response = response
        layer.send(response, *self._route)
        if head.source.transport == "udp":
            layer.servers[self.key] = self
            layer.timers.start(self, "J", now + GIVE_UP)

    def repeated(self, now: float) -> None:
        """The request came again: repeat the response."""
        self._layer.send(self._response, *self._route)

    def fire(self, timer: str, now: float) -> None:
        """Timer J: no repetition is to be expected any more."""
        self._layer.servers.pop(self.key, None)
