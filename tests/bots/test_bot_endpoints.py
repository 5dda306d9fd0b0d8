"""Bots and FAQs over the API."""

from typing import Any

import pytest

from tests.records_support import Api

pytestmark = pytest.mark.integration

FAQ = {"question": "Where can I park?", "answer": "Behind the building."}


async def test_a_bot_has_the_documented_defaults(api: Api) -> None:
    made = await api.bot()
    assert made["isRagEnabled"] is made["outbound"] is made["isGuardianEnabled"] is False
    assert (made["recordingEnabled"], made["localizedGreetings"]) == (True, {})
    assert made["version"] == 1
    got = await api.client.get(f"/v1/bots/{made['id']}")
    assert got.json() == {"success": True, "data": made}


async def test_greetings_are_kept_per_language_where_given(api: Api) -> None:
    greetings = {"SPANISH": {"greeting": "Hola", "closedPhoneGreeting": "Cerrado"}}
    made = await api.bot(localizedGreetings=greetings)
    assert made["localizedGreetings"] == {
        "SPANISH": {
            "greeting": "Hola",
            "phoneGreeting": None,
            "closedPhoneGreeting": "Cerrado",
            "closedChatGreeting": None,
        }
    }


async def test_the_version_counts_changes_of_the_bot_and_of_its_faqs(api: Api) -> None:
    bot = f"/v1/bots/{(await api.bot())['id']}"
    versions: list[int] = []

    async def note() -> None:
        versions.append((await api.client.get(bot)).json()["data"]["version"])

    await api.client.patch(bot, json={"name": "Ann"})
    await note()
    await api.client.patch(bot, json={})
    await note()
    faq = f"{bot}/faqs/{(await api.created(f'{bot}/faqs', FAQ))['id']}"
    await note()
    await api.client.patch(faq, json={"enabled": False})
    await note()
    await api.client.delete(faq)
    await note()
    assert versions == [2, 2, 3, 4, 5]


async def test_only_given_fields_change_and_null_clears_what_may_be_empty(api: Api) -> None:
    made = await api.bot(phoneGreeting="Hello", industry="DENTAL", companyName="Riverside")
    changed = await api.client.patch(
        f"/v1/bots/{made['id']}", json={"phoneGreeting": None, "modelVersion": "2"}
    )
    data = changed.json()["data"]
    assert (data["phoneGreeting"], data["modelVersion"]) == (None, "2")
    assert (data["industry"], data["companyName"]) == ("DENTAL", "Riverside")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"isRagEnabled": True}, "isRagEnabled"),
        ({"industry": "BAKERY"}, "industry"),
        ({"greeting": ""}, "greeting"),
        ({"outbound": "yes"}, "outbound"),
        ({"recordingEnabled": 1}, "recordingEnabled"),
        ({"orgId": None}, "orgId"),
        ({"localizedGreetings": {"GERMAN": {}}}, "localizedGreetings.GERMAN"),
        ({"localizedGreetings": {"FRENCH": {"hello": "x"}}}, "localizedGreetings.FRENCH.hello"),
        ({"internal_name": "x"}, "internal_name"),
    ],
)
async def test_a_wrong_field_is_named(api: Api, change: dict[str, Any], field: str) -> None:
    body = {"orgId": str(api.account.org_id), "name": "Annie", "greeting": "Hi", **change}
    answer = await api.client.post("/v1/bots", json=body)
    assert answer.status_code == 422
    named = [each["field"] for each in answer.json()["error"]["details"]]
    assert any(each.startswith(field) for each in named), named


async def test_the_organization_of_a_bot_does_not_change(api: Api) -> None:
    made = await api.bot()
    answer = await api.client.patch(f"/v1/bots/{made['id']}", json={"orgId": made["orgId"]})
    assert answer.json()["error"]["details"] == [
        {"field": "orgId", "message": "is not a known field"}
    ]


async def test_a_bot_is_deleted_with_its_faqs(api: Api) -> None:
    path = f"/v1/bots/{(await api.bot())['id']}"
    await api.created(f"{path}/faqs", FAQ)
    assert (await api.client.delete(path)).status_code == 200
    assert (await api.client.get(path)).status_code == 404
    assert (await api.client.get(f"{path}/faqs")).status_code == 404
    assert (await api.client.delete(path)).status_code == 404


async def test_a_bot_with_numbers_is_not_deleted_and_they_are_named(api: Api) -> None:
    bot = await api.bot()
    body = {"orgId": bot["orgId"], "botId": bot["id"], "name": "Main", "language": "ENGLISH"}
    number = await api.created("/v1/phone-numbers", {**body, "voiceId": "KIND_CURIOUS"})
    refused = await api.client.delete(f"/v1/bots/{bot['id']}")
    assert refused.status_code == 409
    assert refused.json()["error"] == {
        "code": "bot_in_use",
        "details": [{"field": "phoneNumbers", "message": number["number"]}],
    }
    await api.client.post(f"/v1/phone-numbers/{number['id']}/detach")
    assert (await api.client.delete(f"/v1/bots/{bot['id']}")).status_code == 200


async def test_faqs_are_listed_in_the_order_in_which_they_were_made(api: Api) -> None:
    path = f"/v1/bots/{(await api.bot())['id']}/faqs"
    made = [await api.created(path, {**FAQ, "question": f"Question {n}?"}) for n in range(5)]
    listed = (await api.client.get(f"{path}?offset=1&limit=3")).json()["data"]
    assert listed["faqs"] == made[1:4]
    assert listed["pagination"] == {"offset": 1, "limit": 3, "totalCount": 5}


async def test_a_faq_has_alternates_and_a_language(api: Api) -> None:
    path = f"/v1/bots/{(await api.bot())['id']}/faqs"
    made = await api.created(path, {**FAQ, "alternates": ["Parking?"], "language": "FRENCH"})
    assert (made["alternates"], made["language"], made["enabled"]) == (["Parking?"], "FRENCH", True)
    changed = await api.client.patch(f"{path}/{made['id']}", json={"language": None})
    assert changed.json()["data"] == {
        **made,
        "language": None,
        "updatedAt": changed.json()["data"]["updatedAt"],
    }


async def test_a_faq_belongs_to_one_bot(api: Api) -> None:
    first, second = await api.bot(), await api.bot()
    faq = await api.created(f"/v1/bots/{first['id']}/faqs", FAQ)
    assert (await api.client.get(f"/v1/bots/{second['id']}/faqs/{faq['id']}")).status_code == 404


async def test_another_tenant_finds_nothing(api: Api) -> None:
    bot = await api.bot()
    path = f"/v1/bots/{bot['id']}"
    faq = f"{path}/faqs/{(await api.created(f'{path}/faqs', FAQ))['id']}"
    body = {"orgId": bot["orgId"], "name": "Mine", "greeting": "Hi"}
    answers = [
        await api.stranger.post("/v1/bots", json=body),
        await api.stranger.get(path),
        await api.stranger.patch(path, json={"name": "Mine"}),
        await api.stranger.delete(path),
        await api.stranger.get(f"{path}/faqs"),
        await api.stranger.post(f"{path}/faqs", json=FAQ),
        await api.stranger.get(faq),
        await api.stranger.patch(faq, json={"enabled": False}),
        await api.stranger.delete(faq),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert (await api.stranger.get("/v1/bots")).json()["data"]["bots"] == []
    assert (await api.client.get(path)).json()["data"]["name"] == "Annie"
