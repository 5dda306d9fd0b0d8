import pytest

from annie.kit.context import Context
from annie.kit.ids import new_id
from annie.kit.principal import Principal
from annie.messages.models import StaffMessage
from annie.messages.repository import LiveMessages
from tests.records_support import Api

pytestmark = pytest.mark.integration


async def left(api: Api, content: str, **values: object) -> str:
    message = {
        "id": new_id(),
        "org_id": api.account.org_id,
        "caller_name": "Robert Johnson",
        "callback_number": "+12025550123",
        "content": content,
        **values,
    }
    async with api.database.session() as session:
        live = LiveMessages(Context(session, Principal.acting_for(api.account.org_id)))
        await live.put(StaffMessage(**message))
    return str(message["id"])


async def test_messages_are_listed_newest_first(api: Api) -> None:
    await left(api, "first")
    await left(api, "second", urgency="URGENT")
    listed = (await api.client.get("/v1/messages")).json()["data"]
    assert [(each["content"], each["urgency"], each["status"]) for each in listed["messages"]] == [
        ("second", "URGENT", "NEW"),
        ("first", "NORMAL", "NEW"),
    ]
    assert listed["pagination"]["totalCount"] == 2


async def test_a_message_that_its_caller_did_not_confirm_says_so(api: Api) -> None:
    await left(api, "agreed to")
    await left(api, "cut short", confirmed=False)
    listed = (await api.client.get("/v1/messages")).json()["data"]["messages"]
    assert [(each["content"], each["confirmed"]) for each in listed] == [
        ("cut short", False),
        ("agreed to", True),
    ]


async def test_a_message_is_marked_and_found_by_its_status(api: Api) -> None:
    message = await left(api, "call back")
    changed = await api.client.patch(f"/v1/messages/{message}", json={"status": "DONE"})
    assert changed.json()["data"]["status"] == "DONE"
    done = (await api.client.get("/v1/messages", params={"status": "DONE"})).json()["data"]
    assert [each["id"] for each in done["messages"]] == [message]
    new = (await api.client.get("/v1/messages", params={"status": "NEW"})).json()["data"]
    assert new["messages"] == []


async def test_an_unknown_status_or_field_is_refused_by_name(api: Api) -> None:
    message = await left(api, "call back")
    for body, field in (({"status": "LOST"}, "status"), ({"status": "DONE", "x": 1}, "x")):
        refused = await api.client.patch(f"/v1/messages/{message}", json=body)
        assert refused.status_code == 422
        assert refused.json()["error"]["details"][0]["field"] == field


async def test_another_tenant_sees_no_message(api: Api) -> None:
    message = await left(api, "private")
    assert (await api.stranger.get(f"/v1/messages/{message}")).status_code == 404
    refused = await api.stranger.patch(f"/v1/messages/{message}", json={"status": "READ"})
    assert refused.status_code == 404
    assert (await api.stranger.get("/v1/messages")).json()["data"]["messages"] == []
