"""The notice and the fake keep the contract of agents."""

from typing import cast

import pytest

from annie.agent.protocols import Agent, LeaveMessage
from annie.calls.notice import NoticeAgent
from annie.kit.clock import VirtualClock
from annie.kit.language import Language
from tests.agent.agent_contract import AgentContract, MessageTakerContract
from tests.calls.fakes import FakeAgent

pytestmark = pytest.mark.unit


class TestNoticeAgent(AgentContract):
    @pytest.fixture
    def agent(self) -> NoticeAgent:
        return NoticeAgent(Language.ENGLISH, "This number isn't in service yet.")


class TestFakeAgent(MessageTakerContract):
    @pytest.fixture
    def agent(self) -> FakeAgent:
        return FakeAgent(VirtualClock())

    async def leaving(self, agent: Agent) -> None:
        fake = cast("FakeAgent", agent)
        fake.unfinished = [LeaveMessage("Ada", "+12125550123", "My crown", confirmed=False)]
