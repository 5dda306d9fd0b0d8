"""All SQL of phone numbers."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, not_, or_, select
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

    async def hold(self, number_id: UUID) -> PhoneNumber | None:
        """As ``get``, and nobody else changes the row until this transaction ends."""
        statement = visible(
            select(PhoneNumber)
            .where(PhoneNumber.id == number_id)
            .with_for_update()
            .execution_options(populate_existing=True),
            PhoneNumber,
            self._principal,
        )
        return await self._session.scalar(statement)

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

    async def find(self, number: str) -> PhoneNumber | None:
        return await self._session.scalar(
            visible(
                select(PhoneNumber).where(PhoneNumber.number == number),
                PhoneNumber,
                self._principal,
            )
        )

    async def of_organization(self, org_id: UUID) -> list[PhoneNumber]:
        """Active and released ones."""
        statement = visible(
            select(PhoneNumber).where(PhoneNumber.org_id == org_id).order_by(PhoneNumber.id),
            PhoneNumber,
            self._principal,
        )
        return list((await self._session.scalars(statement)).all())

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
    """Which numbers anybody holds: what the carrier must not sell again.

    ``free_at`` leaves out those of ``carrier`` that would be given back at that instant, for
    a search that may change nothing; whoever buys gives them back first.
    """

    def __init__(
        self, session: AsyncSession, *, free_at: datetime | None = None, carrier: str = ""
    ) -> None:
        self._session = session
        self._freed = None if free_at is None else _due(free_at, carrier)

    async def held(self, prefix: str) -> set[str]:
        numbers = unscoped(
            select(PhoneNumber.number).where(
                PhoneNumber.number.startswith(prefix, autoescape=True)
            ),
            reason="a number is held once in the whole installation; only numbers are read",
        )
        if self._freed is not None:
            numbers = numbers.where(not_(self._freed))
        return set((await self._session.scalars(numbers)).all())


class ExpiredNumbers:
    """Released numbers whose grace period is over."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def claim(
        self, now: datetime, until: datetime, *, carrier: str, limit: int, prefix: str = ""
    ) -> list[PhoneNumber]:
        """At most ``limit`` numbers of ``carrier``, which nobody else gets before ``until``."""
        statement = (
            unscoped(
                select(PhoneNumber).where(
                    _due(now, carrier),
                    PhoneNumber.number.startswith(prefix, autoescape=True),
                ),
                reason="the end of a grace period frees the number for everybody",
            )
            .order_by(PhoneNumber.restorable_until)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        claimed = list((await self._session.scalars(statement)).all())
        for row in claimed:
            row.give_back_after = until
        await self._session.flush()
        return claimed

    async def forget(self, number_ids: Collection[UUID]) -> None:
        """Delete what was claimed: the numbers are anybody's."""
        await self._session.execute(
            unscoped(
                delete(PhoneNumber).where(
                    PhoneNumber.id.in_(number_ids), PhoneNumber.give_back_after.is_not(None)
                ),
                reason="the end of a grace period frees the number for everybody",
            )
        )


def _due(now: datetime, carrier: str) -> ColumnElement[bool]:
    """Numbers to be given back to ``carrier`` at ``now``."""
    return and_(
        PhoneNumber.carrier == carrier,
        PhoneNumber.status == "RELEASED",
        PhoneNumber.restorable_until <= now,
        or_(PhoneNumber.give_back_after.is_(None), PhoneNumber.give_back_after <= now),
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
