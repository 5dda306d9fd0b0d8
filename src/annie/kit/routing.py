"""Routes of records: what an endpoint needs to know of HTTP, and nothing of how it is guarded.

``guarded_router(...)`` gives an ``APIRouter`` whose routes pass the *gate*: credentials, rate
limit, permission, idempotency, one transaction. The gate itself is the application's
(``app.state.gate``), so that records know nothing of keys.
"""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from enum import Enum
from typing import Annotated, Any, ClassVar, Protocol

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer

from annie.kit.context import Context
from annie.kit.paging import MAX_OFFSET, Page
from annie.kit.principal import Permission
from annie.kit.schemas import Failure

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Gate(Protocol):
    """Lets a request through to its handler, or answers it itself."""

    def __call__(
        self, request: Request, handler: Handler, permission: Permission
    ) -> Awaitable[Response]:
        """The answer. While ``handler`` runs, ``request.state.context`` is a ``Context``."""
        ...


class GuardedRoute(APIRoute):
    """A route behind the gate: GET needs ``read``, everything else ``write``."""

    permission: ClassVar[Permission | None] = None

    def get_route_handler(self) -> Handler:
        handler = super().get_route_handler()
        reads = set(self.methods or ()) <= {"GET", "HEAD"}
        permission = self.permission or (Permission.READ if reads else Permission.WRITE)

        async def guarded(request: Request) -> Response:
            gate: Gate = request.app.state.gate
            return await gate(request, handler, permission)

        return guarded


class AdminRoute(GuardedRoute):
    """A route behind the gate that needs ``admin`` for everything."""

    permission = Permission.ADMIN


_bearer = HTTPBearer(auto_error=False, description="An API key or an OAuth access token.")

_DESCRIPTIONS = {
    400: "The body isn't JSON.",
    401: "No credentials, or none that are known.",
    403: "The key lacks the permission.",
    404: "Unknown, or another organization's.",
    409: "Not possible in the present state.",
    413: "The body is too large.",
    422: "Fields can't be accepted; each is named.",
    429: "Over the rate limit; `Retry-After` says when to come back.",
    500: "A fault of ours.",
    503: "Refused for load; `Retry-After` says when to come back.",
}


def failures(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI descriptions of these error statuses, all in the error envelope."""
    return {status: {"model": Failure, "description": _DESCRIPTIONS[status]} for status in statuses}


def guarded_router(prefix: str, *tags: str | Enum, admin: bool = False) -> APIRouter:
    """A router under ``/v1`` + ``prefix`` whose routes pass the gate."""
    named: Sequence[str | Enum] = tags
    return APIRouter(
        prefix=f"/v1{prefix}",
        tags=list(named),
        # Only describes the header in OpenAPI; the gate is what reads it.
        dependencies=[Depends(_bearer)],
        route_class=AdminRoute if admin else GuardedRoute,
        responses=failures(400, 401, 403, 404, 409, 413, 422, 429, 500, 503),
    )


async def _context(request: Request) -> Context:
    context: Context = request.state.context
    return context


#: The transaction, the principal and the clock of this request.
RequestContext = Annotated[Context, Depends(_context)]


async def _page(
    offset: Annotated[
        int, Query(ge=0, le=MAX_OFFSET, description="How many to skip.", examples=[0])
    ] = 0,
    limit: Annotated[
        int, Query(ge=1, le=100, description="How many to return.", examples=[20])
    ] = 20,
) -> Page:
    return Page(offset, limit)


#: The page that a request asks for.
RequestedPage = Annotated[Page, Depends(_page)]
