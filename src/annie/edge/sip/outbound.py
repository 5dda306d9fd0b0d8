"""A call that we begin: from the INVITE to the other side's answer (RFC 3261 section 13.2)."""

import secrets
from typing import Final

from sipmessage import URI

from annie.edge.sip import session_timer
from annie.edge.sip.client_transaction import InviteClientTransaction, RequestClientTransaction
from annie.edge.sip.context import ALLOW, Context
from annie.edge.sip.dialog import Dialog, dialog_of_response
from annie.edge.sip.digest import Authorizer, Credentials
from annie.edge.sip.early import EarlyDialogs
from annie.edge.sip.events import (
    CallEnded,
    CallEstablished,
    CallProgress,
    EndedBy,
    Endpoint,
)
from annie.edge.sip.message import IncomingResponse, compose
from annie.edge.sip.offer_answer import NotAcceptable, accept_answer, offer_lines
from annie.edge.sip.screening import SDP_TYPE, SUPPORTED, Refused, read_description
from annie.edge.sip.sdp import compose_sdp
from annie.edge.sip.session import Session
from annie.edge.sip.transactions import new_branch

#: INVITEs sent for one call: the first, and again for a challenge or a longer session timer.
_TRIES: Final = 5


class OutboundCall:
    """Our INVITE and what becomes of it. The first 2xx makes the call's dialog; further
    ones, from other branches of a fork, are acknowledged and ended at once (13.2.2.4)."""

    def __init__(
        self,
        context: Context,
        call: int,
        target_uri: str,
        destination: Endpoint,
        from_user: str,
        media_host: str,
        media_port: int,
        now: float,
        credentials: Credentials | None = None,
    ) -> None:
        self._context = context
        self._call = call
        self._target = target_uri
        self._destination = destination
        self._media = (media_host, media_port)
        self._call_id = secrets.token_hex(16)
        ours = URI("sip", context.host_part, user=from_user)
        self._from = f"<{ours}>;tag={secrets.token_hex(8)}"
        self._to = f"<{target_uri}>"
        self._contact = context.contact(destination.transport)
        self._sdp_session = secrets.randbits(40)
        lines = offer_lines(media_port, context.config.codecs)
        self._sdp = compose_sdp(self._sdp_session, 0, media_host, lines)
        self._authorizer = Authorizer(credentials) if credentials is not None else None
        self._session_seconds = context.config.session_seconds
        self._cseq = 0
        self._branch = ""
        self._early = EarlyDialogs(context)
        self._cancelling = False
        self._cancel_sent = False
        self._provisional = False
        self._answered = False
        context.calls[call] = self
        self._transaction = self._send_invite(now)

    def _send_invite(self, now: float) -> InviteClientTransaction:
        context = self._context
        self._cseq += 1
        self._branch = new_branch()
        self._provisional = False
        authorization: tuple[tuple[str, str], ...] = ()
        if self._authorizer is not None:
            authorization = self._authorizer.headers("INVITE", self._target)
        transport = self._destination.transport.upper()
        shared = [
            ("Via", f"SIP/2.0/{transport} {context.via_host};branch={self._branch};rport"),
            ("Max-Forwards", "70"),
            ("From", self._from),
            ("Call-ID", self._call_id),
        ]
        headers = [
            *shared,
            ("To", self._to),
            ("CSeq", f"{self._cseq} INVITE"),
            ("Contact", self._contact),
            ("User-Agent", context.config.user_agent),
            ("Allow", ALLOW),
            SUPPORTED,
            *session_timer.ask(self._session_seconds),
            *authorization,
            ("Content-Type", SDP_TYPE),
        ]
        data = compose(f"INVITE {self._target} SIP/2.0", headers, self._sdp)
        return InviteClientTransaction(
            context.layer,
            self,
            self._branch,
            self._target,
            shared,
            self._cseq,
            data,
            self._destination,
            now,
        )

    def hang_up(self, now: float) -> None:
        """Give up before the answer: CANCEL, but not before a provisional response (9.1)."""
        self._give_up("annie", "hangup", now)

    def fire(self, timer: str, now: float) -> None:
        """The other side let it ring for too long."""
        self._give_up("edge", "no answer", now)

    def responded(self, response: IncomingResponse, now: float) -> None:
        """A response to INVITE or CANCEL came."""
        if response.cseq_method != "INVITE":
            return
        if response.status < 200:
            self._progressed(response, now)
        elif response.status < 300:
            self._accepted(response, now)
        elif not self._cancelling and self._may_try_again(response):
            self._transaction = self._send_invite(now)
        else:
            self._finish("caller", f"{response.status} {response.phrase}".strip())

    def _may_try_again(self, response: IncomingResponse) -> bool:
        """Whether another INVITE can mend what was wrong with this one."""
        if self._cseq >= _TRIES:
            return False
        if response.status in (401, 407):
            return self._authorizer is not None and self._authorizer.challenged(response)
        if response.status == 422 and (seconds := session_timer.demanded(response)) is not None:
            longer = seconds > self._session_seconds > 0
            self._session_seconds = max(seconds, self._session_seconds)
            return longer
        return False

    def unanswered(self, method: str, reason: str, now: float) -> None:
        """No final response within the life of the transaction."""
        if method == "INVITE":
            self._finish("edge", reason)

    def _progressed(self, response: IncomingResponse, now: float) -> None:
        timers = self._context.layer.timers
        if not self._provisional:
            self._provisional = True
            if not self._cancelling:
                timers.start(self, "ringing", now + self._context.config.ring_timeout)
        if self._cancelling:
            self._send_cancel(now)
        elif response.status > 100:
            self._context.events.append(CallProgress(self._call, response.status))
        if response.status > 100:
            self._early.progressed(response, self._dialog_of(response), now)

    def _dialog_of(self, response: IncomingResponse) -> Dialog:
        return dialog_of_response(
            response,
            self._from,
            self._target,
            self._destination,
            self._contact,
            self._context.via_host,
        )

    def _accepted(self, response: IncomingResponse, now: float) -> None:
        context = self._context
        dialog = self._dialog_of(response)
        known = context.dialogs.get(dialog.key)
        if known is not None:
            known.repeat_ack(self._cseq)
            return
        dialog.sdp_session, dialog.local_sdp = self._sdp_session, self._sdp
        dialog.media_host, dialog.media_port = self._media
        wanted = not self._answered and not self._cancelling
        early_answer = self._early.confirmed(dialog)
        if self._authorizer is not None:
            self._authorizer.accepted()
        session = Session(context, self._call if wanted else None, dialog, self._authorizer)
        session.acknowledge(self._cseq)
        if not wanted:
            session.close("annie", "fork", now)
            return
        self._answered = True
        context.layer.timers.stop(self, "ringing")
        context.calls[self._call] = session
        try:
            answer = read_description(response) or early_answer
            if answer is None:
                raise NotAcceptable("no answer in the 2xx")
            dialog.media = accept_answer(answer, response.source.host, context.config.codecs)
        except (Refused, NotAcceptable) as error:
            session.close("edge", str(error), now)
            return
        session.refresher.agree(session_timer.agreed(response), now)
        session.touch()
        context.events.append(CallEstablished(self._call, dialog.media))

    def _give_up(self, by: EndedBy, reason: str, now: float) -> None:
        self._cancelling = True
        self._finish(by, reason)
        if self._provisional:
            self._send_cancel(now)

    def _send_cancel(self, now: float) -> None:
        if self._cancel_sent:
            return
        self._cancel_sent = True
        RequestClientTransaction(
            self._context.layer,
            self,
            self._branch,
            "CANCEL",
            self._transaction.compose_cancel(self._to),
            self._destination,
            None,
            now,
        )
        self._transaction.abandon(now)

    def _finish(self, by: EndedBy, reason: str) -> None:
        self._context.layer.timers.stop(self, "ringing")
        if not self._answered and self._context.calls.pop(self._call, None) is not None:
            self._context.events.append(CallEnded(self._call, by, reason))
