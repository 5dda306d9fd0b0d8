"""The rules of phone numbers, from purchase to release."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from annie.bots.repository import BotRepository
from annie.bots.service import BotService
from annie.kit.context import Context
from annie.kit.errors import ConflictError, FieldError, InvalidError, NotFoundError
from annie.kit.ids import new_id
from annie.kit.language import Language, VoiceId
from annie.kit.paging import Page, Paged
from annie.kit.principal import Principal
from annie.numbers.e164 import normalize
from annie.numbers.models import PhoneNumber
from annie.numbers.protocols import (
    Carrier,
    CarrierError,
    NoNumbersAvailable,
    Offer,
    UnknownAreaCode,
)
from annie.numbers.repository import HeldNumbers, LiveNumbers, NumberRepository
from annie.numbers.schemas import (
    NumberCreate,
    NumberImport,
    NumberStatus,
    NumberUpdate,
)
from annie.organizations.service import OrganizationService

#: How long a released number is kept for whoever released it.
GRACE = timedelta(days=30)
#: Others may buy the same number at the same moment; each try takes the next free one.
_TRIES = 100


class NumberService:
    """What a principal may do with the numbers that it reaches."""

    def __init__(self, context: Context, carrier: Carrier) -> None:
        self._context = context
        self._carrier = carrier
        self._repository = NumberRepository(context)
        self._held = HeldNumbers(context.session)

    async def create(self, body: NumberCreate) -> PhoneNumber:
        """Buy a number and attach it.

        Raises:
            ConflictError: nothing is left in the area code; nearby ones are named.
            InvalidError: there is no such area code, or the bot is another organization's.
        """
        organization = await OrganizationService(self._context).get(body.org_id)
        await self._bot_for(body.org_id, body.bot_id)
        await self._held.expire(self._context.clock.now())
        state = str((organization.address or {}).get("state") or "") or None
        request = new_id()
        for _ in range(_TRIES):
            offer = await self._buy(body.area_code, state, request)
            number = self._record(offer, body.model_dump(exclude={"area_code"}))
            if await self._repository.claim(number):
                await self._carrier.configure(number.number)
                return number
        raise ConflictError("others are buying there just now; try again", code="carrier_busy")

    async def bring(self, body: NumberImport) -> PhoneNumber:
        """Take over a number that the customer owns."""
        await OrganizationService(self._context).get(body.org_id)
        await self._bot_for(body.org_id, body.bot_id)
        try:
            offer = await self._carrier.bring(body.number)
        except CarrierError as error:
            raise InvalidError(str(error), details=[FieldError("number", str(error))]) from error
        number = self._record(offer, body.model_dump(exclude={"number"}))
        if not await self._repository.claim(number):
            raise ConflictError("this number is held already", code="number_taken")
        await self._carrier.configure(number.number)
        return number

    async def available(
        self, *, area_code: str | None, contains: str | None, limit: int
    ) -> list[Offer]:
        """What could be bought now."""
        try:
            return await self._carrier.search(
                self._held, area_code=area_code, contains=contains, limit=limit
            )
        except UnknownAreaCode as error:
            raise _invalid("areaCode", str(error)) from error

    async def get(self, number_id: UUID) -> PhoneNumber:
        """Raises ``NotFoundError`` for what the principal doesn't reach."""
        number = await self._repository.get(number_id)
        if number is None:
            raise NotFoundError(f"there is no phone number {number_id}")
        return number

    async def page(
        self, page: Page, *, org_id: UUID | None, bot_id: UUID | None, include_released: bool
    ) -> Paged[PhoneNumber]:
        return await self._repository.page(
            page, org_id=org_id, bot_id=bot_id, include_released=include_released
        )

    async def update(self, number_id: UUID, body: NumberUpdate) -> PhoneNumber:
        number = await self._active(number_id)
        for name, value in body.given().items():
            setattr(number, name, value)
        await self._repository.save()
        return number

    async def attach(self, number_id: UUID, bot_id: UUID) -> PhoneNumber:
        """Let another bot answer, from the next call on."""
        number = await self._active(number_id)
        await self._bot_for(number.org_id, bot_id)
        number.bot_id = bot_id
        await self._repository.save()
        return number

    async def detach(self, number_id: UUID) -> PhoneNumber:
        """Leave the number without a bot: callers are told so politely."""
        number = await self._active(number_id)
        number.bot_id = None
        await self._repository.save()
        return number

    async def release(self, number_id: UUID) -> PhoneNumber:
        """Stop answering; the number can be restored during the grace period."""
        number = await self.get(number_id)
        if number.status == NumberStatus.ACTIVE:
            now = self._context.clock.now()
            number.status = NumberStatus.RELEASED
            number.bot_id = None
            number.released_at, number.restorable_until = now, now + GRACE
            await self._repository.save()
        return number

    async def restore(self, number_id: UUID) -> PhoneNumber:
        """Take a released number back.

        Raises:
            ConflictError: it isn't released, or the grace period is over.
        """
        number = await self.get(number_id)
        if number.status == NumberStatus.ACTIVE:
            raise ConflictError("the number isn't released", code="number_active")
        if number.restorable_until and number.restorable_until < self._context.clock.now():
            raise ConflictError("the grace period is over", code="grace_period_over")
        number.status = NumberStatus.ACTIVE
        number.released_at = number.restorable_until = None
        await self._repository.save()
        return number

    async def outbound_bots(self, numbers: Sequence[PhoneNumber]) -> set[UUID]:
        """Those of the attached bots that make calls, found at once for all ``numbers``."""
        attached = {number.bot_id for number in numbers if number.bot_id is not None}
        return await BotRepository(self._context).outbound_among(attached) if attached else set()

    async def _active(self, number_id: UUID) -> PhoneNumber:
        number = await self.get(number_id)
        if number.status != NumberStatus.ACTIVE:
            raise ConflictError("the number is released; restore it first", code="number_released")
        return number

    async def _bot_for(self, org_id: UUID, bot_id: UUID | None) -> None:
        if bot_id is None:
            return
        try:
            bot = await BotService(self._context).get(bot_id)
        except NotFoundError as error:
            raise _invalid("botId", str(error)) from error
        if bot.org_id != org_id:
            raise _invalid("botId", "must be a bot of the number's own organization")

    async def _buy(self, area_code: str | None, state: str | None, request: UUID) -> Offer:
        try:
            return await self._carrier.buy(
                self._held, area_code=area_code, state=state, request=request
            )
        except UnknownAreaCode as error:
            raise _invalid("areaCode", str(error)) from error
        except NoNumbersAvailable as error:
            near = ", ".join(error.nearby)
            raise ConflictError(
                f"{error}; nearby codes that have some: {near}" if near else str(error),
                code="no_numbers_available",
                details=[FieldError("areaCode", code) for code in error.nearby],
            ) from error

    def _record(self, offer: Offer, values: dict[str, Any]) -> PhoneNumber:
        return PhoneNumber(id=new_id(), number=offer.number, carrier=self._carrier.name, **values)


def _invalid(field: str, message: str) -> InvalidError:
    return InvalidError(
        f"1 field can't be accepted: {field} {message}", details=[FieldError(field, message)]
    )


@dataclass(slots=True, frozen=True)
class Resolved:
    """Who answers a dialled number."""

    number_id: UUID
    number: str
    org_id: UUID
    bot_id: UUID | None
    language: Language
    voice: VoiceId
    speed: float
    campaign: str | None


async def resolve(session: AsyncSession, dialled: str) -> Resolved | None:
    """Who answers ``dialled``; None for what is unknown or released."""
    number = normalize(dialled)
    if number is None:
        return None
    # The tenant is what is being looked up: nobody's principal is at hand yet.
    nobody = Principal.acting_for(UUID(int=0))
    row = await LiveNumbers(Context(session, nobody)).find(number)
    if row is None:
        return None
    return Resolved(
        number_id=row.id,
        number=row.number,
        org_id=row.org_id,
        bot_id=row.bot_id,
        language=Language(row.language),
        voice=VoiceId(row.voice_id),
        speed=row.speed,
        campaign=row.campaign,
    )
