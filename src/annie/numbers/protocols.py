"""The contract of a carrier: where numbers come from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(slots=True, frozen=True)
class Offer:
    """A number that can be had. ``number`` is E.164; ``region`` the state."""

    number: str
    area_code: str
    region: str


class CarrierError(Exception):
    """The carrier refused; the text is for a person."""


class NoNumbersAvailable(CarrierError):  # noqa: N818 - it names a state of the carrier
    """Nothing is left in ``area_code``; ``nearby`` codes have some."""

    def __init__(self, area_code: str, nearby: Sequence[str]) -> None:
        super().__init__(f"no numbers are left in area code {area_code}")
        self.area_code = area_code
        self.nearby = tuple(nearby)


class UnknownAreaCode(CarrierError):  # noqa: N818 - it names what is wrong with the wish
    """There is no such area code."""


class Inventory(Protocol):
    """What a carrier is told about numbers that are held already."""

    async def held(self, prefix: str) -> set[str]:
        """Numbers beginning with ``prefix`` that anybody holds, also in the grace period."""
        ...


class Carrier(Protocol):
    """Search, buy, import, configure, release. Each may be repeated with the same outcome."""

    @property
    def name(self) -> str:
        """Short and stable; stored with every number."""
        ...

    async def search(
        self, inventory: Inventory, *, area_code: str | None, contains: str | None, limit: int
    ) -> list[Offer]:
        """Numbers that can be had. Raises ``UnknownAreaCode``."""
        ...

    async def buy(
        self, inventory: Inventory, *, area_code: str | None, state: str | None, request: UUID
    ) -> Offer:
        """Buy one number of ``area_code``, else one near ``state``.

        ``request`` is the same when a purchase is repeated after a failure, so that a
        carrier that keeps orders sells once. Raises ``NoNumbersAvailable``,
        ``UnknownAreaCode``.
        """
        ...

    async def bring(self, number: str) -> Offer:
        """Take over a number that the customer owns. Raises ``CarrierError``."""
        ...

    async def configure(self, number: str) -> None:
        """Have calls to ``number`` delivered to us. Raises ``CarrierError``."""
        ...

    async def release(self, number: str) -> None:
        """Give ``number`` back; one that isn't held any more is fine. Raises ``CarrierError``."""
        ...
