import uuid

import pytest

from annie.carriers.local_pool import LocalPool, area_codes
from annie.numbers.protocols import Carrier
from tests.carriers.carrier_contract import CarrierContract, Held

pytestmark = pytest.mark.unit


class TestLocalPool(CarrierContract):
    area_code = "305"

    @pytest.fixture
    def carrier(self) -> Carrier:
        return LocalPool()


async def test_only_numbers_kept_for_fiction_are_sold() -> None:
    found = await LocalPool().search(Held(), area_code="415", contains=None, limit=100)
    assert [offer.number for offer in found][:2] == ["+14155550100", "+14155550101"]
    assert found[-1].number == "+14155550199"


@pytest.mark.parametrize("state", ["fl", "FL", " Florida ", "florida"])
async def test_without_an_area_code_the_organizations_state_decides(state: str) -> None:
    offer = await LocalPool().buy(Held(), area_code=None, state=state, request=uuid.uuid4())
    assert offer.region == "FL"


@pytest.mark.parametrize("state", [None, "", "Ontario"])
async def test_without_a_state_of_the_country_the_purchase_begins_in_212(
    state: str | None,
) -> None:
    offer = await LocalPool().buy(Held(), area_code=None, state=state, request=uuid.uuid4())
    assert offer.number == "+12125550100"


def test_every_nearby_code_exists_and_is_another() -> None:
    for code in area_codes.all_codes():
        near = area_codes.nearby(code)
        assert near, code
        assert code not in near
        assert all(map(area_codes.is_valid, near))
