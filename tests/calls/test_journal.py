"""The record is written in order, whatever the database does."""

import asyncio
from uuid import uuid4

import pytest

from annie.agent.protocols import LeaveMessage
from annie.calls.journal import Journal
from annie.calls.limits import Limits
from annie.calls.record import AddEntry, CallEnding, CallOpening, Entry, Write
from annie.calls.writer import RecordWriter
from annie.kit.clock import VirtualClock
from annie.kit.language import Language
from annie.kit.link import CallFacts
from tests.calls.fakes import FakeStore, foreign_tasks

pytestmark = pytest.mark.unit


def _journal(clock: VirtualClock, store: FakeStore) -> Journal:
    opening = CallOpening(
        conversation_id=uuid4(),
        org_id=uuid4(),
        bot_id=None,
        number_id=uuid4(),
        number="+14155550100",
        caller_number="",
        language=Language.ENGLISH,
        facts=CallFacts(dialled="+14155550100", caller=""),
        started_at=clock.now(),
    )
    journal = Journal(RecordWriter(store, clock, Limits()), opening, clock, Limits())
    journal.open()
    return journal


async def test_entries_wait_for_the_database_and_keep_their_order():
    clock = VirtualClock()
    store = FakeStore(down=True, clock=clock)
    journal = _journal(clock, store)
    entry = Entry("assistant", "one two three", clock.now())
    journal.add(entry)
    journal.amend(entry.message_id, "one")
    journal.close(CallEnding("caller_hung_up", clock.now()))
    await clock.advance(20)
    assert store.log == []
    store.down = False
    await clock.advance(3)
    assert store.log == ["open", "assistant: one two three", "amend: one", "close caller_hung_up"]
    assert await journal.drain(1.0)
    await clock.advance(0)
    assert not foreign_tasks()


async def test_an_entry_the_database_refuses_does_not_hold_up_the_rest():
    clock = VirtualClock()

    class Refusing(FakeStore):
        def check(self, write: Write) -> None:
            if isinstance(write, AddEntry) and write.entry.content == "bad":
                raise ValueError("no such column")

    store = Refusing(clock=clock)
    journal = _journal(clock, store)
    journal.add(Entry("user", "bad", clock.now()))
    journal.add(Entry("user", "good", clock.now()))
    journal.close(CallEnding("caller_hung_up", clock.now()))
    await clock.advance(1)
    assert store.log == ["open", "user: good", "close caller_hung_up"]


async def test_a_write_that_hangs_is_tried_again():
    clock = VirtualClock()
    store = FakeStore(hang=True, clock=clock)
    journal = _journal(clock, store)
    await clock.advance(5)
    store.hang = False
    await clock.advance(6)
    assert store.log == ["open"]
    journal.close(CallEnding("silence", clock.now()))
    await clock.advance(1)
    assert not foreign_tasks()


async def test_only_the_first_end_counts_and_nothing_follows_it():
    clock = VirtualClock()
    store = FakeStore(clock=clock)
    journal = _journal(clock, store)
    journal.close(CallEnding("silence", clock.now()))
    journal.close(CallEnding("error", clock.now()))
    journal.add(Entry("user", "late", clock.now()))
    await clock.advance(1)
    assert store.log == ["open", "close silence"]


async def test_memory_is_bounded_and_the_end_is_kept():
    clock = VirtualClock()
    store = FakeStore(down=True, clock=clock)
    journal = _journal(clock, store)
    await clock.advance(0)
    for number in range(3000):
        journal.add(Entry("user", str(number), clock.now()))
    journal.close(CallEnding("caller_hung_up", clock.now()))
    store.down = False
    await clock.advance(30)
    assert len(store.entries) == 999
    assert store.log[-1] == "close caller_hung_up"


async def test_a_message_is_stored_or_surely_not():
    clock = VirtualClock()
    store = FakeStore(clock=clock)
    journal = _journal(clock, store)
    message = LeaveMessage("Ada", "+14155550123", "hello")
    assert await journal.leave_message(message)
    assert store.messages == [message]
    journal.close(CallEnding("silence", clock.now()))
    await journal.drain(1.0)


async def test_what_cannot_be_written_in_time_is_left_to_the_writer():
    clock = VirtualClock()
    store = FakeStore(down=True, clock=clock)
    journal = _journal(clock, store)
    journal.close(CallEnding("silence", clock.now()))
    drained = asyncio.create_task(journal.drain(5.0))
    await clock.advance(6)
    assert await drained is False
    store.down = False
    await clock.advance(3)
    assert store.log == ["open", "close silence"]
    assert not foreign_tasks()
