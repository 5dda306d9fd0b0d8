"""What every carrier must do; each carrier's own test module inherits it."""

import uuid

import pytest

from annie.numbers.protocols import Carrier, NoNumbersAvailable, UnknownAreaCode


class Held:
    """What is held already, as the records tell it."""

    def __init__(self, numbers: set[str] | None = None) -> None:
        self.numbers = numbers or set()

    async def held(self, prefix: str) -> set[str]:
        return {number for number in self.numbers if number.startswith(prefix)}


class CarrierContract:
    """Inherit, and give ``carrier`` and an ``area_code`` in which it sells."""

    area_code: str

    @pytest.fixture
    def carrier(self) -> Carrier:
        raise NotImplementedError

    async def buy(self, carrier: Carrier, held: Held, area_code: str | None) -> str:
        offer = await carrier.buy(held, area_code=area_code, state=None, request=uuid.uuid4())
        return offer.number

    async def test_what_is_found_lies_in_the_area_code_and_can_be_bought(
        self, carrier: Carrier
    ) -> None:
        held = Held()
        found = await carrier.search(held, area_code=self.area_code, contains=None, limit=3)
        assert len(found) == 3
        assert all(offer.number.startswith(f"+1{self.area_code}") for offer in found)
        assert await self.buy(carrier, held, self.area_code) in {each.number for each in found}

    async def test_what_is_held_is_neither_found_nor_sold(self, carrier: Carrier) -> None:
        held = Held()
        first = await self.buy(carrier, held, self.area_code)
        held.numbers.add(first)
        assert await self.buy(carrier, held, self.area_code) != first
        found = await carrier.search(held, area_code=self.area_code, contains=None, limit=100)
        assert first not in {offer.number for offer in found}

    async def test_an_area_code_that_does_not_exist_is_refused(self, carrier: Carrier) -> None:
        with pytest.raises(UnknownAreaCode):
            await self.buy(carrier, Held(), "999")
        with pytest.raises(UnknownAreaCode):
            await carrier.search(Held(), area_code="999", contains=None, limit=1)

    async def test_a_purchase_without_area_code_finds_one(self, carrier: Carrier) -> None:
        assert (await self.buy(carrier, Held(), None)).startswith("+1")

    async def test_configuring_and_releasing_may_be_repeated(self, carrier: Carrier) -> None:
        number = await self.buy(carrier, Held(), self.area_code)
        for _ in range(2):
            await carrier.configure(number)
        for _ in range(2):
            await carrier.release(number)

    async def test_a_released_number_can_be_had_again(self, carrier: Carrier) -> None:
        held = Held()
        number = await self.buy(carrier, held, self.area_code)
        held.numbers.add(number)
        await carrier.release(number)
        held.numbers.discard(number)
        found = await carrier.search(held, area_code=self.area_code, contains=None, limit=1000)
        assert number in {offer.number for offer in found}

    async def test_selling_out_names_nearby_codes_that_have_some(self, carrier: Carrier) -> None:
        held = Held()

        async def buy_all() -> None:
            for _ in range(1000):
                held.numbers.add(await self.buy(carrier, held, self.area_code))

        with pytest.raises(NoNumbersAvailable) as refused:
            await buy_all()
        assert refused.value.nearby
        assert await self.buy(carrier, held, refused.value.nearby[0])
