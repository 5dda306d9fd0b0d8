"""The HTTP application: routes, gate, error envelope, health and OpenAPI."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match, Route

from annie.api.credentials import oauth
from annie.api.credentials.endpoints import clients_router, keys_router
from annie.api.credentials.service import Authenticator
from annie.api.gate import HttpGate
from annie.api.health import health_router
from annie.api.openapi import describe
from annie.api.rate_limit import RateLimiter
from annie.api.refusals import refusal
from annie.bots.endpoints import router as bots_router
from annie.carriers.local_pool import LocalPool
from annie.conversations.endpoints import router as conversations_router
from annie.kit.clock import Clock, SystemClock
from annie.kit.database import Database
from annie.kit.settings import Settings
from annie.messages.endpoints import router as messages_router
from annie.numbers.endpoints import router as numbers_router
from annie.numbers.give_back import GiveBack
from annie.numbers.protocols import Carrier
from annie.organizations.endpoints import router as organizations_router

Readiness = Callable[[], Awaitable[bool]]

_DESCRIPTION = """\
A phone number that answers. Send your key as `Authorization: Bearer annie-sk-v1-…`.

Every success is `{"success": true, "data": …}`, every refusal `{"success": false, "message": …,
"error": {"code", "details"}}`. Every POST honours `Idempotency-Key` for 24 hours.
"""


def create_app(
    settings: Settings,
    database: Database,
    routers: Sequence[APIRouter] = (),
    *,
    readiness: Mapping[str, Readiness] | None = None,
    clock: Clock | None = None,
    carrier: Carrier | None = None,
    state: Mapping[str, Any] | None = None,
) -> FastAPI:
    """The application over a migrated ``database``.

    ``routers`` come beside organizations, bots, keys and clients. ``readiness`` names what else
    must be up for ``/healthz`` to say 200. ``state`` is put on ``app.state`` for those routers.
    """
    clock = clock or SystemClock()
    authenticator = Authenticator(database, clock)
    gate = HttpGate(database, authenticator, RateLimiter(settings.rate_limit, clock), clock)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncGenerator[None]:
        giving_back = asyncio.create_task(
            GiveBack(database, app.state.carrier, clock).run(), name="give-back"
        )
        yield
        giving_back.cancel()
        await asyncio.gather(giving_back, return_exceptions=True)
        await gate.close()

    app = FastAPI(
        title="Annie",
        version=version("annie"),
        description=_DESCRIPTION,
        lifespan=lifespan,
        redoc_url=None,
        servers=[{"url": "/"}],
    )
    app.state.gate = gate
    app.state.authenticator = authenticator
    app.state.database = database
    app.state.carrier = carrier or LocalPool()
    app.state.recordings_dir = settings.recordings_dir
    for name, value in (state or {}).items():
        setattr(app.state, name, value)
    included = (
        organizations_router,
        bots_router,
        numbers_router,
        *routers,
        conversations_router,
        messages_router,
        keys_router,
        clients_router,
        oauth.router,
        health_router(database, readiness or {}),
    )
    for router in included:
        app.include_router(router)
    app.openapi = lambda: describe(app)  # pyright: ignore[reportAttributeAccessIssue]
    routes = [route for router in included for route in router.routes]

    async def refuse(request: Request, error: Exception) -> Response:
        response = refusal(error, request)
        if response.status_code == 405:
            # The router names only the methods of the first route that has this path.
            response.headers["Allow"] = ", ".join(sorted(_methods(request, routes)))
        return response

    for kind in (HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(kind, refuse)
    return app


def _methods(request: Request, routes: Sequence[BaseRoute]) -> set[str]:
    found: set[str] = set()
    for route in routes:
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE:
            found |= route.methods or set()
    return found
