"""What every ``Agent`` must do; each implementation's tests inherit this."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from annie.agent.protocols import Agent, AgentTurn, EndCall, LeaveMessage, Say, Step
from annie.kit.language import Language
from annie.speech.protocols import CallerTurn, TurnTimings

CONTEXT = AgentTurn("+12125550123", datetime(2026, 3, 2, 16, 0, tzinfo=UTC))


def turn(text: str, at: float = 1.0) -> CallerTurn:
    return CallerTurn(text, Language.ENGLISH, 0.9, TurnTimings(at, at + 0.5, at + 0.8, at + 0.9))


async def taken(steps: AsyncIterator[Step]) -> list[Step]:
    return [step async for step in steps]


class AgentContract:
    """Inherit, and give a fixture ``agent``."""

    @pytest.fixture
    def agent(self) -> Agent:
        raise NotImplementedError

    async def test_it_greets_with_words(self, agent: Agent) -> None:
        first, *_ = await taken(agent.greet(CONTEXT))
        assert isinstance(first, Say)
        assert first.text.strip()

    async def test_every_turn_is_answered_or_ends_the_call(self, agent: Agent) -> None:
        await taken(agent.greet(CONTEXT))
        for text in ("Are you open?", "", "Yes"):
            steps = await taken(agent.reply(turn(text), CONTEXT))
            assert any(isinstance(step, Say | EndCall) for step in steps)

    async def test_a_call_in_which_nothing_was_left_leaves_nothing(self, agent: Agent) -> None:
        await taken(agent.greet(CONTEXT))
        await taken(agent.reply(turn("Are you open?"), CONTEXT))
        assert list(agent.ended(CONTEXT)) == []

    async def test_a_reply_that_is_cut_short_leaves_an_agent_that_can_end(
        self, agent: Agent
    ) -> None:
        await taken(agent.greet(CONTEXT))
        async for _ in agent.reply(turn("I want to leave a message"), CONTEXT):
            break
        assert all(isinstance(each, LeaveMessage) for each in agent.ended(CONTEXT))


class MessageTakerContract(AgentContract):
    """For agents that take messages."""

    async def leaving(self, agent: Agent) -> None:
        """The caller has said something worth calling back for, and not confirmed it."""
        for number, text in enumerate(["I want to leave a message", "Ada Lovelace", "Yes"]):
            await taken(agent.reply(turn(text, number), CONTEXT))
        await taken(agent.reply(turn("My crown fell out", 4.0), CONTEXT))

    async def test_what_was_being_left_when_the_call_ended_is_given_once_and_as_unconfirmed(
        self, agent: Agent
    ) -> None:
        await taken(agent.greet(CONTEXT))
        await self.leaving(agent)
        (message,) = agent.ended(CONTEXT)
        assert not message.confirmed
        assert message.content
        assert message.callback_number
        assert list(agent.ended(CONTEXT)) == []

    async def test_what_was_being_left_survives_another_process(self, agent: Agent) -> None:
        await taken(agent.greet(CONTEXT))
        await self.leaving(agent)
        agent.restore(agent.snapshot())
        assert len(agent.ended(CONTEXT)) == 1
