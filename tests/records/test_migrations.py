"""The migrations make exactly the schema of the models, on both databases."""

import asyncio
import importlib
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from annie.kit.database import MIGRATIONS, Base, Database, DatabaseError
from annie.numbers.models import PhoneNumber

pytestmark = pytest.mark.integration

SOURCE = Path(__file__).parents[2] / "src"


def _import_models() -> None:
    for path in SOURCE.glob("annie/**/models.py"):
        importlib.import_module(".".join(path.relative_to(SOURCE).with_suffix("").parts))


def _differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, Base.metadata))


async def test_migrated_schema_and_models_do_not_differ(database: Database) -> None:
    _import_models()
    async with database.engine.connect() as connection:
        assert await connection.run_sync(_differences) == []


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_numbers_outlive_the_change_of_how_they_belong_to_their_organization(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path}/old.db"
    if kind == "postgresql":
        server: Any = request.getfixturevalue("postgres_server")
        server.psql("CREATE DATABASE annie_old;")
        url = server.get_uri(database="annie_old")
    database = Database(url)
    org, number = uuid.uuid4(), uuid.uuid4()
    now = datetime(2026, 3, 2, tzinfo=UTC)
    old = {"created_at": now, "updated_at": now}
    async with database.engine.begin() as connection:
        await connection.run_sync(_to, "0005_unconfirmed")
        organization = {"id": org, "name": "A", "timezone": "UTC", "phone": "1", **old}
        await connection.run_sync(_insert, "organizations", organization)
        line = {"number": "+12125550100", "carrier": "local_pool", "name": "Main", **old}
        voice = {"language": "ENGLISH", "voice_id": "KIND_CURIOUS", "tags": ["a"]}
        tuning = dict.fromkeys(("speed", "stability", "similarity", "style"), 1.0)
        row = {"id": number, "org_id": org, "status": "ACTIVE", **line, **voice, **tuning}
        await connection.run_sync(_insert, "phone_numbers", row)
    await database.migrate()
    async with database.session() as session:
        kept = await session.get_one(PhoneNumber, number)
        assert (kept.number, kept.tags, kept.former_bot_id) == ("+12125550100", ["a"], None)
    async with database.engine.begin() as connection:
        await connection.run_sync(_to, "0005_unconfirmed", down=True)
        await connection.run_sync(_to, "heads")
    async with database.session() as session:
        assert (await session.get_one(PhoneNumber, number)).org_id == org
    await database.close()


def _to(connection: Connection, revision: str, *, down: bool = False) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    (command.downgrade if down else command.upgrade)(config, revision)


def _insert(connection: Connection, table: str, row: dict[str, Any]) -> None:
    # Through the models' types, but into the table as it was then.
    columns = Base.metadata.tables[table].c
    then = sa.Table(table, sa.MetaData(), *(sa.Column(name, columns[name].type) for name in row))
    connection.execute(then.insert().values(row))


async def test_two_processes_may_migrate_at_once(tmp_path: Path) -> None:
    databases = [Database(f"sqlite:///{tmp_path}/new/annie.db") for _ in range(3)]
    await asyncio.gather(*(each.migrate() for each in databases))
    assert [await each.ping() for each in databases] == [True, True, True]
    for each in databases:
        await each.close()


async def test_two_processes_may_migrate_postgresql_at_once(postgres_server: Any) -> None:
    postgres_server.psql("CREATE DATABASE annie_at_once;")
    uri = postgres_server.get_uri(database="annie_at_once")
    databases = [Database(uri) for _ in range(3)]
    await asyncio.gather(*(each.migrate() for each in databases))
    assert [await each.ping() for each in databases] == [True, True, True]
    for each in databases:
        await each.close()


async def test_an_unmigrated_database_is_not_ready(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/empty.db")
    assert not await database.ping()
    await database.close()


async def test_a_database_that_can_not_be_reached_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for url in (
        f"sqlite:///{tmp_path}/file/annie.db",
        "postgresql://annie:secret@127.0.0.1:1/annie",
    ):
        database = Database(url)
        with pytest.raises(DatabaseError, match="can't") as caught:
            await database.migrate()
        assert "secret" not in str(caught.value)
        await database.close()


@pytest.mark.parametrize("url", ["annie.db", "mysql://h/n", ""])
def test_a_url_of_another_kind_is_refused_with_what_would_do(url: str) -> None:
    with pytest.raises(DatabaseError, match=r"sqlite|SQLite"):
        Database(url)
