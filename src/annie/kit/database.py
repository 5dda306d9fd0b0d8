"""The database: SQLite in WAL mode, or PostgreSQL; same models, same migrations on both.

A session is one transaction. Whoever opens it (the HTTP route, a command, the live
call's writer) commits it; repositories and services never do.
"""

import asyncio
import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, nullcontext
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    Connection,
    DateTime,
    Dialect,
    ForeignKey,
    MetaData,
    TypeDecorator,
    Uuid,
    event,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.ext.asyncio import (
    AsyncAttrs,
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Mapped, mapped_column

from annie.kit.ids import new_id

MIGRATIONS = Path(__file__).parent.parent / "migrations"
BUSY_TIMEOUT_MS = 10_000
_MIGRATION_LOCK = 0x616E6E69  # "anni", any constant of our own

#: A JSON document; JSONB on PostgreSQL.
Document = JSON().with_variant(JSONB(), "postgresql")


class DatabaseError(Exception):
    """The database can't be used as configured; the message says what to do."""


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Takes aware datetimes only, gives aware UTC on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: give it a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(AsyncAttrs, DeclarativeBase):
    """Every mapped class derives from this."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it as declared
        datetime: UtcDateTime(),
        uuid.UUID: Uuid(),
        dict[str, Any]: Document,
        list[str]: Document,
    }


def _now() -> datetime:
    return datetime.now(UTC)


class Identified:
    """``id`` (UUID v7, so ordering by it is ordering by creation) and the two timestamps."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(default=_now)
    updated_at: Mapped[datetime] = mapped_column(default=_now, onupdate=_now)


class TenantOwned:
    """``org_id``: the organization that the row belongs to, and with which it goes."""

    org_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("organizations.id", ondelete="CASCADE"), index=True
    )

    @classmethod
    def owner(cls) -> InstrumentedAttribute[uuid.UUID]:
        return cls.org_id  # pyright: ignore[reportReturnType] - on the class it is the attribute


class Database:
    """An engine and its transactions.

    Raises:
        DatabaseError: ``url`` isn't one of SQLite (aiosqlite) or PostgreSQL (asyncpg).
    """

    def __init__(self, url: str, *, pool_size: int = 5) -> None:
        self.url = url
        self.engine = _engine(url, pool_size)
        self._turn = asyncio.Lock()
        self._reading_engine = self.engine.execution_options(annie_read_only=True)
        self._writing = async_sessionmaker(self.engine, expire_on_commit=False)
        self._reading = async_sessionmaker(self._reading_engine, expire_on_commit=False)

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @asynccontextmanager
    async def session(self, *, read_only: bool = False) -> AsyncGenerator[AsyncSession]:
        """One transaction: committed when the block ends, rolled back when it raises.

        A writing transaction takes SQLite's write lock at its beginning, so that it never
        fails halfway for having read too early; it should be short.
        """
        maker = self._reading if read_only else self._writing
        # On SQLite only one can write at a time: whoever waits does so here, in the order
        # of arrival, and holds no connection that a reader may need.
        queue = self._turn if self.is_sqlite and not read_only else nullcontext()
        async with queue, maker() as session, session.begin():
            yield session

    async def migrate(self) -> None:
        """Bring the schema to its newest revision; several processes may do so at once.

        Raises:
            DatabaseError: the database can't be reached or opened.
        """
        try:
            path = self.engine.url.database
            if self.is_sqlite and path and path != ":memory:":
                Path(path).parent.mkdir(parents=True, exist_ok=True)
            async with self.engine.begin() as connection:
                if not self.is_sqlite:
                    await connection.execute(
                        text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK}
                    )
                await connection.run_sync(_upgrade)
        except (OSError, OperationalError) as error:
            reason = error.orig if isinstance(error, OperationalError) else error
            raise DatabaseError(
                f"can't use the database at {self.engine.url.render_as_string()}: {reason}"
            ) from error

    async def ping(self, *, timeout: float = 2.0) -> bool:
        """Whether the database answers and holds the newest schema."""
        try:
            async with asyncio.timeout(timeout), self._reading_engine.connect() as connection:
                return await connection.run_sync(_is_current)
        except Exception:  # whatever is wrong, the answer is no
            return False

    async def close(self) -> None:
        """Return every connection."""
        await self.engine.dispose()


def _engine(url: str, pool_size: int) -> AsyncEngine:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise DatabaseError(
            f"{url!r} is not a database URL; give sqlite+aiosqlite:///FILE "
            "or postgresql+asyncpg://USER:PASSWORD@HOST/NAME"
        ) from error
    # What people paste from elsewhere names no asynchronous driver.
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        parsed = parsed.set(drivername="sqlite+aiosqlite")
        engine = create_async_engine(
            parsed,
            pool_size=pool_size,
            max_overflow=pool_size,
            # Every session ends its transaction; one more rollback would only cost time.
            pool_reset_on_return=None,
        )
        _prepare_sqlite(engine)
        return engine
    if backend in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+asyncpg")
        return create_async_engine(
            parsed, pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=True
        )
    raise DatabaseError(f"{backend} is not supported; use SQLite or PostgreSQL")


def _prepare_sqlite(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: Any, _record: Any) -> None:  # pyright: ignore[reportUnusedFunction]
        # The driver would begin transactions late and commit before DDL; we begin them ourselves.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout = {BUSY_TIMEOUT_MS}",
            "journal_mode = WAL",
            "synchronous = NORMAL",
            "foreign_keys = ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
        read_only = connection.get_execution_options().get("annie_read_only", False)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _upgrade(connection: Connection) -> None:
    from alembic import command

    config = _alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "heads")


def _is_current(connection: Connection) -> bool:
    from alembic.runtime.migration import MigrationContext

    return frozenset(MigrationContext.configure(connection).get_current_heads()) == _newest()


@cache
def _newest() -> frozenset[str]:
    from alembic.script import ScriptDirectory

    return frozenset(ScriptDirectory.from_config(_alembic_config()).get_heads())


def _alembic_config() -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
