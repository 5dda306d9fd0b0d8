"""A blind transfer that we ask for: REFER and what the peer tells of it (RFC 3515, RFC 5589).

The implied subscription is a usage of the dialog of its own (RFC 5057): it outlives the
call, since many peers hang up as soon as they have said 202.
"""

import re
from typing import Final, Protocol

from annie.edge.sip.client_transaction import RequestClientTransaction
from annie.edge.sip.context import Context
from annie.edge.sip.dialog import Dialog
from annie.edge.sip.digest import Authorizer
from annie.edge.sip.events import TransferProgress
from annie.edge.sip.message import IncomingRequest, IncomingResponse, parse_name_addr
from annie.edge.sip.screening import Header, Refused, content_type

#: Seconds that the peer may take to reach whom we named, ringing included.
PATIENCE: Final = 180.0
_FRAGMENT: Final = "message/sipfrag"
_STATUS_LINE: Final = re.compile(rb"\s*SIP/2\.0\s+([1-6][0-9]{2})(?:\s|$)")


class Referring(Protocol):
    """What this needs of its session."""

    context: Context
    dialog: Dialog
    authorizer: Authorizer | None

    def transfer_over(self) -> None:
        """Nothing more will be told."""
        ...


class Transfer:
    """One REFER of ours, until its outcome is known."""

    def __init__(self, session: Referring, call: int, target: str, now: float) -> None:
        self._session = session
        self._call = call
        self._target = target
        self._over = False
        session.context.layer.timers.start(self, "patience", now + PATIENCE)
        self._send(now)

    def notified(self, request: IncomingRequest) -> None:
        """The peer tells how far it is.

        Raises:
            Refused: 489 for another event, 400 or 415 for a body that says nothing.
        """
        headers = request.headers
        if (headers.get("Event") or "").partition(";")[0].strip().lower() != "refer":
            raise Refused(489, "Bad Event", ("Allow-Events", "refer"))
        state = (headers.get("Subscription-State") or "").partition(";")[0].strip().lower()
        ended = state == "terminated"
        if not request.body.strip() and ended:
            self._told(487, final=True)
            return
        if content_type(request) != _FRAGMENT:
            raise Refused(415, "Unsupported Media Type", ("Accept", _FRAGMENT))
        match = _STATUS_LINE.match(request.body)
        if match is None:
            raise Refused(400, "No Status Line")
        status = int(match[1])
        self._told(status, final=ended or status >= 200)

    def stop(self) -> None:
        """Ask no more."""
        self._over = True
        self._session.context.layer.timers.stop(self, "patience")

    def fire(self, timer: str, now: float) -> None:
        """Nobody told us how it went."""
        self._told(408, final=True)

    def responded(self, response: IncomingResponse, now: float) -> None:
        """The REFER was accepted or refused."""
        authorizer = self._session.authorizer
        if self._over or response.status < 200:
            return
        if response.status < 300:
            if authorizer is not None:
                authorizer.accepted()
        elif response.status in (401, 407) and authorizer and authorizer.challenged(response):
            self._send(now)
        else:
            self._told(response.status, final=True)

    def unanswered(self, method: str, reason: str, now: float) -> None:
        """The REFER was not answered at all."""
        if not self._over:
            self._told(int(reason[:3]), final=True)

    def _send(self, now: float) -> None:
        session = self._session
        context, dialog = session.context, session.dialog
        dialog.local_cseq += 1
        headers: tuple[Header, ...] = (
            ("Refer-To", f"<{self._target}>"),
            ("Referred-By", f"<{parse_name_addr(dialog.local_address).uri}>"),
        )
        if session.authorizer is not None:
            headers += session.authorizer.headers("REFER", dialog.request_uri)
        branch, data = dialog.compose(
            "REFER", dialog.local_cseq, context.config.user_agent, headers
        )
        destination, fallback = dialog.next_hop()
        RequestClientTransaction(
            context.layer, self, branch, "REFER", data, destination, fallback, now
        )

    def _told(self, status: int, *, final: bool) -> None:
        if self._over:
            return
        self._session.context.events.append(TransferProgress(self._call, status, final))
        if final:
            self.stop()
            self._session.transfer_over()
