"""An agent for a number that no bot answers: it says so, and ends the call."""

from collections.abc import AsyncIterator, Sequence

from annie.agent.protocols import AgentTurn, EndCall, LeaveMessage, Say, Step
from annie.kit.language import Language
from annie.speech.protocols import CallerTurn

NO_BOT = "no_bot"


class NoticeAgent:
    """Says one sentence, whatever happens, and ends the call with reason ``no_bot``."""

    def __init__(self, language: Language, text: str) -> None:
        self._language = language
        self._text = text

    @property
    def language(self) -> Language:
        """The number's language."""
        return self._language

    async def greet(self, context: AgentTurn) -> AsyncIterator[Step]:
        """The notice, and the end."""
        yield Say(self._text, interruptible=False)
        yield EndCall(NO_BOT)

    async def reply(self, turn: CallerTurn, context: AgentTurn) -> AsyncIterator[Step]:
        """The notice was interrupted before it began: say it now."""
        async for step in self.greet(context):
            yield step

    async def silence(self, times: int, context: AgentTurn) -> AsyncIterator[Step]:
        """Nothing is left to say."""
        yield EndCall(NO_BOT)

    async def sorry(self, context: AgentTurn) -> AsyncIterator[Step]:
        """Nothing is left to say."""
        yield EndCall(NO_BOT)

    def ended(
        self, context: AgentTurn, unanswered: CallerTurn | None = None
    ) -> Sequence[LeaveMessage]:
        """Nothing was left."""
        return ()

    def snapshot(self) -> bytes:
        """Nothing is to be kept."""
        return b""

    def restore(self, snapshot: bytes) -> None:
        """Nothing was kept."""

    async def resume(self, context: AgentTurn) -> AsyncIterator[Step]:
        """The notice, from its beginning."""
        async for step in self.greet(context):
            yield step
