"""Names are treated alike wherever they occur."""

from typing import Any

import pytest

from tests.records_support import ORGANIZATION, Api

pytestmark = pytest.mark.integration

BLANK = ["", "   ", "\t\n", "\u00a0", "\u200b\u200b", "\u2003"]


async def bodies(api: Api) -> dict[str, tuple[str, dict[str, Any], str]]:
    """By resource: where it is created, a body that is fine, and the field that names it."""
    org = str(api.account.org_id)
    bot = (await api.bot())["id"]
    voice = {"language": "ENGLISH", "voiceId": "FRIENDLY_BRIGHT"}
    return {
        "organization": ("/v1/organizations", ORGANIZATION, "name"),
        "bot": ("/v1/bots", {"orgId": org, "greeting": "Hi"}, "name"),
        "greeting": ("/v1/bots", {"orgId": org, "name": "Annie"}, "greeting"),
        "question": (f"/v1/bots/{bot}/faqs", {"answer": "Free."}, "question"),
        "answer": (f"/v1/bots/{bot}/faqs", {"question": "Parking?"}, "answer"),
        "number": ("/v1/phone-numbers", {"orgId": org, **voice}, "name"),
        "brought number": (
            "/v1/phone-numbers/import",
            {"orgId": org, "number": "+442079460018", **voice},
            "name",
        ),
        "key": ("/v1/api-keys", {}, "name"),
        "client": ("/v1/oauth-clients", {}, "name"),
    }


@pytest.mark.parametrize("blank", BLANK)
async def test_a_name_of_nothing_but_spaces_is_refused_everywhere(api: Api, blank: str) -> None:
    for resource, (path, body, field) in (await bodies(api)).items():
        refused = await api.client.post(path, json={**body, field: blank})
        assert refused.status_code == 422, resource
        assert [each["field"] for each in refused.json()["error"]["details"]] == [field], resource


async def test_names_are_kept_without_the_spaces_around_them_everywhere(api: Api) -> None:
    for resource, (path, body, field) in (await bodies(api)).items():
        made = await api.created(path, {**body, field: "  Main  Line "})
        assert made[field] == "Main  Line", resource


async def test_what_is_stored_without_spaces_is_found_with_them(api: Api) -> None:
    made = await api.organization(referenceId=" practice-17 ")
    assert made["referenceId"] == "practice-17"
    listed = await api.client.get("/v1/organizations", params={"referenceId": "practice-17 "})
    assert [each["id"] for each in listed.json()["data"]["organizations"]] == [made["id"]]
