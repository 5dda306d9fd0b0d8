"""The rules of API keys, OAuth clients and access tokens."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from annie.api.credentials import tokens
from annie.api.credentials.models import ApiKey, OAuthClient
from annie.api.credentials.repository import CredentialLookup, CredentialRepository
from annie.api.credentials.schemas import CredentialCreate
from annie.kit.clock import Clock
from annie.kit.context import Context
from annie.kit.database import Database
from annie.kit.errors import NotFoundError, UnauthorizedError
from annie.kit.paging import Page, Paged
from annie.kit.principal import Permission, Principal
from annie.organizations.service import OrganizationService

_SIGNING = "access-tokens"

Credential = TypeVar("Credential", ApiKey, OAuthClient)


class CredentialService:
    """What an administrator may do with keys and clients."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._repository = CredentialRepository(context)

    async def create_key(self, body: CredentialCreate) -> tuple[ApiKey, str]:
        """The stored key, and the secret that is shown once.

        Raises:
            NotFoundError: the organization isn't reached.
        """
        secret = tokens.new_secret(tokens.KEY_PREFIX)
        key = ApiKey(
            org_id=await self._organization(body.org_id),
            name=body.name,
            key_hash=tokens.hashed(secret),
            hint=secret[-4:],
            permissions=_in_order(body.permissions),
        )
        await self._repository.add(key)
        return key, secret

    async def keys(self, page: Page) -> Paged[ApiKey]:
        return await self._repository.keys(page)

    async def revoke_key(self, key_id: UUID) -> ApiKey:
        """Revoke for good; revoking twice changes nothing."""
        return await self._revoke(await self._repository.key(key_id), f"API key {key_id}")

    async def create_client(self, body: CredentialCreate) -> tuple[OAuthClient, str]:
        """The stored client, and the secret that is shown once."""
        secret = tokens.new_secret(tokens.CLIENT_SECRET_PREFIX)
        client = OAuthClient(
            org_id=await self._organization(body.org_id),
            name=body.name,
            secret_hash=tokens.hashed(secret),
            permissions=_in_order(body.permissions),
        )
        await self._repository.add(client)
        return client, secret

    async def clients(self, page: Page) -> Paged[OAuthClient]:
        return await self._repository.clients(page)

    async def revoke_client(self, client_id: UUID) -> OAuthClient:
        """Revoke for good, with every token that the client holds."""
        found = await self._repository.client(client_id)
        return await self._revoke(found, f"OAuth client {client_id}")

    async def _organization(self, org_id: UUID | None) -> UUID:
        wanted = org_id or self._context.principal.org_id
        return (await OrganizationService(self._context).get(wanted)).id

    async def _revoke(self, credential: Credential | None, name: str) -> Credential:
        if credential is None:
            raise NotFoundError(f"there is no {name}")
        if credential.revoked_at is None:
            credential.revoked_at = self._context.clock.now()
            await self._repository.save()
        return credential


@dataclass(slots=True, frozen=True)
class Grant:
    """An access token and what it allows."""

    access_token: str
    permissions: frozenset[Permission]


class OAuthError(Exception):
    """A refusal of the token endpoint; ``error`` is a code of RFC 6749 section 5.2."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


class Authenticator:
    """Tells from a Bearer token who is asking, and grants tokens to OAuth clients."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._secret: str | None = None

    async def principal(self, token: str, lookup: CredentialLookup) -> Principal:
        """Raises ``UnauthorizedError`` for a token that nobody holds (any more)."""
        if token.startswith(tokens.KEY_PREFIX):
            key = await lookup.key_by_hash(tokens.hashed(token))
            if key is not None:
                return Principal(key.org_id, _permissions(key.permissions), key.id)
        elif token.count(".") == 2:
            claims = tokens.read(token, await self._signing_secret(), self._clock.now())
            client = None if claims is None else await lookup.client(claims.client_id)
            if claims is not None and client is not None:
                held = claims.permissions & _permissions(client.permissions)
                return Principal(client.org_id, held, client.id)
        raise UnauthorizedError(
            "the API key or token is unknown, expired or revoked", code="invalid_credentials"
        )

    async def grant(self, client_id: str, client_secret: str, scope: str) -> Grant:
        """A token for the client-credentials grant; ``scope`` may ask for less than it holds.

        Raises:
            OAuthError: unknown client, wrong secret, or a scope that the client doesn't hold.
        """
        try:
            wanted_id = UUID(client_id)
        except ValueError:
            wanted_id = UUID(int=0)
        async with self._database.session(read_only=True) as session:
            client = await CredentialLookup(session).client(wanted_id)
        given = tokens.hashed(client_secret)
        if client is None or not secrets.compare_digest(client.secret_hash, given):
            raise OAuthError("invalid_client", "unknown client or wrong secret")
        held = _permissions(client.permissions)
        wanted = scope.split() or sorted(held)
        if not set(wanted) <= {permission.value for permission in held}:
            raise OAuthError("invalid_scope", f"the client holds {' '.join(sorted(held))}")
        permissions = _permissions(wanted)
        token = tokens.sign(
            tokens.Claims(client.id, permissions), await self._signing_secret(), self._clock.now()
        )
        return Grant(token, permissions)

    async def _signing_secret(self) -> str:
        if self._secret is None:
            self._secret = await self._find_or_make_secret()
        return self._secret

    async def _find_or_make_secret(self) -> str:
        async with self._database.session(read_only=True) as session:
            found = await CredentialLookup(session).signing_secret(_SIGNING)
        if found is not None:
            return found
        made = secrets.token_urlsafe(32)
        try:
            async with self._database.session() as session:
                await CredentialLookup(session).add_signing_secret(_SIGNING, made)
        except IntegrityError:
            return await self._find_or_make_secret()
        return made


def _permissions(stored: Iterable[str]) -> frozenset[Permission]:
    return frozenset(Permission(value) for value in stored)


def _in_order(permissions: Iterable[Permission]) -> list[str]:
    wanted = set(permissions)
    return [permission.value for permission in Permission if permission in wanted]
