"""What the embedded agent remembers of a call. Frozen: each turn makes a new one."""

from dataclasses import dataclass
from enum import StrEnum

from annie.agent.draft import Draft
from annie.agent.meaning import Candidate
from annie.agent.protocols import LeaveMessage, Say


class Offer(StrEnum):
    """A question of Annie's that a bare yes or no answers."""

    MESSAGE = "message"
    MORE = "more"
    RETRY = "retry"


@dataclass(slots=True, frozen=True)
class State:
    """``unsaved`` is a message given to the session whose storing isn't known to have worked."""

    draft: Draft | None = None
    offer: Offer | None = None
    unsaved: LeaveMessage | None = None
    #: What "say that again" repeats: the last turn of Annie's that told or asked something.
    last_said: Say | None = None
    #: The whole text of Annie's last turn of any kind.
    spoken: str = ""
    #: The last question with its meaning, and the meanings the caller has rejected for it.
    question: str = ""
    meant: Candidate | None = None
    rejected: tuple[Candidate, ...] = ()
    misheard: int = 0
    unknown: int = 0
    answers: int = 0
    turns: int = 0
