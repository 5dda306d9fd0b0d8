"""The embedded agent keeps the contract of agents."""

import pytest

from annie.agent.scripted import ScriptedAgent
from annie.kit.language import Language
from tests.agent.agent_contract import MessageTakerContract
from tests.agent.conversation import compiled

pytestmark = pytest.mark.unit


class TestScriptedAgent(MessageTakerContract):
    @pytest.fixture
    def agent(self) -> ScriptedAgent:
        meaning = compiled(Language.ENGLISH)
        return ScriptedAgent(meaning.training, meaning)
