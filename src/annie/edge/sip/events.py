"""What goes in and out of the user agent besides bytes: endpoints, media, events."""

from dataclasses import dataclass
from typing import Literal

from annie.edge.rtp.codec import CodecName
from annie.edge.rtp.srtp import SrtpKeys
from annie.kit.link import CallFacts

Transport = Literal["udp", "tcp"]
EndedBy = Literal["caller", "annie", "edge"]


@dataclass(slots=True, frozen=True)
class Endpoint:
    """Where a message comes from or goes to; ``host`` is a literal IP address."""

    transport: Transport
    host: str
    port: int


@dataclass(slots=True, frozen=True)
class MediaDescription:
    """The result of offer/answer (RFC 3264) as far as RTP needs it.

    ``payload_type`` is the number to send with; ``dtmf_payload_type`` is that of
    RFC 4733 telephone-event, ``None`` where the peer doesn't take it. ``sending`` and
    ``receiving`` are seen from our side: on hold by the peer, ``sending`` is false.
    ``ptime_ms`` is the packet length that the peer asked for (20 where it didn't).
    RTCP goes to ``rtcp_port``, or the port above RTP's where that is 0, or on RTP's own
    with ``rtcp_mux`` (RFC 3550 section 11, RFC 3605, RFC 5761). With ``srtp`` keys both are
    protected (RFC 3711).
    """

    remote_host: str
    remote_port: int
    codec: CodecName
    payload_type: int
    dtmf_payload_type: int | None
    sending: bool
    receiving: bool
    ptime_ms: int
    rtcp_port: int = 0
    rtcp_mux: bool = False
    srtp: SrtpKeys | None = None


@dataclass(slots=True, frozen=True)
class Send:
    """One message to put on the wire.

    Over TCP ``destination`` names an open connection if there is one; where there is
    none, a new one goes to ``fallback`` (RFC 3261 section 18.2.2), or to ``destination``.
    """

    data: bytes
    destination: Endpoint
    fallback: Endpoint | None = None


@dataclass(slots=True, frozen=True)
class IncomingCall:
    """A new INVITE that can be answered. ``call`` is unique for the user agent's life."""

    call: int
    facts: CallFacts


@dataclass(slots=True, frozen=True)
class CallProgress:
    """Outbound only: a provisional response other than 100 arrived."""

    call: int
    status: int


@dataclass(slots=True, frozen=True)
class CallEstablished:
    """Inbound: our 200 was sent. Outbound: the 2xx arrived and was acknowledged.

    ``media`` is ``None`` only for an INVITE that came without an offer: the caller's
    half then comes with the ACK, in ``MediaChanged``.
    """

    call: int
    media: MediaDescription | None


@dataclass(slots=True, frozen=True)
class MediaChanged:
    """A re-INVITE (hold, resume, moved media) was accepted, or a late answer came in the ACK."""

    call: int
    media: MediaDescription


@dataclass(slots=True, frozen=True)
class DigitPressed:
    """A key was pressed and told by INFO; ``duration_ms`` is how long."""

    call: int
    digit: str
    duration_ms: int


@dataclass(slots=True, frozen=True)
class TransferProgress:
    """How far a transfer is that we asked for, as a status of RFC 3261: 180 while it rings, 200
    when it was answered. After ``final`` nothing more is told; a ``final`` status under 200 means
    that the peer doesn't tell how it went on. It may come after ``CallEnded``.
    """

    call: int
    status: int
    final: bool


@dataclass(slots=True, frozen=True)
class CallEnded:
    """The call is over; the last event of a call but for ``TransferProgress``.

    ``by`` is ``caller`` for the far end (whoever dialled), ``annie`` where we were told to
    hang up or reject, ``edge`` for faults such as a missing ACK. ``reason`` is short
    and stable: ``bye``, ``cancelled``, ``hangup``, ``ack timeout``, or of a refused call the
    status line (``486 Busy Here``).
    """

    call: int
    by: EndedBy
    reason: str


Event = (
    IncomingCall
    | CallProgress
    | CallEstablished
    | MediaChanged
    | DigitPressed
    | TransferProgress
    | CallEnded
)
