"""What is asked of a request before anything is done about it (RFC 3261 section 8.2)."""

from typing import Final

from annie.edge.rtp.codec import CodecName
from annie.edge.sip.events import MediaDescription
from annie.edge.sip.message import IncomingRequest, IncomingResponse, tokens
from annie.edge.sip.offer_answer import Agreement, NotAcceptable, accept_offer
from annie.edge.sip.sdp import SdpError, SessionDescription, parse_sdp

SDP_TYPE: Final = "application/sdp"
#: Extensions that a peer may require: reliable provisional responses, session timers.
EXTENSIONS: Final = ("100rel", "timer")
SUPPORTED: Final = ("Supported", ", ".join(EXTENSIONS))

Header = tuple[str, str]


class Refused(Exception):  # noqa: N818
    """A request can't be granted; carries the response."""

    def __init__(self, status: int, reason: str, *headers: Header) -> None:
        super().__init__(f"{status} {reason}")
        self.status = status
        self.reason = reason
        self.headers = headers


def check_require(request: IncomingRequest) -> None:
    """Refuse what requires an extension that we lack (section 8.2.2.3).

    Raises:
        Refused: 420 naming what isn't supported.
    """
    lacking = [name for name in tokens(request.headers, "Require") if name not in EXTENSIONS]
    if lacking:
        raise Refused(420, "Bad Extension", ("Unsupported", ", ".join(lacking)))


def read_description(message: IncomingRequest | IncomingResponse) -> SessionDescription | None:
    """The session description in a message, if there is a body.

    Raises:
        Refused: 415 for another kind of body, 400 for one that is malformed.
    """
    if not message.body.strip():
        return None
    if content_type(message) != SDP_TYPE:
        raise Refused(415, "Unsupported Media Type", ("Accept", SDP_TYPE))
    if any(coding != "identity" for coding in tokens(message.headers, "Content-Encoding")):
        raise Refused(415, "Unsupported Media Type", ("Accept-Encoding", "identity"))
    try:
        return parse_sdp(message.body)
    except SdpError as error:
        raise Refused(400, "Malformed Session Description") from error


def content_type(message: IncomingRequest | IncomingResponse) -> str:
    """The kind of a message's body, in lower case and without parameters."""
    return (message.headers.get("Content-Type") or "").partition(";")[0].strip().lower()


def negotiate(
    request: IncomingRequest,
    codecs: tuple[CodecName, ...],
    before: MediaDescription | None = None,
) -> Agreement | None:
    """What we would answer to a request's offer; ``None`` where it has none. ``before`` is
    what was agreed until now.

    Raises:
        Refused: 415, 400 or 488.
    """
    offer = read_description(request)
    if offer is None:
        return None
    try:
        keys = before.srtp if before is not None else None
        return accept_offer(offer, request.source.host, codecs, keys)
    except NotAcceptable as error:
        warning = f'304 annie "{error}"'
        raise Refused(488, "Not Acceptable Here", ("Warning", warning)) from error
