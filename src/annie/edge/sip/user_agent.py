"""The SIP user agent (RFC 3261), sans-I/O: bytes and time in, bytes and events out."""

from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network

from annie.edge.sip.events import Endpoint, Event, MediaDescription, Send


class UnknownCall(KeyError):  # noqa: N818
    """The call doesn't exist (any more), or is past the state that the command needs."""


@dataclass(slots=True, frozen=True)
class UserAgentConfig:
    """How the user agent presents itself and what it bears.

    ``contact_host`` and ``contact_port`` are what peers are told to reach us at;
    ``UserAgent.bind`` overrides them once the sockets stand. ``trusted`` are the
    networks whose P-Asserted-Identity is believed (RFC 3325).
    """

    contact_host: str = "127.0.0.1"
    contact_port: int = 5060
    user_agent: str = "Annie"
    trusted: tuple[IPv4Network | IPv6Network, ...] = field(default_factory=tuple)
    max_calls: int = 1000
    ring_timeout: float = 180.0


class UserAgent:
    """All dialogs of one process.

    Every method takes ``now`` in seconds of one monotonic clock. After any of them,
    ``take_outputs`` and ``take_events`` have what is to be sent and told.
    """

    def __init__(self, config: UserAgentConfig) -> None: ...

    def bind(self, host: str, port: int) -> None:
        """Tell the address that our Contact and Via headers name, for UDP and TCP."""

    def receive(self, data: bytes, source: Endpoint, now: float) -> None:
        """Take one datagram or one framed TCP message. Never raises for what it says."""

    def advance(self, now: float) -> None:
        """Fire the timers that are due."""

    def next_deadline(self) -> float | None:
        """When ``advance`` wants to be called next; ``None`` if nothing is pending."""
        raise NotImplementedError

    def take_outputs(self) -> list[Send]:
        """What is to be sent, in order; empties the list."""
        raise NotImplementedError

    def take_events(self) -> list[Event]:
        """What happened, in order; empties the list."""
        raise NotImplementedError

    def ring(self, call: int, now: float) -> None:
        """Send 180 Ringing. Does nothing for a call that is gone or answered."""

    def answer(
        self, call: int, media_host: str, media_port: int, now: float
    ) -> MediaDescription | None:
        """Send 200 OK with our SDP at ``media_host:media_port``.

        Returns what was agreed; ``None`` if the INVITE had no offer (the answer then
        comes as ``MediaChanged``).

        Raises:
            UnknownCall: there is no such call waiting to be answered.
        """
        raise NotImplementedError

    def reject(self, call: int, status: int, reason: str, now: float) -> None:
        """Refuse an unanswered call with ``status`` (300 to 699). Ignored once it is gone."""

    def hang_up(self, call: int, now: float) -> None:
        """End a call in any state: BYE, CANCEL or 480, as fits. Ignored once it is gone."""

    def invite(
        self,
        target_uri: str,
        destination: Endpoint,
        from_user: str,
        media_host: str,
        media_port: int,
        now: float,
    ) -> int:
        """Call ``target_uri`` by way of ``destination``; returns the call's number.

        Raises:
            ValueError: ``target_uri`` is no SIP URI.
        """
        raise NotImplementedError
