"""Routes of phone numbers."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Path, Query, Request

from annie.kit.routing import RequestContext, RequestedPage, guarded_router
from annie.kit.schemas import Success, SuccessWithMessage
from annie.numbers.models import PhoneNumber
from annie.numbers.schemas import (
    AreaCode,
    AvailableList,
    AvailableNumber,
    NumberAttach,
    NumberCreate,
    NumberImport,
    NumberList,
    NumberOut,
    NumberUpdate,
)
from annie.numbers.service import NumberService

router = guarded_router("/phone-numbers", "Phone numbers")
# Ids are matched as UUIDs only, or every method of `/available` and `/import` would be an id's.

NumberId = Annotated[UUID, Path(alias="phoneNumberId")]


async def _service(request: Request, context: RequestContext) -> NumberService:
    return NumberService(context, request.app.state.carrier)


Service = Annotated[NumberService, Depends(_service)]


@router.post("", status_code=201, summary="Create phone number")
async def create_number(body: NumberCreate, service: Service) -> Success[NumberOut]:
    """Buys a number and attaches it. None left in the area code: 409 with nearby codes."""
    return await _answer(service, await service.create(body))


@router.get("", summary="List phone numbers")
async def list_numbers(
    service: Service,
    page: RequestedPage,
    org_id: Annotated[UUID | None, Query(alias="orgId")] = None,
    bot_id: Annotated[UUID | None, Query(alias="botId")] = None,
    include_released: Annotated[bool, Query(alias="includeReleased")] = False,
) -> Success[NumberList]:
    """Oldest first."""
    found = await service.page(
        page, org_id=org_id, bot_id=bot_id, include_released=include_released
    )
    outbound = await service.outbound_bots(found.rows)
    numbers = [_out(row, outbound) for row in found.rows]
    return Success(data=NumberList(phone_numbers=numbers, pagination=found.pagination))


@router.get("/available", summary="Search available phone numbers")
async def search_numbers(
    service: Service,
    area_code: Annotated[AreaCode | None, Query(alias="areaCode")] = None,
    contains: Annotated[str | None, Query(pattern=r"^[0-9]{1,10}$")] = None,
    country: Annotated[Literal["US"], Query()] = "US",
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Success[AvailableList]:
    """What could be bought now."""
    del country  # the embedded carrier has one
    found = await service.available(area_code=area_code, contains=contains, limit=limit)
    available = [AvailableNumber.model_validate(each) for each in found]
    return Success(data=AvailableList(available=available))


@router.post("/import", status_code=201, summary="Import phone number")
async def import_number(body: NumberImport, service: Service) -> Success[NumberOut]:
    """Bring a number that you own, of any country. Who holds it already: 409."""
    return await _answer(service, await service.bring(body))


@router.get("/{phoneNumberId:uuid}", summary="Get phone number")
async def get_number(number_id: NumberId, service: Service) -> Success[NumberOut]:
    return await _answer(service, await service.get(number_id))


@router.patch("/{phoneNumberId:uuid}", summary="Update phone number")
async def update_number(
    number_id: NumberId, body: NumberUpdate, service: Service
) -> Success[NumberOut]:
    """Only given fields change; a call in progress goes on as it began."""
    return await _answer(service, await service.update(number_id, body))


@router.delete("/{phoneNumberId:uuid}", summary="Release phone number")
async def release_number(number_id: NumberId, service: Service) -> Success[NumberOut]:
    """Callers are refused from now on; it can be restored until `restorableUntil`.

    After that it goes back to the carrier, and is unknown here.
    """
    return await _answer(service, await service.release(number_id))


@router.post("/{phoneNumberId:uuid}/attach", summary="Attach phone number to bot")
async def attach_number(
    number_id: NumberId, body: NumberAttach, service: Service
) -> Success[NumberOut]:
    return await _answer(service, await service.attach(number_id, body.bot_id))


@router.post("/{phoneNumberId:uuid}/detach", summary="Detach phone number from its bot")
async def detach_number(number_id: NumberId, service: Service) -> Success[NumberOut]:
    return await _answer(service, await service.detach(number_id))


@router.post("/{phoneNumberId:uuid}/restore", summary="Restore released phone number")
async def restore_number(number_id: NumberId, service: Service) -> SuccessWithMessage[NumberOut]:
    """With the bot that it had, where there still is one; `message` says who answers now."""
    number, message = await service.restore(number_id)
    answer = await _answer(service, number)
    return SuccessWithMessage(data=answer.data, message=message)


async def _answer(service: NumberService, number: PhoneNumber) -> Success[NumberOut]:
    return Success(data=_out(number, await service.outbound_bots([number])))


def _out(number: PhoneNumber, outbound: set[UUID]) -> NumberOut:
    columns = {name: getattr(number, name) for name in NumberOut.model_fields if name != "outbound"}
    return NumberOut.model_validate({**columns, "outbound": number.bot_id in outbound})
