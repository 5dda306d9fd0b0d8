"""Tables of organizations and their office hours."""

import uuid
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from annie.kit.database import Base, Identified, TenantOwned


class Organization(Identified, Base):
    """A practice or company; the tenant. A child belongs to the organization that made it."""

    __tablename__ = "organizations"

    name: Mapped[str] = mapped_column(String(255))
    timezone: Mapped[str] = mapped_column(String(64))
    phone: Mapped[str] = mapped_column(String(64))
    reference_id: Mapped[str | None] = mapped_column(String(255), index=True)
    parent_account_org_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("organizations.id", ondelete="RESTRICT"), index=True
    )
    #: Keys as in ``schemas.Address``, by their Python names.
    address: Mapped[dict[str, Any] | None]

    @classmethod
    def owner(cls) -> InstrumentedAttribute[uuid.UUID]:
        return cls.id  # pyright: ignore[reportReturnType] - on the class it is the attribute


class OfficeHours(TenantOwned, Base):
    """When an organization is open on one weekday; times are ``HH:mm`` of its own zone."""

    __tablename__ = "office_hours"

    org_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True
    )
    day_of_week: Mapped[str] = mapped_column(String(9), primary_key=True)
    is_closed: Mapped[bool]
    open: Mapped[str | None] = mapped_column(String(5))
    close: Mapped[str | None] = mapped_column(String(5))
