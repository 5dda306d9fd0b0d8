"""Pages of a list hold every row once, in order, whatever their size."""

import asyncio
import shutil
import uuid
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annie.kit.context import Context
from annie.kit.database import Database
from annie.kit.paging import Page
from annie.kit.principal import Principal
from annie.organizations.models import Organization
from annie.organizations.repository import OrganizationRepository
from tests.records_support import make_account

pytestmark = pytest.mark.integration


async def _fill(database: Database, count: int) -> list[uuid.UUID]:
    account = await make_account(database)
    ids = [account.org_id]
    async with database.session() as session:
        for number in range(count):
            child = Organization(
                name=f"Child {number}",
                timezone="America/Denver",
                phone="+12125550123",
                parent_account_org_id=account.org_id,
            )
            session.add(child)
            await session.flush()
            ids.append(child.id)
    return ids


async def _page(database: Database, org_id: uuid.UUID, page: Page) -> tuple[list[uuid.UUID], int]:
    async with database.session(read_only=True) as session:
        context = Context(session, Principal.acting_for(org_id))
        found = await OrganizationRepository(context).page(page)
        assert found.pagination.total_count == found.total
        return [row.id for row in found.rows], found.total


async def test_pages_are_slices_of_the_whole_list(database: Database) -> None:
    ids = await _fill(database, 24)

    for limit in (1, 7, 20, 25, 26, 100):
        collected: list[uuid.UUID] = []
        for offset in range(0, 30, limit):
            rows, total = await _page(database, ids[0], Page(offset, limit))
            assert rows == ids[offset : offset + limit]
            assert total == 25
            collected += rows
        assert collected == ids


@pytest.fixture
def filled(sqlite_template: Path, tmp_path: Path) -> tuple[str, list[uuid.UUID]]:
    """A database with ten organizations, and their ids in order."""
    shutil.copy(sqlite_template, tmp_path / "annie.db")
    url = f"sqlite:///{tmp_path}/annie.db"

    async def fill() -> list[uuid.UUID]:
        database = Database(url)
        ids = await _fill(database, 9)
        await database.close()
        return ids

    return url, asyncio.run(fill())


@given(offset=st.integers(0, 15), limit=st.integers(1, 100))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_page_is_a_slice_and_tells_the_same_total(
    filled: tuple[str, list[uuid.UUID]], offset: int, limit: int
) -> None:
    url, ids = filled

    async def ask() -> tuple[list[uuid.UUID], int]:
        database = Database(url)
        answer = await _page(database, ids[0], Page(offset, limit))
        await database.close()
        return answer

    assert asyncio.run(ask()) == (ids[offset : offset + limit], 10)
