"""What every guarded request passes: credentials, rate limit, permission, one transaction."""

import asyncio
import logging
from datetime import timedelta
from uuid import UUID

from fastapi import Request, Response

from annie.api.credentials.repository import CredentialLookup
from annie.api.credentials.service import Authenticator
from annie.api.idempotency.service import AnsweredElsewhereError, Idempotency, Replayable
from annie.api.rate_limit import RateLimiter
from annie.api.refusals import read_body, refusal
from annie.kit.clock import Clock
from annie.kit.context import Context
from annie.kit.database import Database
from annie.kit.errors import ForbiddenError, TooManyRequestsError, UnauthorizedError
from annie.kit.principal import Permission, Principal
from annie.kit.routing import Handler

logger = logging.getLogger(__name__)

USE_NOTED_EVERY = timedelta(minutes=1)
_MAX_NOTED = 10_000


class HttpGate:
    """Implements ``kit.routing.Gate``.

    A request that writes has its own transaction, opened only after it has been let in and
    its body has been read, so that neither strangers nor slow senders hold the write lock.
    """

    def __init__(
        self, database: Database, authenticator: Authenticator, limiter: RateLimiter, clock: Clock
    ) -> None:
        self._database = database
        self._authenticator = authenticator
        self._limiter = limiter
        self._clock = clock
        self._noted: dict[UUID, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def __call__(
        self, request: Request, handler: Handler, permission: Permission
    ) -> Response:
        headers: dict[str, str] = {}
        try:
            response = await self._answer(request, handler, permission, headers)
        except Exception as error:  # every fault becomes an answer in the envelope
            response = refusal(error, request)
        response.headers.update(headers)
        return response

    async def close(self) -> None:
        """Wait for what is still being noted."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _answer(
        self,
        request: Request,
        handler: Handler,
        permission: Permission,
        headers: dict[str, str],
    ) -> Response:
        token = _bearer(request)
        await read_body(request)
        async with self._database.session(read_only=True) as session:
            principal = await self._authenticator.principal(token, CredentialLookup(session))
            self._note_use(principal)
            allowance = self._limiter.take(principal.org_id)
            if allowance is not None:
                headers.update(allowance.headers)
                if not allowance.allowed:
                    raise TooManyRequestsError(
                        f"over the limit of {allowance.limit} requests a minute",
                        retry_after=allowance.retry_after,
                    )
            if not principal.may(permission):
                raise ForbiddenError(
                    f"this key lacks the permission {permission.value}",
                    code="insufficient_permission",
                )
            if request.method == "GET":
                request.state.context = Context(session, principal, self._clock)
                return await handler(request)
        replayable = await Replayable.of(request, token)
        try:
            return await self._change(request, handler, principal, replayable)
        except AnsweredElsewhereError:
            return await self._change(request, handler, principal, replayable)

    async def _change(
        self,
        request: Request,
        handler: Handler,
        principal: Principal,
        replayable: Replayable | None,
    ) -> Response:
        async with self._database.session() as session:
            context = Context(session, principal, self._clock)
            request.state.context = context
            if replayable is None:
                return await handler(request)
            idempotency = Idempotency(context, replayable)
            earlier = await idempotency.earlier_answer()
            if earlier is not None:
                return earlier
            response = await handler(request)
            idempotency.keep(response)
            return response

    def _note_use(self, principal: Principal) -> None:
        credential = principal.credential_id
        now = self._clock.monotonic()
        if credential is None or now < self._noted.get(credential, 0.0):
            return
        if len(self._noted) >= _MAX_NOTED:
            self._noted.clear()
        self._noted[credential] = now + USE_NOTED_EVERY.total_seconds()
        task = asyncio.create_task(self._store_use(credential))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _store_use(self, credential: UUID) -> None:
        try:
            async with self._database.session() as session:
                await CredentialLookup(session).note_use(
                    credential, self._clock.now(), USE_NOTED_EVERY
                )
        except Exception:  # a request must not fail for its own bookkeeping
            logger.warning("credential_use_not_noted", exc_info=True)


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise UnauthorizedError("send your API key as `Authorization: Bearer annie-sk-v1-…`")
    return token.strip()
