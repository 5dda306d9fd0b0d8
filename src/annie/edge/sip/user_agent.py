"""The SIP user agent (RFC 3261), sans-I/O: bytes and time in, bytes and events out."""

import itertools
from typing import Final

from annie.edge.access import contains
from annie.edge.sip import session_timer
from annie.edge.sip.context import (
    ALLOW,
    Context,
    UserAgentConfig,
    refuse_method,
)
from annie.edge.sip.dialog import Dialog
from annie.edge.sip.digest import Credentials, Gate, Guesses
from annie.edge.sip.events import Endpoint, Event, IncomingCall, MediaDescription, Send
from annie.edge.sip.identity import call_facts
from annie.edge.sip.inbound import InboundCall, open_dialog
from annie.edge.sip.message import (
    BadRequest,
    IncomingRequest,
    IncomingResponse,
    parse_uri,
)
from annie.edge.sip.outbound import OutboundCall
from annie.edge.sip.parser import parse
from annie.edge.sip.screening import SDP_TYPE, SUPPORTED, Refused, check_require
from annie.edge.sip.server_transaction import InviteServerTransaction, State
from annie.edge.sip.session import Session
from annie.edge.sip.transactions import server_key

__all__ = ["UnknownCall", "UserAgent", "UserAgentConfig"]

#: What a take-over adds to CSeq: more than the process that is gone can have used (RFC 3261
#: section 12.2.1.1 wants it to grow, by however much).
TAKE_OVER_CSEQ: Final = 1000

_OURS = frozenset(ALLOW.split(", "))


class UnknownCall(KeyError):  # noqa: N818
    """The call doesn't exist (any more), or is past the state that the command needs."""


class UserAgent:
    """All calls of one process.

    Every method takes ``now`` in seconds of one monotonic clock. After any of them,
    ``take_outputs`` and ``take_events`` have what is to be sent and told.
    """

    def __init__(self, config: UserAgentConfig) -> None:
        self.config = config
        self._context = Context(
            config, config.contact_host or "127.0.0.1", config.contact_port or 5060
        )
        self._layer = self._context.layer
        self._gate = Gate(config.accounts, config.realm)
        self._guesses = Guesses()
        self._numbers = itertools.count(1)

    def bind(self, host: str, port: int) -> None:
        """Tell the address that our sockets are bound to, for UDP and TCP: what Contact and
        Via name where the configuration doesn't say otherwise."""
        self._context.host = self.config.contact_host or host
        self._context.port = self.config.contact_port or port

    @property
    def calls(self) -> int:
        """How many calls there are, in whatever state."""
        return len(self._context.calls)

    @property
    def idle(self) -> bool:
        """Nothing is left: no call, no dialog, no transaction, no timer."""
        layer = self._layer
        tables = (self._context.calls, self._context.dialogs, layer.servers, layer.clients)
        return not any(tables) and not len(layer.timers)

    @property
    def held(self) -> int:
        """How many calls, dialogs, transactions and timers there are: what memory goes with."""
        layer = self._layer
        tables = (self._context.calls, self._context.dialogs, layer.servers, layer.clients)
        return sum(map(len, tables)) + layer.timers.held

    def receive(self, data: bytes, source: Endpoint, now: float) -> None:
        """Take one datagram or one framed TCP message. Never raises for what it says."""
        message = parse(data, source)
        if isinstance(message, IncomingRequest):
            self._request(message, now)
        elif isinstance(message, IncomingResponse):
            self._response(message, now)
        elif isinstance(message, BadRequest):
            self._context.reply(message.head, message.status, message.reason)

    def advance(self, now: float) -> None:
        """Fire the timers that are due."""
        self._layer.timers.fire_due(now)

    def next_deadline(self) -> float | None:
        """When ``advance`` wants to be called next; ``None`` if nothing is pending."""
        return self._layer.timers.next_deadline()

    def take_outputs(self) -> list[Send]:
        """What is to be sent, in order; empties the list."""
        outputs, self._layer.outputs = self._layer.outputs, []
        return outputs

    def take_events(self) -> list[Event]:
        """What happened, in order; empties the list."""
        events, self._context.events = self._context.events, []
        return events

    def unreachable(self, destination: Endpoint, now: float) -> None:
        """Learn that no connection to ``destination`` could be made."""
        for client in list(self._layer.clients.values()):
            client.unreachable(destination, now)

    # Commands

    def ring(self, call: int, now: float) -> None:
        """Send 180 Ringing. Does nothing for a call that is gone or answered."""
        inbound = self._context.calls.get(call)
        if isinstance(inbound, InboundCall):
            inbound.ring(now)

    def answer(
        self, call: int, media_host: str, media_port: int, now: float
    ) -> MediaDescription | None:
        """Send 200 OK with our SDP at ``media_host:media_port``.

        Returns what was agreed; ``None`` if the INVITE had no offer (the caller's half
        then comes as ``MediaChanged``).

        Raises:
            UnknownCall: there is no such call waiting to be answered.
        """
        inbound = self._context.calls.get(call)
        if not isinstance(inbound, InboundCall) or not inbound.early:
            raise UnknownCall(call)
        return inbound.answer(media_host, media_port, now)

    def reject(self, call: int, status: int, reason: str, now: float) -> None:
        """Refuse an unanswered call with ``status``. Ignored once it is gone.

        Raises:
            ValueError: ``status`` is not in 300 to 699.
        """
        if not 300 <= status <= 699:
            raise ValueError(f"{status} refuses nothing")
        inbound = self._context.calls.get(call)
        if isinstance(inbound, InboundCall):
            inbound.reject(status, reason, now)

    def hang_up(self, call: int, now: float) -> None:
        """End a call in any state: BYE, CANCEL or 480, as fits. Ignored once it is gone."""
        found = self._context.calls.get(call)
        if found is not None:
            found.hang_up(now)

    def refer(self, call: int, target_uri: str, now: float) -> None:
        """Ask the peer of an answered call to call ``target_uri`` instead of us (blind transfer).

        The URI (``sip:``, ``sips:`` or ``tel:``) is passed on as it is. What comes of it is told
        by ``TransferProgress``; the call itself stays up until somebody hangs up.

        Raises:
            UnknownCall: there is no such call, or it is being transferred already.
            ValueError: ``target_uri`` is no such URI.
        """
        clean = target_uri.isascii() and target_uri.isprintable()
        if not clean or set(target_uri) & set("<> ") or parse_uri(target_uri) is None:
            raise ValueError(f"{target_uri!r} is no sip:, sips: or tel: URI")
        found = self._context.calls.get(call)
        if not isinstance(found, Session) or not found.refer(target_uri, now):
            raise UnknownCall(call)

    def invite(
        self,
        target_uri: str,
        destination: Endpoint,
        from_user: str,
        media_host: str,
        media_port: int,
        now: float,
        credentials: Credentials | None = None,
    ) -> int:
        """Call ``target_uri`` by way of ``destination``; returns the call's number.

        ``credentials`` are for a peer that asks who we are.

        Raises:
            ValueError: ``target_uri`` is no SIP URI.
        """
        uri = parse_uri(target_uri)
        if uri is None or not target_uri.isprintable():
            raise ValueError(f"{target_uri!r} is no SIP URI")
        call = next(self._numbers)
        OutboundCall(
            self._context,
            call,
            target_uri,
            destination,
            from_user,
            media_host,
            media_port,
            now,
            credentials,
        )
        return call

    # Calls that outlive a process

    def take_changed(self) -> set[int]:
        """Calls whose dialog has changed since the last time; empties the set."""
        changed, self._context.changed = self._context.changed, set()
        return changed

    def dialog(self, call: int) -> Dialog | None:
        """The dialog of an answered call, to be kept for whoever takes it over."""
        found = self._context.calls.get(call)
        return found.dialog if isinstance(found, Session) and not found.early else None

    def take_over(
        self, call: int, dialog: Dialog, media_host: str, media_port: int, now: float
    ) -> None:
        """Go on with a call of a process that is gone: tell its peer by a re-INVITE where we are.

        ``call`` is the number that it had; new calls get higher ones.

        Raises:
            ValueError: we have a call of that number, or that dialog.
        """
        context = self._context
        if call in context.calls or dialog.key in context.dialogs:
            raise ValueError(f"call {call} isn't anybody else's")
        self._numbers = itertools.count(max(call + 1, next(self._numbers)))
        dialog.local_cseq += TAKE_OVER_CSEQ
        dialog.media_host, dialog.media_port = media_host, media_port
        dialog.contact = context.contact(dialog.source.transport)
        dialog.via_host = context.via_host
        session = Session(context, call, dialog)
        session.confirmed = True
        context.calls[call] = session
        session.refresher.agree(
            session_timer.resumed(dialog.timer_seconds, ours=dialog.timer_ours), now
        )
        session.refresher.send(now, with_offer=True)
        session.touch()

    # Messages

    def _response(self, response: IncomingResponse, now: float) -> None:
        client = self._layer.clients.get((response.branch, response.cseq_method))
        if client is not None:
            client.receive(response, now)
        elif response.cseq_method == "INVITE" and 200 <= response.status < 300:
            key = (response.call_id, response.from_tag, response.to_tag)
            session = self._context.dialogs.get(key)
            if session is not None:
                session.repeat_ack(response.cseq)

    def _request(self, request: IncomingRequest, now: float) -> None:
        transaction = self._layer.servers.get(server_key(request))
        if request.method == "ACK":
            self._ack(request, transaction, now)
        elif transaction is not None:
            transaction.repeated(now)
        elif request.method == "CANCEL":
            self._cancel(request, now)
        elif request.to_tag:
            key = (request.call_id, request.to_tag, request.from_tag)
            session = self._context.dialogs.get(key)
            if session is not None:
                session.receive(request, now)
            else:
                self._context.reply(request, 481, "Call/Transaction Does Not Exist")
        else:
            self._outside_dialog(request, now)

    def _ack(self, request: IncomingRequest, transaction: object, now: float) -> None:
        if (
            isinstance(transaction, InviteServerTransaction)
            and transaction.state is State.COMPLETED
        ):
            transaction.acknowledged(now)
            return
        session = self._context.dialogs.get((request.call_id, request.to_tag, request.from_tag))
        if session is not None:
            session.acknowledged(request, now)

    def _cancel(self, request: IncomingRequest, now: float) -> None:
        invite = self._layer.servers.get(server_key(request, "INVITE"))
        if not isinstance(invite, InviteServerTransaction):
            self._context.reply(request, 481, "Call/Transaction Does Not Exist")
            return
        self._context.respond(request, 200, "OK", now, to_tag=invite.user.local_tag)
        invite.user.cancelled(invite, now)

    def _outside_dialog(self, request: IncomingRequest, now: float) -> None:
        try:
            if request.method not in _OURS:
                raise Refused(*refuse_method(request.method), ("Allow", ALLOW))
            if request.uri.scheme == "sips":
                raise Refused(416, "Unsupported URI Scheme")
            check_require(request)
            if request.method == "OPTIONS":
                headers = (
                    ("Allow", ALLOW),
                    SUPPORTED,
                    ("Accept", SDP_TYPE),
                    ("Accept-Encoding", "identity"),
                )
                self._context.reply(request, 200, "OK", *headers)
            elif request.method == "INVITE":
                if self._identify(request, now):
                    self._new_call(request, now)
            else:
                raise Refused(481, "Call/Transaction Does Not Exist")
        except Refused as refused:
            self._context.reply(request, refused.status, refused.reason, *refused.headers)

    def _identify(self, request: IncomingRequest, now: float) -> bool:
        """Whether whoever has to prove who they are did.

        False: they have been wrong too often to be answered.

        Raises:
            Refused: 401, with the question.
        """
        host = request.source.host
        if not contains(self.config.challenged, host) or contains(self.config.exempt, host):
            return True
        if self._guesses.too_many(host, now):
            return False
        challenges = self._gate.check(request, now)
        if challenges:
            if request.headers.get("Authorization") is not None:
                self._guesses.wrong(host, now)
            raise Refused(401, "Unauthorized", *challenges)
        return True

    def _new_call(self, request: IncomingRequest, now: float) -> None:
        context = self._context
        origin = (request.call_id, request.from_tag, request.cseq_value)
        if origin in self._layer.origins:
            raise Refused(482, "Loop Detected")
        if context.full:
            raise Refused(503, "Service Unavailable", ("Retry-After", "10"))
        dialog, agreement = open_dialog(context, request)
        call = next(self._numbers)
        InboundCall(context, call, request, dialog, agreement, now)
        codec = agreement.media.codec if agreement is not None else ""
        trusted = contains(self.config.trusted, request.source.host)
        context.events.append(IncomingCall(call, call_facts(request, codec, trusted=trusted)))
