"""The migrations make exactly the schema of the models, on both databases."""

import asyncio
import importlib
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from annie.kit.database import Base, Database, DatabaseError

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
