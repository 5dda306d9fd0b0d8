"""SIP messages as values: what came in, what is read out of headers, what goes out (RFC 3261
sections 7, 18, 20).

Header values that have to be echoed are kept as they came, since a peer compares them octet
by octet.
"""

import ipaddress
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final
from urllib.parse import unquote

from sipmessage import URI, Headers, Parameters, Via

from annie.edge.sip.events import Endpoint

MAGIC_COOKIE: Final = "z9hG4bK"
#: Characters of a URI without its headers; a number's are few, as sipmessage takes the square of
#: their count to find that it isn't one.
MAX_URI: Final = 4096
MAX_NUMBER: Final = 128
MAX_VALUES: Final = 128

# No two neighbouring repetitions below can match the same text: a long header stays linear.
_NAME_ADDR = re.compile(r'(?P<name>"(?:[^"\\]|\\.)*"\s*|[^<"]*)<(?P<uri>[^<>]*)>(?P<rest>.*)')
_NAMED_URI = re.compile(
    r"(?P<scheme>sips?):(?:(?P<user>[^@<>\s]+)@)?"
    r"(?P<host>[A-Za-z0-9_][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<parameters>(?:;[^;\s<>]+)*)"
)


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
    with ``received`` and ``rport`` (RFC 3581). What a malformed request lacks is empty."""

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
    """All values of a header that may be repeated or comma-separated; no more than any use."""
    values = (part for value in headers.getlist(name) for part in split_list(value))
    return list(islice(values, MAX_VALUES))


def tokens(headers: Headers, name: str) -> list[str]:
    """Lower-case tokens of a header such as Require or Supported."""
    return [part.lower() for part in header_list(headers, name)]


def accepts(headers: Headers, media_type: str) -> bool:
    """Whether a response may carry this type (RFC 3261 section 20.1); without Accept it may."""
    if not headers.getlist("Accept"):
        return True
    ranges = {part.partition(";")[0].strip().lower() for part in header_list(headers, "Accept")}
    family = media_type.partition("/")[0]
    return not ranges.isdisjoint((media_type, f"{family}/*", "*/*"))


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
    scheme, colon, rest = _without_headers(text).partition(":")
    scheme = scheme.lower()
    if len(rest) > (MAX_NUMBER if scheme == "tel" else MAX_URI):
        return None
    text = scheme + colon + rest
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


def _without_headers(text: str) -> str:
    # A question mark may stand in the user part, too.
    user_ends = text.find("@") + 1
    headers_begin = text.find("?", user_ends)
    return (text if headers_begin < 0 else text[:headers_begin]).strip()


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
    """A response (RFC 3261 section 8.2.6); ``to_tag`` is added where the request has none.
    What the request lacks, the response does, too."""
    tagged = head.to_value
    if to_tag and tagged and not head.to_tag:
        tagged += f";tag={to_tag}"
    echoed = (
        ("From", head.from_value),
        ("To", tagged),
        ("Call-ID", head.call_id),
        ("CSeq", head.cseq_value),
    )
    return compose(
        f"SIP/2.0 {status} {one_line(reason)}",
        [
            *(("Via", value) for value in head.via),
            *((name, value) for name, value in echoed if value),
            *headers,
        ],
        body,
    )
