"""Secrets: how they are made, hashed, signed and read again."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from annie.kit.principal import Permission

KEY_PREFIX = "annie-sk-v1-"
CLIENT_SECRET_PREFIX = "annie-cs-v1-"  # noqa: S105 - a prefix, not a secret
TOKEN_LIFE = timedelta(hours=24)
ISSUER = "annie"


def new_secret(prefix: str) -> str:
    """A secret of 256 random bits behind ``prefix``."""
    return prefix + secrets.token_urlsafe(32)


def hashed(secret: str) -> str:
    """SHA-256 in hex; a slow hash would add nothing to 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(slots=True, frozen=True)
class Claims:
    """What a valid access token says."""

    client_id: UUID
    permissions: frozenset[Permission]


def sign(claims: Claims, secret: str, now: datetime) -> str:
    """A JWT (RFC 7519, HS256) that lives for 24 hours."""
    return jwt.encode(
        {"alg": "HS256", "typ": "at+jwt"},
        {
            "iss": ISSUER,
            "sub": str(claims.client_id),
            "iat": int(now.timestamp()),
            "exp": int((now + TOKEN_LIFE).timestamp()),
            "scope": " ".join(sorted(claims.permissions)),
        },
        OctKey.import_key(secret),
    )


def read(token: str, secret: str, now: datetime) -> Claims | None:
    """The claims of ``token``; None when we didn't sign it or it has expired."""
    try:
        decoded = jwt.decode(token, OctKey.import_key(secret), algorithms=["HS256"])
        claims = decoded.claims
        if claims.get("iss") != ISSUER or int(claims["exp"]) <= now.timestamp():
            return None
        permissions = frozenset(Permission(scope) for scope in str(claims["scope"]).split())
        return Claims(UUID(str(claims["sub"])), permissions)
    except (JoseError, ValueError, KeyError, TypeError):
        return None
