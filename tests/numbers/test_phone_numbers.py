import asyncio
from typing import Any

import pytest

from annie.carriers.local_pool import LocalPool
from annie.kit.clock import VirtualClock
from annie.numbers.protocols import CarrierError
from annie.numbers.service import GRACE, resolve
from tests.records_support import Api, make_app, make_client

pytestmark = pytest.mark.integration


async def buy(api: Api, **fields: Any) -> dict[str, Any]:
    return await api.created("/v1/phone-numbers", wish(api, **fields))


def wish(api: Api, **fields: Any) -> dict[str, Any]:
    return {
        "orgId": str(api.account.org_id),
        "name": "Main Line",
        "language": "ENGLISH",
        "voiceId": "FRIENDLY_BRIGHT",
        **fields,
    }


async def test_a_number_is_bought_attached_and_listed(api: Api) -> None:
    bot = await api.bot()
    number = await buy(api, botId=bot["id"], areaCode="305")
    assert number["number"] == "+13055550100"
    assert number["botId"] == bot["id"]
    assert (number["speed"], number["status"], number["outbound"]) == (1.0, "ACTIVE", False)
    listed = (await api.client.get("/v1/phone-numbers")).json()["data"]
    assert [each["id"] for each in listed["phoneNumbers"]] == [number["id"]]
    assert listed["pagination"]["totalCount"] == 1


async def test_two_numbers_serve_one_bot_and_follow_its_direction(api: Api) -> None:
    bot = await api.bot(outbound=True)
    numbers = [await buy(api, botId=bot["id"]) for _ in range(2)]
    assert len({each["number"] for each in numbers}) == 2
    assert all(each["outbound"] for each in numbers)
    refused = await api.client.delete(f"/v1/bots/{bot['id']}")
    assert refused.status_code == 409


async def test_a_number_is_attached_detached_and_changed(api: Api) -> None:
    bot = await api.bot()
    path = f"/v1/phone-numbers/{(await buy(api))['id']}"
    attached = await api.client.post(f"{path}/attach", json={"botId": bot["id"]})
    assert attached.json()["data"]["botId"] == bot["id"]
    changed = await api.client.patch(
        path, json={"language": "FRENCH", "callbackForwardingNumber": "(212) 555-0123"}
    )
    data = changed.json()["data"]
    assert (data["language"], data["callbackForwardingNumber"]) == ("FRENCH", "+12125550123")
    assert data["voiceId"] == "FRIENDLY_BRIGHT"
    assert (await api.client.post(f"{path}/detach")).json()["data"]["botId"] is None


async def test_a_released_number_answers_nobody_until_it_is_restored(api: Api) -> None:
    number = await buy(api, areaCode="305")
    path = f"/v1/phone-numbers/{number['id']}"

    async def answers() -> bool:
        async with api.database.session(read_only=True) as session:
            return await resolve(session, "305-555-0100") is not None

    assert await answers()
    released = (await api.client.delete(path)).json()["data"]
    assert released["status"] == "RELEASED"
    assert released["restorableUntil"] > released["releasedAt"]
    assert not await answers()
    assert (await api.client.get("/v1/phone-numbers")).json()["data"]["phoneNumbers"] == []
    assert (await buy(api, areaCode="305"))["number"] == "+13055550101"
    assert (await api.client.patch(path, json={"name": "X"})).status_code == 409
    assert (await api.client.post(f"{path}/restore")).json()["data"]["status"] == "ACTIVE"
    assert await answers()
    assert (await api.client.post(f"{path}/restore")).status_code == 409


async def test_a_restored_number_has_its_bot_again(api: Api) -> None:
    bot = await api.bot(name="Reception")
    path = f"/v1/phone-numbers/{(await buy(api, botId=bot['id']))['id']}"
    assert (await api.client.delete(path)).json()["data"]["botId"] is None
    restored = (await api.client.post(f"{path}/restore")).json()
    assert restored["data"]["botId"] == bot["id"]
    assert "Reception" in restored["message"]


async def test_a_number_whose_bot_was_deleted_is_restored_without_and_says_so(api: Api) -> None:
    bot = await api.bot()
    path = f"/v1/phone-numbers/{(await buy(api, botId=bot['id']))['id']}"
    await api.client.delete(path)
    assert (await api.client.delete(f"/v1/bots/{bot['id']}")).status_code == 200
    restored = (await api.client.post(f"{path}/restore")).json()
    assert (restored["data"]["botId"], restored["data"]["status"]) == (None, "ACTIVE")
    assert "was deleted" in restored["message"]


async def test_a_number_that_had_no_bot_is_restored_without(api: Api) -> None:
    bot = await api.bot()
    path = f"/v1/phone-numbers/{(await buy(api, botId=bot['id']))['id']}"
    await api.client.post(f"{path}/detach")
    await api.client.delete(path)
    restored = (await api.client.post(f"{path}/restore")).json()
    assert restored["data"]["botId"] is None
    assert "had no bot" in restored["message"]


async def test_buyers_at_the_same_moment_get_different_numbers(api: Api) -> None:
    bought = await asyncio.gather(*(buy(api, areaCode="415") for _ in range(30)))
    assert len({each["number"] for each in bought}) == 30


async def test_after_the_grace_period_a_number_is_anybodys(api: Api) -> None:
    path = f"/v1/phone-numbers/{(await buy(api, areaCode='305'))['id']}"
    await api.client.delete(path)
    clock = VirtualClock()
    await clock.advance(GRACE.total_seconds() + 1)
    later = make_app(api.database, clock=clock)
    async with make_client(later, api.account.key) as client:
        late = await client.post(f"{path}/restore")
        assert (late.status_code, late.json()["error"]["code"]) == (409, "grace_period_over")
        again = await client.post("/v1/phone-numbers", json=wish(api, areaCode="305"))
        assert again.json()["data"]["number"] == "+13055550100"
    await later.state.gate.close()
    assert (await api.client.get(path)).status_code == 404


async def test_a_bot_is_either_deleted_or_has_numbers_whoever_is_first(api: Api) -> None:
    for _ in range(5):
        bot = await api.bot()
        path = f"/v1/phone-numbers/{(await buy(api))['id']}"
        deleted, attached, *bought = await asyncio.gather(
            api.client.delete(f"/v1/bots/{bot['id']}"),
            api.client.post(f"{path}/attach", json={"botId": bot["id"]}),
            *(
                api.client.post("/v1/phone-numbers", json=wish(api, botId=bot["id"]))
                for _ in range(4)
            ),
        )
        if deleted.status_code == 200:
            assert attached.status_code in (409, 422)
            assert all(each.status_code in (409, 422) for each in bought)
        else:
            assert deleted.json()["error"]["code"] == "bot_in_use"


async def test_when_a_code_is_sold_out_nearby_ones_are_named(api: Api) -> None:
    for _ in range(100):
        await buy(api, areaCode="907")
    refused = await api.client.post("/v1/phone-numbers", json=wish(api, areaCode="907"))
    assert refused.status_code == 409
    error = refused.json()["error"]
    assert error["code"] == "no_numbers_available"
    assert "206" in [each["message"] for each in error["details"]]
    near = await api.client.get("/v1/phone-numbers/available", params={"areaCode": "206"})
    assert near.json()["data"]["available"][0]["number"] == "+12065550100"


async def test_available_numbers_are_searched_by_what_they_contain(api: Api) -> None:
    found = await api.client.get(
        "/v1/phone-numbers/available", params={"areaCode": "212", "contains": "0142"}
    )
    assert [each["number"] for each in found.json()["data"]["available"]] == ["+12125550142"]


async def test_a_number_of_ones_own_is_imported_once(api: Api) -> None:
    body = {**wish(api), "number": "(202) 456-1111"}
    assert (await api.created("/v1/phone-numbers/import", body))["number"] == "+12024561111"
    again = await api.client.post("/v1/phone-numbers/import", json=body)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "number_taken")


async def test_any_valid_number_of_any_country_can_be_brought(api: Api) -> None:
    for written, number in (
        ("+44 20 7946 0018", "+442079460018"),
        ("+49 151 12345678", "+4915112345678"),
        ("+1 (212) 555-0123", "+12125550123"),
        ("212.555.0124", "+12125550124"),
    ):
        body = {**wish(api), "number": written, "callbackForwardingNumber": written}
        brought = await api.created("/v1/phone-numbers/import", body)
        assert (brought["number"], brought["callbackForwardingNumber"]) == (number, number)


@pytest.mark.parametrize(
    "number",
    ["", "911", "+1999", "+19995550100", "+4420", "annie", "212-555-ANNI", "+12125550123x"],
)
async def test_what_is_no_valid_number_is_named_with_what_is_expected(
    api: Api, number: str
) -> None:
    for path, field in (("/import", "number"), ("", "verifiedCallerId")):
        body = {**wish(api), field: number}
        refused = await api.client.post(f"/v1/phone-numbers{path}", json=body)
        assert refused.status_code == 422
        [detail] = refused.json()["error"]["details"]
        assert detail["field"] == field
        assert "E.164, such as +12125550123" in detail["message"]


async def test_the_names_of_a_number_are_kept_without_the_spaces_around_them(api: Api) -> None:
    number = await buy(api, name="  After Hours ")
    assert number["name"] == "After Hours"
    path = f"/v1/phone-numbers/{number['id']}"
    changes = {"name": " Main ", "tags": [" a "], "campaign": " recall "}
    data = (await api.client.patch(path, json=changes)).json()["data"]
    assert (data["name"], data["tags"], data["campaign"]) == ("Main", ["a"], "recall")
    for blank in ({"name": "   "}, {"tags": [" "]}, {"campaign": "  "}):
        refused = await api.client.patch(path, json=blank)
        assert refused.status_code == 422
        assert "blank" in refused.json()["message"]


@pytest.mark.parametrize("action", ["available", "import"])
async def test_a_method_that_is_not_supported_names_the_one_that_is(api: Api, action: str) -> None:
    allowed = {"available": "GET", "import": "POST"}[action]
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - {allowed}:
        answer = await api.client.request(method, f"/v1/phone-numbers/{action}", json={})
        assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)
        assert answer.json()["error"]["code"] == "method_not_allowed"


async def test_what_is_no_id_is_not_found(api: Api) -> None:
    for method in ("GET", "PATCH", "DELETE"):
        answer = await api.client.request(method, "/v1/phone-numbers/main-line", json={})
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


async def test_a_change_to_a_number_being_released_comes_before_it_or_not_at_all(
    api: Api,
) -> None:
    bot = await api.bot()
    for _ in range(5):
        path = f"/v1/phone-numbers/{(await buy(api))['id']}"
        await asyncio.gather(
            api.client.post(f"{path}/attach", json={"botId": bot["id"]}),
            api.client.delete(path),
        )
        data = (await api.client.get(path)).json()["data"]
        assert (data["status"], data["botId"]) == ("RELEASED", None)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"areaCode": "999"}, "areaCode"),
        ({"areaCode": "21"}, "areaCode"),
        ({"name": "Line <b>"}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "   "}, "name"),
        ({"name": "Zürich"}, "name"),
        ({"voiceId": "LOUD"}, "voiceId"),
        ({"language": "GERMAN"}, "language"),
        ({"colour": "red"}, "colour"),
        ({"botId": "0190f3a2-7c1e-7d3a-9b52-3f1f6a1c0d11"}, "botId"),
    ],
)
async def test_what_cannot_be_accepted_is_named(
    api: Api, fields: dict[str, Any], field: str
) -> None:
    refused = await api.client.post("/v1/phone-numbers", json=wish(api, **fields))
    assert refused.status_code == 422, refused.text
    assert field in [each["field"] for each in refused.json()["error"]["details"]]


class Failing(LocalPool):
    """A carrier that fails at one step, and notes what it was given back."""

    def __init__(self, step: str) -> None:
        self.returned: list[str] = []
        setattr(self, step, self._fail)

    async def _fail(self, *_given: object, **_named: object) -> None:
        raise CarrierError("we are closed")

    async def release(self, number: str) -> None:
        self.returned.append(number)


@pytest.mark.parametrize("step", ["buy", "configure", "search"])
async def test_a_carrier_that_fails_is_said_to_and_nothing_is_kept(api: Api, step: str) -> None:
    api.app.state.carrier = carrier = Failing(step)
    if step == "search":
        answer = await api.client.get("/v1/phone-numbers/available")
    else:
        answer = await api.client.post("/v1/phone-numbers", json=wish(api, areaCode="305"))
    assert answer.status_code == 503
    assert "we are closed" in answer.json()["message"]
    assert int(answer.headers["Retry-After"]) > 0
    assert carrier.returned == (["+13055550100"] if step == "configure" else [])
    assert (await api.client.get("/v1/phone-numbers")).json()["data"]["phoneNumbers"] == []


async def test_a_number_that_the_carrier_does_not_take_over_is_refused_with_its_reason(
    api: Api,
) -> None:
    api.app.state.carrier = Failing("bring")
    body = {**wish(api), "number": "+12024561111"}
    refused = await api.client.post("/v1/phone-numbers/import", json=body)
    assert refused.status_code == 422
    assert refused.json()["error"]["details"] == [{"field": "number", "message": "we are closed"}]


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-1", "3", '"1"', "true", "null"])
async def test_a_speed_that_is_none_is_refused(api: Api, value: str) -> None:
    path = f"/v1/phone-numbers/{(await buy(api))['id']}"
    refused = await api.client.patch(
        path, content=f'{{"speed": {value}}}', headers={"Content-Type": "application/json"}
    )
    assert refused.status_code in (400, 422), refused.text


async def test_every_mutable_field_is_changed_and_the_rest_kept(api: Api) -> None:
    number = await buy(api)
    changes = {
        "name": "After Hours",
        "language": "SPANISH",
        "voiceId": "KIND_CURIOUS",
        "verifiedCallerId": "+12125550123",
        "callbackForwardingNumber": "+12125550124",
        "speed": 1.2,
        "stability": 0.1,
        "similarity": 0.2,
        "style": 1,
        "tags": ["recall", "spring"],
        "campaign": "Recall Outreach",
    }
    path = f"/v1/phone-numbers/{number['id']}"
    changed = (await api.client.patch(path, json=changes)).json()["data"]
    assert {**number, **changes, "updatedAt": changed["updatedAt"]} == changed
    nothing = {"verifiedCallerId": None, "callbackForwardingNumber": None, "campaign": None}
    cleared = (await api.client.patch(path, json=nothing)).json()["data"]
    assert {**changed, **nothing, "updatedAt": cleared["updatedAt"]} == cleared


async def test_another_tenant_is_told_that_there_is_no_such_number(api: Api) -> None:
    path = f"/v1/phone-numbers/{(await buy(api))['id']}"
    assert (await api.stranger.get(path)).status_code == 404
    assert (await api.stranger.patch(path, json={"name": "Mine"})).status_code == 404
    assert (await api.stranger.delete(path)).status_code == 404
    for action in ("attach", "detach", "restore"):
        body = {"botId": "0190f3a2-7c1e-7d3a-9b52-3f1f6a1c0d11"} if action == "attach" else None
        assert (await api.stranger.post(f"{path}/{action}", json=body)).status_code == 404
    assert (await api.stranger.get("/v1/phone-numbers")).json()["data"]["phoneNumbers"] == []
