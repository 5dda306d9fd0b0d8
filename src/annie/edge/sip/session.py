"""One dialog at work: requests inside it, hold and resume, hanging up (RFC 3261 12 to 15)."""

from typing import Final

from annie.edge.sip import session_timer
from annie.edge.sip.client_transaction import RequestClientTransaction
from annie.edge.sip.context import ALLOW, Context, refuse_method
from annie.edge.sip.dialog import Dialog, contact_uri
from annie.edge.sip.digest import Authorizer
from annie.edge.sip.events import (
    CallEnded,
    DigitPressed,
    EndedBy,
    Endpoint,
    MediaChanged,
    MediaDescription,
)
from annie.edge.sip.info import read_digit
from annie.edge.sip.message import (
    IncomingRequest,
    IncomingResponse,
    compose_response,
    header_list,
)
from annie.edge.sip.offer_answer import NotAcceptable, accept_answer, offer_lines
from annie.edge.sip.refresh import Refresher
from annie.edge.sip.screening import (
    SDP_TYPE,
    SUPPORTED,
    Header,
    Refused,
    check_require,
    negotiate,
    read_description,
)
from annie.edge.sip.sdp import compose_sdp, media_lines_of
from annie.edge.sip.server_transaction import InviteServerTransaction, State
from annie.edge.sip.transfer import Transfer

#: re-INVITEs of one dialog within the 32 s for which their transactions stay.
MAX_LINGERING: Final = 32


class Session:
    """The user of one dialog. ``call`` is ``None`` for a fork's dialog that is only ended."""

    def __init__(
        self,
        context: Context,
        call: int | None,
        dialog: Dialog,
        authorizer: Authorizer | None = None,
    ) -> None:
        self.context = context
        self.call = call
        self.dialog = dialog
        self.authorizer = authorizer
        self.refresher = Refresher(self)
        self._transfer: Transfer | None = None
        #: Our INVITE was acknowledged or theirs was: BYE may be sent (section 15).
        self.confirmed = False
        self._closing = False
        #: Both sides have said goodbye; only a transfer keeps the dialog.
        self._gone = False
        self._bye_owed = False
        self._unacknowledged: dict[int, InviteServerTransaction] = {}
        self._invites: list[InviteServerTransaction] = []
        self._late_offer: int | None = None
        self._ack: tuple[int, bytes, tuple[Endpoint, Endpoint | None]] | None = None
        context.dialogs[dialog.key] = self

    @property
    def local_tag(self) -> str:
        return self.dialog.local_tag

    @property
    def early(self) -> bool:
        """The INVITE that made the dialog has no final response yet."""
        return False

    @property
    def ready(self) -> bool:
        """No offer of either side is open, so that we may send one (RFC 3264 section 4)."""
        return (
            self.confirmed
            and not self._closing
            and self._late_offer is None
            and not self._unacknowledged
        )

    # Requests of the peer

    def receive(self, request: IncomingRequest, now: float) -> None:
        """Any request inside the dialog but ACK and CANCEL."""
        telling = request.method == "NOTIFY" and self._transfer is not None
        if self._closing and request.method != "BYE" and not telling:
            self.context.reply(request, 481, "Call/Transaction Does Not Exist")
            return
        if request.method == "INVITE" and (self.context.exhausted or self._reinvited_too_often()):
            self.context.reply(request, 503, "Service Unavailable", ("Retry-After", "5"))
            return
        if request.cseq <= self.dialog.remote_cseq:
            self.context.reply(request, 500, "CSeq Out Of Order")
            return
        self.dialog.remote_cseq = request.cseq
        self.dialog.source = request.source
        try:
            check_require(request)
            self._serve(request, now)
        except Refused as refused:
            if request.method == "INVITE":
                self._respond_invite(request, refused.status, refused.reason, now, refused.headers)
            else:
                self._respond(request, refused.status, refused.reason, now, *refused.headers)

    def _reinvited_too_often(self) -> bool:
        lingering = [each for each in self._invites if each.state is not State.TERMINATED]
        self._invites = lingering
        return len(lingering) >= MAX_LINGERING

    def _serve(self, request: IncomingRequest, now: float) -> None:
        match request.method:
            case "BYE":
                self._respond(request, 200, "OK", now)
                self._bye_received(now)
            case "INVITE":
                self._reinvited(request, now)
            case "UPDATE":
                self._updated(request, now)
            case "INFO":
                self._informed(request, now)
            case "NOTIFY":
                self._notified(request, now)
            case "PRACK":
                self._provisionally_acknowledged(request, now)
            case "OPTIONS":
                headers = (("Allow", ALLOW), SUPPORTED, ("Accept", SDP_TYPE))
                self._respond(request, 200, "OK", now, *headers)
            case _:
                raise Refused(*refuse_method(request.method), ("Allow", ALLOW))

    def _bye_received(self, now: float) -> None:
        self.finish("caller", "bye")
        self._remove(now)

    def _informed(self, request: IncomingRequest, now: float) -> None:
        press = read_digit(request)
        self._respond(request, 200, "OK", now)
        if press is not None and self.call is not None:
            self.context.events.append(DigitPressed(self.call, *press))

    def _notified(self, request: IncomingRequest, now: float) -> None:
        if self._transfer is None:
            raise Refused(481, "Subscription Does Not Exist")
        self._transfer.notified(request)
        self._respond(request, 200, "OK", now)

    def _provisionally_acknowledged(self, request: IncomingRequest, now: float) -> None:
        raise Refused(481, "Call/Transaction Does Not Exist")

    def _reinvited(self, request: IncomingRequest, now: float) -> None:
        self._check_no_offer_pending()
        agreement = negotiate(request, self.context.config.codecs, self.dialog.media)
        timer, headers = session_timer.accept(request)
        self._refresh_target(request)
        if agreement is None:
            body = self.describe(offer_lines(self.dialog.media_port, self.context.config.codecs))
            self._late_offer = request.cseq
        else:
            body = self.describe(agreement.media_lines(self.dialog.media_port))
        self._respond_invite(request, 200, "OK", now, headers, body)
        self.refresher.agree(timer, now)
        self.touch()
        if agreement is not None:
            self.agree_media(agreement.media)

    def _updated(self, request: IncomingRequest, now: float) -> None:
        # RFC 3311: as a re-INVITE, but without an ACK.
        if request.body:
            self._check_no_offer_pending()
        agreement = negotiate(request, self.context.config.codecs, self.dialog.media)
        timer, extra = session_timer.accept(request)
        self._refresh_target(request)
        headers: list[Header] = [
            ("Contact", self.dialog.contact),
            ("Allow", ALLOW),
            SUPPORTED,
            *extra,
        ]
        self.refresher.agree(timer, now)
        self.touch()
        if agreement is None:
            self._respond(request, 200, "OK", now, *headers)
            return
        body = self.describe(agreement.media_lines(self.dialog.media_port))
        headers.append(("Content-Type", SDP_TYPE))
        self._respond(request, 200, "OK", now, *headers, body=body)
        self.agree_media(agreement.media)

    def _check_no_offer_pending(self) -> None:
        if self.early:
            raise Refused(500, "Offer Pending", ("Retry-After", "2"))
        if self._late_offer is not None or self.refresher.offering:
            raise Refused(491, "Request Pending")

    def _refresh_target(self, request: IncomingRequest) -> None:
        if header_list(request.headers, "Contact"):
            target = contact_uri(request)
            if target is None:
                raise Refused(400, "Bad Contact")
            self.dialog.remote_target = target

    def acknowledged(self, request: IncomingRequest, now: float) -> None:
        """The ACK of one of our 2xx came; it may carry the answer to a late offer."""
        transaction = self._unacknowledged.pop(request.cseq, None)
        if transaction is None:
            return
        transaction.acknowledged(now)
        self.confirmed = True
        if self._closing:
            if self._bye_owed:
                self._send_bye(now)
        elif self._late_offer == request.cseq:
            self._late_offer = None
            self._late_answer(request, now)

    def _late_answer(self, request: IncomingRequest, now: float) -> None:
        try:
            answer = read_description(request)
            if answer is None:
                raise NotAcceptable("no answer in the ACK")
            media = accept_answer(answer, request.source.host, self.context.config.codecs)
        except (Refused, NotAcceptable) as error:
            self.close("edge", str(error), now)
            return
        self.agree_media(media)

    # Server transactions of INVITEs

    def await_ack(self, cseq: int, transaction: InviteServerTransaction) -> None:
        """A 2xx was sent in this transaction."""
        self._unacknowledged[cseq] = transaction

    def ack_missing(self, transaction: InviteServerTransaction, now: float) -> None:
        """No ACK for 64 * T1: the call is dropped (section 13.3.1.4)."""
        self._unacknowledged = {
            cseq: other for cseq, other in self._unacknowledged.items() if other is not transaction
        }
        if self._bye_owed:
            self._send_bye(now)
        elif not self._closing:
            self.confirmed = True
            self.close("edge", "ack timeout", now)

    def cancelled(self, transaction: InviteServerTransaction, now: float) -> None:
        """A re-INVITE has its final response at once: there is nothing to cancel."""

    # Our side

    def hang_up(self, now: float) -> None:
        """End the call because we were told to."""
        self.close("annie", "hangup", now)

    def refer(self, target: str, now: float) -> bool:
        """Ask the peer to call ``target``, verbatim, in our stead; false if that can't be now."""
        if self.call is None or not self.confirmed or self._closing or self._transfer is not None:
            return False
        self._transfer = Transfer(self, self.call, target, now)
        return True

    def transfer_over(self) -> None:
        """The outcome of our REFER is known."""
        self._transfer = None
        if self._gone:
            self.context.dialogs.pop(self.dialog.key, None)

    def close(self, by: EndedBy, reason: str, now: float) -> None:
        """Tell that the call ended, and send BYE as soon as that is allowed."""
        self.finish(by, reason)
        if self._closing:
            return
        self._closing = True
        self.refresher.stop()
        if self.confirmed:
            self._send_bye(now)
        else:
            self._bye_owed = True

    def finish(self, by: EndedBy, reason: str) -> None:
        """Tell that the call ended, once."""
        if self.call is not None and self.context.calls.pop(self.call, None) is not None:
            self.context.events.append(CallEnded(self.call, by, reason))

    def acknowledge(self, cseq: int) -> None:
        """Send the ACK of a 2xx to our INVITE, and keep it for repetitions."""
        _, data = self.dialog.compose("ACK", cseq, self.context.config.user_agent)
        self._ack = (cseq, data, self.dialog.next_hop())
        self.confirmed = True
        self.repeat_ack(cseq)

    def repeat_ack(self, cseq: int) -> None:
        """Send the kept ACK, if it is of this INVITE."""
        if self._ack is not None and self._ack[0] == cseq:
            self.context.layer.send(self._ack[1], *self._ack[2])

    def touch(self) -> None:
        """The dialog has changed."""
        if self.call is not None:
            self.context.changed.add(self.call)

    def describe_again(self) -> bytes:
        """Our last description as an offer, with the port that we have now."""
        dialog = self.dialog
        return self.describe(media_lines_of(dialog.local_sdp, dialog.media_port))

    def describe(self, media_lines: list[str]) -> bytes:
        """Our session description; its version goes up when it differs from the last one."""
        dialog = self.dialog
        host, session = dialog.media_host, dialog.sdp_session
        body = compose_sdp(session, dialog.sdp_version, host, media_lines)
        if dialog.local_sdp and body != dialog.local_sdp:
            dialog.sdp_version += 1
            body = compose_sdp(session, dialog.sdp_version, host, media_lines)
        dialog.local_sdp = body
        return body

    def responded(self, response: IncomingResponse, now: float) -> None:
        """BYE was answered: the dialog is over, unless we have to say first who we are."""
        asked = response.status in (401, 407) and self.authorizer is not None
        if asked and self.authorizer is not None and self.authorizer.challenged(response):
            self._send_bye(now)
        else:
            self._remove(now)

    def unanswered(self, method: str, reason: str, now: float) -> None:
        """BYE wasn't answered: the dialog is over all the same."""
        self._remove(now)

    def _send_bye(self, now: float) -> None:
        self._bye_owed = False
        self.dialog.local_cseq += 1
        context = self.context
        headers: tuple[Header, ...] = ()
        if self.authorizer is not None:
            headers = self.authorizer.headers("BYE", self.dialog.request_uri)
        branch, data = self.dialog.compose(
            "BYE", self.dialog.local_cseq, context.config.user_agent, headers
        )
        destination, fallback = self.dialog.next_hop()
        RequestClientTransaction(
            context.layer, self, branch, "BYE", data, destination, fallback, now
        )

    def agree_media(self, media: MediaDescription) -> None:
        """Offer and answer led to this; told where it is something new."""
        before = self.dialog.media
        self.dialog.media = media
        self.touch()
        if self.call is not None and (before is None or before != media):
            self.context.events.append(MediaChanged(self.call, media))

    def _respond(
        self,
        request: IncomingRequest,
        status: int,
        reason: str,
        now: float,
        *headers: Header,
        body: bytes = b"",
    ) -> None:
        self.context.respond(request, status, reason, now, *headers, body=body)

    def _respond_invite(
        self,
        request: IncomingRequest,
        status: int,
        reason: str,
        now: float,
        headers: tuple[Header, ...] = (),
        body: bytes = b"",
    ) -> None:
        transaction = InviteServerTransaction(self.context.layer, request, self, now)
        self._invites.append(transaction)
        if body:
            headers = (
                ("Contact", self.dialog.contact),
                ("Allow", ALLOW),
                SUPPORTED,
                ("Content-Type", SDP_TYPE),
                *headers,
            )
            self.await_ack(request.cseq, transaction)
        data = compose_response(
            request, status, reason, "", self.context.server_headers(*headers), body
        )
        transaction.respond(status, data, now)

    def _remove(self, now: float) -> None:
        self._closing = True
        self._bye_owed = False
        self.refresher.stop()
        for transaction in self._unacknowledged.values():
            transaction.acknowledged(now)
        self._unacknowledged.clear()
        self._gone = True
        if self._transfer is None:
            self.context.dialogs.pop(self.dialog.key, None)
