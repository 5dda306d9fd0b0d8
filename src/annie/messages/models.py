"""Table of messages that callers left for the staff."""

import uuid

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from annie.kit.database import Base, Identified, TenantOwned


class StaffMessage(Identified, TenantOwned, Base):
    """Who called, where to call back, and what about."""

    __tablename__ = "staff_messages"
    __table_args__ = (Index("ix_staff_messages_org_id_status", "org_id", "status"),)

    bot_id: Mapped[uuid.UUID | None]
    conversation_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    caller_name: Mapped[str] = mapped_column(String(255))
    callback_number: Mapped[str] = mapped_column(String(64))
    content: Mapped[str] = mapped_column(Text)
    urgency: Mapped[str] = mapped_column(String(8), default="NORMAL")
    #: The caller heard the message read back and agreed to it.
    confirmed: Mapped[bool] = mapped_column(default=True)
    status: Mapped[str] = mapped_column(String(8), default="NEW")
