"""Organizations and office hours over the API."""

import uuid

import pytest

from tests.records_support import ORGANIZATION, Api

pytestmark = pytest.mark.integration

ADDRESS = {
    "addressLine1": "118 River Street",
    "city": "New York",
    "state": "NY",
    "country": "US",
    "zip": "10012",
}


async def test_a_created_organization_is_a_child_of_the_keys_own_and_reachable(api: Api) -> None:
    made = await api.organization(address=ADDRESS, referenceId="17")
    assert made["parentAccountOrgId"] == str(api.account.org_id)
    assert made["address"] == {**ADDRESS, "addressLine2": None}
    got = await api.client.get(f"/v1/organizations/{made['id']}")
    assert got.json() == {"success": True, "data": made}
    listed = (await api.client.get("/v1/organizations?referenceId=17")).json()["data"]
    assert [each["id"] for each in listed["organizations"]] == [made["id"]]
    assert listed["pagination"] == {"offset": 0, "limit": 20, "totalCount": 1}


async def test_only_given_fields_change(api: Api) -> None:
    made = await api.organization(address=ADDRESS, referenceId="17")
    changed = await api.client.patch(
        f"/v1/organizations/{made['id']}", json={"name": "New", "referenceId": None}
    )
    assert changed.status_code == 200
    data = changed.json()["data"]
    assert (data["name"], data["referenceId"], data["address"]) == ("New", None, made["address"])


async def test_a_field_that_must_have_a_value_refuses_null(api: Api) -> None:
    made = await api.organization()
    answer = await api.client.patch(f"/v1/organizations/{made['id']}", json={"name": None})
    assert answer.status_code == 422
    assert answer.json()["error"]["details"] == [{"field": "name", "message": "must be text"}]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"timezone": "Europe/Berlin"}, "timezone"),
        ({"name": "  "}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"referenceId": "x" * 256}, "referenceId"),
        ({"address": {**ADDRESS, "zip": 5}}, "address.zip"),
        ({"address": {"city": "X"}}, "address.addressLine1"),
        ({"address": {**ADDRESS, "planet": "Earth"}}, "address.planet"),
        ({"reference_id": "17"}, "reference_id"),
        ({"phone": None}, "phone"),
    ],
)
async def test_a_wrong_field_is_named(api: Api, change: dict[str, object], field: str) -> None:
    answer = await api.client.post("/v1/organizations", json={**ORGANIZATION, **change})
    assert answer.status_code == 422
    body = answer.json()
    assert body["success"] is False
    assert body["error"]["code"] == "invalid_fields"
    assert field in [each["field"] for each in body["error"]["details"]]


async def test_a_key_can_not_delete_its_own_organization(api: Api) -> None:
    answer = await api.client.delete(f"/v1/organizations/{api.account.org_id}")
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "own_organization"


async def test_an_organization_with_bots_is_not_deleted_and_an_empty_one_is(api: Api) -> None:
    made = await api.organization()
    bot = await api.bot(orgId=made["id"])
    path = f"/v1/organizations/{made['id']}"
    refused = await api.client.delete(path)
    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "organization_not_empty"
    assert (await api.client.delete(f"/v1/bots/{bot['id']}")).status_code == 200
    assert (await api.client.delete(path)).status_code == 200
    assert (await api.client.get(path)).status_code == 404


async def test_office_hours_are_set_a_day_at_a_time_and_replaced(api: Api) -> None:
    path = f"/v1/organizations/{api.account.org_id}/office-hours"
    sunday = {"dayOfWeek": "SUNDAY", "isClosed": True}
    monday = {"dayOfWeek": "MONDAY", "isClosed": False, "open": "9:00", "close": "17:00"}
    for body in (sunday, {**monday, "open": "10:00"}, monday):
        assert (await api.client.post(path, json=body)).status_code == 200
    assert (await api.client.get(path)).json()["data"]["officeHours"] == [
        {**monday, "open": "09:00"},
        {**sunday, "open": None, "close": None},
    ]
    one = await api.client.get(f"{path}/MONDAY")
    assert one.json()["data"] == {**monday, "open": "09:00"}
    assert (await api.client.get(f"{path}/TUESDAY")).status_code == 404


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ({"isClosed": False, "open": "9:00", "close": "9:00"}, "close (9:00) must be later"),
        ({"isClosed": False, "open": "9:00", "close": "8:59"}, "close (8:59) must be later"),
        ({"isClosed": False, "open": "9:00"}, "open and close are required"),
        ({"isClosed": False, "open": "9:00", "close": "24:00"}, "close must match"),
        ({"isClosed": "no", "open": "9:00", "close": "10:00"}, "isClosed"),
    ],
)
async def test_hours_that_make_no_sense_are_refused_with_the_reason(
    api: Api, hours: dict[str, object], said: str
) -> None:
    answer = await api.client.post(
        f"/v1/organizations/{api.account.org_id}/office-hours",
        json={"dayOfWeek": "MONDAY", **hours},
    )
    assert answer.status_code == 422
    assert said in answer.json()["message"]


async def test_another_tenant_finds_nothing_and_can_not_tell_that_there_is_something(
    api: Api,
) -> None:
    org = f"/v1/organizations/{api.account.org_id}"
    unknown = f"/v1/organizations/{uuid.uuid4()}"
    hours = {"dayOfWeek": "MONDAY", "isClosed": True}
    for path in (org, unknown):
        answers = [
            await api.stranger.get(path),
            await api.stranger.patch(path, json={"name": "Mine"}),
            await api.stranger.delete(path),
            await api.stranger.post(f"{path}/office-hours", json=hours),
            await api.stranger.get(f"{path}/office-hours"),
            await api.stranger.get(f"{path}/office-hours/MONDAY"),
        ]
        assert {answer.status_code for answer in answers} == {404}
        assert {answer.json()["error"]["code"] for answer in answers} == {"not_found"}
    listed = (await api.stranger.get("/v1/organizations")).json()["data"]["organizations"]
    assert str(api.account.org_id) not in [each["id"] for each in listed]
    assert (await api.client.get(org)).json()["data"]["name"] == "Riverside Dental"
