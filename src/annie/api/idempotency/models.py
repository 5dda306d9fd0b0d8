"""Table of answers that were given to requests with an ``Idempotency-Key``."""

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from annie.kit.database import Base, TenantOwned


class IdempotentAnswer(TenantOwned, Base):
    """One answer. ``body`` is encrypted, because it may hold a key that is shown only once."""

    __tablename__ = "idempotent_answers"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(index=True)
