"""Tables of bots and their FAQs."""

import uuid
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from annie.kit.database import Base, Identified, TenantOwned


class Bot(Identified, TenantOwned, Base):
    """Who answers: greetings, switches, and (through ``Faq``) what it knows."""

    __tablename__ = "bots"

    # An organization that still has bots isn't deleted with them.
    org_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("organizations.id", ondelete="RESTRICT"), index=True
    )
    name: Mapped[str] = mapped_column(String(255))
    internal_name: Mapped[str | None] = mapped_column(String(255))
    company_name: Mapped[str | None] = mapped_column(String(255))
    industry: Mapped[str | None] = mapped_column(String(32))
    greeting: Mapped[str] = mapped_column(Text)
    phone_greeting: Mapped[str | None] = mapped_column(Text)
    closed_chat_greeting: Mapped[str | None] = mapped_column(Text)
    closed_phone_greeting: Mapped[str | None] = mapped_column(Text)
    #: By language, then by the Python names of ``schemas.Greetings``.
    localized_greetings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    outbound: Mapped[bool] = mapped_column(default=False)
    is_guardian_enabled: Mapped[bool] = mapped_column(default=False)
    recording_enabled: Mapped[bool] = mapped_column(default=True)
    integration_id: Mapped[uuid.UUID | None]
    model_version: Mapped[str | None] = mapped_column(String(255))
    #: One higher after every change of the bot or of its FAQs; what it knows is compiled once each.
    version: Mapped[int] = mapped_column(default=1)


class Faq(Identified, TenantOwned, Base):
    """One question and its answer. ``language`` None: the same in every language."""

    __tablename__ = "faqs"

    bot_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bots.id", ondelete="CASCADE"), index=True)
    question: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)
    alternates: Mapped[list[str]] = mapped_column(default=list)
    enabled: Mapped[bool] = mapped_column(default=True)
    language: Mapped[str | None] = mapped_column(String(16))
