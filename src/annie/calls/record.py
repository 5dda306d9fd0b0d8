"""What a call's record is made of, and the writes that make it, in the order of the call.

Writes are data: what the database can't take now waits in memory, and in a file.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

import msgspec

from annie.agent.protocols import LeaveMessage
from annie.kit.ids import new_id
from annie.kit.language import Language
from annie.kit.link import CallFacts, MediaFigures

#: For what a process does to records of whichever organization.
NO_ORGANIZATION: Final = UUID(int=0)


class StoreUnavailable(Exception):  # noqa: N818 - it names a state
    """The database can't be reached at the moment; the same write may work later."""


@dataclass(slots=True, frozen=True)
class CallOpening:
    """The head of a record."""

    conversation_id: UUID
    org_id: UUID
    bot_id: UUID | None
    number_id: UUID
    number: str
    caller_number: str
    language: Language
    facts: CallFacts
    started_at: datetime


@dataclass(slots=True, frozen=True)
class Entry:
    """One message of a record. ``role`` is ``user``, ``assistant`` or ``system``.

    ``timings`` are milliseconds since the caller's last sound, where they apply.
    """

    role: str
    content: str
    at: datetime
    message_id: UUID = field(default_factory=new_id)
    timings: dict[str, int] = field(default_factory=dict[str, int])
    digits: str = ""
    interrupted: bool = False


@dataclass(slots=True, frozen=True)
class CallEnding:
    """The end of a record; ``recorded`` says whether a recording was made.

    ``media`` is how the audio fared, ``None`` where the edge never said.
    """

    reason: str
    at: datetime
    detail: str = ""
    recorded: bool = False
    media: MediaFigures | None = None


class OpenCall(msgspec.Struct, frozen=True, tag=True):
    """Begin a record."""

    opening: CallOpening


class AddEntry(msgspec.Struct, frozen=True, tag=True):
    """Add what was said."""

    conversation_id: UUID
    org_id: UUID
    entry: Entry


class AmendEntry(msgspec.Struct, frozen=True, tag=True):
    """Correct what was said to what was heard."""

    conversation_id: UUID
    message_id: UUID
    content: str


class StoreMessage(msgspec.Struct, frozen=True, tag=True):
    """Store a message for the staff."""

    conversation_id: UUID
    org_id: UUID
    bot_id: UUID | None
    message_id: UUID
    message: LeaveMessage


class CloseCall(msgspec.Struct, frozen=True, tag=True):
    """End a record."""

    conversation_id: UUID
    ending: CallEnding


Write = OpenCall | AddEntry | AmendEntry | StoreMessage | CloseCall


def conversation_of(write: Write) -> UUID:
    """The record that a write belongs to."""
    return write.opening.conversation_id if isinstance(write, OpenCall) else write.conversation_id


class CallStore(Protocol):
    """Where records are kept."""

    async def write(self, writes: Sequence[Write]) -> None:
        """Store all of them, in their order, or none. What is stored already is left as it is.

        Raises:
            StoreUnavailable: trying again helps.
            Exception: it never will; one of them is refused.
        """
        ...
