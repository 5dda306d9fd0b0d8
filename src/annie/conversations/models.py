"""Tables of conversations and what was said in them."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from annie.kit.database import Base, Identified, TenantOwned


class Conversation(Identified, TenantOwned, Base):
    """One call or chat, from its first to its last word.

    The bot and the number are kept by id only: a record outlives both.
    """

    __tablename__ = "conversations"
    __table_args__ = (Index("ix_conversations_org_id_start_time", "org_id", "start_time"),)

    bot_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    phone_number_id: Mapped[uuid.UUID | None]
    medium: Mapped[str] = mapped_column(String(8))
    status: Mapped[str] = mapped_column(String(8), index=True)
    direction: Mapped[str] = mapped_column(String(8), default="INBOUND")
    language: Mapped[str | None] = mapped_column(String(16))
    to_number: Mapped[str | None] = mapped_column(String(64))
    from_number: Mapped[str | None] = mapped_column(String(64))
    caller_name: Mapped[str | None] = mapped_column(String(255))
    asserted_identity: Mapped[str | None] = mapped_column(String(255))
    diverted_from: Mapped[str | None] = mapped_column(String(255))
    diverted_reason: Mapped[str | None] = mapped_column(String(64))
    user_agent: Mapped[str | None] = mapped_column(String(255))
    sip_call_id: Mapped[str | None] = mapped_column(String(255))
    campaign: Mapped[str | None] = mapped_column(String(255))
    summary: Mapped[str | None] = mapped_column(Text)
    topic: Mapped[str | None] = mapped_column(String(255))
    actions_needed: Mapped[list[str]] = mapped_column(default=list)
    conversation_tags: Mapped[list[str]] = mapped_column(default=list)
    start_time: Mapped[datetime]
    end_time: Mapped[datetime | None]
    end_reason: Mapped[str | None] = mapped_column(String(64))
    end_detail: Mapped[str | None] = mapped_column(Text)
    recorded: Mapped[bool] = mapped_column(default=False)
    #: How a call's audio fared; see ``schemas.MediaOut``.
    media: Mapped[dict[str, Any] | None]
    idle_timeout_minutes: Mapped[int | None] = mapped_column(Integer)
    max_open_minutes: Mapped[int | None] = mapped_column(Integer)


class Utterance(Identified, TenantOwned, Base):
    """One message of a conversation, with where its time went when it was spoken."""

    __tablename__ = "utterances"
    __table_args__ = (Index("ix_utterances_conversation_id_at", "conversation_id", "at", "id"),)

    conversation_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE")
    )
    role: Mapped[str] = mapped_column(String(16))
    content: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    #: Milliseconds since the caller's last sound; see ``schemas.Timings``.
    timings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    digits: Mapped[str] = mapped_column(String(64), default="")
    interrupted: Mapped[bool] = mapped_column(default=False)
