"""The wire shape of API keys and OAuth clients."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from annie.kit.paging import Pagination
from annie.kit.principal import Permission
from annie.kit.schemas import Name, RequestModel, ResponseModel, Timestamp, example

_ID = "0190f3a2-7c1e-7d3a-9b52-3f1f6a1c0d44"
_ORG_ID = "0190f3a2-7c1e-7d3a-9b52-3f1f6a1c0d11"
_CREDENTIAL: dict[str, Any] = {
    "id": _ID,
    "orgId": _ORG_ID,
    "name": "Scheduling integration",
    "permissions": ["read", "write"],
    "lastUsedAt": None,
    "revokedAt": None,
    "createdAt": "2026-03-02T15:00:00.000Z",
    "updatedAt": "2026-03-02T15:00:00.000Z",
}

Permissions = Annotated[
    list[Permission], Field(min_length=1, max_length=3, json_schema_extra={"uniqueItems": True})
]


class CredentialCreate(RequestModel):
    """A new key or client; without ``orgId`` it belongs to the organization of the key in use."""

    model_config = example({"name": "Scheduling integration", "permissions": ["read", "write"]})

    name: Name
    permissions: Permissions = Field(default_factory=lambda: [Permission.READ, Permission.WRITE])
    org_id: UUID | None = None


class CredentialOut(ResponseModel):
    """What is known of a key or client besides its secret."""

    id: UUID
    org_id: UUID
    name: str
    permissions: list[Permission]
    last_used_at: Timestamp | None = Field(description="To the minute.")
    revoked_at: Timestamp | None
    created_at: Timestamp
    updated_at: Timestamp


class ApiKeyOut(CredentialOut):
    """An API key, known by its last four characters."""

    model_config = example({**_CREDENTIAL, "hint": "Qk3w"})

    hint: str


class ApiKeyCreated(ApiKeyOut):
    """A new API key with its secret, which is shown this once."""

    model_config = example({**_CREDENTIAL, "hint": "Qk3w", "key": "annie-sk-v1-…Qk3w"})

    key: str


class ApiKeyList(ResponseModel):
    """A page of API keys."""

    api_keys: list[ApiKeyOut]
    pagination: Pagination


class OAuthClientOut(CredentialOut):
    """An OAuth client; ``id`` is its ``client_id``."""

    model_config = example(_CREDENTIAL)


class OAuthClientCreated(OAuthClientOut):
    """A new OAuth client with its secret, which is shown this once."""

    model_config = example({**_CREDENTIAL, "clientId": _ID, "clientSecret": "annie-cs-v1-…"})

    client_id: UUID
    client_secret: str


class OAuthClientList(ResponseModel):
    """A page of OAuth clients."""

    oauth_clients: list[OAuthClientOut]
    pagination: Pagination


class TokenResponse(BaseModel):
    """RFC 6749 section 5.1; not in our envelope, because OAuth libraries read it."""

    model_config = example(
        {
            "access_token": "eyJhbGciOiJIUzI1NiJ9.e30.…",
            "token_type": "Bearer",
            "expires_in": 86400,
            "scope": "read write",
        }
    )

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the name of a scheme
    expires_in: int
    scope: str


class TokenError(BaseModel):
    """RFC 6749 section 5.2."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"error": "invalid_client", "error_description": "unknown client"}]
        }
    )

    error: str
    error_description: str
