"""A call's record in a real database, written through the journal's store."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio
from msgspec import structs
from sqlalchemy import select

from annie.agent.protocols import LeaveMessage
from annie.bots.models import Bot, Faq
from annie.calls.hints import hints
from annie.calls.journal import Journal
from annie.calls.knowledge import load_knowledge
from annie.calls.limits import Limits
from annie.calls.record import (
    AddEntry,
    AmendEntry,
    CallEnding,
    CallOpening,
    CloseCall,
    Entry,
    OpenCall,
    StoreMessage,
    StoreUnavailable,
)
from annie.calls.records import DatabaseStore
from annie.calls.writer import RecordWriter
from annie.conversations.models import Conversation, Utterance
from annie.kit.clock import SystemClock
from annie.kit.context import Context
from annie.kit.database import Database
from annie.kit.ids import new_id
from annie.kit.language import Language
from annie.kit.link import CallFacts, Diversion, MediaFigures
from annie.kit.principal import Principal
from annie.messages.models import StaffMessage
from annie.organizations.models import OfficeHours, Organization

pytestmark = pytest.mark.integration

START = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/annie.db")
    await database.migrate()
    yield database
    await database.close()


@pytest_asyncio.fixture
async def org_id(database: Database) -> UUID:
    async with database.session() as session:
        organization = Organization(
            id=new_id(), name="Riverside Dental", timezone="America/New_York", phone="+14155550100"
        )
        session.add(organization)
    return organization.id


def _opening(org_id: UUID) -> CallOpening:
    return CallOpening(
        conversation_id=new_id(),
        org_id=org_id,
        bot_id=new_id(),
        number_id=new_id(),
        number="+14155550100",
        caller_number="+14155550123",
        language=Language.SPANISH,
        facts=CallFacts(
            dialled="+14155550100",
            caller="4155550123",
            caller_name="A\0da " + "x" * 400,
            diversions=(Diversion("+14155550199", "no-answer"),),
        ),
        started_at=START,
    )


async def test_a_whole_call_may_be_written_twice_without_doubling_anything(
    database: Database, org_id: UUID
):
    store = DatabaseStore(database, SystemClock())
    opening = _opening(org_id)
    entry = Entry("assistant", "one two three", START, timings={"decided": 7})
    message_id = new_id()
    figures = MediaFigures("PCMA", sent=100, received=97, lost=3, round_trip_ms=20.5)
    ending = CallEnding("caller_done", START + timedelta(seconds=9), recorded=True, media=figures)
    message = LeaveMessage("Ada", "+14155550123", "call me", urgent=True)
    for _ in range(2):
        call = opening.conversation_id
        await store.write(
            [
                OpenCall(opening),
                AddEntry(call, org_id, entry),
                AmendEntry(call, entry.message_id, "one"),
                StoreMessage(call, org_id, opening.bot_id, message_id, message),
                CloseCall(call, ending),
            ]
        )
    async with database.session(read_only=True) as session:
        (call,) = (await session.scalars(select(Conversation))).all()
        (turn,) = (await session.scalars(select(Utterance))).all()
        (left,) = (await session.scalars(select(StaffMessage))).all()
    assert (call.status, call.end_reason, call.language) == ("CLOSED", "caller_done", "SPANISH")
    assert call.media == structs.asdict(figures)
    assert (call.diverted_from, call.diverted_reason) == ("+14155550199", "no-answer")
    assert call.caller_name is not None
    assert call.caller_name.startswith("Ada x")
    assert (turn.content, turn.interrupted, turn.timings) == ("one", True, {"decided": 7})
    assert (left.content, left.urgency, left.conversation_id) == ("call me", "URGENT", call.id)


async def test_what_was_left_at_the_end_is_stored_with_the_rest_of_the_record(
    database: Database, org_id: UUID
):
    opening = _opening(org_id)
    clock = SystemClock()
    writer = RecordWriter(DatabaseStore(database, clock), clock, Limits())
    journal = Journal(writer, opening, clock, Limits())
    journal.open()
    for content in ("my bill", "my crown"):
        journal.keep_message(LeaveMessage("Ada", "+14155550123", content, confirmed=False))
    journal.keep_message(LeaveMessage("Ada", "+14155550123", "my bill", confirmed=False))
    journal.close(CallEnding("caller_hung_up", START))
    assert await journal.drain(30.0)
    async with database.session(read_only=True) as session:
        left = (await session.scalars(select(StaffMessage).order_by(StaffMessage.id))).all()
    assert [(each.content, each.confirmed) for each in left] == [
        ("my bill", False),
        ("my crown", False),
    ]
    assert {each.conversation_id for each in left} == {opening.conversation_id}


async def test_records_left_open_by_a_crash_are_closed(database: Database, org_id: UUID):
    store = DatabaseStore(database, SystemClock())
    opening = _opening(org_id)
    await store.write([OpenCall(opening)])
    assert await store.close_orphans(START) == []
    later = START + timedelta(minutes=1)
    assert await store.close_orphans(later, [opening.conversation_id]) == [opening.conversation_id]
    async with database.session(read_only=True) as session:
        (call,) = (await session.scalars(select(Conversation))).all()
    assert (call.status, call.end_reason, call.recorded) == ("CLOSED", "system_failure", True)


async def test_a_database_that_cannot_be_opened_is_worth_another_try(tmp_path: Path, org_id: UUID):
    database = Database(f"sqlite:///{tmp_path}/missing/annie.db")
    with pytest.raises(StoreUnavailable):
        await DatabaseStore(database, SystemClock()).write([OpenCall(_opening(org_id))])
    await database.close()


async def test_knowledge_is_what_the_records_say(database: Database, org_id: UUID):
    async with database.session() as session:
        bot = Bot(
            id=new_id(),
            org_id=org_id,
            name="Front desk",
            greeting="Hi, this is Annie.",
            localized_greetings={"SPANISH": {"greeting": "Hola, soy Ana."}},
        )
        session.add(bot)
        await session.flush()
        session.add(
            Faq(org_id=org_id, bot_id=bot.id, question="Who?", answer="Ask for Maria Lopez please.")
        )
        session.add(
            Faq(org_id=org_id, bot_id=bot.id, question="Old?", answer="Yes it is.", enabled=False)
        )
        session.add(
            OfficeHours(
                org_id=org_id, day_of_week="SATURDAY", is_closed=False, open="10:00", close="14:00"
            )
        )
        session.add(OfficeHours(org_id=org_id, day_of_week="SUNDAY", is_closed=True))
    async with database.session(read_only=True) as session:
        context = Context(session, Principal.acting_for(org_id))
        knowledge = await load_knowledge(context, org_id, bot.id)
        nobody = await load_knowledge(context, org_id, None)
    assert knowledge is not None
    training = knowledge.training(Language.ENGLISH)
    assert training.organization_name == "Riverside Dental"
    assert training.hours == {5: (time(10), time(14)), 6: None}
    assert [faq.answer for faq in training.faqs] == ["Ask for Maria Lopez please."]
    assert hints(training) == ("Riverside Dental", "Maria", "Lopez")
    spanish = knowledge.training(Language.SPANISH)
    assert spanish.phone_greeting == "Hola, soy Ana."
    assert knowledge.key(Language.SPANISH) != knowledge.key(Language.ENGLISH)
    assert nobody is not None
    assert nobody.bot is None
