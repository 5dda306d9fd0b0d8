"""What all calls of one user agent share."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from typing import Final, Protocol

from annie.edge.rtp.codec import CodecName
from annie.edge.sip.dialog import DialogKey
from annie.edge.sip.events import Event, Transport
from annie.edge.sip.message import IncomingRequest, RequestHead, compose_response, response_route
from annie.edge.sip.offer_answer import CODECS
from annie.edge.sip.screening import Header
from annie.edge.sip.server_transaction import RequestServerTransaction
from annie.edge.sip.session_timer import OFFERED
from annie.edge.sip.transactions import TransactionLayer

ALLOW: Final = "INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, NOTIFY, PRACK, UPDATE"
#: Methods of other RFCs: known, so 405; anything else is 501.
NOT_ALLOWED: Final = frozenset({"MESSAGE", "PUBLISH", "REFER", "REGISTER", "SUBSCRIBE"})


@dataclass(slots=True, frozen=True)
class UserAgentConfig:
    """How the user agent presents itself and what it bears.

    ``contact_host`` and ``contact_port`` are what peers are told to reach us at; empty and
    0 mean the bound address (see ``UserAgent.bind``). ``trusted`` are the networks whose
    P-Asserted-Identity is believed (RFC 3325). More than ``max_calls`` at once are refused
    with 503. ``ring_timeout`` (seconds) bounds how long a call may stay unanswered. ``codecs``
    are offered in this order; an offer is answered with its own first one that is among them.

    ``session_seconds`` is the session interval that our own calls ask for (RFC 4028), 0 for
    none. Who calls from ``challenged`` networks has to prove to be one of ``accounts``
    (passwords by user name) in ``realm``, unless from one that is ``exempt``.
    """

    contact_host: str = ""
    contact_port: int = 0
    user_agent: str = "Annie"
    trusted: tuple[IPv4Network | IPv6Network, ...] = ()
    max_calls: int = 1000
    ring_timeout: float = 180.0
    codecs: tuple[CodecName, ...] = CODECS
    session_seconds: int = OFFERED
    challenged: tuple[IPv4Network | IPv6Network, ...] = ()
    exempt: tuple[IPv4Network | IPv6Network, ...] = ()
    accounts: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    realm: str = "annie"


class Call(Protocol):
    """A call in any state, for the commands that fit all."""

    def hang_up(self, now: float) -> None:
        """End it in the way that fits its state."""
        ...


class InDialog(Protocol):
    """The receiver of requests inside one dialog."""

    def receive(self, request: IncomingRequest, now: float) -> None:
        """Any request but ACK and CANCEL."""
        ...

    def acknowledged(self, request: IncomingRequest, now: float) -> None:
        """The ACK of a 2xx."""
        ...

    def repeat_ack(self, cseq: int) -> None:
        """The 2xx to our INVITE came again: its ACK was lost."""
        ...


@dataclass(slots=True)
class Context:
    """Tables, queues and identity; ``calls`` by number, ``dialogs`` by their three ids."""

    config: UserAgentConfig
    host: str
    port: int
    layer: TransactionLayer = field(default_factory=TransactionLayer)
    events: list[Event] = field(default_factory=list[Event])
    calls: dict[int, Call] = field(default_factory=dict[int, Call])
    dialogs: dict[DialogKey, InDialog] = field(default_factory=dict[DialogKey, InDialog])
    #: Calls whose dialog has changed since that was last asked.
    changed: set[int] = field(default_factory=set[int])
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    @property
    def full(self) -> bool:
        """Another call would be one too many; so would the transactions it leaves behind."""
        limit = self.config.max_calls
        return max(len(self.calls), len(self.dialogs)) >= limit or self._lingering(6)

    @property
    def crowded(self) -> bool:
        """So many transactions linger that requests are answered without keeping one."""
        return self._lingering(7)

    @property
    def exhausted(self) -> bool:
        """So many linger that running calls have to do without a re-INVITE. What else comes can't
        lead to that: it is refused, or answered without a transaction, sooner."""
        return self._lingering(8)

    def _lingering(self, calls: int) -> bool:
        return len(self.layer.servers) >= calls * self.config.max_calls

    @property
    def host_part(self) -> str:
        """Our host as it stands in a URI."""
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def via_host(self) -> str:
        """Our sent-by."""
        return f"{self.host_part}:{self.port}"

    def contact(self, transport: Transport) -> str:
        """Our Contact value."""
        suffix = ";transport=tcp" if transport == "tcp" else ""
        return f"<sip:annie@{self.via_host}{suffix}>"

    def server_headers(self, *headers: Header) -> list[Header]:
        """Headers of every response of ours."""
        return [*headers, ("Server", self.config.user_agent)]

    def reply(self, head: RequestHead, status: int, reason: str, *headers: Header) -> None:
        """Respond finally without keeping state (RFC 3261 section 8.2.7): a repeated request gets
        the same response, tag included, computed anew."""
        if head.method == "ACK":
            return
        seed = f"{head.call_id}\n{head.branch}\n{head.from_value}".encode()
        tag = hashlib.blake2s(seed, key=self.secret, digest_size=8).hexdigest()
        data = compose_response(head, status, reason, tag, self.server_headers(*headers))
        self.layer.send(data, *response_route(head))

    def respond(
        self,
        request: IncomingRequest,
        status: int,
        reason: str,
        now: float,
        *headers: Header,
        to_tag: str = "",
        body: bytes = b"",
    ) -> None:
        """Respond to a request other than INVITE and remember the response."""
        all_headers = self.server_headers(*headers)
        data = compose_response(request, status, reason, to_tag, all_headers, body)
        if self.crowded:
            self.layer.send(data, *response_route(request))
        else:
            RequestServerTransaction(self.layer, request, data, now)


def refuse_method(method: str) -> tuple[int, str]:
    """Why a method isn't served."""
    return (405, "Method Not Allowed") if method in NOT_ALLOWED else (501, "Not Implemented")
