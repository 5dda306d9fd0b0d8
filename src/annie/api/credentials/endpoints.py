"""Routes of API keys and OAuth clients; all need ``admin``."""

from typing import Annotated
from uuid import UUID

from fastapi import Path

from annie.api.credentials.schemas import (
    ApiKeyCreated,
    ApiKeyList,
    ApiKeyOut,
    CredentialCreate,
    OAuthClientCreated,
    OAuthClientList,
    OAuthClientOut,
)
from annie.api.credentials.service import CredentialService
from annie.kit.routing import RequestContext, RequestedPage, guarded_router
from annie.kit.schemas import Success

keys_router = guarded_router("/api-keys", "API keys", admin=True)
clients_router = guarded_router("/oauth-clients", "OAuth clients", admin=True)

KeyId = Annotated[UUID, Path(alias="apiKeyId")]
ClientId = Annotated[UUID, Path(alias="clientId")]


@keys_router.post("", status_code=201, summary="Create API key")
async def create_api_key(body: CredentialCreate, context: RequestContext) -> Success[ApiKeyCreated]:
    """The key itself is in this answer and never again."""
    key, secret = await CredentialService(context).create_key(body)
    shown = ApiKeyOut.model_validate(key).model_dump(by_alias=False)
    return Success(data=ApiKeyCreated(**shown, key=secret))


@keys_router.get("", summary="List API keys")
async def list_api_keys(context: RequestContext, page: RequestedPage) -> Success[ApiKeyList]:
    """Revoked ones too, with the time of it."""
    found = await CredentialService(context).keys(page)
    keys = [ApiKeyOut.model_validate(row) for row in found.rows]
    return Success(data=ApiKeyList(api_keys=keys, pagination=found.pagination))


@keys_router.delete("/{apiKeyId}", summary="Revoke API key")
async def revoke_api_key(key_id: KeyId, context: RequestContext) -> Success[ApiKeyOut]:
    """At once and for good."""
    key = await CredentialService(context).revoke_key(key_id)
    return Success(data=ApiKeyOut.model_validate(key))


@clients_router.post("", status_code=201, summary="Create OAuth client")
async def create_oauth_client(
    body: CredentialCreate, context: RequestContext
) -> Success[OAuthClientCreated]:
    """The secret is in this answer and never again."""
    client, secret = await CredentialService(context).create_client(body)
    shown = OAuthClientOut.model_validate(client).model_dump(by_alias=False)
    created = OAuthClientCreated(**shown, client_id=client.id, client_secret=secret)
    return Success(data=created)


@clients_router.get("", summary="List OAuth clients")
async def list_oauth_clients(
    context: RequestContext, page: RequestedPage
) -> Success[OAuthClientList]:
    found = await CredentialService(context).clients(page)
    clients = [OAuthClientOut.model_validate(row) for row in found.rows]
    return Success(data=OAuthClientList(oauth_clients=clients, pagination=found.pagination))


@clients_router.delete("/{clientId}", summary="Revoke OAuth client")
async def revoke_oauth_client(
    client_id: ClientId, context: RequestContext
) -> Success[OAuthClientOut]:
    """At once and for good, with every token that it holds."""
    client = await CredentialService(context).revoke_client(client_id)
    return Success(data=OAuthClientOut.model_validate(client))
