"""What an organization's deletion takes with it, and what it refuses to."""

import asyncio
import os
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest

from annie.conversations.models import Conversation
from annie.conversations.repository import LiveConversations
from annie.kit.clock import VirtualClock
from annie.kit.context import Context
from annie.kit.ids import new_id
from annie.kit.principal import Principal
from annie.messages.models import StaffMessage
from annie.messages.repository import LiveMessages
from annie.numbers.service import GRACE
from annie.organizations.models import Organization
from tests.records_support import ORGANIZATION, Api, make_app, make_client

pytestmark = pytest.mark.integration


async def refusal(api: Api, org_id: str) -> str:
    """Why the organization isn't deleted; it is still there afterwards."""
    refused = await api.client.delete(f"/v1/organizations/{org_id}")
    assert refused.status_code == 409, refused.text
    body = refused.json()
    assert body["error"]["code"] == "organization_not_empty"
    assert all(each["message"] in body["message"] for each in body["error"]["details"])
    assert (await api.client.get(f"/v1/organizations/{org_id}")).status_code == 200
    return body["message"]


async def deleted(client: httpx.AsyncClient, org_id: str) -> bool:
    answer = await client.delete(f"/v1/organizations/{org_id}")
    if answer.status_code == 200:
        assert (await client.get(f"/v1/organizations/{org_id}")).status_code == 404
    return answer.status_code == 200


def wish(org_id: str, **fields: Any) -> dict[str, Any]:
    voice = {"language": "ENGLISH", "voiceId": "FRIENDLY_BRIGHT"}
    return {"orgId": org_id, "name": "Main Line", **voice, **fields}


async def left_message(api: Api, org_id: str) -> str:
    message = StaffMessage(
        id=new_id(),
        org_id=uuid.UUID(org_id),
        caller_name="Robert Johnson",
        callback_number="+12025550123",
        content="call back",
    )
    async with api.database.session() as session:
        await LiveMessages(Context(session, Principal.acting_for(message.org_id))).put(message)
    return str(message.id)


async def test_active_numbers_without_a_bot_keep_their_organization(api: Api) -> None:
    org = (await api.organization())["id"]
    number = await api.created("/v1/phone-numbers", wish(org))
    said = await refusal(api, org)
    assert f"release {number['number']}" in said
    path = f"/v1/phone-numbers/{number['id']}"
    assert (await api.client.get(path)).json()["data"]["status"] == "ACTIVE"


async def test_bots_are_named_and_can_be_deleted_first(api: Api) -> None:
    org = (await api.organization())["id"]
    bots = [await api.bot(orgId=org, name=f"Annie {index}") for index in range(7)]
    assert "delete Annie 0, Annie 1, Annie 2, Annie 3, Annie 4 and 2 more" in await refusal(
        api, org
    )
    for bot in bots:
        await api.client.delete(f"/v1/bots/{bot['id']}")
    assert await deleted(api.client, org)


async def test_a_released_number_keeps_it_until_the_carrier_has_the_number_back(api: Api) -> None:
    org = (await api.organization())["id"]
    number = await api.created("/v1/phone-numbers", wish(org, areaCode="305"))
    await api.client.delete(f"/v1/phone-numbers/{number['id']}")
    until = VirtualClock().now() + GRACE
    assert f"{number['number']}; they can be restored, or wait until {until:%Y-%m-%d}" in (
        await refusal(api, org)
    )
    clock = VirtualClock()
    await clock.advance(GRACE.total_seconds())
    later = make_app(api.database, clock=clock)
    async with make_client(later, api.account.key) as client:
        soon = await client.delete(f"/v1/organizations/{org}")
        assert "are being given back, try again" in soon.json()["message"]
        own = wish(str(api.account.org_id), areaCode="305")
        assert (await client.post("/v1/phone-numbers", json=own)).status_code == 201
        assert await deleted(client, org)
    await later.state.gate.close()


async def test_child_organizations_keep_their_parent(api: Api) -> None:
    parent = uuid.UUID((await api.organization())["id"])
    async with api.database.session() as session:
        child = Organization(**ORGANIZATION, parent_account_org_id=parent)
        session.add(child)
    assert "child organizations: delete those first" in await refusal(api, str(parent))


async def test_everything_that_is_in_the_way_is_said_at_once(api: Api) -> None:
    org = (await api.organization())["id"]
    bot = await api.bot(orgId=org)
    await api.created("/v1/phone-numbers", wish(org, botId=bot["id"]))
    await api.created("/v1/conversations", {"medium": "CHAT", "botId": bot["id"]})
    await left_message(api, org)
    refused = await api.client.delete(f"/v1/organizations/{org}")
    fields = [each["field"] for each in refused.json()["error"]["details"]]
    assert fields == ["bots", "phoneNumbers", "conversations", "messages"]


async def test_open_conversations_keep_it_and_archived_ones_go_with_it(api: Api) -> None:
    org = (await api.organization())["id"]
    bot = await api.bot(orgId=org)
    chat = await api.created("/v1/conversations", {"medium": "CHAT", "botId": bot["id"]})
    await api.client.delete(f"/v1/bots/{bot['id']}")
    assert "1 of its conversations are open" in await refusal(api, org)
    path = f"/v1/conversations/{chat['conversationId']}"
    await api.client.post(f"{path}/archive")
    assert await deleted(api.client, org)
    assert (await api.client.get(path)).status_code == 404


async def test_messages_that_nobody_saw_to_keep_it_and_done_ones_go_with_it(api: Api) -> None:
    org = (await api.organization())["id"]
    path = f"/v1/messages/{await left_message(api, org)}"
    for status in ("NEW", "READ"):
        await api.client.patch(path, json={"status": status})
        assert "set their status to DONE" in await refusal(api, org)
    await api.client.patch(path, json={"status": "DONE"})
    assert await deleted(api.client, org)
    assert (await api.client.get(path)).status_code == 404


async def test_recordings_go_with_their_organization_and_no_others(
    api: Api, tmp_path: Path
) -> None:
    recordings = tmp_path / "recordings"
    recordings.mkdir()
    api.app.state.recordings_dir = recordings
    org = uuid.UUID((await api.organization())["id"])
    call = new_id()
    async with api.database.session() as session:
        live = LiveConversations(Context(session, Principal.acting_for(org)))
        await live.put(
            Conversation(
                id=call,
                org_id=org,
                medium="VOICE",
                status="CLOSED",
                start_time=VirtualClock().now(),
            )
        )
    theirs = {f"{call}.flac", f"{call}.17.0.partial"}
    other = f"{new_id()}.flac"
    for name in {*theirs, other}:
        (recordings / name).touch()
    bot = await api.bot(orgId=str(org))
    await refusal(api, str(org))
    assert set(os.listdir(recordings)) == {*theirs, other}
    await api.client.delete(f"/v1/bots/{bot['id']}")
    assert await deleted(api.client, str(org))
    assert os.listdir(recordings) == [other]


async def test_an_organization_is_either_deleted_or_gets_a_number_whoever_is_first(
    api: Api,
) -> None:
    for _ in range(5):
        org = (await api.organization())["id"]
        gone, *bought = await asyncio.gather(
            api.client.delete(f"/v1/organizations/{org}"),
            *(api.client.post("/v1/phone-numbers", json=wish(org)) for _ in range(4)),
        )
        got = [each for each in bought if each.status_code == 201]
        if gone.status_code == 200:
            assert got == []
            assert {each.status_code for each in bought} <= {404, 409}
        else:
            assert gone.json()["error"]["code"] == "organization_not_empty"
            for each in got:
                path = f"/v1/phone-numbers/{each.json()['data']['id']}"
                assert (await api.client.get(path)).status_code == 200
