"""Whatever goes wrong, as an answer in the error envelope."""

import logging
from collections.abc import Sequence
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from annie.kit.errors import (
    ApiError,
    BadRequestError,
    FieldError,
    InvalidError,
    TooLargeError,
    UnavailableError,
)

logger = logging.getLogger(__name__)

MAX_BODY = 1024 * 1024

_HTTP_CODES = {404: "not_found", 405: "method_not_allowed"}
_PLAIN = {
    "missing": "is required",
    "extra_forbidden": "is not a known field",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "string_too_long": "must have at most {max_length} characters",
    "string_too_short": "must have at least {min_length} characters",
    "string_pattern_mismatch": "must match {pattern}",
    "uuid_parsing": "must be a UUID",
    "uuid_type": "must be a UUID",
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "too_long": "must have at most {max_length} items",
    "too_short": "must have at least {min_length} items",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_attributes_type": "must be an object",
    "model_type": "must be an object",
}


async def read_body(request: Request) -> bytes:
    """The body, which ``request`` keeps.

    Raises:
        TooLargeError: it is over ``MAX_BODY`` bytes; no more than that was read.
        BadRequestError: the client went away.
    """
    too_large = TooLargeError(f"the body must have at most {MAX_BODY} bytes")
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > MAX_BODY:
        raise too_large
    receive = request.receive
    size = 0

    async def limited() -> Any:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > MAX_BODY:
            raise too_large
        return message

    request._receive = limited  # pyright: ignore[reportPrivateUsage]
    try:
        return await request.body()
    except ClientDisconnect as error:
        raise BadRequestError("the body ended early") from error


def refusal(error: Exception, request: Request) -> Response:
    """The answer to ``error``. Faults of ours are logged, and say nothing of their inside."""
    known = _as_api_error(error)
    if known is None:
        logger.error(
            "request_failed",
            exc_info=error,
            extra={"method": request.method, "path": request.url.path},
        )
        return envelope(500, "something went wrong on our side", "internal_error")
    return envelope(known.status, known.message, known.code, known.details, known.headers)


def envelope(
    status: int,
    message: str,
    code: str,
    details: Sequence[FieldError] = (),
    headers: dict[str, str] | None = None,
) -> Response:
    """An error answer as the contract has it."""
    body = {
        "success": False,
        "message": message,
        "error": {
            "code": code,
            "details": [{"field": each.field, "message": each.message} for each in details],
        },
    }
    return JSONResponse(body, status, headers)


def _as_api_error(error: Exception) -> ApiError | None:
    match error:
        case ApiError():
            return error
        case RequestValidationError():
            return _invalid(error.errors())
        case HTTPException():
            return _from_http(error)
        case PoolTimeoutError():
            return UnavailableError("too many requests at once; try again", retry_after=1)
        case OperationalError() if "locked" in str(error.orig):
            return UnavailableError("the database is busy; try again", retry_after=1)
        case DBAPIError() if error.connection_invalidated:
            return UnavailableError("the database is away; try again", retry_after=2)
        case OSError() | TimeoutError():
            # Only the database is reached over the network while a request is served.
            return UnavailableError("the database can't be reached; try again", retry_after=2)
        case _:
            return None


def _from_http(error: HTTPException) -> ApiError:
    if error.status_code == 400:
        return BadRequestError("the body can't be read", code="malformed_body")
    message = {404: "there is nothing at this address", 405: "this method isn't supported here"}
    known = ApiError(
        message.get(error.status_code, str(error.detail)),
        code=_HTTP_CODES.get(error.status_code, "http_error"),
        headers=error.headers,
    )
    known.status = error.status_code
    return known


def _invalid(errors: Sequence[Any]) -> ApiError:
    for each in errors:
        if each["type"] == "json_invalid":
            return BadRequestError("the body isn't valid JSON", code="malformed_json")
    details = [FieldError(_field(each["loc"]), _message(each)) for each in errors]
    count = "1 field" if len(details) == 1 else f"{len(details)} fields"
    said = "; ".join(f"{each.field} {each.message}" for each in details[:5])
    return InvalidError(f"{count} can't be accepted: {said}", details=details)


def _field(location: Sequence[Any]) -> str:
    """Dotted wire name: body fields by themselves, a whole body as ``body``."""
    where = [str(part) for part in location]
    return ".".join(where[1:]) or where[0]


def _message(error: Any) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error":
        return str(context.get("error", error["msg"]))
    if kind == "model_attributes_type" and list(error["loc"]) == ["body"]:
        return "must be a JSON object, sent with Content-Type: application/json"
    template = _PLAIN.get(kind)
    if template is None:
        return str(error["msg"][:1].lower() + error["msg"][1:])
    return template.format_map({**context})
