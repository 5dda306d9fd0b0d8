"""A call that somebody else began: from the INVITE to our answer (RFC 3261 section 13.3)."""

import secrets
from typing import Final

from annie.edge.sip import session_timer
from annie.edge.sip.context import ALLOW, Context
from annie.edge.sip.dialog import Dialog, dialog_of_request, record_route, remote_target
from annie.edge.sip.events import CallEstablished, MediaDescription
from annie.edge.sip.message import IncomingRequest, accepts, compose_response, header_list, tokens
from annie.edge.sip.offer_answer import Agreement, offer_lines
from annie.edge.sip.reliable import ReliableProvisional
from annie.edge.sip.screening import SDP_TYPE, SUPPORTED, Header, Refused, negotiate
from annie.edge.sip.server_transaction import InviteServerTransaction
from annie.edge.sip.session import Session

#: Seconds after which whoever we had no room for may try again.
RETRY_AFTER: Final = "5"


def open_dialog(context: Context, request: IncomingRequest) -> tuple[Dialog, Agreement | None]:
    """The dialog that an INVITE may open, and our answer to its offer if it has one.

    Raises:
        Refused: 400, 406, 415, 422 or 488.
    """
    session_timer.accept(request)
    if not accepts(request.headers, SDP_TYPE):
        raise Refused(406, "Not Acceptable")
    target = remote_target(request)
    if target is None:
        raise Refused(400, "Bad Contact")
    route_set = record_route(request)
    if route_set is None:
        raise Refused(400, "Bad Record-Route")
    agreement = negotiate(request, context.config.codecs)
    dialog = dialog_of_request(
        request,
        target,
        route_set,
        secrets.token_hex(8),
        context.contact(request.source.transport),
        context.via_host,
    )
    dialog.sdp_session = secrets.randbits(40)
    return dialog, agreement


class InboundCall(Session):
    """The dialog of an INVITE that came in; a plain ``Session`` once it is answered."""

    def __init__(
        self,
        context: Context,
        call: int,
        request: IncomingRequest,
        dialog: Dialog,
        agreement: Agreement | None,
        now: float,
    ) -> None:
        super().__init__(context, call, dialog)
        self._request = request
        self._agreement = agreement
        routes = header_list(request.headers, "Record-Route")
        self._record_routes = tuple(("Record-Route", route) for route in routes)
        self._transaction = InviteServerTransaction(context.layer, request, self, now)
        self._ringing: ReliableProvisional | None = None
        context.calls[call] = self
        self._respond_initial(100, "Trying", now)
        context.layer.timers.start(self, "unanswered", now + context.config.ring_timeout)

    @property
    def early(self) -> bool:
        """The INVITE has no final response yet."""
        return self._transaction.pending

    def ring(self, now: float) -> None:
        """Send 180, reliably where the caller requires that (RFC 3262)."""
        if not self.early or self._ringing is not None:
            return
        headers = (("Contact", self.dialog.contact), ("Allow", ALLOW))
        if "100rel" not in tokens(self._request.headers, "Require"):
            self._respond_initial(180, "Ringing", now, *headers)
        elif self._agreement is not None:
            # Without an offer in the INVITE ours would have to be in this response, and we
            # have no port for it before the answer: such a caller hears no ringing.
            timers, cseq = self.context.layer.timers, self._request.cseq
            self._ringing = ReliableProvisional(timers, self, cseq, now)
            sequence = ("RSeq", str(self._ringing.number))
            self._respond_initial(180, "Ringing", now, *headers, sequence, ("Require", "100rel"))

    def send_provisional(self) -> None:
        """The 180 has no PRACK yet."""
        self._transaction.repeat()

    def provisional_lost(self, now: float) -> None:
        """The caller never acknowledged the 180 (RFC 3262 section 3)."""
        if self.early:
            self.finish("edge", "no PRACK")
            self._refuse(504, "Server Time-out", now)

    def _provisionally_acknowledged(self, request: IncomingRequest, now: float) -> None:
        if self._ringing is None or not self._ringing.acknowledges(request):
            super()._provisionally_acknowledged(request, now)
        if request.body.strip():
            raise Refused(488, "Not Acceptable Here")
        self._respond(request, 200, "OK", now)

    def answer(self, media_host: str, media_port: int, now: float) -> MediaDescription | None:
        """Send 200 with our SDP; returns what was agreed, ``None`` without an offer."""
        dialog = self.dialog
        dialog.media_host, dialog.media_port = media_host, media_port
        agreement = self._agreement
        if agreement is None:
            body = self.describe(offer_lines(media_port, self.context.config.codecs))
            self._late_offer = self._request.cseq
        else:
            body = self.describe(agreement.media_lines(media_port))
            dialog.media = agreement.media
        self.await_ack(self._request.cseq, self._transaction)
        timer, extra = session_timer.accept(self._request)
        headers = (
            ("Contact", dialog.contact),
            ("Allow", ALLOW),
            SUPPORTED,
            *extra,
            ("Content-Type", SDP_TYPE),
        )
        self._respond_initial(200, "OK", now, *headers, body=body)
        self.refresher.agree(timer, now)
        self.touch()
        if self.call is not None:
            self.context.events.append(CallEstablished(self.call, dialog.media))
        return dialog.media

    def reject(self, status: int, reason: str, now: float) -> None:
        """Refuse the call."""
        if self.early:
            self.finish("annie", f"{status} {reason}")
            self._refuse(status, reason, now)

    def hang_up(self, now: float) -> None:
        """End the call in whatever state it is."""
        if self.early:
            self.finish("annie", "hangup")
            self._refuse(480, "Temporarily Unavailable", now)
        else:
            super().hang_up(now)

    def cancelled(self, transaction: InviteServerTransaction, now: float) -> None:
        """CANCEL came before our answer."""
        if self.early:
            self.finish("caller", "cancelled")
            self._refuse(487, "Request Terminated", now)

    def fire(self, timer: str, now: float) -> None:
        """Nobody answered the call in time."""
        if self.early:
            self.finish("edge", "no answer")
            self._refuse(480, "Temporarily Unavailable", now)

    def _bye_received(self, now: float) -> None:
        # Section 15.1.2: a BYE on an early dialog also ends the INVITE.
        if self.early:
            self.finish("caller", "bye")
            self._refuse(487, "Request Terminated", now)
        else:
            super()._bye_received(now)

    def _refuse(self, status: int, reason: str, now: float) -> None:
        # Without it a proxy would take us for dead and not try again (RFC 3261, 21.5.4).
        headers = (("Retry-After", RETRY_AFTER),) if status == 503 else ()
        self._respond_initial(status, reason, now, *headers)
        self._remove(now)

    def _respond_initial(
        self, status: int, reason: str, now: float, *headers: Header, body: bytes = b""
    ) -> None:
        if 100 < status < 300:
            headers = (*self._record_routes, *headers)
        tag = self.dialog.local_tag if status > 100 else ""
        data = compose_response(
            self._request, status, reason, tag, self.context.server_headers(*headers), body
        )
        if status >= 200:
            self.context.layer.timers.stop(self, "unanswered")
            if self._ringing is not None:
                self._ringing.stop()
        self._transaction.respond(status, data, now)
