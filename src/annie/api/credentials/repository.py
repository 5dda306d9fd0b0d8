"""All SQL of API keys, OAuth clients and the signing secret."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from annie.api.credentials.models import ApiKey, OAuthClient, SigningSecret
from annie.kit.context import Context
from annie.kit.paging import Page, Paged, paged
from annie.kit.tenancy import unscoped, visible

Credential = ApiKey | OAuthClient


class CredentialRepository:
    """Keys and clients of the organizations that the principal reaches."""

    def __init__(self, context: Context) -> None:
        self._session = context.session
        self._principal = context.principal

    async def key(self, key_id: UUID) -> ApiKey | None:
        return await self._session.scalar(
            visible(select(ApiKey).where(ApiKey.id == key_id), ApiKey, self._principal)
        )

    async def keys(self, page: Page) -> Paged[ApiKey]:
        statement = visible(select(ApiKey).order_by(ApiKey.id), ApiKey, self._principal)
        return await paged(self._session, statement, page)

    async def client(self, client_id: UUID) -> OAuthClient | None:
        return await self._session.scalar(
            visible(
                select(OAuthClient).where(OAuthClient.id == client_id),
                OAuthClient,
                self._principal,
            )
        )

    async def clients(self, page: Page) -> Paged[OAuthClient]:
        statement = visible(
            select(OAuthClient).order_by(OAuthClient.id), OAuthClient, self._principal
        )
        return await paged(self._session, statement, page)

    async def add(self, credential: Credential) -> None:
        self._session.add(credential)
        await self._session.flush()

    async def save(self) -> None:
        await self._session.flush()


class CredentialLookup:
    """Finds out who is asking, before anybody is known."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def key_by_hash(self, key_hash: str) -> ApiKey | None:
        return await self._session.scalar(
            unscoped(
                select(ApiKey).where(ApiKey.key_hash == key_hash, ApiKey.revoked_at.is_(None)),
                reason="the key itself is what identifies the tenant",
            )
        )

    async def client(self, client_id: UUID) -> OAuthClient | None:
        return await self._session.scalar(
            unscoped(
                select(OAuthClient).where(
                    OAuthClient.id == client_id, OAuthClient.revoked_at.is_(None)
                ),
                reason="the client's secret or signed token identifies the tenant",
            )
        )

    async def note_use(self, credential_id: UUID, now: datetime, interval: timedelta) -> None:
        """Store that a key or client was used, unless that was stored within ``interval``."""
        for model in (ApiKey, OAuthClient):
            statement = unscoped(
                update(model)
                .where(
                    model.id == credential_id,
                    or_(model.last_used_at.is_(None), model.last_used_at < now - interval),
                )
                .values(last_used_at=now, updated_at=model.updated_at)
                .execution_options(synchronize_session=False),
                reason="the credential was just proven",
            )
            await self._session.execute(statement)

    async def signing_secret(self, name: str) -> str | None:
        return await self._session.scalar(
            unscoped(
                select(SigningSecret.secret).where(SigningSecret.name == name),
                reason="it belongs to the installation, to no tenant",
            )
        )

    async def add_signing_secret(self, name: str, secret: str) -> None:
        """Raises ``IntegrityError`` when another process was faster."""
        self._session.add(SigningSecret(name=name, secret=secret))
        await self._session.flush()
