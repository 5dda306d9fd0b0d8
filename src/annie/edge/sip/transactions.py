"""The transaction layer: matching messages to transactions (RFC 3261 section 17)."""

import secrets
from typing import Protocol

from annie.edge.sip.events import Endpoint, Send
from annie.edge.sip.message import MAGIC_COOKIE, IncomingResponse, RequestHead
from annie.edge.sip.timers import TimerOwner, Timers

TransactionKey = tuple[str, ...]


class ServerTransaction(TimerOwner, Protocol):
    """What the layer needs of a server transaction."""

    @property
    def key(self) -> TransactionKey: ...

    def repeated(self, now: float) -> None:
        """The request came again."""
        ...


class ClientTransaction(TimerOwner, Protocol):
    """What the layer needs of a client transaction."""

    @property
    def key(self) -> TransactionKey: ...

    def receive(self, response: IncomingResponse, now: float) -> None:
        """A response with this transaction's branch and method came."""
        ...

    def unreachable(self, destination: Endpoint, now: float) -> None:
        """Nothing can be sent to ``destination``: fail if it is ours."""
        ...


class TransactionLayer:
    """All transactions of a user agent, their timers and what they want sent."""

    def __init__(self) -> None:
        self.timers = Timers()
        self.outputs: list[Send] = []
        self.servers: dict[TransactionKey, ServerTransaction] = {}
        #: INVITE transactions by Call-ID, From tag and CSeq, to tell merged requests (8.2.2.2).
        self.origins: dict[tuple[str, str, str], ServerTransaction] = {}
        self.clients: dict[TransactionKey, ClientTransaction] = {}

    def send(self, data: bytes, destination: Endpoint, fallback: Endpoint | None = None) -> None:
        """Queue a message for the wire."""
        self.outputs.append(Send(data, destination, fallback))


def server_key(head: RequestHead, method: str | None = None) -> TransactionKey:
    """The key of the server transaction that a request belongs to (section 17.2.3).

    ``method`` overrides the request's own, to find the INVITE that a CANCEL means. An
    ACK belongs to its INVITE's transaction.
    """
    method = method or ("INVITE" if head.method == "ACK" else head.method)
    # The cookie alone names nothing (RFC 4475 section 3.2.1).
    if head.branch.startswith(MAGIC_COOKIE) and head.branch != MAGIC_COOKIE:
        return head.branch, head.sent_by, method
    number = head.cseq_value.split()[0]
    return head.call_id, head.from_tag, number, head.sent_by, method


def new_branch() -> str:
    """A branch parameter, unique and with the cookie of RFC 3261."""
    return MAGIC_COOKIE + secrets.token_hex(12)
