"""What an INVITE says about the call: who dials, whom, and who forwarded it and why.

From and Request-URI (RFC 3261), P-Asserted-Identity (RFC 3325, from trusted peers only),
Diversion (RFC 5806), History-Info (RFC 7044).
"""

import re
from itertools import pairwise
from typing import Final
from urllib.parse import unquote

from sipmessage import URI

from annie.edge.sip.message import (
    IncomingRequest,
    NameAddr,
    header_list,
    one_line,
    parse_name_addr,
    parse_uri,
    split_list,
)
from annie.kit.link import CallFacts, Diversion

MAX_DIVERSIONS: Final = 10
MAX_TEXT: Final = 256

#: RFC 4458/7044 causes, and the Q.850 causes that networks put into Reason.
_SIP_CAUSES: Final = {
    "302": "unconditional",
    "408": "no-answer",
    "480": "unavailable",
    "486": "user-busy",
    "487": "deflection",
    "503": "unavailable",
    "404": "unknown",
}
_Q850_CAUSES: Final = {"17": "user-busy", "18": "no-answer", "19": "no-answer"}
_CAUSE = re.compile(r"(?i)(?:^|[;\s])cause\s*=\s*\"?(\d+)")


def call_facts(request: IncomingRequest, codec: str, *, trusted: bool) -> CallFacts:
    """The facts of an INVITE, numbers as received. ``trusted``: believe its assertions."""
    caller = parse_name_addr(request.from_value)
    source = request.source
    host = f"[{source.host}]" if ":" in source.host else source.host
    return CallFacts(
        dialled=_user(request.uri),
        caller=_subscriber(caller),
        caller_name=_clip(caller.name),
        asserted_identity=_asserted_identity(request) if trusted else "",
        diversions=diversions(request),
        user_agent=_clip(request.headers.get("User-Agent") or ""),
        codec=codec,
        sip_call_id=_clip(request.call_id),
        peer=f"{source.transport}:{host}:{source.port}",
    )


def diversions(request: IncomingRequest) -> tuple[Diversion, ...]:
    """Who forwarded the call, latest first: from Diversion, else from History-Info."""
    found = _from_diversion(request) or _from_history(request)
    return tuple(found[:MAX_DIVERSIONS])


def _from_diversion(request: IncomingRequest) -> list[Diversion]:
    found: list[Diversion] = []
    for value in header_list(request.headers, "Diversion"):
        address = parse_name_addr(value)
        number = _subscriber(address)
        if number:
            reason = _clip(address.parameters.get("reason", "").lower()) or "unknown"
            found.append(Diversion(number, reason))
    return found


def _from_history(request: IncomingRequest) -> list[Diversion]:
    # Entry n was left for entry n+1. Why is told by the entry left (an escaped Reason header)
    # or by the one taken instead (the "cause" parameter of RFC 4458).
    entries = [parse_name_addr(v) for v in header_list(request.headers, "History-Info")]
    found: list[Diversion] = []
    for left, taken in pairwise(entries):
        number = _subscriber(left)
        reason = _escaped_reason(left.uri) or _cause_parameter(taken.uri)
        if number and reason:
            found.append(Diversion(number, reason))
    found.reverse()
    return found


def _escaped_reason(uri: str) -> str:
    for part in uri.partition("?")[2].split("&"):
        name, _, value = part.partition("=")
        if name.lower() != "reason":
            continue
        for reason in split_list(unquote(value)):
            protocol = reason.partition(";")[0].strip().lower()
            match = _CAUSE.search(reason)
            causes = _Q850_CAUSES if protocol == "q.850" else _SIP_CAUSES
            if match and match[1] in causes:
                return causes[match[1]]
    return ""


def _cause_parameter(uri: str) -> str:
    match = _CAUSE.search(uri.partition("?")[0])
    return _SIP_CAUSES.get(match[1], "") if match else ""


def _asserted_identity(request: IncomingRequest) -> str:
    users = [
        _subscriber(parse_name_addr(value))
        for value in header_list(request.headers, "P-Asserted-Identity")
    ]
    return next((user for user in users if user), "")


def _subscriber(address: NameAddr) -> str:
    uri = parse_uri(address.uri)
    return _user(uri) if uri is not None else ""


def _user(uri: URI) -> str:
    # Telephone parameters such as ;phone-context may stand within the user part.
    return _clip((uri.user or "").partition(";")[0])


def _clip(text: str) -> str:
    # No database takes NUL, which %00 may have been.
    return one_line(text[:MAX_TEXT])
