"""All SQL of organizations and office hours."""

from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError

from annie.kit.context import Context
from annie.kit.paging import Page, Paged, paged
from annie.kit.tenancy import unscoped, visible
from annie.organizations.models import OfficeHours, Organization


class OrganizationRepository:
    """Organizations that the principal reaches."""

    def __init__(self, context: Context) -> None:
        self._session = context.session
        self._principal = context.principal

    async def get(self, org_id: UUID) -> Organization | None:
        return await self._session.scalar(
            visible(
                select(Organization).where(Organization.id == org_id),
                Organization,
                self._principal,
            )
        )

    async def page(self, page: Page, *, reference_id: str | None = None) -> Paged[Organization]:
        statement = visible(select(Organization), Organization, self._principal)
        if reference_id is not None:
            statement = statement.where(Organization.reference_id == reference_id)
        return await paged(self._session, statement.order_by(Organization.id), page)

    async def has_children(self, org_id: UUID) -> bool:
        statement = unscoped(
            select(exists().where(Organization.parent_account_org_id == org_id)),
            reason="children of a child aren't the principal's, yet forbid deleting their parent",
        )
        return bool(await self._session.scalar(statement))

    async def add(self, organization: Organization) -> None:
        self._session.add(organization)
        await self._session.flush()

    async def save(self) -> None:
        await self._session.flush()

    async def delete(self, organization: Organization) -> bool:
        """With what goes with it; False when something was added to it in the meantime."""
        try:
            async with self._session.begin_nested():
                await self._session.delete(organization)
        except IntegrityError:
            return False
        return True

    async def hours(self, org_id: UUID) -> list[OfficeHours]:
        """Days that were set, in no order."""
        statement = visible(
            select(OfficeHours).where(OfficeHours.org_id == org_id), OfficeHours, self._principal
        )
        return list((await self._session.scalars(statement)).all())

    async def put_hours(self, hours: OfficeHours) -> None:
        """Store one day, in place of what it held."""
        await self._session.merge(hours)
        await self._session.flush()


class LiveOrganizations:
    """What a live call may know of the organization whose number was dialled."""

    def __init__(self, context: Context) -> None:
        self._session = context.session

    async def get(self, org_id: UUID) -> Organization | None:
        return await self._session.scalar(
            unscoped(
                select(Organization).where(Organization.id == org_id),
                reason="the dialled number decides the organization",
            )
        )

    async def by_reference(self, reference_id: str) -> Organization | None:
        """The oldest organization that bears ``reference_id``."""
        return await self._session.scalar(
            unscoped(
                select(Organization)
                .where(Organization.reference_id == reference_id)
                .order_by(Organization.id)
                .limit(1),
                reason="the demonstration looks for itself, before any key exists",
            )
        )

    async def hours(self, org_id: UUID) -> list[OfficeHours]:
        statement = unscoped(
            select(OfficeHours).where(OfficeHours.org_id == org_id),
            reason="the dialled number decides the organization",
        )
        return list((await self._session.scalars(statement)).all())
