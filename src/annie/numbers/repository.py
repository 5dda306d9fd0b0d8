"""All SQL of phone numbers."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from annie.kit.context import Context
from annie.kit.errors import ConflictError
from annie.kit.paging import Page, Paged, paged
from annie.kit.tenancy import unscoped, visible
from annie.numbers.models import PhoneNumber


class NumberRepository:
    """Numbers that the principal reaches."""

    def __init__(self, context: Context) -> None:
        self._session = context.session
        self._principal = context.principal

    async def get(self, number_id: UUID) -> PhoneNumber | None:
        return await self._session.scalar(
            visible(
                select(PhoneNumber).where(PhoneNumber.id == number_id),
                PhoneNumber,
                self._principal,
            )
        )

    async def page(
        self,
        page: Page,
        *,
        org_id: UUID | None = None,
        bot_id: UUID | None = None,
        include_released: bool = False,
    ) -> Paged[PhoneNumber]:
        """Oldest first."""
        statement = visible(select(PhoneNumber), PhoneNumber, self._principal)
        if org_id is not None:
            statement = statement.where(PhoneNumber.org_id == org_id)
        if bot_id is not None:
            statement = statement.where(PhoneNumber.bot_id == bot_id)
        if not include_released:
            statement = statement.where(PhoneNumber.status == "ACTIVE")
        return await paged(self._session, statement.order_by(PhoneNumber.id), page)

    async def of_bot(self, bot_id: UUID) -> list[PhoneNumber]:
        statement = visible(
            select(PhoneNumber).where(PhoneNumber.bot_id == bot_id).order_by(PhoneNumber.id),
            PhoneNumber,
            self._principal,
        )
        return list((await self._session.scalars(statement)).all())

    async def claim(self, number: PhoneNumber) -> bool:
        """Store a new number; False when somebody else took it in the meantime.

        Raises:
            ConflictError: its bot or its organization was deleted in the meantime.
        """
        try:
            async with self._session.begin_nested():
                self._session.add(number)
        except IntegrityError as error:
            if await HeldNumbers(self._session).held(number.number):
                return False
            raise _owner_gone() from error
        return True

    async def save(self) -> None:
        """Raises ``ConflictError`` when the bot was deleted in the meantime."""
        try:
            await self._session.flush()
        except IntegrityError as error:
            raise _owner_gone() from error


def _owner_gone() -> ConflictError:
    return ConflictError("the bot or the organization was deleted in the meantime")


class HeldNumbers:
    """Which numbers anybody holds: what the carrier must not sell again."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def held(self, prefix: str) -> set[str]:
        found = await self._session.scalars(
            unscoped(
                select(PhoneNumber.number).where(PhoneNumber.number.startswith(prefix)),
                reason="a number is held once in the whole installation; only numbers are read",
            )
        )
        return set(found.all())

    async def expire(self, now: datetime) -> None:
        """Forget released numbers whose grace period is over: they can be sold again."""
        await self._session.execute(
            unscoped(
                delete(PhoneNumber).where(
                    PhoneNumber.status == "RELEASED", PhoneNumber.restorable_until < now
                ),
                reason="the end of a grace period frees the number for everybody",
            )
        )


class LiveNumbers:
    """What a live call may know: who answers the dialled number."""

    def __init__(self, context: Context) -> None:
        self._session = context.session

    async def find(self, number: str) -> PhoneNumber | None:
        return await self._session.scalar(
            unscoped(
                select(PhoneNumber).where(
                    PhoneNumber.number == number, PhoneNumber.status == "ACTIVE"
                ),
                reason="the dialled number decides the organization",
            )
        )

    async def active(self, limit: int = 1000) -> list[PhoneNumber]:
        """Numbers that can be dialled, newest change first."""
        statement = unscoped(
            select(PhoneNumber)
            .where(PhoneNumber.status == "ACTIVE")
            .order_by(PhoneNumber.updated_at.desc())
            .limit(limit),
            reason="what callers of every number hear is synthesized ahead",
        )
        return list((await self._session.scalars(statement)).all())
