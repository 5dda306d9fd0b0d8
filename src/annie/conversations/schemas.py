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


class MediaOut(ResponseModel):
    """How the audio of a call fared, in packets of 20 ms as most phones send them."""

    codec: str
    sent: int
    received: int
    lost: int = Field(description="Packets from the caller that never came.")
    late: int = Field(description="Packets that came too late to be heard.")
    duplicates: int
    ignored: int = Field(description="Packets that were none of the call's.")
    concealed: int = Field(description="Frames of 20 ms that were made up for lost ones.")
    jitter_ms: float = Field(description="Interarrival jitter (RFC 3550) at the end.")
    jitter_max_ms: float
    delay_ms: int = Field(description="What the jitter buffer waited at the end.")
    round_trip_ms: float | None = Field(description="By RTCP; null if the peer sent none.")
    peer_lost: int | None = Field(description="Packets of ours that the peer missed.")
    peer_lost_percent: float | None
    peer_jitter_ms: float | None


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
            "media": {
                "codec": "PCMU",
                "sent": 2410,
                "received": 2398,
                "lost": 12,
                "late": 1,
                "duplicates": 0,
                "ignored": 0,
                "concealed": 13,
                "jitterMs": 1.2,
                "jitterMaxMs": 8.75,
                "delayMs": 30,
                "roundTripMs": 41.5,
                "peerLost": 3,
                "peerLostPercent": 0.12,
                "peerJitterMs": 0.9,
            },
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
    media: MediaOut | None = Field(description="Of calls that ended.")
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
