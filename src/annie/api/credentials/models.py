"""Tables of API keys, OAuth clients and the secret that signs tokens."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from annie.kit.database import Base, Identified, TenantOwned


class ApiKey(Identified, TenantOwned, Base):
    """A long-lived key; only its SHA-256 is kept, which 256 random bits make enough."""

    __tablename__ = "api_keys"

    name: Mapped[str] = mapped_column(String(255))
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    #: The last four characters, so that a person can tell keys apart.
    hint: Mapped[str] = mapped_column(String(4))
    permissions: Mapped[list[str]]
    #: To the minute.
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class OAuthClient(Identified, TenantOwned, Base):
    """A client of the client-credentials grant (RFC 6749 section 4.4); ``id`` is its client_id."""

    __tablename__ = "oauth_clients"

    name: Mapped[str] = mapped_column(String(255))
    secret_hash: Mapped[str] = mapped_column(String(64))
    permissions: Mapped[list[str]]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class SigningSecret(Base):
    """The one secret with which every process of this installation signs access tokens."""

    __tablename__ = "signing_secrets"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    secret: Mapped[str] = mapped_column(String(64))
