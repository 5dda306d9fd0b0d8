"""Refusals that a client is told about, each with its HTTP status and a stable code.

On the wire: ``{"success": false, "message": …, "error": {"code": …, "details": [{"field",
"message"}]}}``. Anything else that is raised becomes a 500 that says nothing of our inside.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(slots=True, frozen=True)
class FieldError:
    """One field that can't be accepted. ``field`` is its dotted name on the wire."""

    field: str
    message: str


class ApiError(Exception):
    """A refusal. ``message`` is for a person, ``code`` (snake_case) for a program."""

    status = 400
    code = "bad_request"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        details: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.details = tuple(details)
        self.headers = dict(headers or {})


class BadRequestError(ApiError):
    """400: what was sent can't be read at all."""


class UnauthorizedError(ApiError):
    """401: no credentials, or none that we know."""

    status = 401
    code = "unauthorized"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message, code=code, headers={"WWW-Authenticate": "Bearer"})


class ForbiddenError(ApiError):
    """403: known, but without the permission this needs."""

    status = 403
    code = "forbidden"


class NotFoundError(ApiError):
    """404: unknown, or another tenant's; the answer never tells which."""

    status = 404
    code = "not_found"


class ConflictError(ApiError):
    """409: possible in principle, not in the present state."""

    status = 409
    code = "conflict"


class InvalidError(ApiError):
    """422: readable, but fields are wrong; each is named in ``details``."""

    status = 422
    code = "invalid_fields"

    @classmethod
    def of_field(cls, field: str, message: str, *, code: str | None = None) -> "InvalidError":
        """The refusal of a single field."""
        return cls(f"{field}: {message}", code=code, details=[FieldError(field, message)])


class TooManyRequestsError(ApiError):
    """429: over the limit; ``Retry-After`` says in how many seconds to come back."""

    status = 429
    code = "rate_limit_exceeded"

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message, headers={"Retry-After": str(retry_after)})


class UnavailableError(ApiError):
    """503: refused for load or because something we need is away."""

    status = 503
    code = "unavailable"

    def __init__(self, message: str, *, retry_after: int = 1) -> None:
        super().__init__(message, headers={"Retry-After": str(retry_after)})


class TooLargeError(ApiError):
    """413: the body is over the limit."""

    status = 413
    code = "body_too_large"
