"""Wire shapes of conversations."""

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from annie.kit.language import Language
from annie.kit.paging import Pagination
from annie.kit.schemas import FilledText, RequestModel, ResponseModel, Timestamp, example


class Medium(StrEnum):
    """How a conversation is held."""

    VOICE = "VOICE"
    CHAT = "CHAT"
    SMS = "SMS"


class ConversationStatus(StrEnum):
    """Where a conversation stands."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"
    ARCHIVED = "ARCHIVED"


class Role(StrEnum):
    """Who a message is from."""

    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"
    SYSTEM = "system"


ID = "0190f3a2-7c1e-7d3a-9b52-3f1f6a1c0d11"


class SeedMessage(RequestModel):
    """A message that a conversation begins with."""

    role: Literal["user"]
    input: FilledText


class ConversationCreate(RequestModel):
    """A conversation by text. Calls make their own."""

    model_config = example({"medium": "CHAT", "botId": ID})

    medium: Literal["CHAT", "SMS"]
    bot_id: UUID
    to_number: Annotated[str, Field(max_length=64, pattern=r"^\+?[0-9 ().-]{3,40}$")] | None = None
    messages: Annotated[list[SeedMessage], Field(max_length=100)] = Field(
        default_factory=list[SeedMessage]
    )
    idle_timeout_minutes: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    max_open_minutes: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None


class ConversationOut(ResponseModel):
    """A conversation. ``duration`` is in seconds, of calls that ended."""

    model_config = example(
        {
            "conversationId": ID,
            "orgId": ID,
            "botId": ID,
            "phoneNumberId": ID,
            "medium": "VOICE",
            "status": "CLOSED",
            "direction": "INBOUND",
            "language": "ENGLISH",
            "toNumber": "+12125550100",
            "fromNumber": "+13105550123",
            "startTime": "2026-03-02T15:00:00.000Z",
            "endTime": "2026-03-02T15:00:48.200Z",
            "duration": 48.2,
            "endReason": "caller_done",
        }
    )

    conversation_id: UUID
    org_id: UUID
    bot_id: UUID | None
    phone_number_id: UUID | None
    medium: Medium
    status: ConversationStatus
    direction: Literal["INBOUND", "OUTBOUND"]
    language: Language | None
    to_number: str | None
    from_number: str | None
    caller_name: str | None
    diverted_from: str | None = Field(description="The line that forwarded the call to us.")
    diverted_reason: str | None = Field(
        description="Why it did: unconditional, user-busy, no-answer, or the carrier's own word."
    )
    user_agent: str | None
    campaign: str | None
    summary: str | None
    topic: str | None
    actions_needed: list[str]
    conversation_tags: list[str]
    start_time: Timestamp
    end_time: Timestamp | None
    duration: float | None
    end_reason: str | None
    has_recording: bool


class ConversationList(ResponseModel):
    """A page of conversations."""

    conversations: list[ConversationOut]
    pagination: Pagination


class MessageOut(ResponseModel):
    """One message, as it was heard."""

    model_config = example(
        {
            "id": ID,
            "conversationId": ID,
            "role": "user",
            "content": "What are your opening hours on Saturday?",
            "createdAt": "2026-03-02T15:00:05.100Z",
        }
    )

    id: UUID
    content: str
    role: Role
    conversation_id: UUID
    created_at: Timestamp


class TurnOut(ResponseModel):
    """One message with its timings, in milliseconds since the caller's last sound."""

    model_config = example(
        {
            "messageId": ID,
            "role": "assistant",
            "content": "On Saturday we are open from 9 AM to 2 PM.",
            "at": "2026-03-02T15:00:06.000Z",
            "interrupted": False,
            "digits": "",
            "timings": {"speechEnd": 0, "recognized": 420, "decided": 431, "firstAudio": 455},
        }
    )

    message_id: UUID
    role: Role
    content: str
    at: Timestamp
    interrupted: bool
    digits: str
    timings: dict[str, int]


class TurnList(ResponseModel):
    """All turns of a conversation."""

    turns: list[TurnOut]
