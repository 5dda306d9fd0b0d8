"""What another process needs to go on with a call whose own was lost.

The edge keeps the newest one for each call and looks into none. It is written when the
caller has finished a turn, when Annie has said hers, and when the end is decided; so
what is lost with a process is at most the turn that somebody was speaking just then.
"""

import logging
from datetime import datetime
from uuid import UUID

import msgspec

from annie.calls.record import CallOpening, Entry
from annie.kit.language import Language
from annie.kit.link import CallFacts
from annie.speech.protocols import CallerTurn, VoiceStyle

logger = logging.getLogger(__name__)


class Checkpoint(msgspec.Struct, frozen=True):
    """Where a call stands. ``agent`` is the agent's own snapshot."""

    conversation_id: UUID
    org_id: UUID
    bot_id: UUID | None
    number_id: UUID
    number: str
    caller_number: str
    language: Language
    style: VoiceStyle
    started_at: datetime
    agent: bytes = b""
    #: What the caller said and has no answer to yet, and how it stands in the record.
    unanswered: CallerTurn | None = None
    entry: Entry | None = None
    #: What they had heard of Annie's turn before it, if they interrupted her.
    heard: str | None = None
    #: Annie has begun something that she hasn't handed over to the line entirely.
    speaking: bool = True
    #: The caller was speaking.
    hearing: bool = False
    #: Why the call is about to end, once that is decided.
    ending: str = ""

    @property
    def owed(self) -> bool:
        """Whether the caller waits for Annie and not she for the caller."""
        return self.speaking and not self.ending

    def opening(self, facts: CallFacts) -> CallOpening:
        """The head of the call's record."""
        return CallOpening(
            conversation_id=self.conversation_id,
            org_id=self.org_id,
            bot_id=self.bot_id,
            number_id=self.number_id,
            number=self.number,
            caller_number=self.caller_number,
            language=self.language,
            facts=facts,
            started_at=self.started_at,
        )

    def encode(self) -> bytes:
        """As bytes for the edge."""
        return msgspec.msgpack.encode(self)

    @classmethod
    def decode(cls, data: bytes) -> "Checkpoint | None":
        """What ``encode`` made; None if it was made by a release that differs too much."""
        try:
            return msgspec.msgpack.decode(data, type=cls)
        except msgspec.MsgspecError as error:
            logger.error("checkpoint_unreadable", extra={"error": str(error)})
            return None
