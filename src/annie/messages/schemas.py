"""Wire shapes of staff messages."""

from enum import StrEnum
from uuid import UUID

from annie.kit.paging import Pagination
from annie.kit.schemas import RequestModel, ResponseModel, Timestamp, example


class MessageStatus(StrEnum):
    """What the staff did with it."""

    NEW = "NEW"
    READ = "READ"
    DONE = "DONE"


class Urgency(StrEnum):
    """How soon the caller wants to hear back."""

    NORMAL = "NORMAL"
    URGENT = "URGENT"


ID = "0190f3a2-7c1e-7d3a-9b52-3f1f6a1c0d11"


class MessageUpdate(RequestModel):
    """A change of status."""

    model_config = example({"status": "READ"})

    status: MessageStatus


class StaffMessageOut(ResponseModel):
    """A message that a caller left.

    ``confirmed`` is false when the caller did not agree to it as it was read back, such as
    one who hung up before: what was heard is kept, with the number they called from if they
    gave no other.
    """

    model_config = example(
        {
            "id": ID,
            "orgId": ID,
            "botId": ID,
            "conversationId": ID,
            "callerName": "Robert Johnson",
            "callbackNumber": "+12025550123",
            "content": "Please call me back about my invoice.",
            "urgency": "NORMAL",
            "confirmed": True,
            "status": "NEW",
            "createdAt": "2026-03-02T15:02:00.000Z",
            "updatedAt": "2026-03-02T15:02:00.000Z",
        }
    )

    id: UUID
    org_id: UUID
    bot_id: UUID | None
    conversation_id: UUID | None
    caller_name: str
    callback_number: str
    content: str
    urgency: Urgency
    confirmed: bool
    status: MessageStatus
    created_at: Timestamp
    updated_at: Timestamp


class StaffMessageList(ResponseModel):
    """A page of messages."""

    messages: list[StaffMessageOut]
    pagination: Pagination
