"""An edge's calls outlive it: they are kept as they change, and taken over by the next one."""

import logging

from annie.edge.handover import Handover
from annie.edge.ledger import KeptCall, Ledger
from annie.edge.media import MediaEngine
from annie.edge.sip.user_agent import UserAgent
from annie.kit import link

logger = logging.getLogger(__name__)


class Survival:
    """Brings together what is known of a call: its dialog, its ports, its conversation.

    Without a ledger calls end with the process, and none of this does anything.
    """

    def __init__(
        self, ledger: Ledger | None, agent: UserAgent, media: MediaEngine, handover: Handover
    ) -> None:
        self._ledger = ledger
        self._agent = agent
        self._media = media
        self._handover = handover

    def start(self) -> list[KeptCall]:
        """What a process before us left. Raises ``OSError``. Waits for the disk."""
        return self._ledger.start() if self._ledger is not None else []

    def close(self) -> None:
        """Write what isn't written yet. Waits for the disk."""
        if self._ledger is not None:
            self._ledger.close()

    def remember(self, call: int, facts: link.CallFacts) -> None:
        """Something about an answered call has changed."""
        dialog = self._agent.dialog(call)
        if self._ledger is not None and dialog is not None:
            self._ledger.keep(KeptCall(call, facts, dialog, self._handover.checkpoint(call)))

    def forget(self, call: int) -> None:
        """The call is over."""
        if self._ledger is not None:
            self._ledger.forget(call)

    def take_over(self, kept: KeptCall, host: str, now: float) -> bool:
        """Go on with a call, at the port that it had if that is free; false if that can't be."""
        call, dialog = kept.call, kept.dialog
        try:
            port = self._media.open(call, dialog.media_port)
            if dialog.media is not None:
                self._media.describe(call, dialog.media)
            self._agent.take_over(call, dialog, host, port, now)
        except Exception:
            # One call that can't be taken up must not keep the edge from starting, for ever.
            logger.exception("call_not_taken_over", extra={"call": call})
            return False
        self._media.begin(call)
        if not self._handover.take_over(call, kept.facts, kept.checkpoint, now):
            # Nobody knows what was talked about: better an end than a silent line.
            self._agent.hang_up(call, now)
        logger.warning("call_taken_over", extra={"call": call})
        return True
