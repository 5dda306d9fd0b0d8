"""What the API says of itself, and that it keeps to it for whoever asks."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest
import schemathesis
from fastapi import FastAPI
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from annie.kit.database import Database
from tests.api.api_server import serving
from tests.records_support import ORGANIZATION, Account, make_account, make_app

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]


@dataclass(slots=True)
class World:
    """A running API with one account that has something of everything, and a stranger."""

    url: str
    accounts: list[Account]
    #: Path parameters that name things of the first account.
    parameters: dict[str, str] = field(default_factory=dict[str, str])

    def client(self, account: int) -> httpx.Client:
        key = self.accounts[account].key
        return httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {key}"})


@pytest.fixture
def world(sqlite_template: Path, tmp_path: Path) -> Iterator[World]:
    shutil.copy(sqlite_template, tmp_path / "annie.db")
    accounts: list[Account] = []

    async def make() -> FastAPI:
        database = Database(f"sqlite:///{tmp_path}/annie.db")
        accounts.append(await make_account(database))
        accounts.append(await make_account(database, "Stranger"))
        return make_app(database)

    with serving(make) as url:
        made = World(url, accounts)
        _populate(made)
        yield made


def _populate(world: World) -> None:
    with world.client(0) as client:

        def created(path: str, body: dict[str, Any]) -> str:
            answer = client.post(path, json=body)
            assert answer.status_code in (200, 201), answer.text
            return str(answer.json()["data"].get("id"))

        org = created("/v1/organizations", ORGANIZATION)
        bot = created("/v1/bots", {"orgId": org, "name": "Annie", "greeting": "Hi"})
        faq = created(f"/v1/bots/{bot}/faqs", {"question": "Parking?", "answer": "Free."})
        hours = {"dayOfWeek": "MONDAY", "isClosed": False, "open": "9:00", "close": "17:00"}
        created(f"/v1/organizations/{org}/office-hours", hours)
        key = created("/v1/api-keys", {"name": "Web", "permissions": ["read"]})
        oauth = created("/v1/oauth-clients", {"name": "Web"})
        chat = {"medium": "CHAT", "botId": bot}
        conversation = client.post("/v1/conversations", json=chat).json()["data"]["conversationId"]
        line = {"orgId": org, "name": "Main", "language": "ENGLISH", "voiceId": "KIND_CURIOUS"}
        number = created("/v1/phone-numbers", {**line, "botId": bot})
    world.parameters.update(
        {
            "path.orgId": org,
            "path.botId": bot,
            "path.faqId": faq,
            "path.apiKeyId": key,
            "path.clientId": oauth,
            "path.dayOfWeek": "MONDAY",
            "path.conversationId": conversation,
            "path.phoneNumberId": number,
        }
    )


@dataclass(slots=True)
class Findings:
    """What a run of Schemathesis asked and found."""

    failures: list[str] = field(default_factory=list[str])
    answers: list[tuple[str, str, int]] = field(default_factory=list[tuple[str, str, int]])


#: Deleting for real would end the exploration of everything below.
_KEPT = {"include-method": "DELETE", "enabled": False}


def _explore(
    world: World, account: int, *, phases: set[str], examples: int, operations: list[Any]
) -> Findings:
    every = ("examples", "coverage", "fuzzing", "stateful")
    config = SchemathesisConfig.from_dict(
        {
            "seed": 17,
            "headers": {"Authorization": f"Bearer {world.accounts[account].key}"},
            "parameters": world.parameters,
            "generation": {"mode": "all", "max-examples": examples, "database": "none"},
            "operations": operations,
            "checks": {
                # What a schema can't say (one field depends on another) is refused with 422.
                "positive_data_acceptance": {
                    "expected-statuses": ["2xx", "401", "403", "404", "409", "422"]
                },
            },
            "phases": {name: {"enabled": name in phases} for name in every},
        }
    )
    schema = schemathesis.openapi.from_url(f"{world.url}/openapi.json", config=config)
    found = Findings()
    for event in from_schema(schema).execute():
        if isinstance(event, events.FatalError):
            raise event.exception
        if isinstance(event, events.NonFatalError):
            found.failures.append(f"{event.label}: {event.value}")
        if isinstance(event, events.ScenarioFinished):
            _note(event, found)
    return found


def _note(event: events.ScenarioFinished, found: Findings) -> None:
    for case_id, interaction in event.recorder.interactions.items():
        request, response = interaction.request, interaction.response
        if response is not None:
            found.answers.append((request.method, request.uri, response.status_code))
        for check in event.recorder.checks.get(case_id, []):
            if check.failure_info is not None:
                body = (request.body or b"")[:300]
                found.failures.append(
                    f"{request.method} {request.uri} {body!r}: {check.failure_info.failure}"
                )


def test_schemathesis_finds_nothing_in_any_operation(world: World) -> None:
    found = _explore(world, 0, phases={"examples", "fuzzing"}, examples=4, operations=[_KEPT])
    assert found.failures == []
    assert len(found.answers) > 150
    assert {200, 201, 404, 422} <= {status for _, _, status in found.answers}


def test_schemathesis_finds_nothing_at_the_edges_of_what_is_allowed(world: World) -> None:
    # Every boundary of every field of these; the rest are built of the same types.
    numbers = r"phone-numbers(/available|/import)?$"
    chosen = f"/v1/({numbers}|organizations/{{orgId}}/office-hours|bots/{{botId}}/faqs$)|/oauth"
    others = {"exclude-path-regex": chosen, "enabled": False}
    found = _explore(world, 0, phases={"coverage"}, examples=1, operations=[_KEPT, others])
    assert found.failures == []
    assert len(found.answers) > 150


def test_schemathesis_with_another_tenants_key_reaches_and_changes_nothing(world: World) -> None:
    ids = [value for value in world.parameters.values() if value != "MONDAY"]
    paths = [
        "/v1/organizations/{path.orgId}",
        "/v1/organizations/{path.orgId}/office-hours",
        "/v1/bots/{path.botId}",
        "/v1/bots/{path.botId}/faqs",
        "/v1/phone-numbers/{path.phoneNumberId}",
        "/v1/conversations/{path.conversationId}",
        "/v1/api-keys",
        "/v1/oauth-clients",
    ]

    def everything() -> list[Any]:
        with world.client(0) as client:
            return [
                _without_use(client.get(_fill(path, world.parameters)).json()["data"])
                for path in paths
            ]

    before = everything()
    found = _explore(world, 1, phases={"examples", "fuzzing"}, examples=3, operations=[])
    assert found.failures == []
    theirs = [each for each in found.answers if any(one in each[1] for one in ids)]
    assert len(theirs) > 60
    assert {status for _, _, status in theirs} <= {400, 401, 404, 405, 422}
    assert everything() == before


def _fill(path: str, parameters: dict[str, str]) -> str:
    for name, value in parameters.items():
        path = path.replace(f"{{{name}}}", value)
    return path


def _without_use(value: Any) -> Any:
    """``value`` without the times at which keys were used."""
    if isinstance(value, dict):
        return {name: _without_use(each) for name, each in value.items() if name != "lastUsedAt"}  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(value, list):
        return [_without_use(each) for each in value]  # pyright: ignore[reportUnknownArgumentType]
    return value


def test_every_example_is_what_its_schema_allows(world: World) -> None:
    document = httpx.get(f"{world.url}/openapi.json").json()
    schemas = document["components"]["schemas"]
    for name, schema in schemas.items():
        if schema.get("type") != "object":
            continue
        assert schema["examples"], name
        complete = {**schema, "components": document["components"]}
        validator = jsonschema_rs.validator_for(complete, validate_formats=True)
        for example in schema["examples"]:
            problems = [str(each) for each in validator.iter_errors(example)]
            assert problems == [], name


def test_every_operation_documents_its_refusals_in_the_envelope(world: World) -> None:
    document = httpx.get(f"{world.url}/openapi.json").json()
    for path, operations in document["paths"].items():
        if not path.startswith("/v1/"):
            continue
        for method, operation in operations.items():
            for status in ("400", "401", "403", "404", "422", "429", "500"):
                content = operation["responses"][status]["content"]["application/json"]
                assert content["schema"] == {"$ref": "#/components/schemas/Failure"}, path
            names = [each["name"] for each in operation.get("parameters", [])]
            assert ("Idempotency-Key" in names) == (method == "post"), path
