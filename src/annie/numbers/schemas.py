"""Wire shapes of phone numbers."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, Strict

from annie.kit.language import Language, VoiceId
from annie.kit.paging import Pagination
from annie.kit.schemas import Name, RequestModel, ResponseModel, Timestamp, absent, example
from annie.numbers.e164 import normalize

ID = "0190f3a2-7c1e-7d3a-9b52-3f1f6a1c0d11"


class NumberStatus(StrEnum):
    """Whether a number answers."""

    ACTIVE = "ACTIVE"
    RELEASED = "RELEASED"


def _telephone(value: str) -> str:
    number = normalize(value)
    if number is None:
        raise ValueError("must be a telephone number, like +12125550123")
    return number


NumberName = Annotated[
    str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9 .,_'()&#+/:;-]+$")
]
AreaCode = Annotated[str, Field(pattern=r"^[2-9][0-9]{2}$", description="3-digit US area code.")]
Telephone = Annotated[
    str,
    Field(max_length=40, json_schema_extra={"pattern": r"^\+1[2-9][0-9]{2}[2-9][0-9]{6}$"}),
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
    """A number that the customer owns already."""

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
