import uuid
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import soundfile
from msgspec import structs

from annie.conversations.models import Conversation, Utterance
from annie.conversations.repository import LiveConversations
from annie.kit.clock import SystemClock
from annie.kit.context import Context
from annie.kit.ids import new_id
from annie.kit.link import MediaFigures
from annie.kit.principal import Principal
from tests.records_support import Api

pytestmark = pytest.mark.integration


async def live_call(
    api: Api, conversation_id: uuid.UUID | None = None, **values: object
) -> uuid.UUID:
    """A call as the voice process records it."""
    now = SystemClock().now()
    conversation_id = conversation_id or new_id()
    async with api.database.session() as session:
        live = LiveConversations(Context(session, Principal.acting_for(api.account.org_id)))
        head = {
            "id": conversation_id,
            "org_id": api.account.org_id,
            "medium": "VOICE",
            "status": "OPEN",
            "direction": "INBOUND",
            "language": "ENGLISH",
            "to_number": "+12125550100",
            "start_time": now,
            **values,
        }
        await live.put(Conversation(**head))
        for at, (role, text) in enumerate((("assistant", "Hello!"), ("user", "Hours?"))):
            await live.put(
                Utterance(
                    id=new_id(),
                    org_id=api.account.org_id,
                    conversation_id=conversation_id,
                    role=role,
                    content=text,
                    at=now + timedelta(seconds=at),
                    timings={"speechEnd": 0, "recognized": 400} if role == "user" else {},
                )
            )
    return conversation_id


async def test_a_call_is_listed_with_its_messages_in_the_order_of_speaking(api: Api) -> None:
    call = await live_call(api)
    listed = (await api.client.get("/v1/conversations")).json()["data"]
    assert [each["conversationId"] for each in listed["conversations"]] == [str(call)]
    assert listed["pagination"] == {"offset": 0, "limit": 20, "totalCount": 1}
    messages = (await api.client.get(f"/v1/conversations/{call}/messages")).json()["data"]
    assert [(each["role"], each["content"]) for each in messages] == [
        ("assistant", "Hello!"),
        ("user", "Hours?"),
    ]
    turns = (await api.client.get(f"/v1/conversations/{call}/turns")).json()["data"]["turns"]
    assert turns[1]["timings"] == {"speechEnd": 0, "recognized": 400}


async def test_a_write_that_is_repeated_is_stored_once(api: Api) -> None:
    fixed = new_id()
    await live_call(api, fixed)
    now = SystemClock().now()
    message = {
        "id": new_id(),
        "org_id": api.account.org_id,
        "conversation_id": fixed,
        "role": "user",
        "content": "again",
        "at": now,
    }
    for _ in range(2):
        async with api.database.session() as session:
            live = LiveConversations(Context(session, Principal.acting_for(api.account.org_id)))
            await live.put(Utterance(**message))
    messages = (await api.client.get(f"/v1/conversations/{fixed}/messages")).json()["data"]
    assert [each["content"] for each in messages].count("again") == 1


async def test_what_was_not_heard_is_cut_from_the_record(api: Api) -> None:
    call = await live_call(api)
    messages = (await api.client.get(f"/v1/conversations/{call}/messages")).json()["data"]
    async with api.database.session() as session:
        live = LiveConversations(Context(session, Principal.acting_for(api.account.org_id)))
        await live.amend(uuid.UUID(messages[0]["id"]), "Hel")
    turns = (await api.client.get(f"/v1/conversations/{call}/turns")).json()["data"]["turns"]
    assert (turns[0]["content"], turns[0]["interrupted"]) == ("Hel", True)


async def test_calls_that_a_killed_process_left_open_are_closed(api: Api) -> None:
    call = await live_call(api)
    async with api.database.session() as session:
        live = LiveConversations(Context(session, Principal.acting_for(api.account.org_id)))
        assert await live.close_orphans(SystemClock().now()) == [call]
    got = (await api.client.get(f"/v1/conversations/{call}")).json()["data"]
    assert (got["status"], got["endReason"]) == ("CLOSED", "system_failure")


async def test_how_the_audio_fared_is_shown_with_the_call(api: Api) -> None:
    figures = MediaFigures("G722", sent=50, received=48, lost=2, jitter_ms=1.5, round_trip_ms=21.0)
    open_call = await live_call(api)
    ended = await live_call(api, media=structs.asdict(figures))
    got = (await api.client.get(f"/v1/conversations/{open_call}")).json()["data"]
    assert got["media"] is None
    media = (await api.client.get(f"/v1/conversations/{ended}")).json()["data"]["media"]
    assert (media["codec"], media["lost"], media["jitterMs"]) == ("G722", 2, 1.5)
    assert (media["roundTripMs"], media["peerLost"]) == (21.0, None)


async def test_a_recording_is_served_whole_and_in_ranges(api: Api, tmp_path: Path) -> None:
    api.app.state.recordings_dir = tmp_path
    call = await live_call(api, recorded=True)
    refused = await api.client.get(f"/v1/conversations/{call}/recording")
    assert refused.status_code == 404
    assert "still being made" in refused.json()["message"]
    path = tmp_path / f"{call}.flac"
    soundfile.write(path, np.zeros((800, 2), np.int16), 8000)
    whole = await api.client.get(f"/v1/conversations/{call}/recording")
    assert whole.headers["content-type"] == "audio/flac"
    assert whole.content == path.read_bytes()
    part = await api.client.get(
        f"/v1/conversations/{call}/recording", headers={"Range": "bytes=0-3"}
    )
    assert (part.status_code, part.content) == (206, b"fLaC")


async def test_a_call_is_archived_only_when_it_is_over(api: Api) -> None:
    open_call, over = await live_call(api), await live_call(api, status="CLOSED")
    refused = await api.client.post(f"/v1/conversations/{open_call}/archive")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "conversation_open")
    assert (await api.client.post(f"/v1/conversations/{over}/archive")).status_code == 200
    listed = (await api.client.get("/v1/conversations")).json()["data"]["conversations"]
    assert [each["conversationId"] for each in listed] == [str(open_call)]
    everything = await api.client.get("/v1/conversations", params={"includeArchived": True})
    assert everything.json()["data"]["pagination"]["totalCount"] == 2


async def test_a_conversation_by_text_begins_with_its_messages(api: Api) -> None:
    bot = await api.bot()
    made = await api.created(
        "/v1/conversations",
        {
            "medium": "CHAT",
            "botId": bot["id"],
            "messages": [{"role": "user", "input": "one"}, {"role": "user", "input": "two"}],
        },
    )
    messages = await api.client.get(f"/v1/conversations/{made['conversationId']}/messages")
    assert [each["content"] for each in messages.json()["data"]] == ["one", "two"]


@pytest.mark.parametrize("path", ["", "/messages", "/turns", "/recording"])
async def test_another_tenant_is_told_that_there_is_no_such_conversation(
    api: Api, path: str
) -> None:
    call = await live_call(api)
    assert (await api.stranger.get(f"/v1/conversations/{call}{path}")).status_code == 404
    listed = (await api.stranger.get("/v1/conversations")).json()["data"]
    assert listed["conversations"] == []
