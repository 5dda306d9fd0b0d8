"""The demonstration that ``annie serve`` starts with."""

import pytest

from annie.bots.repository import LiveBots
from annie.carriers.local_pool import LocalPool
from annie.demo import ensure_demo
from annie.demo_content import FAQS, HOURS
from annie.kit.context import Context
from annie.kit.database import Database
from annie.kit.principal import Principal
from annie.organizations.hours import DayOfWeek
from annie.organizations.repository import LiveOrganizations
from tests.records_support import make_app, make_client

pytestmark = pytest.mark.integration


async def test_it_is_made_once_and_its_key_shown_once(database: Database) -> None:
    first = await ensure_demo(database, LocalPool())
    again = await ensure_demo(database, LocalPool())
    assert first.api_key is not None
    assert again.api_key is None
    assert (again.org_id, again.bot_id, again.numbers) == (
        first.org_id,
        first.bot_id,
        first.numbers,
    )
    assert {each.language for each in first.numbers} == {"ENGLISH", "SPANISH", "FRENCH"}
    async with make_client(make_app(database), first.api_key) as client:
        listed = (await client.get("/v1/phone-numbers")).json()["data"]["phoneNumbers"]
        bots = (await client.get("/v1/bots")).json()["data"]["bots"]
        created = await client.post("/v1/api-keys", json={"name": "mine"})
    assert {each["botId"] for each in listed} == {bots[0]["id"]} == {str(first.bot_id)}
    assert created.status_code == 201


async def test_it_has_hours_and_training_in_each_language(
    database: Database,
) -> None:
    made = await ensure_demo(database, LocalPool())
    assert made.bot_id is not None
    async with database.session(read_only=True) as session:
        context = Context(session, Principal.acting_for(made.org_id))
        faqs = await LiveBots(context).enabled_faqs(made.bot_id)
        hours = await LiveOrganizations(context).hours(made.org_id)
    assert {row.day_of_week for row in hours} == set(HOURS) == {day.value for day in DayOfWeek}
    for language, entries in FAQS.items():
        there = [row.question for row in faqs if row.language == language]
        assert there == [question for question, _, _ in entries]
        assert len(there) >= 10
