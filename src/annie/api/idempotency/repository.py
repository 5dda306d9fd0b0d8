"""All SQL of idempotent answers."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from annie.api.idempotency.models import IdempotentAnswer
from annie.kit.tenancy import unscoped


class IdempotencyRepository:
    """Answers by an id that is derived from the organization and the client's key."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, answer_id: str) -> IdempotentAnswer | None:
        return await self._session.scalar(
            unscoped(
                select(IdempotentAnswer).where(IdempotentAnswer.id == answer_id),
                reason="the id is derived from the organization",
            )
        )

    async def reserve(self, answer: IdempotentAnswer) -> None:
        """Raises ``IntegrityError`` when the same request was just answered elsewhere."""
        self._session.add(answer)
        await self._session.flush()

    async def forget_before(self, instant: datetime) -> None:
        statement = unscoped(
            delete(IdempotentAnswer)
            .where(IdempotentAnswer.created_at < instant)
            .execution_options(synchronize_session=False),
            reason="what has expired goes for every tenant",
        )
        await self._session.execute(statement)
