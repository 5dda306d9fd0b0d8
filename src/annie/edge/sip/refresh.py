"""Requests of ours that keep a session alive or move its media.

A re-INVITE (RFC 3261 section 14.1) or, where the peer takes it, an UPDATE (RFC 3311): when
the session timer says so (RFC 4028), and after a call was taken over.
"""

import random
from typing import Final, Protocol

from annie.edge.sip import session_timer
from annie.edge.sip.client_transaction import InviteClientTransaction, RequestClientTransaction
from annie.edge.sip.context import ALLOW, Context
from annie.edge.sip.dialog import Dialog, contact_uri
from annie.edge.sip.digest import Authorizer
from annie.edge.sip.events import EndedBy, MediaDescription
from annie.edge.sip.message import IncomingResponse, header_list
from annie.edge.sip.offer_answer import NotAcceptable, accept_answer
from annie.edge.sip.screening import SDP_TYPE, SUPPORTED, Header, Refused, read_description
from annie.edge.sip.session_timer import SessionTimer

#: Glare (section 14.1): whoever owns the Call-ID waits 2.1 to 4 s, the other up to 2 s.
_OWNER_WAITS: Final = (2.1, 4.0)
_OTHER_WAITS: Final = (0.0, 2.0)
#: Seconds after which a peer that couldn't be asked just then is asked again.
_AGAIN: Final = 10.0
#: Refusals after which there is no dialog any more (section 12.2.1.2).
_GONE: Final = frozenset({404, 408, 410, 416, 480, 481, 482, 483, 484, 485, 502, 604})


class Refreshed(Protocol):
    """What this needs of its session."""

    context: Context
    dialog: Dialog
    authorizer: Authorizer | None

    @property
    def ready(self) -> bool:
        """Whether an offer may be sent now."""
        ...

    def describe_again(self) -> bytes:
        """Our session description as an offer."""
        ...

    def acknowledge(self, cseq: int) -> None:
        """Send the ACK of a 2xx and keep it."""
        ...

    def repeat_ack(self, cseq: int) -> None:
        """Send that ACK again."""
        ...

    def agree_media(self, media: MediaDescription) -> None:
        """Offer and answer led to this."""
        ...

    def close(self, by: EndedBy, reason: str, now: float) -> None:
        """End the call with a BYE."""
        ...


class Refresher:
    """Sends one such request at a time, for one session, and watches its timer."""

    def __init__(self, session: Refreshed) -> None:
        self._session = session
        self._method = ""
        self._cseq = 0
        self._seconds = 0
        self._with_offer = False
        self._stopped = False

    @property
    def offering(self) -> bool:
        """An offer of ours waits for its answer."""
        return bool(self._method) and self._with_offer

    def agree(self, timer: SessionTimer | None, now: float) -> None:
        """Both sides agreed on a session timer, or on none, just now."""
        dialog = self._session.dialog
        dialog.timer_seconds = timer.seconds if timer is not None else 0
        dialog.timer_ours = timer is not None and timer.ours
        timers = self._session.context.layer.timers
        timers.stop(self, "refresh", "expired")
        if timer is None or self._stopped:
            return
        timers.start(self, "expired", now + timer.expires_after)
        if timer.ours:
            timers.start(self, "refresh", now + timer.refresh_after)

    def send(self, now: float, *, with_offer: bool) -> None:
        """Send a request, or as soon as one may be sent.

        With an offer it is a re-INVITE; without, an UPDATE if the peer knows that.
        """
        if self._stopped or self._method:
            return
        session = self._session
        self._with_offer = with_offer = with_offer or not session.dialog.peer_updates
        if with_offer and not session.ready:
            self._retry(now, 1.0)
            return
        self._method = "INVITE" if with_offer else "UPDATE"
        dialog = session.dialog
        dialog.local_cseq += 1
        self._cseq = dialog.local_cseq
        body = session.describe_again() if with_offer else b""
        headers = self._headers(body)
        context = session.context
        branch, data = dialog.compose(
            self._method, self._cseq, context.config.user_agent, headers, body
        )
        destination, fallback = dialog.next_hop()
        if with_offer:
            InviteClientTransaction(
                context.layer,
                self,
                branch,
                dialog.request_uri,
                dialog.shared_headers(branch),
                self._cseq,
                data,
                destination,
                now,
                fallback,
            )
        else:
            RequestClientTransaction(
                context.layer, self, branch, "UPDATE", data, destination, fallback, now
            )

    def stop(self) -> None:
        """The session is over."""
        self._stopped = True
        self._session.context.layer.timers.stop(self, "refresh", "expired", "again")

    def fire(self, timer: str, now: float) -> None:
        """A timer is due."""
        if timer == "expired":
            self._session.close("edge", "session expired", now)
        elif timer == "refresh":
            self.send(now, with_offer=False)
        else:
            self.send(now, with_offer=self._with_offer)

    def responded(self, response: IncomingResponse, now: float) -> None:
        """The peer answered."""
        if response.status < 200:
            return
        if response.cseq != self._cseq or response.cseq_method != self._method:
            if response.cseq_method == "INVITE" and response.status < 300:
                self._session.repeat_ack(response.cseq)
            return
        method, self._method = self._method, ""
        if response.status < 300:
            self._accepted(response, method, now)
        elif not self._stopped:
            self._refused(response, method, now)

    def unanswered(self, method: str, reason: str, now: float) -> None:
        """Nobody is there any more."""
        self._method = ""
        if not self._stopped:
            self._session.close("edge", reason, now)

    def _headers(self, body: bytes) -> tuple[Header, ...]:
        session = self._session
        dialog = session.dialog
        seconds = self._seconds or dialog.timer_seconds
        refresher = "uac" if dialog.timer_ours else "uas"
        headers: list[Header] = [
            ("Allow", ALLOW),
            SUPPORTED,
            *session_timer.ask(seconds, refresher=refresher),
        ]
        if session.authorizer is not None:
            headers += session.authorizer.headers(self._method, dialog.request_uri)
        if body:
            headers.append(("Content-Type", SDP_TYPE))
        return tuple(headers)

    def _accepted(self, response: IncomingResponse, method: str, now: float) -> None:
        session = self._session
        if session.authorizer is not None:
            session.authorizer.accepted()
        if method == "INVITE":
            session.acknowledge(self._cseq)
        if self._stopped:
            return
        target = contact_uri(response) if header_list(response.headers, "Contact") else None
        if target is not None:
            session.dialog.remote_target = target
        self.agree(session_timer.agreed(response), now)
        if not self._with_offer:
            return
        try:
            answer = read_description(response)
            if answer is None:
                raise NotAcceptable("no answer to our offer")
            before = session.dialog.media
            media = accept_answer(
                answer,
                response.source.host,
                session.context.config.codecs,
                before.srtp if before is not None else None,
            )
        except (Refused, NotAcceptable) as error:
            session.close("edge", str(error), now)
            return
        session.agree_media(media)

    def _refused(self, response: IncomingResponse, method: str, now: float) -> None:
        session = self._session
        status = response.status
        if status in (401, 407) and session.authorizer is not None:
            if session.authorizer.challenged(response):
                self.send(now, with_offer=self._with_offer)
                return
        elif status == 422 and (seconds := session_timer.demanded(response)) is not None:
            if seconds > self._seconds:
                self._seconds = seconds
                self.send(now, with_offer=self._with_offer)
                return
        elif status == 491:
            waits = _OWNER_WAITS if session.dialog.outbound else _OTHER_WAITS
            self._retry(now, random.uniform(*waits))
            return
        elif method == "UPDATE" and status in (405, 501):
            session.dialog.peer_updates = False
            self.send(now, with_offer=True)
            return
        if status in _GONE:
            session.close("edge", f"{status} {response.phrase}".strip(), now)
            return
        # The session stands as it was (section 14.1); the timer ends it if that goes on.
        if session.dialog.timer_ours:
            self._retry(now, _AGAIN)

    def _retry(self, now: float, seconds: float) -> None:
        self._session.context.layer.timers.start(self, "again", now + seconds)
