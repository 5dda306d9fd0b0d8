"""Wire shapes of phone numbers."""

import re
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, Strict

from annie.kit.language import Language, VoiceId
from annie.kit.paging import Pagination
from annie.kit.schemas import (
    Name,
    RequestModel,
    ResponseModel,
    Timestamp,
    absent,
    example,
    filled,
)
from annie.numbers.e164 import valid

ID = "0190f3a2-7c1e-7d3a-9b52-3f1f6a1c0d11"


class NumberStatus(StrEnum):
    """Whether a number answers."""

    ACTIVE = "ACTIVE"
    RELEASED = "RELEASED"


#: What a number's name may be made of, besides spaces.
_IN_NAMES = r"A-Za-z0-9.,_'()&#+/:;-"
#: Digits as people write them; whether they are a number of some country is judged afterwards.
_SPELLING = r"^\+?[0-9(][0-9 ().\-/]{1,38}$"


def _number_name(value: str) -> str:
    if not re.fullmatch(f"[ {_IN_NAMES}]*", value):
        raise ValueError("may have A to Z, a to z, digits, spaces and .,_'()&#+/:;- only")
    return filled(value)


def _telephone(value: str) -> str:
    number = valid(value) if re.fullmatch(_SPELLING, value) else None
    if number is None:
        raise ValueError(
            "must be a valid telephone number in E.164, such as +12125550123 or +442079460018"
        )
    return number


NumberName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=100,
        # The contract's characters, at least one of them no space.
        json_schema_extra={"pattern": f"^[ {_IN_NAMES}]*[{_IN_NAMES}][ {_IN_NAMES}]*$"},
    ),
    AfterValidator(_number_name),
]
AreaCode = Annotated[str, Field(pattern=r"^[2-9][0-9]{2}$", description="3-digit US area code.")]
Telephone = Annotated[
    str,
    Field(
        max_length=40,
        description="E.164, of any country. US numbers may be in the national form. "
        "Spaces, dots, dashes, slashes and brackets are left out.",
        json_schema_extra={"pattern": _SPELLING},
        examples=["+12125550123"],
    ),
    AfterValidator(_telephone),
]
Share = Annotated[float, Strict(), Field(ge=0, le=1)]
Speed = Annotated[float, Strict(), Field(ge=0.5, le=2)]
Tags = Annotated[list[Name], Field(max_length=50)]


class NumberCreate(RequestModel):
    """A number to buy, and what answers it."""

    model_config = example(
        {
            "orgId": ID,
            "botId": ID,
            "name": "Main Line",
            "language": "ENGLISH",
            "voiceId": "FRIENDLY_BRIGHT",
            "areaCode": "212",
        }
    )

    org_id: UUID
    bot_id: UUID | None = None
    name: NumberName
    language: Language
    voice_id: VoiceId
    area_code: AreaCode | None = None
    verified_caller_id: Telephone | None = None
    callback_forwarding_number: Telephone | None = None


class NumberImport(RequestModel):
    """A number of any country that the customer owns already."""

    model_config = example(
        {
            "orgId": ID,
            "number": "+12125550123",
            "name": "Main Line",
            "language": "ENGLISH",
            "voiceId": "FRIENDLY_BRIGHT",
        }
    )

    org_id: UUID
    bot_id: UUID | None = None
    number: Telephone
    name: NumberName
    language: Language
    voice_id: VoiceId
    verified_caller_id: Telephone | None = None
    callback_forwarding_number: Telephone | None = None


class NumberUpdate(RequestModel):
    """What may be changed of a number."""

    model_config = example({"language": "SPANISH", "voiceId": "KIND_CURIOUS"})

    name: NumberName = absent()
    language: Language = absent()
    voice_id: VoiceId = absent()
    verified_caller_id: Telephone | None = None
    callback_forwarding_number: Telephone | None = None
    speed: Speed = absent()
    stability: Share = absent()
    similarity: Share = absent()
    style: Share = absent()
    tags: Tags = absent()
    campaign: Name | None = None


class NumberAttach(RequestModel):
    """The bot that is to answer."""

    model_config = example({"botId": ID})

    bot_id: UUID


class NumberOut(ResponseModel):
    """A phone number."""

    model_config = example(
        {
            "id": ID,
            "createdAt": "2026-03-02T15:00:00.000Z",
            "updatedAt": "2026-03-02T15:00:00.000Z",
            "orgId": ID,
            "botId": ID,
            "number": "+12125550100",
            "name": "Main Line",
            "language": "ENGLISH",
            "outbound": False,
            "verifiedCallerId": None,
            "callbackForwardingNumber": None,
            "voiceId": "FRIENDLY_BRIGHT",
            "speed": 1.0,
            "stability": 0.5,
            "similarity": 0.75,
            "style": 0.0,
            "status": "ACTIVE",
            "tags": [],
            "campaign": None,
            "releasedAt": None,
            "restorableUntil": None,
        }
    )

    id: UUID
    created_at: Timestamp
    updated_at: Timestamp
    org_id: UUID
    bot_id: UUID | None
    number: str
    name: str
    language: Language
    outbound: bool = Field(description="Follows the attached bot.")
    verified_caller_id: str | None
    callback_forwarding_number: str | None
    voice_id: VoiceId
    speed: float
    stability: float
    similarity: float
    style: float
    status: NumberStatus
    tags: list[str]
    campaign: str | None
    released_at: Timestamp | None
    restorable_until: Timestamp | None


class NumberList(ResponseModel):
    """A page of numbers."""

    phone_numbers: list[NumberOut]
    pagination: Pagination


class AvailableNumber(ResponseModel):
    """A number that can be bought."""

    model_config = example({"number": "+12125550100", "areaCode": "212", "region": "NY"})

    number: str
    area_code: str
    region: str


class AvailableList(ResponseModel):
    """Numbers that can be bought, in the order in which they would be sold."""

    available: list[AvailableNumber]
