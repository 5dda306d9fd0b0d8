"""The wire shape of bots and FAQs."""

from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field

from annie.kit.language import Language
from annie.kit.paging import Pagination
from annie.kit.schemas import (
    FilledText,
    Name,
    RequestModel,
    ResponseModel,
    Switch,
    Timestamp,
    absent,
    example,
)

_BOT_ID = "0190f3a2-7c1e-7d3a-9b52-3f1f6a1c0d22"
_ORG_ID = "0190f3a2-7c1e-7d3a-9b52-3f1f6a1c0d11"
_FAQ_ID = "0190f3a2-7c1e-7d3a-9b52-3f1f6a1c0d33"


class Industry(StrEnum):
    """What kind of business a bot works for."""

    DENTAL = "DENTAL"
    CHIROPRACTIC = "CHIROPRACTIC"
    OPTOMETRY = "OPTOMETRY"
    WELLNESS = "WELLNESS"
    PEDIATRIC = "PEDIATRIC"
    PEDIATRIC_DENTISTRY = "PEDIATRIC_DENTISTRY"
    ORTHODONTIST = "ORTHODONTIST"
    SLEEP_MEDICINE = "SLEEP_MEDICINE"
    BUSINESS_CONSULTANT = "BUSINESS_CONSULTANT"
    MARKETING_COMPANY = "MARKETING_COMPANY"


def _is_boolean(value: object) -> object:
    # Python holds 0 to be False; the contract doesn't.
    if not isinstance(value, bool):
        raise ValueError("must be false")
    return value


Deprecated = Annotated[
    Literal[False],
    BeforeValidator(_is_boolean),
    Field(description="Deprecated; only `false` is accepted.", deprecated=True),
]


class Greetings(RequestModel):
    """What to say first in one language; what is missing falls back to the bot's own greeting."""

    model_config = example(
        {"greeting": "Hola, soy Ana.", "phoneGreeting": "Clínica Riverside, le atiende Ana."}
    )

    greeting: FilledText | None = None
    phone_greeting: FilledText | None = None
    closed_phone_greeting: FilledText | None = None
    closed_chat_greeting: FilledText | None = None


_GREETINGS: dict[str, Any] = {
    "greeting": "Hi, this is Annie from Riverside Dental.",
    "phoneGreeting": "Riverside Dental, this is Annie. How can I help?",
    "closedPhoneGreeting": "Riverside Dental is closed now. I can still help you.",
}
_BOT: dict[str, Any] = {
    "orgId": _ORG_ID,
    "name": "Annie",
    "companyName": "Riverside Dental",
    "industry": "DENTAL",
    **_GREETINGS,
    "recordingEnabled": True,
    "localizedGreetings": {"SPANISH": {"greeting": "Hola, soy Annie."}},
}


class BotCreate(RequestModel):
    """A new bot."""

    model_config = example(_BOT)

    org_id: UUID
    name: Name
    greeting: FilledText
    internal_name: Name | None = None
    company_name: Name | None = None
    industry: Industry | None = None
    phone_greeting: FilledText | None = None
    closed_chat_greeting: FilledText | None = None
    closed_phone_greeting: FilledText | None = None
    localized_greetings: dict[Language, Greetings] = Field(
        default_factory=dict[Language, Greetings]
    )
    outbound: Switch = False
    is_rag_enabled: Deprecated = False
    is_guardian_enabled: Switch = False
    recording_enabled: Switch = True
    integration_id: UUID | None = None


class BotUpdate(RequestModel):
    """Only what is given changes; ``localizedGreetings`` is replaced as a whole."""

    model_config = example({"phoneGreeting": "Riverside Dental, good morning."})

    name: Name = absent()
    greeting: FilledText = absent()
    internal_name: Name | None = None
    company_name: Name | None = None
    industry: Industry | None = None
    phone_greeting: FilledText | None = None
    closed_chat_greeting: FilledText | None = None
    closed_phone_greeting: FilledText | None = None
    localized_greetings: dict[Language, Greetings] = absent()
    outbound: Switch = absent()
    is_rag_enabled: Deprecated = absent()
    is_guardian_enabled: Switch = absent()
    recording_enabled: Switch = absent()
    integration_id: UUID | None = None
    model_version: Name | None = None


class GreetingsOut(ResponseModel):
    """What to say first in one language."""

    greeting: str | None = None
    phone_greeting: str | None = None
    closed_phone_greeting: str | None = None
    closed_chat_greeting: str | None = None


class BotOut(ResponseModel):
    """A bot."""

    model_config = example(
        {
            "id": _BOT_ID,
            **_BOT,
            "internalName": None,
            "closedChatGreeting": None,
            "localizedGreetings": {},
            "outbound": False,
            "isRagEnabled": False,
            "isGuardianEnabled": False,
            "integrationId": None,
            "modelVersion": None,
            "version": 1,
            "createdAt": "2026-03-02T15:00:00.000Z",
            "updatedAt": "2026-03-02T15:00:00.000Z",
        }
    )

    id: UUID
    org_id: UUID
    name: str
    internal_name: str | None
    company_name: str | None
    industry: Industry | None
    greeting: str
    phone_greeting: str | None
    closed_chat_greeting: str | None
    closed_phone_greeting: str | None
    localized_greetings: dict[Language, GreetingsOut]
    outbound: bool
    is_rag_enabled: Literal[False] = False
    is_guardian_enabled: bool
    recording_enabled: bool
    integration_id: UUID | None
    model_version: str | None
    version: int = Field(ge=1)
    created_at: Timestamp
    updated_at: Timestamp


class BotList(ResponseModel):
    """A page of bots."""

    bots: list[BotOut]
    pagination: Pagination


_FAQ: dict[str, Any] = {
    "question": "Where can I park?",
    "answer": "Parking is free behind the building.",
    "alternates": ["Do you have parking?"],
    "enabled": True,
    "language": "ENGLISH",
}
Alternates = Annotated[list[FilledText], Field(max_length=100)]


class FaqCreate(RequestModel):
    """A new question and answer; without ``language`` it is used in every language."""

    model_config = example(_FAQ)

    question: FilledText
    answer: FilledText
    alternates: Alternates = Field(default_factory=list[str])
    enabled: Switch = True
    language: Language | None = None


class FaqUpdate(RequestModel):
    """Only what is given changes."""

    model_config = example({"answer": "Parking is free on River Street."})

    question: FilledText = absent()
    answer: FilledText = absent()
    alternates: Alternates = absent()
    enabled: Switch = absent()
    language: Language | None = None


class FaqOut(ResponseModel):
    """A question and its answer."""

    model_config = example(
        {
            "id": _FAQ_ID,
            "botId": _BOT_ID,
            **_FAQ,
            "createdAt": "2026-03-02T15:00:00.000Z",
            "updatedAt": "2026-03-02T15:00:00.000Z",
        }
    )

    id: UUID
    bot_id: UUID
    question: str
    answer: str
    alternates: list[str]
    enabled: bool
    language: Language | None
    created_at: Timestamp
    updated_at: Timestamp


class FaqList(ResponseModel):
    """A page of FAQs."""

    faqs: list[FaqOut]
    pagination: Pagination
