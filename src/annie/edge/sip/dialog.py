"""Dialogs (RFC 3261 section 12) as plain values, so that they can be stored and taken over."""

import ipaddress
from dataclasses import dataclass

from annie.edge.sip.events import Endpoint, MediaDescription
from annie.edge.sip.message import (
    MAGIC_COOKIE,
    IncomingRequest,
    IncomingResponse,
    compose,
    endpoint_of,
    header_list,
    parse_name_addr,
    parse_uri,
    tokens,
)
from annie.edge.sip.transactions import new_branch

DialogKey = tuple[str, str, str]


@dataclass(slots=True)
class Dialog:
    """All that is needed to go on with a call, by this process or by its successor.

    ``local_address`` and ``remote_address`` are whole From/To values including tags;
    ``route_set`` is in the order in which our requests carry it; ``source`` is where the
    peer's messages come from. ``sdp_session``/``sdp_version`` are those of our own
    description (RFC 4566 o=), ``local_sdp`` its last body. ``timer_seconds`` is the session
    interval (RFC 4028), 0 for none; ``timer_ours``: we refresh. ``peer_updates``: the peer
    takes UPDATE. ``outbound``: we began it, and its Call-ID is ours.
    """

    call_id: str
    local_tag: str
    remote_tag: str
    local_address: str
    remote_address: str
    remote_target: str
    route_set: tuple[str, ...]
    source: Endpoint
    contact: str
    via_host: str
    local_cseq: int = 0
    remote_cseq: int = -1
    sdp_session: int = 0
    sdp_version: int = 0
    local_sdp: bytes = b""
    media_host: str = ""
    media_port: int = 0
    media: MediaDescription | None = None
    timer_seconds: int = 0
    timer_ours: bool = False
    peer_updates: bool = False
    outbound: bool = False

    @property
    def key(self) -> DialogKey:
        return self.call_id, self.local_tag, self.remote_tag

    @property
    def request_uri(self) -> str:
        """The Request-URI of our requests."""
        return self._target_and_routes()[0]

    def shared_headers(self, branch: str) -> list[tuple[str, str]]:
        """Headers that a request shares with its ACK and its CANCEL."""
        _, routes = self._target_and_routes()
        destination, _ = self.next_hop()
        via = f"SIP/2.0/{destination.transport.upper()} {self.via_host};branch={branch};rport"
        return [
            ("Via", via),
            ("Max-Forwards", "70"),
            *(("Route", route) for route in routes),
            ("From", self.local_address),
            ("Call-ID", self.call_id),
        ]

    def compose(
        self,
        method: str,
        cseq: int,
        user_agent: str,
        headers: tuple[tuple[str, str], ...] = (),
        body: bytes = b"",
    ) -> tuple[str, bytes]:
        """A request inside the dialog (section 12.2.1.1): its branch and its bytes."""
        branch = new_branch()
        lines = [
            *self.shared_headers(branch),
            ("To", self.remote_address),
            ("CSeq", f"{cseq} {method}"),
            ("Contact", self.contact),
            ("User-Agent", user_agent),
            *headers,
        ]
        return branch, compose(f"{method} {self.request_uri} SIP/2.0", lines, body)

    def next_hop(self) -> tuple[Endpoint, Endpoint | None]:
        """Where our requests go; the second is for TCP when the open connection is gone.

        A name that would need DNS, and a private address behind a public one (NAT), are
        replaced by where the peer's own messages come from.
        """
        first = self.route_set[0] if self.route_set else self.remote_target
        uri = parse_uri(parse_name_addr(first).uri if self.route_set else first)
        named = endpoint_of(uri) if uri is not None else None
        if named is None or (not self.route_set and _behind_nat(named.host, self.source.host)):
            return self.source, None
        if self.source.transport == "tcp" and named.host == self.source.host:
            return self.source, Endpoint("tcp", named.host, named.port)
        return named, None

    def _target_and_routes(self) -> tuple[str, tuple[str, ...]]:
        if not self.route_set:
            return self.remote_target, ()
        first = parse_name_addr(self.route_set[0])
        if ";lr" in first.uri.lower():
            return self.remote_target, self.route_set
        # A strict router (RFC 2543) wants itself in the Request-URI and the target last.
        return first.uri, (*self.route_set[1:], f"<{self.remote_target}>")


def _behind_nat(named: str, source: str) -> bool:
    return ipaddress.ip_address(named).is_private and not ipaddress.ip_address(source).is_private


def contact_uri(message: IncomingRequest | IncomingResponse) -> str | None:
    """The remote target that a message names; ``None`` without a usable Contact."""
    contacts = header_list(message.headers, "Contact")
    if len(contacts) != 1:
        return None
    uri = parse_name_addr(contacts[0]).uri
    return uri if parse_uri(uri) is not None else None


def remote_target(request: IncomingRequest) -> str | None:
    """Where requests inside the dialog of an INVITE go; ``None`` without a usable Contact.

    Only peers of RFC 2543 may leave it out: then it is what From says.
    """
    if header_list(request.headers, "Contact") or request.branch.startswith(MAGIC_COOKIE):
        return contact_uri(request)
    uri = parse_name_addr(request.from_value).uri
    return uri if parse_uri(uri) is not None else None


def record_route(message: IncomingRequest | IncomingResponse) -> tuple[str, ...] | None:
    """The Record-Route values in the order of the message; ``None`` if one is no SIP URI."""
    values = tuple(header_list(message.headers, "Record-Route"))
    if any(parse_uri(parse_name_addr(value).uri) is None for value in values):
        return None
    return values


def dialog_of_request(
    request: IncomingRequest,
    remote_target: str,
    route_set: tuple[str, ...],
    local_tag: str,
    contact: str,
    via_host: str,
) -> Dialog:
    """The dialog that an INVITE opens towards us (section 12.1.1)."""
    return Dialog(
        call_id=request.call_id,
        local_tag=local_tag,
        remote_tag=request.from_tag,
        local_address=f"{request.to_value};tag={local_tag}",
        remote_address=request.from_value,
        remote_target=remote_target,
        route_set=route_set,
        source=request.source,
        contact=contact,
        via_host=via_host,
        remote_cseq=request.cseq,
        peer_updates=_updates(request),
    )


def dialog_of_response(
    response: IncomingResponse,
    local_address: str,
    target_uri: str,
    destination: Endpoint,
    contact: str,
    via_host: str,
) -> Dialog:
    """The dialog that a 2xx to our INVITE opens (section 12.1.2)."""
    return Dialog(
        call_id=response.call_id,
        local_tag=response.from_tag,
        remote_tag=response.to_tag,
        local_address=local_address,
        remote_address=response.to_value,
        remote_target=contact_uri(response) or target_uri,
        route_set=tuple(reversed(record_route(response) or ())),
        source=destination,
        contact=contact,
        via_host=via_host,
        local_cseq=response.cseq,
        peer_updates=_updates(response),
        outbound=True,
    )


def _updates(message: IncomingRequest | IncomingResponse) -> bool:
    return "update" in tokens(message.headers, "Allow")
