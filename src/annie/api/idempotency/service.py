"""``Idempotency-Key``: the same request sent twice within 24 hours is done once.

The answer is stored in the transaction that does the work, so both exist or neither.
Only successes are kept: a refusal has changed nothing and may be tried again.
"""

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta

from cryptography.fernet import Fernet
from fastapi import Request, Response
from sqlalchemy.exc import IntegrityError

from annie.api.idempotency.models import IdempotentAnswer
from annie.api.idempotency.repository import IdempotencyRepository
from annie.kit.context import Context
from annie.kit.errors import BadRequestError, InvalidError

HEADER = "Idempotency-Key"
LIFE = timedelta(hours=24)
_KEY = re.compile("[!-~]{1,255}")


class AnsweredElsewhereError(Exception):
    """The same request was answered while we began: look again in a new transaction."""


@dataclass(slots=True, frozen=True)
class Replayable:
    """One request that carries an ``Idempotency-Key``."""

    key: str
    fingerprint: str
    cipher: Fernet

    @classmethod
    async def of(cls, request: Request, token: str) -> "Replayable | None":
        """None when the request carries no key.

        Raises:
            BadRequestError: the key is empty, too long, or has other than visible ASCII characters.
        """
        key = request.headers.get(HEADER)
        if request.method != "POST" or key is None:
            return None
        if not _KEY.fullmatch(key):
            raise BadRequestError(
                f"{HEADER} must have 1 to 255 visible ASCII characters",
                code="invalid_idempotency_key",
            )
        asked = (request.method, request.url.path, request.url.query)
        digest = hashlib.sha256("\n".join(asked).encode() + b"\n" + await request.body())
        # Only who holds both can read the stored answer again.
        secret = hashlib.sha256(f"{token}\n{key}".encode()).digest()
        return cls(key, digest.hexdigest(), Fernet(base64.urlsafe_b64encode(secret)))


class Idempotency:
    """Finds the stored answer of a request, or reserves its place."""

    def __init__(self, context: Context, replayable: Replayable) -> None:
        self._context = context
        self._repository = IdempotencyRepository(context.session)
        self._replayable = replayable
        self._reserved: IdempotentAnswer | None = None

    async def earlier_answer(self) -> Response | None:
        """The answer given before; None: do the work, then call ``keep``.

        Raises:
            InvalidError: the key was used for a different request.
            AnsweredElsewhereError: try again in a new transaction.
        """
        now = self._context.clock.now()
        await self._repository.forget_before(now - LIFE)
        answer_id = self._answer_id()
        earlier = await self._repository.get(answer_id)
        if earlier is not None:
            if earlier.fingerprint != self._replayable.fingerprint:
                raise InvalidError(
                    f"this {HEADER} was used for a different request",
                    code="idempotency_key_reused",
                )
            return Response(
                self._replayable.cipher.decrypt(earlier.body),
                earlier.status,
                {"Idempotency-Replayed": "true"},
                "application/json",
            )
        self._reserved = IdempotentAnswer(
            id=answer_id,
            org_id=self._context.principal.org_id,
            fingerprint=self._replayable.fingerprint,
            status=0,
            body=b"",
            created_at=now,
        )
        try:
            await self._repository.reserve(self._reserved)
        except IntegrityError as error:
            raise AnsweredElsewhereError from error
        return None

    def keep(self, response: Response) -> None:
        """Store ``response`` with the work that it tells of."""
        if self._reserved is not None:
            self._reserved.status = response.status_code
            self._reserved.body = self._replayable.cipher.encrypt(bytes(response.body))

    def _answer_id(self) -> str:
        # The credential is part of it, because only that credential can decrypt the answer.
        principal = self._context.principal
        text = f"{principal.org_id}\n{principal.credential_id}\n{self._replayable.key}"
        return hashlib.sha256(text.encode()).hexdigest()
