import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from annie.carriers.local_pool import LocalPool
from annie.kit.clock import VirtualClock
from annie.kit.database import Database
from annie.numbers.give_back import BATCH, CARRIER_SECONDS_WITHIN, INTERVAL, RETRY, GiveBack
from annie.numbers.protocols import CarrierError
from annie.numbers.service import GRACE
from tests.records_support import Account, make_account, make_app, make_client

pytestmark = pytest.mark.integration


class Returns(LocalPool):
    """A carrier that notes what it was given back, or refuses."""

    def __init__(self) -> None:
        self.returned: list[str] = []
        self.failing: Exception | None = None

    async def release(self, number: str) -> None:
        await asyncio.sleep(0)  # as a carrier on the network: others come in between
        if self.failing is not None:
            raise self.failing
        self.returned.append(number)


class Hanging(LocalPool):
    """A carrier that never answers."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    async def release(self, number: str) -> None:
        self.asked.set()
        await asyncio.Event().wait()


@dataclass(slots=True)
class Office:
    """An account with a carrier and a clock of its own."""

    database: Database
    account: Account
    client: httpx.AsyncClient
    clock: VirtualClock
    carrier: Returns
    app: Any
    wish: dict[str, Any] = field(default_factory=dict[str, Any])

    async def buy(self, **fields: Any) -> dict[str, Any]:
        answer = await self.client.post("/v1/phone-numbers", json={**self.wish, **fields})
        assert answer.status_code == 201, answer.text
        return answer.json()["data"]

    async def bring(self, number: str) -> httpx.Response:
        body = {**self.wish, "number": number}
        return await self.client.post("/v1/phone-numbers/import", json=body)

    async def expired(self, **fields: Any) -> dict[str, Any]:
        """A number whose grace period has just ended."""
        number = await self.buy(**fields)
        await self.client.delete(f"/v1/phone-numbers/{number['id']}")
        await self.clock.advance(GRACE.total_seconds())
        return number

    async def available(self, area_code: str) -> list[str]:
        found = await self.client.get(
            "/v1/phone-numbers/available", params={"areaCode": area_code, "limit": 100}
        )
        return [each["number"] for each in found.json()["data"]["available"]]

    async def restore(self, number: dict[str, Any]) -> tuple[int, str]:
        answer = await self.client.post(f"/v1/phone-numbers/{number['id']}/restore")
        body = answer.json()
        return answer.status_code, body["error"]["code"] if "error" in body else body["message"]

    def give_back(self) -> GiveBack:
        return GiveBack(self.database, self.carrier, self.clock)


@pytest_asyncio.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    account = await make_account(database)
    clock, carrier = VirtualClock(), Returns()
    app = make_app(database, clock=clock, carrier=carrier)
    async with make_client(app, account.key) as client:
        made = Office(database, account, client, clock, carrier, app)
        made.wish = {
            "orgId": str(account.org_id),
            "name": "Main Line",
            "language": "ENGLISH",
            "voiceId": "FRIENDLY_BRIGHT",
        }
        yield made
        await app.state.gate.close()


async def test_a_number_is_kept_to_the_last_moment_of_its_grace_period(office: Office) -> None:
    number = await office.buy(areaCode="305")
    await office.client.delete(f"/v1/phone-numbers/{number['id']}")
    await office.clock.advance(GRACE.total_seconds() - 1)
    assert await office.give_back().give_back_expired(office.clock.now()) == 0
    assert number["number"] not in await office.available("305")
    assert (await office.bring(number["number"])).status_code == 409
    assert (await office.restore(number))[0] == 200


async def test_after_it_the_carrier_gets_the_number_back_and_anybody_may_have_it(
    office: Office,
) -> None:
    number = await office.expired(areaCode="305")
    assert await office.restore(number) == (409, "grace_period_over")
    assert await office.give_back().give_back_expired(office.clock.now()) == 1
    assert office.carrier.returned == ["+13055550100"]
    assert await office.restore(number) == (404, "not_found")
    assert (await office.available("305"))[0] == "+13055550100"
    assert (await office.buy(areaCode="305"))["number"] == "+13055550100"
    assert await office.give_back().give_back_expired(office.clock.now()) == 0
    assert office.carrier.returned == ["+13055550100"]


async def test_an_expired_number_is_not_in_the_way_before_anybody_looked_for_it(
    office: Office,
) -> None:
    number = (await office.expired(areaCode="305"))["number"]
    assert (await office.available("305"))[0] == number
    assert (await office.buy(areaCode="305"))["number"] == number
    assert office.carrier.returned == [number]


async def test_an_expired_number_can_be_imported(office: Office) -> None:
    number = (await office.expired(areaCode="305"))["number"]
    assert (await office.bring(number)).status_code == 201
    assert office.carrier.returned == [number]


async def test_a_number_still_in_grace_is_not_imported_and_the_answer_says_how_to_have_it(
    office: Office,
) -> None:
    number = await office.buy(areaCode="305")
    await office.client.delete(f"/v1/phone-numbers/{number['id']}")
    refused = await office.bring(number["number"])
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "number_taken")
    assert number["id"] in refused.json()["message"]
    assert "restored" in refused.json()["message"]


@pytest.mark.parametrize("failing", [CarrierError("away"), OSError("no route"), ValueError("?")])
async def test_a_carrier_that_fails_is_asked_again_later_and_nothing_is_lost(
    office: Office, failing: Exception
) -> None:
    number = await office.expired(areaCode="305")
    office.carrier.failing = failing
    give_back = office.give_back()
    assert await give_back.give_back_expired(office.clock.now()) == 0
    assert number["number"] not in await office.available("305")
    assert (await office.buy(areaCode="305"))["number"] != number["number"]
    assert (await office.bring(number["number"])).status_code == 409
    assert await office.restore(number) == (409, "grace_period_over")
    office.carrier.failing = None
    assert await give_back.give_back_expired(office.clock.now()) == 0
    await office.clock.advance(RETRY.total_seconds())
    assert await give_back.give_back_expired(office.clock.now()) == 1
    assert office.carrier.returned == [number["number"]]
    assert (await office.available("305"))[0] == number["number"]


async def test_a_failing_carrier_keeps_nobody_from_buying_another_number(office: Office) -> None:
    number = await office.expired(areaCode="305")
    office.carrier.failing = CarrierError("away")
    assert (await office.buy(areaCode="305"))["number"] != number["number"]
    office.carrier.failing = None
    await office.clock.advance(RETRY.total_seconds())
    assert await office.give_back().give_back_expired(office.clock.now()) == 1


async def test_many_at_once_give_each_number_back_once(office: Office) -> None:
    numbers = [(await office.buy(areaCode="305")) for _ in range(BATCH + 3)]
    for number in numbers:
        await office.client.delete(f"/v1/phone-numbers/{number['id']}")
    await office.clock.advance(GRACE.total_seconds())
    now = office.clock.now()
    counts = await asyncio.gather(*(office.give_back().give_back_expired(now) for _ in range(4)))
    assert sum(counts) == len(numbers)
    assert sorted(office.carrier.returned) == sorted(each["number"] for each in numbers)


async def test_one_who_died_in_between_leaves_nothing_undone(office: Office) -> None:
    number = await office.expired(areaCode="305")
    carrier = Hanging()
    give_back = GiveBack(office.database, carrier, office.clock)
    dying = asyncio.create_task(give_back.give_back_expired(office.clock.now()))
    async with asyncio.timeout(30):
        await carrier.asked.wait()
    assert number["number"] not in await office.available("305")
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    later = office.clock.now() + RETRY + timedelta(seconds=1)
    assert await office.give_back().give_back_expired(later) == 1
    assert office.carrier.returned == [number["number"]]


async def test_another_carriers_numbers_are_left_to_it(office: Office) -> None:
    number = await office.expired(areaCode="305")

    class Other(Returns):
        name = "other"

    other = Other()
    give_back = GiveBack(office.database, other, office.clock)
    assert await give_back.give_back_expired(office.clock.now()) == 0
    assert other.returned == []
    assert await office.restore(number) == (409, "grace_period_over")


async def test_a_request_does_not_wait_long_for_a_carrier_that_hangs(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert CARRIER_SECONDS_WITHIN <= 2
    monkeypatch.setattr("annie.numbers.give_back.CARRIER_SECONDS_WITHIN", 0.01)
    number = await office.expired(areaCode="305")
    monkeypatch.setattr(office.app.state, "carrier", Hanging())
    assert (await office.buy(areaCode="305"))["number"] != number["number"]


async def test_the_running_app_gives_numbers_back_by_itself_and_survives_a_failing_carrier(
    office: Office,
) -> None:
    number = await office.buy(areaCode="305")
    await office.client.delete(f"/v1/phone-numbers/{number['id']}")
    office.carrier.failing = CarrierError("away")
    returned = asyncio.Event()

    async def release(number: str) -> None:
        await Returns.release(office.carrier, number)
        returned.set()

    office.carrier.release = release  # pyright: ignore[reportAttributeAccessIssue]
    async with office.app.router.lifespan_context(office.app):
        await office.clock.advance(GRACE.total_seconds())
        assert office.carrier.returned == []
        office.carrier.failing = None
        async with asyncio.timeout(30):
            while not returned.is_set():
                await office.clock.advance(INTERVAL)
    assert office.carrier.returned == [number["number"]]
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "give-back"]
