"""SIP messages: parsing what comes in, composing what goes out (RFC 3261 sections 7, 18, 20).

Parsing rests on ``sipmessage``; what it doesn't do (folded lines, space before the colon,
limits, leniency with display names) is done here. Header values that have to be echoed
are kept as they came, since a peer compares them octet by octet.
"""

import ipaddress
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from sipmessage import URI, Headers, Message, Parameters, Request, Response, Via

from annie.edge.sip.events import Endpoint

MAX_MESSAGE: Final = 65_536
MAX_HEADER_LINES: Final = 256
MAX_CSEQ: Final = 2**31 - 1
MAGIC_COOKIE: Final = "z9hG4bK"

_FOLD = re.compile(rb"\r\n[ \t]+")
_SPACE_BEFORE_COLON = re.compile(rb"^([^\s:]+)[ \t]+:", re.MULTILINE)
_METHOD = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+")
# No two neighbouring repetitions below can match the same text: a long header stays linear.
_NAME_ADDR = re.compile(r'(?P<name>"(?:[^"\\]|\\.)*"\s*|[^<"]*)<(?P<uri>[^<>]*)>(?P<rest>.*)')
_RECEIVED_RPORT = re.compile(r";\s*(?:received|rport)\s*(?:=[^;]*)?(?=;|$)", re.IGNORECASE)
_HOST_NAME = r"(?P<host>[A-Za-z0-9][A-Za-z0-9._-]*)(?::(?P<port>[0-9]{1,5}))?"
_NAMED_URI = re.compile(
    rf"(?P<scheme>sips?):(?:(?P<user>[^@<>\s]+)@)?{_HOST_NAME}(?P<parameters>(?:;[^;\s<>]+)*)"
)
_NAMED_VIA = re.compile(rf"SIP/2\.0/(?P<transport>[A-Z]+) +{_HOST_NAME}(?P<parameters>(?:;.*)?)")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_CSEQ = re.compile(r"([0-9]{1,20})\s+(\S+)")


@dataclass(slots=True, frozen=True)
class NameAddr:
    """``"Display name" <uri>;parameter=value``; parameter names in lower case."""

    name: str
    uri: str
    parameters: dict[str, str]

    @property
    def tag(self) -> str:
        """The tag, or an empty string (peers of RFC 2543 send none)."""
        return self.parameters.get("tag", "")


@dataclass(slots=True, frozen=True)
class RequestHead:
    """What a response needs of its request. ``via`` is top first, the top one completed
    with ``received`` and ``rport`` (RFC 3581)."""

    method: str
    source: Endpoint
    via: tuple[str, ...]
    top_via: Via
    from_value: str
    to_value: str
    call_id: str
    cseq_value: str

    @property
    def from_tag(self) -> str:
        return parse_name_addr(self.from_value).tag

    @property
    def to_tag(self) -> str:
        return parse_name_addr(self.to_value).tag

    @property
    def branch(self) -> str:
        return self.top_via.parameters.get("branch") or ""

    @property
    def sent_by(self) -> str:
        """Host and port that the peer calls itself, for transaction matching."""
        return f"{self.top_via.host.lower()}:{self.top_via.port or 5060}"


@dataclass(slots=True, frozen=True)
class IncomingRequest(RequestHead):
    """A well-formed request."""

    uri: URI
    cseq: int
    headers: Headers
    body: bytes


@dataclass(slots=True, frozen=True)
class BadRequest:
    """A request that can't be served but can be answered."""

    head: RequestHead
    status: int
    reason: str


@dataclass(slots=True, frozen=True)
class IncomingResponse:
    """A well-formed response; ``branch`` is that of the topmost Via."""

    status: int
    phrase: str
    source: Endpoint
    branch: str
    call_id: str
    cseq: int
    cseq_method: str
    from_value: str
    to_value: str
    headers: Headers
    body: bytes

    @property
    def from_tag(self) -> str:
        return parse_name_addr(self.from_value).tag

    @property
    def to_tag(self) -> str:
        return parse_name_addr(self.to_value).tag


Incoming = IncomingRequest | IncomingResponse | BadRequest


def parse(data: bytes, source: Endpoint) -> Incoming | None:
    """One message; ``None`` for what is not SIP or can't even be refused."""
    if len(data) > MAX_MESSAGE:
        return None
    head, separator, body = data.lstrip(b"\r\n").partition(b"\r\n\r\n")
    if not separator:
        return None
    head = _SPACE_BEFORE_COLON.sub(rb"\1:", _FOLD.sub(b" ", head))
    if head.count(b"\r\n") > MAX_HEADER_LINES or _has_bare_line_ends(head):
        return None
    message, fault = _parse_leniently(head)
    if message is None:
        return None
    try:
        if not isinstance(message, Request):
            return _response(message, body, source)
        return _request(message.method, message.uri, message.headers, body, source, fault)
    except (ValueError, TypeError, LookupError):
        return None


def _has_bare_line_ends(head: bytes) -> bool:
    rest = head.replace(b"\r\n", b"")
    return b"\r" in rest or b"\n" in rest or b"\0" in rest


def _parse_leniently(head: bytes) -> tuple[Request | Response | None, tuple[int, str] | None]:
    """The message; where only its first line is bad, its headers and the status to refuse it."""
    try:
        return Message.parse(head + b"\r\n\r\n"), None
    except (ValueError, TypeError):
        pass
    first, _, rest = head.partition(b"\r\n")
    words = first.decode("utf8", "replace").split()
    if len(words) < 3 or not words[-1].startswith("SIP/") or not _METHOD.fullmatch(words[0]):
        return None, None
    method, uri = words[0], words[1]
    lenient = None
    if words[-1] != "SIP/2.0":
        fault = (505, "Version Not Supported")
    elif (lenient := parse_uri(uri)) is not None:
        fault = None
    elif _SCHEME.match(uri) and not uri.lower().startswith(("sip:", "sips:", "tel:")):
        fault = (416, "Unsupported URI Scheme")
    else:
        fault = (400, "Bad Request-URI")
    try:
        substitute = f"{method} sip:invalid.invalid SIP/2.0\r\n".encode()
        message = Message.parse(substitute + rest + b"\r\n\r\n")
        if lenient is not None and isinstance(message, Request):
            message.uri = lenient
        return message, fault
    except (ValueError, TypeError):
        return None, None


def _request(
    method: str,
    uri: URI,
    headers: Headers,
    body: bytes,
    source: Endpoint,
    fault: tuple[int, str] | None,
) -> IncomingRequest | BadRequest:
    vias = tuple(part for value in headers.getlist("Via") for part in split_list(value))
    top = _parse_via(vias[0])
    via = (_complete_via(vias[0], top, source), *vias[1:])
    echoed = (headers["From"], headers["To"], headers["Call-ID"], headers["CSeq"])
    head = RequestHead(method, source, via, top, *echoed)
    match = _CSEQ.fullmatch(head.cseq_value)
    for name in ("From", "To", "Call-ID", "CSeq", "Max-Forwards", "Content-Length"):
        if len(headers.getlist(name)) > 1:
            fault = fault or (400, f"Repeated {name}")
    length = headers.get("Content-Length")
    if length is not None and not (length.isascii() and length.isdigit() and len(length) < 8):
        fault = fault or (400, "Bad Content-Length")
    elif length is not None and int(length) > len(body):
        fault = fault or (400, "Body Shorter Than Content-Length")
    if match is None or int(match[1]) > MAX_CSEQ or match[2] != method:
        fault = fault or (400, "Bad CSeq")
    if not head.call_id or not head.from_value or not head.to_value:
        fault = fault or (400, "Empty Header")
    if fault is not None or match is None:
        return BadRequest(head, *(fault or (400, "Bad Request")))
    return IncomingRequest(
        method, source, via, top, *echoed, uri, int(match[1]), headers, _cut(body, length)
    )


def _response(message: Response, body: bytes, source: Endpoint) -> IncomingResponse | None:
    headers = message.headers
    match = _CSEQ.fullmatch(headers["CSeq"])
    if match is None or not 100 <= message.code <= 699:
        return None
    vias = split_list(headers["Via"])
    return IncomingResponse(
        status=message.code,
        phrase=message.phrase.strip(),
        source=source,
        branch=_parse_via(vias[0]).parameters.get("branch") or "",
        call_id=headers["Call-ID"],
        cseq=int(match[1]),
        cseq_method=match[2],
        from_value=headers["From"],
        to_value=headers["To"],
        headers=headers,
        body=_cut(body, headers.get("Content-Length")),
    )


def _cut(body: bytes, length: str | None) -> bytes:
    return body if length is None or not length.isdecimal() else body[: int(length[:8])]


def _parse_via(value: str) -> Via:
    try:
        return Via.parse(value)
    except ValueError:
        match = _NAMED_VIA.fullmatch(value)
        if match is None:
            raise
        port = int(match["port"]) if match["port"] else None
        parameters = Parameters.parse(match["parameters"])
        return Via(match["transport"], match["host"], port, parameters)


def _complete_via(value: str, via: Via, source: Endpoint) -> str:
    names = {name.lower() for name in via.parameters}
    if "rport" not in names and via.host.strip("[]") == source.host:
        return value
    completed = _RECEIVED_RPORT.sub("", value) + f";received={source.host}"
    return completed + f";rport={source.port}" if "rport" in names else completed


def split_list(value: str, separator: str = ",") -> list[str]:
    """Parts of a header value, split outside quotes and angle brackets, stripped, none empty."""
    if separator not in value:
        return [value.strip()] if value.strip() else []
    parts: list[str] = []
    start = 0
    quoted = bracketed = escaped = False
    for index, character in enumerate(value):
        if escaped:
            escaped = False
        elif quoted:
            escaped = character == "\\"
            quoted = character != '"'
        elif character == '"':
            quoted = True
        elif character == "<":
            bracketed = True
        elif character == ">":
            bracketed = False
        elif character == separator and not bracketed:
            parts.append(value[start:index].strip())
            start = index + 1
    parts.append(value[start:].strip())
    return [part for part in parts if part]


def header_list(headers: Headers, name: str) -> list[str]:
    """All values of a header that may be repeated or comma-separated."""
    return [part for value in headers.getlist(name) for part in split_list(value)]


def tokens(headers: Headers, name: str) -> list[str]:
    """Lower-case tokens of a header such as Require or Supported."""
    return [part.lower() for part in header_list(headers, name)]


def parse_name_addr(value: str) -> NameAddr:
    """An address header's value, as leniently as possible; the URI may be any text."""
    match = _NAME_ADDR.fullmatch(value.strip())
    if match is not None:
        name, uri, rest = match["name"].strip(), match["uri"].strip(), match["rest"]
    else:
        uri, semicolon, rest = value.strip().partition(";")
        name, rest = "", semicolon + rest
    if len(name) >= 2 and name.startswith('"'):
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    parameters: dict[str, str] = {}
    for part in split_list(rest, ";"):
        key, _, text = part.partition("=")
        parameters.setdefault(key.strip().lower(), text.strip().strip('"'))
    return NameAddr(name, uri, parameters)


def parse_uri(text: str) -> URI | None:
    """A SIP, SIPS or tel URI; ``None`` for anything else. Embedded headers are left out."""
    text = text.partition("?")[0].strip()
    try:
        uri = URI.parse(text)
    except (ValueError, TypeError):
        # sipmessage takes no host name whose last label ends with a digit, such as "pbx1".
        match = _NAMED_URI.fullmatch(text)
        if match is None:
            return None
        try:
            parameters = Parameters.parse(match["parameters"])
        except (ValueError, TypeError):
            return None
        user = unquote((match["user"] or "").partition(":")[0])
        port = int(match["port"]) if match["port"] else None
        uri = URI(match["scheme"], match["host"], user or None, None, port, parameters)
    return None if uri.port is not None and not 0 < uri.port < 65_536 else uri


def endpoint_of(uri: URI) -> Endpoint | None:
    """Where a request for this URI goes, if its host is a literal address (no DNS here)."""
    host = uri.host.strip("[]")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return None
    transport = next((v for k, v in uri.parameters.items() if k.lower() == "transport"), None)
    return Endpoint("tcp" if (transport or "").lower() == "tcp" else "udp", host, uri.port or 5060)


def response_route(head: RequestHead) -> tuple[Endpoint, Endpoint | None]:
    """Where the response goes (RFC 3261 section 18.2.2, RFC 3581): never to another host
    than the request came from. The second is for TCP when the connection is gone."""
    source = head.source
    sent_by = Endpoint(source.transport, source.host, head.top_via.port or 5060)
    if source.transport == "tcp":
        return source, sent_by
    symmetric = any(name.lower() == "rport" for name in head.top_via.parameters)
    return (source if symmetric or sent_by.port > 65_535 else sent_by), None


def one_line(text: str) -> str:
    """Text that can stand in a header: control characters become spaces."""
    return "".join(" " if unicodedata.category(c) == "Cc" else c for c in text).strip()


def compose(first_line: str, headers: Iterable[tuple[str, str]], body: bytes = b"") -> bytes:
    """A whole message; Content-Length is added."""
    lines = [first_line, *(f"{name}: {value}" for name, value in headers)]
    lines.append(f"Content-Length: {len(body)}\r\n\r\n")
    return "\r\n".join(lines).encode() + body


def compose_response(
    head: RequestHead,
    status: int,
    reason: str,
    to_tag: str = "",
    headers: Sequence[tuple[str, str]] = (),
    body: bytes = b"",
) -> bytes:
    """A response (RFC 3261 section 8.2.6); ``to_tag`` is added where the request has none."""
    tagged = head.to_value if not to_tag or head.to_tag else f"{head.to_value};tag={to_tag}"
    return compose(
        f"SIP/2.0 {status} {one_line(reason)}",
        [
            *(("Via", value) for value in head.via),
            ("From", head.from_value),
            ("To", tagged),
            ("Call-ID", head.call_id),
            ("CSeq", head.cseq_value),
            *headers,
        ],
        body,
    )
