"""``GET /healthz``: whether this installation can do its work now."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from fastapi import APIRouter, Response

from annie.api.refusals import envelope
from annie.kit.database import Database
from annie.kit.errors import FieldError
from annie.kit.routing import failures
from annie.kit.schemas import ResponseModel, Success, example

_TIMEOUT = 2.0


class Health(ResponseModel):
    """Everything that was checked, all of it well."""

    model_config = example({"checks": ["database", "edge", "voice"]})

    checks: list[str]


def health_router(
    database: Database, readiness: Mapping[str, Callable[[], Awaitable[bool]]]
) -> APIRouter:
    """Checks the database (reachable, newest schema) and whatever ``readiness`` names."""
    router = APIRouter(tags=["Health"])
    checks = {"database": database.ping, **readiness}

    @router.get("/healthz", responses=failures(503), response_model=Success[Health])
    async def healthz() -> Success[Health] | Response:  # pyright: ignore[reportUnusedFunction]
        """200 when everything works, else 503 naming what doesn't."""
        results = await asyncio.gather(*(_check(check) for check in checks.values()))
        down = [name for name, up in zip(checks, results, strict=True) if not up]
        if down:
            return envelope(
                503,
                f"not ready: {', '.join(down)}",
                "not_ready",
                [FieldError(name, "is not ready") for name in down],
                {"Retry-After": "1"},
            )
        return Success(data=Health(checks=list(checks)))

    return router


async def _check(check: Callable[[], Awaitable[bool]]) -> bool:
    try:
        async with asyncio.timeout(_TIMEOUT):
            return await check()
    except Exception:  # whatever is wrong, it isn't ready
        return False
