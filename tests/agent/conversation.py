"""Holds conversations with the embedded agent, in text."""

import itertools
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from functools import cache
from typing import Any, cast

from annie.agent.meaning import Meaning
from annie.agent.protocols import AgentTurn, EndCall, LeaveMessage, Say, Step
from annie.agent.scripted import ScriptedAgent
from annie.agent.training import Address, OfficeDay, Training, compile_training
from annie.kit.language import Language
from annie.speech.protocols import CallerTurn, TurnTimings
from tests.agent.meaning_corpus import load

#: A Monday, 10:00 in Chicago.
OPEN = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
#: The same Monday, 20:00 in Chicago.
CLOSED = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
CALLER = "+12125550123"

WEEKDAY: OfficeDay = (time(9), time(17))
HOURS: dict[int, OfficeDay] = {
    **dict.fromkeys(range(5), WEEKDAY),
    5: (time(10), time(14)),
    6: None,
}


def training(language: Language, organization: str = "dental", **changes: Any) -> Training:
    """A complete training; ``changes`` replace arguments of ``compile_training``."""
    facts: dict[str, Any] = {
        "phone": "+13125550142",
        "address": Address("12 Main Street", "Suite 4", "Chicago", "IL", "60601", "US"),
        "timezone": "America/Chicago",
        "hours": HOURS,
        "faqs": load(language, organization).faqs,
    } | changes
    return compile_training(language, "Bright Smile Dental", **facts)


@cache
def compiled(language: Language, organization: str = "dental") -> Meaning:
    """The meaning of the complete training."""
    return Meaning(training(language, organization))


@dataclass
class Conversation:
    """One call. ``said`` is everything of Annie's, ``messages`` what the session stored."""

    language: Language
    meaning: Meaning | None = None
    caller: str = CALLER
    now: datetime = OPEN
    said: list[str] = field(default_factory=list[str])
    messages: list[LeaveMessage] = field(default_factory=list[LeaveMessage])
    ended: str = ""
    #: Storing fails this many times.
    failures: int = 0
    last: list[Step] = field(default_factory=list[Step])

    def __post_init__(self) -> None:
        meaning = self.meaning or compiled(self.language)
        self.agent = ScriptedAgent(meaning.training, meaning)
        self._times = itertools.count(1.0)

    def context(self, failed: str = "", heard: str | None = None) -> AgentTurn:
        """What the session tells the agent."""
        return AgentTurn(self.caller, self.now, heard=heard, failed=failed)

    async def greet(self) -> str:
        """Begin the call."""
        return await self._perform(self.agent.greet(self.context()))

    async def say(
        self,
        text: str,
        *,
        confidence: float = 0.9,
        start: float | None = None,
        heard: str | None = None,
    ) -> str:
        """A caller turn; returns what Annie says. ``heard`` of her last turn, if interrupted."""
        return await self._turn(text, confidence, "", start, heard)

    async def dial(self, digits: str, *, heard: str | None = None) -> str:
        """Keys."""
        return await self._turn("", 1.0, digits, None, heard)

    async def silent(self, times: int) -> str:
        """A silence."""
        return await self._perform(self.agent.silence(times, self.context()))

    async def failing(self, failed: str = "") -> str:
        """The session asks for an apology."""
        return await self._perform(self.agent.sorry(self.context(failed)))

    def turn(
        self, text: str, *, confidence: float = 0.9, digits: str = "", start: float | None = None
    ) -> CallerTurn:
        """What the caller says; the next moment after the one before, unless ``start`` is given."""
        at = next(self._times) if start is None else start
        timings = TurnTimings(at, at + 0.5, at + 0.8, at + 0.9)
        return CallerTurn(text, self.language, confidence, timings, digits)

    async def _turn(
        self, text: str, confidence: float, digits: str, start: float | None, heard: str | None
    ) -> str:
        turn = self.turn(text, confidence=confidence, digits=digits, start=start)
        return await self._perform(self.agent.reply(turn, self.context(heard=heard)))

    async def _perform(self, steps: AsyncIterator[Step]) -> str:
        self.last = []
        said: list[str] = []
        failed = False
        async for step in steps:
            self.last.append(step)
            match step:
                case Say():
                    assert step.text.strip()
                    assert "{" not in step.text
                    said.append(step.text)
                case LeaveMessage() if self.failures:
                    self.failures -= 1
                    failed = True
                    break
                case LeaveMessage():
                    self.messages.append(step)
                case EndCall():
                    self.ended = step.reason
        self.said += said
        await cast("AsyncGenerator[Step]", steps).aclose()
        if failed:
            return await self.failing("store_failed")
        return " ".join(said)
