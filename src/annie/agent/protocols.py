"""The contract between a live call and whatever decides what Annie says."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from annie.kit.language import Language
from annie.speech.protocols import CallerTurn, Expectation


@dataclass(slots=True, frozen=True)
class Say:
    """Speak ``text`` (written form: digits, times and prices as one writes them).

    ``expects`` is what kind of answer should follow; it sets the ears' patience.
    ``interruptible`` is False only for what the caller must hear, such as a farewell.
    """

    text: str
    expects: Expectation = Expectation.OPEN
    interruptible: bool = True


@dataclass(slots=True, frozen=True)
class LeaveMessage:
    """Store a message for the staff; speech goes on once it is stored.

    Not ``confirmed``: the caller has not agreed to it as it was read back.
    """

    caller_name: str
    callback_number: str
    content: str
    urgent: bool = False
    confirmed: bool = True


@dataclass(slots=True, frozen=True)
class EndCall:
    """Hang up once everything said so far has been played. ``reason`` goes to the record."""

    reason: str


Do = LeaveMessage | EndCall
Step = Say | Do


@dataclass(slots=True, frozen=True)
class AgentTurn:
    """Everything an agent may look at besides its own state."""

    caller_number: str
    now: datetime
    #: What the caller actually heard of Annie's last turn, empty when not even a word was
    #: complete; None when she wasn't interrupted. It is the beginning of what she said.
    heard: str | None = None
    #: Outcome of the last ``Do``: empty when it worked, else an error code.
    failed: str = field(default="")


class Agent(Protocol):
    """One caller's conversation. An instance lives as long as the call."""

    @property
    def language(self) -> Language:
        """Language in which the agent currently speaks."""
        ...

    def greet(self, context: AgentTurn) -> AsyncIterator[Step]:
        """What to say when the call is answered."""
        ...

    def reply(self, turn: CallerTurn, context: AgentTurn) -> AsyncIterator[Step]:
        """What to say and do about a caller turn. May be cancelled at any point."""
        ...

    def silence(self, times: int, context: AgentTurn) -> AsyncIterator[Step]:
        """The caller has been silent: ``times`` counts the check-ins of this silence from 1."""
        ...

    def sorry(self, context: AgentTurn) -> AsyncIterator[Step]:
        """Something of ours failed or took too long: keep the caller company, go on."""
        ...

    def ended(
        self, context: AgentTurn, unanswered: CallerTurn | None = None
    ) -> Sequence[LeaveMessage]:
        """The call is over, however it ended: messages that are still to be stored.

        ``unanswered`` is what the caller said last, perhaps cut off, when nothing of an
        answer to it was heard; ``reply`` may have been asked for its beginning already.

        That is what the caller had begun to leave, as far as it was heard, and what was
        given to the session without an answer whether it is stored. Nothing can be said
        any more. Called at most once, while a turn of the agent's may be cut short;
        a second call has nothing more to give.
        """
        ...

    def snapshot(self) -> bytes:
        """Where the conversation stands, for another instance of the same kind; some kB at most."""
        ...

    def restore(self, snapshot: bytes) -> None:
        """Go on from there, before anything else is asked. What can't be read is ignored."""
        ...

    def resume(self, context: AgentTurn) -> AsyncIterator[Step]:
        """After ``restore``: the caller was kept waiting. What brings them back in."""
        ...
