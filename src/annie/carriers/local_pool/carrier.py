"""The embedded carrier.

Its numbers are those that the North American Numbering Plan keeps for fiction:
555-0100 to 555-0199 of every area code. It holds no state of its own: what is taken
is what the records hold, so that nothing can be paid for and forgotten.
"""

from uuid import UUID

from annie.carriers.local_pool import area_codes
from annie.numbers.protocols import Inventory, NoNumbersAvailable, Offer, UnknownAreaCode

#: Where a search or a purchase without any hint begins.
DEFAULT_AREA_CODE = "212"
NEARBY = 5
FIRST, LAST = 100, 199


class LocalPool:
    """A hundred numbers in each US area code; the lowest free one is sold first."""

    name = "local_pool"

    async def search(
        self, inventory: Inventory, *, area_code: str | None, contains: str | None, limit: int
    ) -> list[Offer]:
        codes = [_checked(area_code)] if area_code else _from_default()
        found: list[Offer] = []
        for code in codes:
            for number in await self._free(inventory, code):
                if contains and contains not in number:
                    continue
                found.append(_offer(number))
                if len(found) == limit:
                    return found
        return found

    async def buy(
        self, inventory: Inventory, *, area_code: str | None, state: str | None, request: UUID
    ) -> Offer:
        del request  # what is sold is what the records hold; there is no order to find again
        if area_code:
            free = await self._free(inventory, _checked(area_code))
            if not free:
                raise NoNumbersAvailable(area_code, await self._nearby(inventory, area_code))
            return _offer(free[0])
        for code in [*area_codes.of_state(state or ""), *_from_default()]:
            if free := await self._free(inventory, code):
                return _offer(free[0])
        raise NoNumbersAvailable(DEFAULT_AREA_CODE, [])

    async def bring(self, number: str) -> Offer:
        return Offer(number, number[2:5] if number.startswith("+1") else "", "")

    async def configure(self, number: str) -> None:
        """Nothing to do: whatever reaches our SIP address is for us."""

    async def release(self, number: str) -> None:
        """Nothing to do: the record's end is the release."""

    async def _free(self, inventory: Inventory, code: str) -> list[str]:
        prefix = f"+1{code}5550"
        held = await inventory.held(prefix)
        return [
            number for line in range(FIRST, LAST + 1) if (number := f"{prefix}{line}") not in held
        ]

    async def _nearby(self, inventory: Inventory, code: str) -> list[str]:
        found: list[str] = []
        for each in area_codes.nearby(code):
            if await self._free(inventory, each):
                found.append(each)
                if len(found) == NEARBY:
                    break
        return found


def _from_default() -> list[str]:
    near = [DEFAULT_AREA_CODE, *area_codes.nearby(DEFAULT_AREA_CODE)]
    return near + [code for code in area_codes.all_codes() if code not in near]


def _checked(code: str) -> str:
    if not area_codes.is_valid(code):
        raise UnknownAreaCode(f"{code} is no area code of the United States")
    return code


def _offer(number: str) -> Offer:
    code = number[2:5]
    return Offer(number, code, area_codes.state_of(code))
