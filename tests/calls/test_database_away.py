"""A real database is away for a while: no turn is lost, and none comes in the wrong place."""

import asyncio
import sqlite3
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from annie.calls.backlog import Backlog
from annie.calls.journal import Journal
from annie.calls.limits import Limits
from annie.calls.record import CallEnding, CallOpening, Entry
from annie.calls.records import DatabaseStore
from annie.calls.writer import RecordWriter
from annie.conversations.models import Conversation, Utterance
from annie.kit.clock import SystemClock
from annie.kit.database import Database
from annie.kit.ids import new_id
from annie.kit.language import Language
from annie.kit.link import CallFacts
from annie.organizations.models import Organization

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]

START = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
SAID = [f"sentence {number}" for number in range(12)]


async def _organization(database: Database) -> UUID:
    async with database.session() as session:
        organization = Organization(
            id=new_id(), name="Riverside Dental", timezone="America/New_York", phone="+14155550100"
        )
        session.add(organization)
        await session.flush()
        return organization.id


def _opening(org_id: UUID) -> CallOpening:
    return CallOpening(
        conversation_id=new_id(),
        org_id=org_id,
        bot_id=None,
        number_id=new_id(),
        number="+14155550100",
        caller_number="",
        language=Language.ENGLISH,
        facts=CallFacts("+14155550100", ""),
        started_at=START,
    )


async def _stored(database: Database) -> tuple[list[str], list[str]]:
    """What was said, in the order of the record, and how its calls stand."""
    async with database.session(read_only=True) as session:
        said = await session.scalars(select(Utterance.content).order_by(Utterance.at, Utterance.id))
        calls = await session.scalars(select(Conversation.status))
        return list(said), list(calls)


async def _talk(journal: Journal, sentences: list[str]) -> None:
    for number, sentence in enumerate(sentences):
        at = START + timedelta(seconds=SAID.index(sentence))
        journal.add(Entry("user" if number % 2 else "assistant", sentence, at))
        await asyncio.sleep(0)


def _locked(path: Path) -> sqlite3.Connection:
    """Waits for whoever writes: not for the event loop, which they need."""
    locker = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    locker.execute("BEGIN EXCLUSIVE")
    return locker


def _files(directory: Path) -> list[Path]:
    return list(directory.glob("*"))


async def _until_kept(directory: Path) -> None:
    """Longer than one try: the database was asked again, and what waits is in the file."""
    async with asyncio.timeout(20):
        while not _files(directory):  # noqa: ASYNC110 - a file tells nobody
            await asyncio.sleep(0.05)


async def test_a_locked_file_delays_the_record_and_loses_nothing(
    sqlite_database: Database, tmp_path: Path
) -> None:
    writer = RecordWriter(
        DatabaseStore(sqlite_database, SystemClock()),
        SystemClock(),
        Limits(write=0.5),
        Backlog(tmp_path / "b"),
    )
    journal = Journal(
        writer, _opening(await _organization(sqlite_database)), SystemClock(), Limits()
    )
    journal.open()
    await _talk(journal, SAID[:4])
    locker = await asyncio.to_thread(_locked, tmp_path / "annie.db")
    try:
        await _talk(journal, SAID[4:])
        journal.close(CallEnding("caller_done", START + timedelta(minutes=1)))
        await _until_kept(tmp_path / "b")
    finally:
        locker.execute("ROLLBACK")
        locker.close()
    assert await journal.drain(30)
    await writer.stop(30)
    assert await _stored(sqlite_database) == (SAID, ["CLOSED"])
    assert not _files(tmp_path / "b")


async def test_a_server_that_throws_everybody_out_is_waited_for(
    postgres_database: Database, postgres_server: Any, tmp_path: Path
) -> None:
    name = postgres_database.engine.url.database
    assert name is not None
    writer = RecordWriter(
        DatabaseStore(postgres_database, SystemClock()),
        SystemClock(),
        Limits(write=1.0),
        Backlog(tmp_path / "b"),
    )
    journal = Journal(
        writer, _opening(await _organization(postgres_database)), SystemClock(), Limits()
    )
    journal.open()
    await _talk(journal, SAID[:4])
    await asyncio.to_thread(_shut_out, postgres_server, name)
    await _talk(journal, SAID[4:])
    journal.close(CallEnding("caller_done", START + timedelta(minutes=1)))
    await _until_kept(tmp_path / "b")
    again = f"ALTER DATABASE {name} ALLOW_CONNECTIONS true;"
    await asyncio.to_thread(postgres_server.psql, again)
    assert await journal.drain(30)
    await writer.stop(30)
    assert await _stored(postgres_database) == (SAID, ["CLOSED"])


async def test_what_a_process_could_not_write_the_next_one_does(
    sqlite_database: Database, tmp_path: Path
) -> None:
    org_id = await _organization(sqlite_database)
    store = DatabaseStore(sqlite_database, SystemClock())
    first = RecordWriter(store, SystemClock(), Limits(write=0.3), Backlog(tmp_path / "b"))
    locker = await asyncio.to_thread(_locked, tmp_path / "annie.db")
    journal = Journal(first, _opening(org_id), SystemClock(), Limits())
    journal.open()
    await _talk(journal, SAID)
    journal.close(CallEnding("caller_done", START + timedelta(minutes=1)))
    assert await first.stop(1.0) > 0
    locker.execute("ROLLBACK")
    locker.close()
    second = RecordWriter(store, SystemClock(), Limits(), Backlog(tmp_path / "b"))
    assert await second.adopt()
    await second.stop(30)
    assert await _stored(sqlite_database) == (SAID, ["CLOSED"])


def _shut_out(server: Any, name: str) -> None:
    server.psql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false;")
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    try:
        server.psql(f"{ended} WHERE datname = '{name}';")
    except subprocess.CalledProcessError as error:
        raise AssertionError("nobody could be thrown out") from error
