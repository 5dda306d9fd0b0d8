"""What reception decides about a call: who answers it, or why nobody does."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from annie.agent.protocols import Agent
from annie.calls.checkpoint import Checkpoint
from annie.kit.language import Language
from annie.kit.link import CallFacts
from annie.speech.protocols import VoiceStyle


@dataclass(slots=True, frozen=True)
class Answering:
    """Everything that is fixed for a call when it begins. A later change affects the next call."""

    org_id: UUID
    bot_id: UUID | None
    number_id: UUID
    number: str
    language: Language
    style: VoiceStyle
    agent: Agent
    caller_number: str = ""
    hints: tuple[str, ...] = ()
    recorded: bool = True


@dataclass(slots=True, frozen=True)
class Refusal:
    """A SIP status for the caller's exchange."""

    status: int
    reason: str


class Reception(Protocol):
    """Decides who answers."""

    async def decide(self, facts: CallFacts) -> Answering | Refusal:
        """Who answers this call. May raise; the caller then hears 503."""
        ...

    async def rejoin(self, checkpoint: Checkpoint) -> Answering:
        """The same bot again, for a call that goes on here. Raises when it can't be had now."""
        ...
