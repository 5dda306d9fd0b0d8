"""A message while it is being taken, and what a turn of the caller makes of it."""

from dataclasses import dataclass
from enum import StrEnum

from annie.agent.protocols import LeaveMessage, Step


class Stage(StrEnum):
    """What Annie has asked for."""

    NAME = "name"
    OWN_NUMBER = "own_number"
    NUMBER = "number"
    CONFIRM_NUMBER = "confirm_number"
    CONTENT = "content"
    CONFIRM = "confirm"
    CHANGE = "change"


@dataclass(slots=True, frozen=True)
class Draft:
    """A message being taken. ``digits`` are those of a number that isn't complete yet."""

    caller_number: str = ""
    stage: Stage = Stage.NAME
    name: str = ""
    number: str = ""
    #: What it may be about as long as there is no ``content``: the question that led to it,
    #: or what was said before the caller was asked.
    about: str = ""
    #: The caller has heard the number read back and said yes.
    confirmed: bool = False
    content: str = ""
    urgent: bool = False
    digits: str = ""
    tries: int = 0
    skip_name: bool = False
    skip_number: bool = False

    @property
    def message(self) -> LeaveMessage:
        """The message once the caller has agreed to it."""
        return LeaveMessage(self.name, self.number, self.content, self.urgent)


@dataclass(slots=True, frozen=True)
class Move:
    """What follows from a caller turn.

    ``draft`` None: the flow is over, by ``steps`` that end in a stored message, or by
    the caller who ``cancelled``. Not ``understood``: the caller said something that
    isn't an answer, so it may be a question; ``steps`` ask again.
    """

    draft: Draft | None
    steps: tuple[Step, ...]
    understood: bool = True
    cancelled: bool = False
