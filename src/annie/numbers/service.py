"""The rules of phone numbers, from purchase to release."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from annie.bots.repository import BotRepository
from annie.bots.service import BotService
from annie.kit.context import Context
from annie.kit.errors import (
    ConflictError,
    FieldError,
    InvalidError,
    NotFoundError,
    UnavailableError,
)
from annie.kit.ids import new_id
from annie.kit.language import Language, VoiceId
from annie.kit.paging import Page, Paged
from annie.kit.principal import Principal
from annie.numbers.e164 import normalize
from annie.numbers.give_back import give_back_within
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
        await self._give_back(f"+1{body.area_code or ''}")
        state = str((organization.address or {}).get("state") or "") or None
        request = new_id()
        for _ in range(_TRIES):
            offer = await self._buy(body.area_code, state, request)
            number = self._record(offer, body.model_dump(exclude={"area_code"}))
            if await self._repository.claim(number):
                await self._connect(number.number)
                return number
        raise ConflictError("others are buying there just now; try again", code="carrier_busy")

    async def bring(self, body: NumberImport) -> PhoneNumber:
        """Take over a number that the customer owns.

        Raises:
            ConflictError: somebody holds it, maybe released and still restorable.
            InvalidError: the carrier doesn't take it, or the bot is another organization's.
        """
        await OrganizationService(self._context).get(body.org_id)
        await self._bot_for(body.org_id, body.bot_id)
        await self._give_back(body.number)
        try:
            offer = await self._carrier.bring(body.number)
        except CarrierError as error:
            raise InvalidError(str(error), details=[FieldError("number", str(error))]) from error
        number = self._record(offer, body.model_dump(exclude={"number"}))
        if not await self._repository.claim(number):
            raise await self._taken(body.number)
        await self._connect(number.number)
        return number

    async def available(
        self, *, area_code: str | None, contains: str | None, limit: int
    ) -> list[Offer]:
        """What could be bought now."""
        held = HeldNumbers(
            self._context.session,
            free_at=self._context.clock.now(),
            carrier=self._carrier.name,
        )
        try:
            return await self._carrier.search(
                held, area_code=area_code, contains=contains, limit=limit
            )
        except UnknownAreaCode as error:
            raise _invalid("areaCode", str(error)) from error
        except CarrierError as error:
            raise _carrier_failed(error) from error

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
        number = await self._held_row(number_id)
        if number.status == NumberStatus.ACTIVE:
            now = self._context.clock.now()
            number.status = NumberStatus.RELEASED
            number.former_bot_id, number.bot_id = number.bot_id, None
            number.released_at, number.restorable_until = now, now + GRACE
            await self._repository.save()
        return number

    async def restore(self, number_id: UUID) -> tuple[PhoneNumber, str]:
        """Take a released number back, with the bot that it had where there still is one.

        Returns the number, and for a person who answers it now.

        Raises:
            ConflictError: it isn't released, or the grace period is over.
        """
        number = await self._held_row(number_id)
        if number.status == NumberStatus.ACTIVE:
            raise ConflictError("the number isn't released", code="number_active")
        over = number.restorable_until is None or (
            number.restorable_until <= self._context.clock.now()
        )
        if over or number.give_back_after is not None:
            raise ConflictError(
                "the grace period is over: the number goes back to the carrier and can't be "
                "restored; look whether it can be bought again",
                code="grace_period_over",
            )
        former = number.former_bot_id
        bot = None if former is None else await BotRepository(self._context).get(former)
        if bot is not None and bot.org_id == number.org_id:
            number.bot_id = bot.id
            message = f"the number answers again, with the bot {bot.name}"
        elif former is None:
            message = "the number is restored; it had no bot, attach one to have calls answered"
        else:
            message = (
                "the number is restored without a bot, because the one it had was deleted; "
                "attach another to have calls answered"
            )
        number.status = NumberStatus.ACTIVE
        number.released_at = number.restorable_until = number.former_bot_id = None
        await self._repository.save()
        return number, message

    async def outbound_bots(self, numbers: Sequence[PhoneNumber]) -> set[UUID]:
        """Those of the attached bots that make calls, found at once for all ``numbers``."""
        attached = {number.bot_id for number in numbers if number.bot_id is not None}
        return await BotRepository(self._context).outbound_among(attached) if attached else set()

    async def _held_row(self, number_id: UUID) -> PhoneNumber:
        number = await self._repository.hold(number_id)
        if number is None:
            raise NotFoundError(f"there is no phone number {number_id}")
        return number

    async def _active(self, number_id: UUID) -> PhoneNumber:
        number = await self._held_row(number_id)
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
        except CarrierError as error:
            raise _carrier_failed(error) from error

    async def _connect(self, number: str) -> None:
        try:
            await self._carrier.configure(number)
        except CarrierError as error:
            # Its record won't be kept: it must not go on being paid for.
            with suppress(CarrierError):
                await self._carrier.release(number)
            raise _carrier_failed(error) from error

    async def _give_back(self, prefix: str) -> None:
        now = self._context.clock.now()
        await give_back_within(self._context.session, self._carrier, now, prefix=prefix)

    async def _taken(self, number: str) -> ConflictError:
        """Why a number can't be imported; about another tenant's no more than that it is held."""
        ours = await self._repository.find(number)
        said = f"{number} is held already"
        if ours is not None and ours.status == NumberStatus.RELEASED:
            said = f"{said}: it is released and can be restored as phone number {ours.id}"
        elif ours is not None:
            said = f"{said}, as phone number {ours.id}"
        return ConflictError(said, code="number_taken")

    def _record(self, offer: Offer, values: dict[str, Any]) -> PhoneNumber:
        return PhoneNumber(id=new_id(), number=offer.number, carrier=self._carrier.name, **values)


def _carrier_failed(error: CarrierError) -> UnavailableError:
    return UnavailableError(f"the carrier failed: {error}; try again", retry_after=5)


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
