"""Dialogs before the answer to our INVITE: reliable provisional responses (RFC 3262)."""

import contextlib
from dataclasses import dataclass
from typing import Final

from annie.edge.sip.client_transaction import RequestClientTransaction
from annie.edge.sip.context import Context
from annie.edge.sip.dialog import Dialog
from annie.edge.sip.message import IncomingResponse, tokens
from annie.edge.sip.screening import Refused, read_description
from annie.edge.sip.sdp import SessionDescription

#: Branches of one fork that are acknowledged; more is no telephone network.
_MOST: Final = 16


@dataclass(slots=True)
class _Early:
    dialog: Dialog
    sequence: int
    answer: SessionDescription | None = None


class EarlyDialogs:
    """The early dialogs of one INVITE of ours, by the To tag of their branch."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._dialogs: dict[str, _Early] = {}

    def progressed(self, response: IncomingResponse, dialog: Dialog, now: float) -> None:
        """A provisional response came: acknowledge it if it was sent reliably, and once."""
        number = response.headers.get("RSeq") or ""
        reliable = "100rel" in tokens(response.headers, "Require")
        if not (reliable and number.isascii() and number.isdigit() and len(number) <= 10):
            return
        if not response.to_tag:
            return
        early = self._dialogs.get(response.to_tag)
        if early is None:
            if len(self._dialogs) >= _MOST:
                return
            early = self._dialogs[response.to_tag] = _Early(dialog, int(number))
        elif int(number) != early.sequence + 1:
            # Sent again because our PRACK is late, or out of order (section 4).
            return
        early.sequence = int(number)
        # One that can't be read is no loss: the 2xx may have another.
        with contextlib.suppress(Refused):
            early.answer = read_description(response) or early.answer
        self._acknowledge(early, response.cseq, now)

    def confirmed(self, dialog: Dialog) -> SessionDescription | None:
        """The 2xx made this dialog: go on counting, and with the answer that was given already."""
        early = self._dialogs.get(dialog.remote_tag)
        if early is None:
            return None
        dialog.local_cseq = max(dialog.local_cseq, early.dialog.local_cseq)
        return early.answer

    def responded(self, response: IncomingResponse, now: float) -> None:
        """The answer to a PRACK says nothing that we need."""

    def unanswered(self, method: str, reason: str, now: float) -> None:
        """A PRACK that nobody answered: the INVITE's own bounds end the call."""

    def _acknowledge(self, early: _Early, invite_cseq: int, now: float) -> None:
        context, dialog = self._context, early.dialog
        dialog.local_cseq += 1
        branch, data = dialog.compose(
            "PRACK",
            dialog.local_cseq,
            context.config.user_agent,
            (("RAck", f"{early.sequence} {invite_cseq} INVITE"),),
        )
        destination, fallback = dialog.next_hop()
        RequestClientTransaction(
            context.layer, self, branch, "PRACK", data, destination, fallback, now
        )
