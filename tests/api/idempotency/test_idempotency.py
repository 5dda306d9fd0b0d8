"""``Idempotency-Key`` on POST."""

import asyncio

import httpx
import pytest

from annie.api.idempotency.models import IdempotentAnswer
from annie.kit.clock import VirtualClock
from annie.kit.database import Database
from tests.records_support import ORGANIZATION, Api, make_account, make_app, make_client

pytestmark = pytest.mark.integration

KEY = {"Idempotency-Key": "order-17"}


async def _count(client: httpx.AsyncClient) -> int:
    answer = await client.get("/v1/organizations")
    return int(answer.json()["data"]["pagination"]["totalCount"])


async def test_the_same_request_twice_is_done_once_and_answered_the_same(api: Api) -> None:
    first = await api.client.post("/v1/organizations", json=ORGANIZATION, headers=KEY)
    second = await api.client.post("/v1/organizations", json=ORGANIZATION, headers=KEY)
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    assert second.headers["content-type"] == first.headers["content-type"]
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert await _count(api.client) == 2


async def test_many_at_once_are_done_once(api: Api) -> None:
    answers = await asyncio.gather(
        *(api.client.post("/v1/organizations", json=ORGANIZATION, headers=KEY) for _ in range(8))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert await _count(api.client) == 2


async def test_the_same_key_for_something_else_is_refused(api: Api) -> None:
    await api.client.post("/v1/organizations", json=ORGANIZATION, headers=KEY)
    other = {**ORGANIZATION, "name": "Else"}
    for path in ("/v1/organizations", "/v1/bots"):
        answer = await api.client.post(path, json=other, headers=KEY)
        assert answer.status_code == 422
        assert answer.json()["error"]["code"] == "idempotency_key_reused"
    assert await _count(api.client) == 2


async def test_a_refusal_is_not_kept(api: Api) -> None:
    wrong = await api.client.post("/v1/organizations", json={}, headers=KEY)
    assert wrong.status_code == 422
    right = await api.client.post("/v1/organizations", json=ORGANIZATION, headers=KEY)
    assert right.status_code == 201


async def test_another_tenant_has_keys_of_its_own(api: Api) -> None:
    mine = await api.client.post("/v1/organizations", json=ORGANIZATION, headers=KEY)
    theirs = await api.stranger.post("/v1/organizations", json=ORGANIZATION, headers=KEY)
    assert theirs.status_code == 201
    assert theirs.json()["data"]["id"] != mine.json()["data"]["id"]


@pytest.mark.parametrize("key", ["", "x" * 256, "a b"])
async def test_a_key_of_another_form_is_refused(api: Api, key: str) -> None:
    answer = await api.client.post(
        "/v1/organizations", json=ORGANIZATION, headers={"Idempotency-Key": key}
    )
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "invalid_idempotency_key"


async def test_after_a_day_the_key_is_free_again(sqlite_database: Database) -> None:
    clock = VirtualClock()
    account = await make_account(sqlite_database)
    app = make_app(sqlite_database, clock=clock)
    async with make_client(app, account.key) as client:
        first = await client.post("/v1/organizations", json=ORGANIZATION, headers=KEY)
        await clock.advance(24 * 3600 - 1)
        replayed = await client.post("/v1/organizations", json=ORGANIZATION, headers=KEY)
        await clock.advance(2)
        later = await client.post("/v1/organizations", json=ORGANIZATION, headers=KEY)
    assert replayed.content == first.content
    assert later.json()["data"]["id"] != first.json()["data"]["id"]


async def test_a_stored_answer_does_not_show_the_key_it_holds(sqlite_database: Database) -> None:
    account = await make_account(sqlite_database)
    async with make_client(make_app(sqlite_database), account.key) as client:
        answer = await client.post("/v1/api-keys", json={"name": "x"}, headers=KEY)
        again = await client.post("/v1/api-keys", json={"name": "x"}, headers=KEY)
    assert again.json()["data"]["key"] == answer.json()["data"]["key"]
    async with sqlite_database.engine.connect() as connection:
        stored = (await connection.execute(IdempotentAnswer.__table__.select())).mappings().one()
    assert stored["status"] == 201
    assert b"annie-sk" not in stored["body"]
