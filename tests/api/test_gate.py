"""What every request passes: credentials, permissions, limits, bodies, the error envelope."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import APIRouter

from annie.kit.clock import VirtualClock
from annie.kit.database import Database
from annie.kit.principal import Permission
from annie.kit.routing import RequestContext, guarded_router
from annie.kit.schemas import Success
from tests.records_support import Api, make_account, make_app, make_client

pytestmark = pytest.mark.integration


def _is_refusal(answer: httpx.Response, status: int, code: str) -> bool:
    body = answer.json()
    return (
        answer.status_code == status
        and set(body) == {"success", "message", "error"}
        and body["success"] is False
        and bool(body["message"])
        and set(body["error"]) == {"code", "details"}
        and body["error"]["code"] == code
    )


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "unauthorized"),
        ("", "unauthorized"),
        ("Basic YTpi", "unauthorized"),
        ("Bearer", "unauthorized"),
        ("Bearer annie-sk-v1-unknown", "invalid_credentials"),
        ("Bearer something else", "invalid_credentials"),
        ("Bearer a.b.c", "invalid_credentials"),
        ("Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.", "invalid_credentials"),
    ],
)
async def test_without_a_known_credential_there_is_401(
    api: Api, header: str | None, code: str
) -> None:
    headers = {} if header is None else {"Authorization": header}
    async with make_client(api.app) as client:
        answer = await client.get("/v1/bots", headers=headers)
    assert _is_refusal(answer, 401, code)
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("held", "method", "path", "status"),
    [
        (Permission.READ, "GET", "/v1/bots", 200),
        (Permission.READ, "POST", "/v1/bots", 403),
        (Permission.READ, "GET", "/v1/api-keys", 403),
        (Permission.WRITE, "GET", "/v1/bots", 200),
        (Permission.WRITE, "POST", "/v1/bots", 422),
        (Permission.WRITE, "POST", "/v1/api-keys", 403),
        (Permission.ADMIN, "GET", "/v1/api-keys", 200),
        (Permission.ADMIN, "POST", "/v1/bots", 422),
    ],
)
async def test_a_key_does_what_its_permissions_say(
    sqlite_database: Database, held: Permission, method: str, path: str, status: int
) -> None:
    account = await make_account(sqlite_database, "x", held)
    async with make_client(make_app(sqlite_database), account.key) as client:
        answer = await client.request(method, path, json={} if method == "POST" else None)
    assert answer.status_code == status
    if status == 403:
        assert _is_refusal(answer, 403, "insufficient_permission")


async def test_unknown_addresses_and_methods_are_refused_in_the_envelope(api: Api) -> None:
    assert _is_refusal(await api.client.get("/v1/nothing"), 404, "not_found")
    answer = await api.client.put("/v1/bots", json={})
    assert _is_refusal(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, POST"
    assert (await api.client.put(f"/v1/bots/{api.account.org_id}")).headers["allow"] == (
        "DELETE, GET, PATCH"
    )


@pytest.mark.parametrize("body", [b"{", b"{'a': 1}", b"\xff\xfe", b'{"name": "\xff"}', b"nul"])
async def test_a_body_that_is_not_json_is_400(api: Api, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await api.client.post("/v1/organizations", content=body, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] in ("malformed_json", "malformed_body")


@pytest.mark.parametrize("body", [b"[]", b"null", b"1", b'"x"', b""])
async def test_a_body_that_is_no_object_is_422(api: Api, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await api.client.post("/v1/organizations", content=body, headers=headers)
    assert _is_refusal(answer, 422, "invalid_fields")


async def test_a_body_of_another_type_is_told_what_to_send(api: Api) -> None:
    answer = await api.client.post("/v1/organizations", content=b"name=x")
    assert _is_refusal(answer, 422, "invalid_fields")
    assert "application/json" in answer.json()["message"]


async def test_a_body_over_the_limit_is_413_declared_or_streamed(api: Api) -> None:
    async def stream() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 100_000

    contents: tuple[bytes | AsyncIterator[bytes], ...] = (b"x" * (1024 * 1024 + 1), stream())
    for content in contents:
        answer = await api.client.post("/v1/organizations", content=content)
        assert _is_refusal(answer, 413, "body_too_large")


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "offset=-1", "offset=99999999999999999999"]
)
async def test_a_page_out_of_range_is_refused_by_name(api: Api, query: str) -> None:
    answer = await api.client.get(f"/v1/bots?{query}")
    assert _is_refusal(answer, 422, "invalid_fields")
    assert answer.json()["error"]["details"][0]["field"] == query.split("=")[0]


async def test_an_id_that_is_no_uuid_is_refused_by_name(api: Api) -> None:
    answer = await api.client.get("/v1/bots/17")
    assert answer.json()["error"]["details"] == [{"field": "botId", "message": "must be a UUID"}]


async def test_a_fault_of_ours_tells_nothing_of_its_inside_and_leaves_nothing(
    sqlite_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    router: APIRouter = guarded_router("/broken", "Broken")

    @router.post("")
    async def broken(context: RequestContext) -> Success[str]:  # pyright: ignore[reportUnusedFunction]
        raise RuntimeError("secret detail")

    account = await make_account(sqlite_database)
    app = make_app(sqlite_database, routers=[router])
    async with make_client(app, account.key) as client:
        answer = await client.post("/v1/broken")
    assert _is_refusal(answer, 500, "internal_error")
    assert "secret" not in answer.text
    assert "request_failed" in caplog.text


async def test_every_authenticated_answer_says_where_the_rate_limit_stands(
    sqlite_database: Database,
) -> None:
    clock = VirtualClock()
    account, other = await make_account(sqlite_database), await make_account(sqlite_database)
    app = make_app(sqlite_database, rate_limit=3, clock=clock)
    reset = str(int(clock.now().timestamp()) + 60)
    async with make_client(app, account.key) as client, make_client(app, other.key) as stranger:
        first = await client.get("/v1/bots")
        missing = await client.get("/v1/bots/0190f3a2-7c1e-7d3a-9b52-3f1f6a1c0d11")
        await clock.advance(20)
        wrong = await client.post("/v1/bots", json={})
        over = await client.get("/v1/bots")
        unaffected = await stranger.get("/v1/bots")
        await clock.advance(40)
        again = await client.get("/v1/bots")
    for answer, status, remaining in ((first, 200, "2"), (missing, 404, "1"), (wrong, 422, "0")):
        assert answer.status_code == status
        assert answer.headers["x-ratelimit-limit"] == "3"
        assert answer.headers["x-ratelimit-remaining"] == remaining
        assert answer.headers["x-ratelimit-reset"] == reset
    assert _is_refusal(over, 429, "rate_limit_exceeded")
    assert (over.headers["retry-after"], over.headers["x-ratelimit-remaining"]) == ("40", "0")
    assert unaffected.status_code == 200
    assert (again.status_code, again.headers["x-ratelimit-remaining"]) == (200, "2")


async def test_without_a_rate_limit_there_are_no_headers_of_it(api: Api) -> None:
    assert "x-ratelimit-limit" not in (await api.client.get("/v1/bots")).headers


async def test_health_is_200_when_all_is_ready_and_names_what_is_not(
    sqlite_database: Database,
) -> None:
    up = True

    async def edge() -> bool:
        return up

    async def voice() -> bool:
        raise OSError("gone")

    async with make_client(make_app(sqlite_database, readiness={"edge": edge})) as client:
        assert (await client.get("/healthz")).json()["data"] == {"checks": ["database", "edge"]}
        up = False
        down = await client.get("/healthz")
    assert _is_refusal(down, 503, "not_ready")
    assert down.json()["error"]["details"] == [{"field": "edge", "message": "is not ready"}]
    async with make_client(make_app(sqlite_database, readiness={"voice": voice})) as client:
        assert (await client.get("/healthz")).status_code == 503


async def test_many_writes_at_once_all_succeed(api: Api) -> None:
    made = await asyncio.gather(*(api.organization(name=f"Child {n}") for n in range(20)))
    assert len({each["id"] for each in made}) == 20
