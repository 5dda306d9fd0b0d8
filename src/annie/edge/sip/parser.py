"""Octets to SIP messages (RFC 3261 sections 7, 18.3 and 25): strict where the meaning would be
in doubt, lenient elsewhere, and a request that can be answered is never just dropped.

Parsing rests on ``sipmessage``; what it doesn't do (folded lines, space before the colon,
limits, peers that bend the grammar) is done here.
"""

import re
from typing import Final

from sipmessage import URI, Headers, Message, Parameters, Request, Response, Via

from annie.edge.sip.events import Endpoint
from annie.edge.sip.message import (
    BadRequest,
    Incoming,
    IncomingRequest,
    IncomingResponse,
    RequestHead,
    parse_uri,
    split_list,
)

MAX_MESSAGE: Final = 65_536
MAX_HEADER_LINES: Final = 256
#: One header with all its values, unfolded; the longest in use are certificates' signatures.
MAX_LINE: Final = 8192
MAX_CSEQ: Final = 2**31 - 1

_Fault = tuple[int, str]

_FOLD = re.compile(rb"\r\n[ \t]+")
_SPACE_BEFORE_COLON = re.compile(rb"^([^\s:]+)[ \t]+:", re.MULTILINE)
_METHOD = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_CSEQ = re.compile(r"([0-9]{1,20})\s+(\S+)")
_BALANCED = re.compile(r'(?s:[^"]|"(?:[^"\\]|\\.)*+")*+')
_VIA = re.compile(
    r"SIP\s*/\s*[0-9.]+\s*/\s*(?P<transport>[A-Za-z0-9.!%*_+`'~-]+)\s+"
    r"(?P<host>[A-Za-z0-9_][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])(?:\s*:\s*(?P<port>[0-9]{1,5}))?"
    r"\s*(?P<parameters>(?:;.*)?)"
)
_RECEIVED_RPORT = re.compile(r";\s*(?:received|rport)\s*(?:=[^;]*)?(?=;|$)", re.IGNORECASE)


def parse(data: bytes, source: Endpoint) -> Incoming | None:
    """One message; ``None`` for what is not SIP or can't even be refused."""
    if len(data) > MAX_MESSAGE:
        return None
    head, separator, body = data.lstrip(b"\r\n").partition(b"\r\n\r\n")
    if not separator:
        return None
    head = _utf8(_SPACE_BEFORE_COLON.sub(rb"\1:", _FOLD.sub(b" ", head)))
    if head.count(b"\r\n") > MAX_HEADER_LINES or _has_stray_octets(head):
        return None
    lines = head.split(b"\r\n")
    short = [line for line in lines if len(line) <= MAX_LINE]
    message, fault = _parse_leniently(b"\r\n".join(short))
    if len(short) < len(lines):
        fault = (513, "Message Too Large")
    if message is None:
        return None
    try:
        if not isinstance(message, Request):
            return _response(message, body, source)
        return _request(message.method, message.uri, message.headers, body, source, fault)
    except (ValueError, TypeError, LookupError):
        return None


def _utf8(head: bytes) -> bytes:
    """The head; where it isn't UTF-8, what old equipment most probably meant by it."""
    try:
        head.decode()
    except UnicodeDecodeError:
        return head.decode("latin-1").encode()
    return head


def _has_stray_octets(head: bytes) -> bool:
    # NUL may stand in a quoted string, after a backslash, and nowhere else.
    rest = head.replace(b"\r\n", b"").replace(b"\\\0", b"")
    return b"\r" in rest or b"\n" in rest or b"\0" in rest


def _parse_leniently(head: bytes) -> tuple[Request | Response | None, _Fault | None]:
    """The message; where only its first line or some header lines are bad, the rest of it and
    the status to refuse it with."""
    first, _, rest = head.partition(b"\r\n")
    lines = rest.split(b"\r\n")
    headers = [line for line in lines if b":" in line]
    if first.startswith(b"SIP/2.0 "):
        # sipmessage wants the space before the phrase even where there is none.
        return _message([first + b" ", *headers]), None
    words = first.decode().split()
    if len(words) < 3 or not words[-1].startswith("SIP/") or not _METHOD.fullmatch(words[0]):
        return None, None
    uri = parse_uri(words[1]) if len(words) == 3 else None
    fault: _Fault | None = None
    if words[-1] != "SIP/2.0":
        fault = (505, "Version Not Supported")
    elif uri is None:
        foreign = _is_foreign(words[1])
        fault = (416, "Unsupported URI Scheme") if foreign else (400, "Bad Request-URI")
    elif len(headers) < len(lines):
        fault = (400, "Bad Header Line")
    # The URI was read already; sipmessage is stricter, and slow with what is no number.
    message = _message([f"{words[0]} sip:invalid.invalid SIP/2.0".encode(), *headers])
    if uri is not None and isinstance(message, Request):
        message.uri = uri
    return message, fault


def _message(lines: list[bytes]) -> Request | Response | None:
    try:
        return Message.parse(b"\r\n".join(lines) + b"\r\n\r\n")
    except (ValueError, TypeError):
        return None


def _is_foreign(uri: str) -> bool:
    scheme = _SCHEME.match(uri)
    return scheme is not None and scheme[0].lower() not in ("sip:", "sips:", "tel:")


def _request(
    method: str,
    uri: URI,
    headers: Headers,
    body: bytes,
    source: Endpoint,
    fault: _Fault | None,
) -> IncomingRequest | BadRequest:
    vias = tuple(part for value in headers.getlist("Via") for part in split_list(value))
    top = _parse_via(vias[0])
    if top is None:
        top = _sent_by(vias[0])
        fault = fault or (400, "Bad Via")
    via = (_complete_via(vias[0], top, source), *vias[1:])
    sender, to, call_id, cseq = (
        headers.get(name) or "" for name in ("From", "To", "Call-ID", "CSeq")
    )
    head = RequestHead(method, source, via, top, sender, to, call_id, cseq)
    fault = fault or _fault(head, headers, body)
    if fault is not None:
        return BadRequest(head, *fault)
    return IncomingRequest(
        method=method,
        source=source,
        via=via,
        top_via=top,
        from_value=sender,
        to_value=to,
        call_id=call_id,
        cseq_value=cseq,
        uri=uri,
        cseq=int(cseq.split()[0]),
        headers=headers,
        body=_cut(body, headers.get("Content-Length")),
    )


def _fault(head: RequestHead, headers: Headers, body: bytes) -> _Fault | None:
    """Why a request can't be served (RFC 3261 section 8.1.1), if it can't."""
    for name in ("From", "To", "Call-ID", "CSeq", "Max-Forwards", "Content-Length"):
        if len(headers.getlist(name)) > 1:
            return 400, f"Repeated {name}"
    for name in ("From", "To", "Call-ID", "CSeq"):
        if not headers.get(name):
            return 400, f"Missing {name}"
    for name in ("From", "To"):
        if not _BALANCED.fullmatch(headers[name]):
            return 400, f"Unterminated Quote In {name}"
    length = headers.get("Content-Length")
    if length is not None and not (length.isascii() and length.isdigit() and len(length) < 8):
        return 400, "Bad Content-Length"
    if length is not None and int(length) > len(body):
        return 400, "Body Shorter Than Content-Length"
    number = _CSEQ.fullmatch(head.cseq_value)
    if number is None or int(number[1]) > MAX_CSEQ or number[2] != head.method:
        return 400, "Bad CSeq"
    return None


def _response(message: Response, body: bytes, source: Endpoint) -> IncomingResponse | None:
    headers = message.headers
    number = _CSEQ.fullmatch(headers["CSeq"])
    via = _parse_via(split_list(headers["Via"])[0])
    if number is None or via is None or not 100 <= message.code <= 699:
        return None
    return IncomingResponse(
        status=message.code,
        phrase=message.phrase.strip(),
        source=source,
        branch=via.parameters.get("branch") or "",
        call_id=headers["Call-ID"],
        cseq=int(number[1]),
        cseq_method=number[2],
        from_value=headers["From"],
        to_value=headers["To"],
        headers=headers,
        body=_cut(body, headers.get("Content-Length")),
    )


def _cut(body: bytes, length: str | None) -> bytes:
    return body if length is None or not length.isdecimal() else body[: int(length[:8])]


def _parse_via(value: str) -> Via | None:
    """A Via value; ``None`` where it is malformed.

    Not by ``Via.parse``, which raises one and the same exception each time: that gathers the
    tracebacks of them all, and with each its frames and the whole message. Nor does it take
    names whose last label ends with a digit, or IPv6 with an IPv4 tail.
    """
    match = _VIA.fullmatch(value)
    if match is None:
        return None
    try:
        parameters = Parameters.parse(match["parameters"])
    except (ValueError, TypeError):
        return None
    return Via(match["transport"], match["host"], _port(match), parameters)


def _sent_by(value: str) -> Via:
    """As much of a malformed Via as a response needs.

    Raises:
        ValueError: not even that is there.
    """
    match = _VIA.match(value)
    if match is None:
        raise ValueError("no sent-by")
    return Via(match["transport"], match["host"], _port(match), Parameters())


def _port(match: re.Match[str]) -> int | None:
    return int(match["port"]) if match["port"] else None


def _complete_via(value: str, via: Via, source: Endpoint) -> str:
    names = {name.lower() for name in via.parameters}
    if "rport" not in names and via.host.strip("[]") == source.host:
        return value
    completed = _RECEIVED_RPORT.sub("", value) + f";received={source.host}"
    return completed + f";rport={source.port}" if "rport" in names else completed
