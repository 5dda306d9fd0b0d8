"""Table of phone numbers."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from annie.kit.database import Base, Identified, TenantOwned


class PhoneNumber(Identified, TenantOwned, Base):
    """A number from its purchase to the end of its grace period."""

    __tablename__ = "phone_numbers"

    # A number that the carrier still holds for us must not vanish with its organization.
    org_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("organizations.id", ondelete="RESTRICT"), index=True
    )
    bot_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("bots.id", ondelete="RESTRICT"), index=True
    )
    #: E.164; a number is held once, also while it can still be restored.
    number: Mapped[str] = mapped_column(String(32), unique=True)
    carrier: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(100))
    language: Mapped[str] = mapped_column(String(16))
    voice_id: Mapped[str] = mapped_column(String(32))
    verified_caller_id: Mapped[str | None] = mapped_column(String(64))
    callback_forwarding_number: Mapped[str | None] = mapped_column(String(64))
    speed: Mapped[float] = mapped_column(default=1.0)
    stability: Mapped[float] = mapped_column(default=0.5)
    similarity: Mapped[float] = mapped_column(default=0.75)
    style: Mapped[float] = mapped_column(default=0.0)
    tags: Mapped[list[str]] = mapped_column(default=list)
    campaign: Mapped[str | None] = mapped_column(String(255))
    status: Mapped[str] = mapped_column(String(8), default="ACTIVE")
    released_at: Mapped[datetime | None]
    restorable_until: Mapped[datetime | None]
    #: Of a released number: the bot that it had, by id only, because it may be deleted.
    former_bot_id: Mapped[uuid.UUID | None]
    #: Somebody is giving the number back to the carrier: not to be tried again before this.
    give_back_after: Mapped[datetime | None]
