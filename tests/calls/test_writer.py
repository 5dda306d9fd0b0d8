"""The records of all calls are written together, and outlive the process that couldn't."""

import asyncio
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from annie.agent.protocols import LeaveMessage
from annie.calls.backlog import Backlog
from annie.calls.limits import Limits
from annie.calls.record import (
    AddEntry,
    CallEnding,
    CallOpening,
    CloseCall,
    Entry,
    OpenCall,
    StoreMessage,
    Write,
)
from annie.calls.writer import RecordWriter
from annie.kit.clock import SystemClock, VirtualClock
from annie.kit.language import Language
from annie.kit.link import CallFacts, Diversion
from tests.calls.fakes import FakeStore, foreign_tasks

pytestmark = pytest.mark.unit

ORG = uuid4()


def _call(*said: str) -> list[Write]:
    """A whole call."""
    clock = VirtualClock()
    call = uuid4()
    opening = CallOpening(
        conversation_id=call,
        org_id=ORG,
        bot_id=None,
        number_id=uuid4(),
        number="+14155550100",
        caller_number="",
        language=Language.ENGLISH,
        facts=CallFacts("+14155550100", "", diversions=(Diversion("+14155550199", "busy"),)),
        started_at=clock.now(),
    )
    entries = [AddEntry(call, ORG, Entry("user", words, clock.now())) for words in said]
    return [OpenCall(opening), *entries, CloseCall(call, CallEnding("silence", clock.now()))]


def _files(directory: Path) -> list[Path]:
    return list(directory.iterdir())


async def test_what_has_accumulated_of_all_calls_is_one_transaction():
    clock = VirtualClock()
    store = FakeStore(clock=clock)
    writer = RecordWriter(store, clock, Limits())
    for write in [*_call("one", "two"), *_call("three")]:
        writer.put(write)
    await clock.advance(0)
    assert store.rounds == [7]
    assert writer.waiting == 0
    assert not foreign_tasks()


async def test_one_refused_write_costs_no_other_call_anything(caplog: pytest.LogCaptureFixture):
    class Refusing(FakeStore):
        def check(self, write: Write) -> None:
            if isinstance(write, AddEntry) and write.entry.content == "bad":
                raise ValueError("no such column")

    clock = VirtualClock()
    store = Refusing(clock=clock)
    writer = RecordWriter(store, clock, Limits())
    for write in [*_call("bad", "good"), *_call("other")]:
        writer.put(write)
    await clock.advance(0)
    said = ["open", "user: good", "close silence", "open", "user: other", "close silence"]
    assert store.log == said
    assert caplog.text.count("record_write_refused") == 1


async def test_a_withdrawn_message_is_not_stored_and_holds_up_nothing():
    clock = VirtualClock()
    store = FakeStore(hang=True, clock=clock)
    writer = RecordWriter(store, clock, Limits())
    message = StoreMessage(uuid4(), ORG, None, uuid4(), LeaveMessage("Ada", "", "hello"))
    stored = writer.put(message, withdrawable=True)
    for write in _call("one"):
        writer.put(write)
    await clock.advance(1)
    store.hang = False
    stored.cancel()
    await clock.advance(0)
    assert store.log == ["open", "user: one", "close silence"]
    assert not foreign_tasks()


async def test_an_outage_is_told_once_and_so_is_its_end(caplog: pytest.LogCaptureFixture):
    clock = VirtualClock()
    store = FakeStore(down=True, clock=clock)
    writer = RecordWriter(store, clock, Limits())
    for _ in range(50):
        for write in _call("one", "two"):
            writer.put(write)
        await clock.advance(1)
    store.down = False
    await clock.advance(3)
    assert len(store.endings) == 50
    assert caplog.text.count("records_delayed") == 1
    assert caplog.text.count("records_caught_up") == 1


async def test_memory_is_bounded_for_each_call_and_the_end_of_a_record_always_finds_room(
    caplog: pytest.LogCaptureFixture,
):
    clock = VirtualClock()
    store = FakeStore(down=True, clock=clock)
    writer = RecordWriter(store, clock, Limits())
    for write in [*_call(*map(str, range(3000))), *_call("other")]:
        writer.put(write)
    store.down = False
    await clock.advance(10)
    assert len(store.entries) == 1000
    assert store.log[-1] == "close silence"
    assert len(store.endings) == 2
    assert "record_entries_skipped" in caplog.text


async def test_what_an_orderly_stop_leaves_unwritten_is_written_at_the_next_start(
    tmp_path: Path,
):
    clock = SystemClock()
    first = RecordWriter(FakeStore(down=True), clock, Limits(), Backlog(tmp_path))
    before = _call("one", "two")
    for write in before:
        first.put(write)
    assert await first.stop(0.05) == 4

    store = FakeStore()
    second = RecordWriter(store, clock, Limits(), Backlog(tmp_path))
    assert len(await second.adopt()) == 4
    await second.put(_call()[0])
    assert store.log == ["open", "user: one", "user: two", "close silence", "open"]
    assert store.openings[0] == before[0].opening  # pyright: ignore[reportAttributeAccessIssue]
    assert await second.stop(5.0) == 0
    assert _files(tmp_path) == []


async def test_a_process_killed_in_an_outage_has_its_backlog_in_a_file(tmp_path: Path):
    clock = SystemClock()
    writer = RecordWriter(FakeStore(down=True), clock, Limits(), Backlog(tmp_path))
    for write in _call("one"):
        writer.put(write)
    async with asyncio.timeout(10):
        while not _files(tmp_path):  # noqa: ASYNC110 - a file has no event
            await asyncio.sleep(0.01)
    other = Backlog(tmp_path)
    assert other.adopt() == [], "the process that fills it is alive"
    await writer.stop(0.0)
    assert len(other.adopt()) == 3


def test_a_file_that_was_cut_short_is_read_as_far_as_it_goes(tmp_path: Path):
    backlog = Backlog(tmp_path)
    writes = _call("one", "two")
    backlog.append(writes)
    backlog.close()
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        reader = Backlog(tmp_path)
        found = reader.adopt()
        assert found == writes[: len(found)]
        reader.close()
    path.write_bytes(b"\xff" * 64)
    assert Backlog(tmp_path).adopt() == []


async def test_a_message_somebody_waits_for_is_not_promised_to_a_file(tmp_path: Path):
    clock = SystemClock()
    writer = RecordWriter(FakeStore(down=True), clock, Limits(), Backlog(tmp_path))
    message = StoreMessage(UUID(int=1), ORG, None, uuid4(), LeaveMessage("Ada", "", "hello"))
    writer.put(message, withdrawable=True)
    writer.put(_call()[0])
    await writer.stop(0.05)
    assert [type(write) for write in Backlog(tmp_path).adopt()] == [OpenCall]
