"""Transactions, instants and the tenant filter, on both databases."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.exc import DBAPIError, StatementError

from annie.kit.context import Context
from annie.kit.database import Database, UtcDateTime
from annie.kit.paging import Page
from annie.kit.principal import Permission, Principal
from annie.organizations.repository import OrganizationRepository
from annie.organizations.schemas import OrganizationCreate, OrganizationUpdate
from annie.organizations.service import OrganizationService
from tests.records_support import ORGANIZATION, Account, make_account

pytestmark = pytest.mark.integration


async def _name(database: Database, account: Account) -> str:
    async with database.session(read_only=True) as session:
        service = OrganizationService(Context(session, account.principal))
        return (await service.get(account.org_id)).name


async def _rename(database: Database, account: Account, name: str) -> None:
    async with database.session() as session:
        service = OrganizationService(Context(session, account.principal))
        await service.update(account.org_id, OrganizationUpdate.model_validate({"name": name}))


async def _set_created(database: Database, account: Account, instant: datetime) -> None:
    async with database.session() as session:
        repository = OrganizationRepository(Context(session, account.principal))
        organization = await repository.get(account.org_id)
        assert organization is not None
        organization.created_at = instant


async def test_a_block_that_ends_is_committed(database: Database) -> None:
    account = await make_account(database)
    await _rename(database, account, "After")
    assert await _name(database, account) == "After"


async def test_a_block_that_raises_leaves_nothing(database: Database) -> None:
    account = await make_account(database)

    async def fail_halfway() -> None:
        async with database.session() as session:
            service = OrganizationService(Context(session, account.principal))
            await service.update(account.org_id, OrganizationUpdate.model_validate({"name": "No"}))
            raise RuntimeError("halfway")

    with pytest.raises(RuntimeError, match="halfway"):
        await fail_halfway()
    assert await _name(database, account) == "Riverside Dental"


async def test_many_writers_at_once_all_succeed(database: Database) -> None:
    account = await make_account(database)
    await asyncio.gather(*(_rename(database, account, f"Name {n}") for n in range(20)))
    assert (await _name(database, account)).startswith("Name ")


async def test_a_reader_is_not_held_up_by_a_writer(database: Database) -> None:
    account = await make_account(database)
    async with database.session() as session:
        service = OrganizationService(Context(session, account.principal))
        await service.update(account.org_id, OrganizationUpdate.model_validate({"name": "Later"}))
        async with asyncio.timeout(5):
            assert await _name(database, account) == "Riverside Dental"
            assert await database.ping()


async def test_a_naive_instant_is_refused(database: Database) -> None:
    account = await make_account(database)
    naive = datetime(2026, 3, 2, 9, 0)  # noqa: DTZ001 - that is the point
    with pytest.raises((StatementError, DBAPIError), match="naive"):
        await _set_created(database, account, naive)


async def test_an_instant_of_any_zone_comes_back_as_the_same_instant_in_utc(
    database: Database,
) -> None:
    account = await make_account(database)
    given = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=timezone(timedelta(hours=-5)))
    await _set_created(database, account, given)
    async with database.session(read_only=True) as session:
        repository = OrganizationRepository(Context(session, account.principal))
        organization = await repository.get(account.org_id)
        assert organization is not None
        assert organization.created_at == given
        assert organization.created_at.tzinfo is UTC


def test_no_instant_stays_none() -> None:
    assert UtcDateTime().process_result_value(None, None) is None  # pyright: ignore[reportArgumentType]


async def test_a_principal_reaches_itself_and_its_children_and_nobody_else(
    database: Database,
) -> None:
    account, other = await make_account(database), await make_account(database, "Other")
    async with database.session() as session:
        service = OrganizationService(Context(session, account.principal))
        body = OrganizationCreate.model_validate({**ORGANIZATION, "name": "Child"})
        child = await service.create(body, parent=account.org_id)
        grandchild = await service.create(body, parent=child.id)
    seen: dict[str, set[object]] = {}
    async with database.session(read_only=True) as session:
        for name, org_id in (("own", account.org_id), ("child", child.id), ("other", other.org_id)):
            context = Context(session, Principal.acting_for(org_id))
            found = await OrganizationRepository(context).page(Page())
            seen[name] = {row.id for row in found.rows}
    assert seen == {
        "own": {account.org_id, child.id},
        "child": {child.id, grandchild.id},
        "other": {other.org_id},
    }


def test_a_stronger_permission_includes_the_weaker_ones() -> None:
    writer = Principal(uuid.UUID(int=1), frozenset({Permission.WRITE}))
    assert writer.may(Permission.READ)
    assert writer.may(Permission.WRITE)
    assert not writer.may(Permission.ADMIN)
