"""``POST /oauth/token``: the client-credentials grant (RFC 6749 section 4.4)."""

import base64
import binascii
from typing import Any
from urllib.parse import unquote_plus

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from annie.api.credentials import tokens
from annie.api.credentials.schemas import TokenError, TokenResponse
from annie.api.credentials.service import Authenticator, OAuthError
from annie.api.refusals import read_body

router = APIRouter(tags=["OAuth"])

_FIELDS = {
    "type": "object",
    "required": ["grant_type", "client_id", "client_secret"],
    "properties": {
        "grant_type": {"type": "string", "enum": ["client_credentials"]},
        "client_id": {"type": "string", "minLength": 1},
        "client_secret": {"type": "string", "minLength": 1},
        "audience": {"type": "string"},
        "scope": {"type": "string"},
    },
    "examples": [
        {
            "grant_type": "client_credentials",
            "client_id": "0190f3a2-7c1e-7d3a-9b52-3f1f6a1c0d44",
            "client_secret": "annie-cs-v1-…",
        }
    ],
}
# No cache may keep a token (RFC 6749 section 5.1).
_NO_STORE = {"Cache-Control": "no-store"}


@router.post(
    "/oauth/token",
    summary="Get access token",
    response_model=TokenResponse,
    responses={400: {"model": TokenError}, 401: {"model": TokenError}},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": _FIELDS},
                "application/x-www-form-urlencoded": {"schema": _FIELDS},
            },
        }
    },
)
async def create_token(request: Request) -> JSONResponse:
    """Takes JSON or a form; the client may also authenticate by HTTP Basic.

    The token lives for 24 hours; ``audience`` is accepted and needs no value.
    """
    authenticator: Authenticator = request.app.state.authenticator
    try:
        fields = await _fields(request)
        if fields.get("grant_type") != "client_credentials":
            raise OAuthError("unsupported_grant_type", "grant_type must be client_credentials")
        client_id, secret = _basic(request) or (
            fields.get("client_id", ""),
            fields.get("client_secret", ""),
        )
        if not client_id or not secret:
            raise OAuthError("invalid_request", "client_id and client_secret are required")
        grant = await authenticator.grant(client_id, secret, fields.get("scope", ""))
    except OAuthError as error:
        headers = dict(_NO_STORE)
        if error.error == "invalid_client":
            headers["WWW-Authenticate"] = "Basic"
        body = TokenError(error=error.error, error_description=error.description)
        status = 401 if error.error == "invalid_client" else 400
        return JSONResponse(body.model_dump(), status, headers)
    answer = TokenResponse(
        access_token=grant.access_token,
        expires_in=int(tokens.TOKEN_LIFE.total_seconds()),
        scope=" ".join(sorted(grant.permissions)),
    )
    return JSONResponse(answer.model_dump(), headers=_NO_STORE)


async def _fields(request: Request) -> dict[str, str]:
    await read_body(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        given: Any = (
            dict(await request.form())
            if kind == "application/x-www-form-urlencoded"
            else await request.json()
        )
    except ValueError as error:
        raise OAuthError("invalid_request", "the body is neither JSON nor a form") from error
    if not isinstance(given, dict):
        raise OAuthError("invalid_request", "the body must be an object")
    fields = {str(name): value for name, value in given.items()}
    wrong = [name for name, value in fields.items() if not isinstance(value, str)]
    if wrong:
        raise OAuthError("invalid_request", f"{', '.join(sorted(wrong))} must be text")
    return fields


def _basic(request: Request) -> tuple[str, str] | None:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise OAuthError("invalid_client", "the Authorization header can't be read") from error
    return unquote_plus(client_id), unquote_plus(secret)
