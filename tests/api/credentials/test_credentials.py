"""API keys and OAuth clients over the API."""

import base64
import uuid
from typing import Any

import pytest

from annie.api.credentials import tokens
from annie.api.credentials.models import ApiKey
from annie.kit.clock import VirtualClock
from annie.kit.database import Database
from tests.records_support import ORGANIZATION, Api, make_account, make_app, make_client

pytestmark = pytest.mark.integration


async def test_a_key_is_shown_once_and_only_its_hash_is_kept(api: Api) -> None:
    made = await api.created("/v1/api-keys", {"name": "Web", "permissions": ["write", "read"]})
    key = made["key"]
    assert key.startswith("annie-sk-v1-")
    assert len(key) == len("annie-sk-v1-") + 43
    assert made["permissions"] == ["read", "write"]
    listed = await api.client.get("/v1/api-keys")
    assert key not in listed.text
    assert key[-4:] in [each["hint"] for each in listed.json()["data"]["apiKeys"]]
    async with api.database.engine.connect() as connection:
        rows = (await connection.execute(ApiKey.__table__.select())).mappings().all()
    assert key not in str(rows)
    assert tokens.hashed(key) in [row["key_hash"] for row in rows]
    async with make_client(api.app, key) as client:
        assert (await client.get("/v1/bots")).status_code == 200


async def test_a_revoked_key_is_refused_at_once(api: Api) -> None:
    made = await api.created("/v1/api-keys", {"name": "Web"})
    async with make_client(api.app, made["key"]) as client:
        assert (await client.get("/v1/bots")).status_code == 200
        revoked = await api.client.delete(f"/v1/api-keys/{made['id']}")
        assert revoked.json()["data"]["revokedAt"] is not None
        assert (await client.get("/v1/bots")).status_code == 401
    again = await api.client.delete(f"/v1/api-keys/{made['id']}")
    assert again.json()["data"]["revokedAt"] == revoked.json()["data"]["revokedAt"]


async def test_a_key_can_be_made_for_a_child_and_not_for_a_stranger(api: Api) -> None:
    child = await api.organization()
    made = await api.created("/v1/api-keys", {"name": "Child", "orgId": child["id"]})
    async with make_client(api.app, made["key"]) as client:
        listed = (await client.get("/v1/organizations")).json()["data"]["organizations"]
    assert [each["id"] for each in listed] == [child["id"]]
    refused = await api.stranger.post(
        "/v1/api-keys", json={"name": "x", "orgId": str(api.account.org_id)}
    )
    assert refused.status_code == 404


@pytest.mark.parametrize(
    "body",
    [{}, {"name": "x", "permissions": []}, {"name": "x", "permissions": ["root"]}, {"name": ""}],
)
async def test_a_key_without_name_or_sense_is_refused(api: Api, body: dict[str, Any]) -> None:
    assert (await api.client.post("/v1/api-keys", json=body)).status_code == 422


async def test_the_last_use_is_recorded_at_most_once_a_minute(sqlite_database: Database) -> None:
    clock = VirtualClock()
    account = await make_account(sqlite_database)
    app = make_app(sqlite_database, clock=clock)
    seen: list[str] = []
    async with make_client(app, account.key) as client:
        for _ in range(4):
            await client.get("/v1/bots")
            await app.state.gate.close()
            listed = await client.get("/v1/api-keys")
            seen.append(listed.json()["data"]["apiKeys"][0]["lastUsedAt"])
            await clock.advance(31)
    assert [each[11:19] for each in seen] == ["15:00:00", "15:00:00", "15:01:02", "15:01:02"]


async def _client(api: Api, **more: Any) -> dict[str, Any]:
    return await api.created("/v1/oauth-clients", {"name": "Integration", **more})


def _grant(made: dict[str, Any]) -> dict[str, str]:
    return {
        "grant_type": "client_credentials",
        "client_id": made["clientId"],
        "client_secret": made["clientSecret"],
        "audience": "https://api.helloannie.com",
    }


async def test_a_client_gets_a_token_by_json_form_or_basic_and_uses_it(api: Api) -> None:
    made = await _client(api)
    fields = _grant(made)
    basic = base64.b64encode(f"{made['clientId']}:{made['clientSecret']}".encode()).decode()
    async with make_client(api.app) as nobody:
        answers = [
            await nobody.post("/oauth/token", json=fields),
            await nobody.post("/oauth/token", data=fields),
            await nobody.post(
                "/oauth/token",
                data={"grant_type": "client_credentials"},
                headers={"Authorization": f"Basic {basic}"},
            ),
        ]
    for answer in answers:
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert (body["token_type"], body["expires_in"]) == ("Bearer", 86400)
        assert body["scope"] == "read write"
        assert answer.headers["cache-control"] == "no-store"
        async with make_client(api.app, body["access_token"]) as client:
            assert (await client.get("/v1/bots")).status_code == 200
            assert (await client.post("/v1/organizations", json=ORGANIZATION)).status_code == 201
            assert (await client.get("/v1/api-keys")).status_code == 403


async def test_a_token_may_ask_for_less_and_not_for_more(api: Api) -> None:
    fields = _grant(await _client(api))
    async with make_client(api.app) as nobody:
        less = await nobody.post("/oauth/token", json={**fields, "scope": "read"})
        more = await nobody.post("/oauth/token", json={**fields, "scope": "read admin"})
    assert more.json()["error"] == "invalid_scope"
    async with make_client(api.app, less.json()["access_token"]) as client:
        assert (await client.get("/v1/bots")).status_code == 200
        assert (await client.post("/v1/organizations", json=ORGANIZATION)).status_code == 403


async def test_a_token_ends_after_a_day_and_with_its_client(sqlite_database: Database) -> None:
    clock = VirtualClock()
    account = await make_account(sqlite_database)
    app = make_app(sqlite_database, clock=clock)
    async with make_client(app, account.key) as owner:
        answer = await owner.post("/v1/oauth-clients", json={"name": "x"})
        made = answer.json()["data"]
        token = (await owner.post("/oauth/token", json=_grant(made))).json()["access_token"]
        async with make_client(app, token) as client:
            await clock.advance(24 * 3600 - 1)
            assert (await client.get("/v1/bots")).status_code == 200
            await clock.advance(1)
            assert (await client.get("/v1/bots")).status_code == 401
        token = (await owner.post("/oauth/token", json=_grant(made))).json()["access_token"]
        await owner.delete(f"/v1/oauth-clients/{made['id']}")
        async with make_client(app, token) as client:
            assert (await client.get("/v1/bots")).status_code == 401
        assert (await owner.post("/oauth/token", json=_grant(made))).status_code == 401


async def test_a_token_of_another_installation_is_refused(api: Api) -> None:
    claims = tokens.Claims(uuid.UUID((await _client(api))["clientId"]), frozenset())
    forged = tokens.sign(claims, "another secret of another place", VirtualClock().now())
    async with make_client(api.app, forged) as client:
        assert (await client.get("/v1/bots")).status_code == 401


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "wrong"}, 401, "invalid_client"),
        ({"client_id": str(uuid.UUID(int=7))}, 401, "invalid_client"),
        ({"client_id": ""}, 400, "invalid_request"),
        ({"client_id": 5}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
async def test_the_token_endpoint_refuses_in_the_words_of_oauth(
    api: Api, change: dict[str, Any], status: int, error: str
) -> None:
    fields = {**_grant(await _client(api)), **change}
    async with make_client(api.app) as nobody:
        answer = await nobody.post("/oauth/token", json=fields)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff", b""])
async def test_a_token_request_that_can_not_be_read_is_refused(api: Api, content: bytes) -> None:
    async with make_client(api.app) as nobody:
        answer = await nobody.post(
            "/oauth/token", content=content, headers={"Content-Type": "application/json"}
        )
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_another_tenant_sees_and_revokes_no_credentials(api: Api) -> None:
    key = await api.created("/v1/api-keys", {"name": "Web"})
    client = await _client(api)
    listed = await api.stranger.get("/v1/api-keys")
    assert key["id"] not in listed.text
    assert client["id"] not in (await api.stranger.get("/v1/oauth-clients")).text
    assert (await api.stranger.delete(f"/v1/api-keys/{key['id']}")).status_code == 404
    assert (await api.stranger.delete(f"/v1/oauth-clients/{client['id']}")).status_code == 404
