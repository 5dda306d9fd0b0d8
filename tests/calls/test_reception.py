"""Who answers the dialled number."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import update

from annie.agent.meaning import Meaning
from annie.agent.protocols import Agent, AgentTurn, EndCall, Say, Step
from annie.agent.scripted import ScriptedAgent
from annie.bots.models import Bot
from annie.calls.answering import Answering, Refusal
from annie.calls.notice import NoticeAgent
from annie.calls.reception import NumberReception
from annie.kit.clock import SystemClock
from annie.kit.database import Database
from annie.kit.language import Language, VoiceId
from annie.kit.link import CallFacts
from annie.numbers.models import PhoneNumber
from annie.speech.protocols import CallerTurn, TurnTimings
from tests.calls.calls_support import Practice, store_practice

pytestmark = pytest.mark.integration


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/annie.db")
    await database.migrate()
    yield database
    await database.close()


@pytest_asyncio.fixture
async def practice(database: Database) -> Practice:
    return await store_practice(database)


async def _decide(database: Database, dialled: str, caller: str = "") -> Answering | Refusal:
    facts = CallFacts(dialled=dialled, caller=caller)
    return await NumberReception(database, SystemClock()).decide(facts)


@pytest.mark.parametrize("dialled", ["+14155550199", "anonymous", "", "🙂", "1" * 80])
async def test_what_nobody_holds_is_not_found(database: Database, practice: Practice, dialled: str):
    assert await _decide(database, dialled) == Refusal(404, "Not Found")


@pytest.mark.parametrize("dialled", ["+14155550101", "14155550101", "4155550101"])
async def test_the_number_decides_bot_language_and_voice(
    database: Database, practice: Practice, dialled: str
):
    answering = await _decide(database, dialled, caller="(415) 555-0123")
    assert isinstance(answering, Answering)
    assert answering.bot_id == practice.bot_id
    assert answering.language is Language.SPANISH
    assert answering.style.voice is VoiceId.CALM_REASSURING
    assert isinstance(answering.agent, ScriptedAgent)
    assert answering.caller_number == "+14155550123"
    assert answering.recorded


async def test_a_number_without_a_bot_says_so_in_its_language_and_ends_the_call(
    database: Database, practice: Practice
):
    answering = await _decide(database, "+14155550103")
    assert isinstance(answering, Answering)
    assert isinstance(answering.agent, NoticeAgent)
    assert not answering.recorded
    context = AgentTurn("", SystemClock().now())
    say, end = [step async for step in answering.agent.greet(context)]
    assert isinstance(say, Say)
    assert "número" in say.text
    assert end == EndCall("no_bot")


async def test_a_released_number_is_not_found(database: Database, practice: Practice):
    async with database.session() as session:
        await session.execute(update(PhoneNumber).values(status="RELEASED"))
    assert isinstance(await _decide(database, "+14155550100"), Refusal)


async def test_a_changed_bot_answers_the_next_call_and_not_the_running_one(
    database: Database, practice: Practice
):
    reception = NumberReception(database, SystemClock())
    facts = CallFacts(dialled="+14155550100", caller="")
    running = await reception.decide(facts)
    async with database.session() as session:
        await session.execute(update(Bot).values(greeting="Welcome back.", version=Bot.version + 1))
    following = await reception.decide(facts)
    assert isinstance(running, Answering)
    assert isinstance(following, Answering)
    context = AgentTurn("", SystemClock().now())
    said = [
        [step.text async for step in each.agent.greet(context) if isinstance(step, Say)]
        for each in (running, following)
    ]
    assert "Hi, Annie here." in said[0][0]
    assert "Welcome back." in said[1][0]


async def test_phrases_are_handed_out_once_and_again_after_a_change(
    database: Database, practice: Practice
):
    reception = NumberReception(database, SystemClock())
    items = await reception.refresh()
    assert reception.refreshed.is_set()
    assert {language for _, language, _ in items} == set(Language)
    assert any(text == "Yes, we take walk-ins every morning." for text, _, _ in items)
    assert await reception.refresh() == []
    async with database.session() as session:
        await session.execute(update(Bot).values(greeting="Welcome back.", version=Bot.version + 1))
    again = await reception.refresh()
    assert any(text.startswith("Welcome back.") for text, _, _ in again)


async def test_a_caller_is_greeted_before_the_meaning_is_compiled_and_then_answered(
    database: Database, practice: Practice, monkeypatch: pytest.MonkeyPatch
):
    started = threading.Event()
    monkeypatch.setattr(Meaning, "prepare", _held_back(Meaning.prepare, started))
    answering = await _decide(database, "+14155550100")
    assert isinstance(answering, Answering)
    context = AgentTurn("", SystemClock().now())
    assert [step async for step in answering.agent.greet(context)]
    assert not started.is_set()
    replying = asyncio.create_task(_replied(answering.agent, "Do you take walk-ins?"))
    started.set()
    assert any("every morning" in step.text for step in await replying if isinstance(step, Say))


def _held_back(
    prepare: Callable[[Meaning], object], started: threading.Event
) -> Callable[[Meaning], object]:
    def waiting(meaning: Meaning) -> object:
        assert started.wait(30.0)
        return prepare(meaning)

    return waiting


async def _replied(agent: Agent, text: str) -> list[Step]:
    turn = CallerTurn(text, Language.ENGLISH, 1.0, TurnTimings(0.0, 1.0, 1.5, 1.6))
    return [step async for step in agent.reply(turn, AgentTurn("", SystemClock().now()))]
