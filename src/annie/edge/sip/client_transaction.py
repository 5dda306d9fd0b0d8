"""Client transactions (RFC 3261 section 17.1, corrected by RFC 6026)."""

from enum import Enum, auto
from typing import Final, Protocol

from annie.edge.sip.events import Endpoint
from annie.edge.sip.message import IncomingResponse, compose, parse_name_addr
from annie.edge.sip.timers import GIVE_UP, T1, T2, T4
from annie.edge.sip.transactions import TransactionLayer

TIMEOUT: Final = "408 Request Timeout"
UNREACHABLE: Final = "503 Service Unavailable"
#: Seconds after the first provisional response to wait for the final one, for users that set no
#: bound of their own (a proxy's timer C is 3 minutes or more, section 16.6).
LONGEST_PROCEEDING: Final = 600.0


class State(Enum):
    """States of figures 5 and 6; ``ACCEPTED`` is that of RFC 6026."""

    CALLING = auto()
    PROCEEDING = auto()
    COMPLETED = auto()
    ACCEPTED = auto()
    TERMINATED = auto()


class RequestUser(Protocol):
    """Who sent a request and wants its responses."""

    def responded(self, response: IncomingResponse, now: float) -> None:
        """A response came: provisional ones as often as they come, errors once,
        every 2xx to an INVITE, also repeated ones."""
        ...

    def unanswered(self, method: str, reason: str, now: float) -> None:
        """No final response came: within 64 * T1 (``408 …``), or because the destination can't
        be reached (``503 …``, RFC 3261 section 8.1.3.1)."""
        ...


class InviteClientTransaction:
    """One INVITE sent. Acknowledges errors itself; a 2xx is acknowledged by its user.

    ``headers`` are those of the INVITE that its ACK and CANCEL share: Via, From, Call-ID,
    Max-Forwards, Route; To and CSeq are added by each.
    """

    def __init__(
        self,
        layer: TransactionLayer,
        user: RequestUser,
        branch: str,
        uri: str,
        headers: list[tuple[str, str]],
        cseq: int,
        data: bytes,
        destination: Endpoint,
        now: float,
        fallback: Endpoint | None = None,
    ) -> None:
        self.key = (branch, "INVITE")
        self.state = State.CALLING
        self._layer = layer
        self._user = user
        self._uri = uri
        self._headers = headers
        self._cseq = cseq
        self._data = data
        self._route = (destination, fallback)
        self._reliable = destination.transport == "tcp"
        self._interval = T1
        self._ack: bytes = b""
        shared = dict(headers)
        self._ids = (shared["Call-ID"], parse_name_addr(shared["From"]).tag, cseq)
        layer.clients[self.key] = self
        layer.send(data, *self._route)
        layer.timers.start(self, "B", now + GIVE_UP)
        if not self._reliable:
            layer.timers.start(self, "A", now + T1)

    def receive(self, response: IncomingResponse, now: float) -> None:
        """A response came; one to some other request is ignored, whatever its branch."""
        if (response.call_id, response.from_tag, response.cseq) != self._ids:
            return
        timers = self._layer.timers
        if response.status < 200:
            if self.state in (State.CALLING, State.PROCEEDING):
                if self.state is State.CALLING:
                    timers.start(self, "C", now + LONGEST_PROCEEDING)
                self.state = State.PROCEEDING
                timers.stop(self, "A", "B")
                self._user.responded(response, now)
        elif response.status < 300:
            if self.state in (State.CALLING, State.PROCEEDING):
                self.state = State.ACCEPTED
                timers.stop(self, "A", "B", "C", "abandoned")
                timers.start(self, "M", now + GIVE_UP)
            if self.state is State.ACCEPTED:
                self._user.responded(response, now)
        elif self.state in (State.CALLING, State.PROCEEDING):
            self.state = State.COMPLETED
            timers.stop(self, "A", "B", "C", "abandoned")
            self._ack = self._compose("ACK", response.to_value)
            self._layer.send(self._ack, *self._route)
            if self._reliable:
                self._terminate()
            else:
                timers.start(self, "D", now + GIVE_UP)
            self._user.responded(response, now)
        elif self.state is State.COMPLETED:
            self._layer.send(self._ack, *self._route)

    def compose_cancel(self, to_value: str) -> bytes:
        """The CANCEL of this INVITE (section 9.1); ``to_value`` as in the INVITE."""
        return self._compose("CANCEL", to_value)

    def abandon(self, now: float) -> None:
        """After a CANCEL: wait no longer than 64 * T1 for the final response (section 9.1)."""
        if self.state in (State.CALLING, State.PROCEEDING):
            self._layer.timers.start(self, "abandoned", now + GIVE_UP)

    def fire(self, timer: str, now: float) -> None:
        """A timer is due."""
        if timer == "A":
            self._layer.send(self._data, *self._route)
            self._interval *= 2
            self._layer.timers.start(self, "A", now + self._interval)
            return
        self._terminate()
        if timer in ("B", "C", "abandoned"):
            self._user.unanswered("INVITE", TIMEOUT, now)

    def unreachable(self, destination: Endpoint, now: float) -> None:
        """Nothing can be sent to ``destination``."""
        if destination in self._route and self.state is State.CALLING:
            self._terminate()
            self._user.unanswered("INVITE", UNREACHABLE, now)

    def _compose(self, method: str, to_value: str) -> bytes:
        headers = [*self._headers, ("To", to_value), ("CSeq", f"{self._cseq} {method}")]
        return compose(f"{method} {self._uri} SIP/2.0", headers)

    def _terminate(self) -> None:
        self.state = State.TERMINATED
        self._layer.timers.stop(self, "A", "B", "C", "D", "M", "abandoned")
        self._layer.clients.pop(self.key, None)


class RequestClientTransaction:
    """One request other than INVITE and ACK sent."""

    def __init__(
        self,
        layer: TransactionLayer,
        user: RequestUser,
        branch: str,
        method: str,
        data: bytes,
        destination: Endpoint,
        fallback: Endpoint | None,
        now: float,
    ) -> None:
        self.key = (branch, method)
        self.state = State.CALLING
        self._layer = layer
        self._user = user
        self._method = method
        self._data = data
        self._route = (destination, fallback)
        self._reliable = destination.transport == "tcp"
        self._interval = T1
        layer.clients[self.key] = self
        layer.send(data, *self._route)
        layer.timers.start(self, "F", now + GIVE_UP)
        if not self._reliable:
            layer.timers.start(self, "E", now + T1)

    def receive(self, response: IncomingResponse, now: float) -> None:
        """A response came."""
        if self.state is State.COMPLETED:
            return
        if response.status < 200:
            self.state = State.PROCEEDING
            return
        self.state = State.COMPLETED
        self._layer.timers.stop(self, "E", "F")
        if self._reliable:
            self._terminate()
        else:
            self._layer.timers.start(self, "K", now + T4)
        self._user.responded(response, now)

    def fire(self, timer: str, now: float) -> None:
        """A timer is due."""
        if timer == "E":
            self._layer.send(self._data, *self._route)
            proceeding = self.state is State.PROCEEDING
            self._interval = T2 if proceeding else min(2 * self._interval, T2)
            self._layer.timers.start(self, "E", now + self._interval)
            return
        self._terminate()
        if timer == "F":
            self._user.unanswered(self._method, TIMEOUT, now)

    def unreachable(self, destination: Endpoint, now: float) -> None:
        """Nothing can be sent to ``destination``."""
        if destination in self._route and self.state is not State.COMPLETED:
            self._terminate()
            self._user.unanswered(self._method, UNREACHABLE, now)

    def _terminate(self) -> None:
        self.state = State.TERMINATED
        self._layer.timers.stop(self, "E", "F", "K")
        self._layer.clients.pop(self.key, None)
