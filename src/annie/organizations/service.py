"""The rules of organizations."""

from collections.abc import Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from annie.conversations.repository import ConversationRepository
from annie.kit.context import Context
from annie.kit.errors import ConflictError, FieldError, NotFoundError
from annie.kit.paging import Page, Paged
from annie.organizations.contents import obstacles
from annie.organizations.hours import DayHours, DayOfWeek, Week, parse_time
from annie.organizations.models import OfficeHours, Organization
from annie.organizations.repository import LiveOrganizations, OrganizationRepository
from annie.organizations.schemas import OfficeHoursSet, OrganizationCreate, OrganizationUpdate


class OrganizationService:
    """What a principal may do with the organizations that it reaches."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._repository = OrganizationRepository(context)

    async def create(self, body: OrganizationCreate, *, parent: UUID | None = None) -> Organization:
        """A new organization, a child of ``parent`` (None: an account of its own)."""
        organization = Organization(
            name=body.name,
            timezone=body.timezone,
            phone=body.phone,
            reference_id=body.reference_id,
            parent_account_org_id=parent,
            address=body.address.model_dump() if body.address else None,
        )
        await self._repository.add(organization)
        return organization

    async def get(self, org_id: UUID) -> Organization:
        """Raises ``NotFoundError`` for what the principal doesn't reach."""
        organization = await self._repository.get(org_id)
        if organization is None:
            raise NotFoundError(f"there is no organization {org_id}")
        return organization

    async def page(self, page: Page, *, reference_id: str | None = None) -> Paged[Organization]:
        return await self._repository.page(page, reference_id=reference_id)

    async def update(self, org_id: UUID, body: OrganizationUpdate) -> Organization:
        organization = await self.get(org_id)
        for name, value in body.given().items():
            setattr(organization, name, value)
        await self._repository.save()
        return organization

    async def delete(self, org_id: UUID) -> set[UUID]:
        """Delete an organization with its keys, hours and records of what is over.

        Returns the ids of its conversations, whose recordings are to go too.

        Raises:
            ConflictError: it is the principal's own, or something in it isn't over; the
                refusal says what to do about each.
        """
        organization = await self.get(org_id)
        if org_id == self._context.principal.org_id:
            raise ConflictError("a key can't delete its own organization", code="own_organization")
        found = await obstacles(self._context, org_id)
        if found:
            said = "; ".join(each.message for each in found)
            raise _not_empty(f"the organization can't be deleted: {said}", found)
        conversations = await ConversationRepository(self._context).ids(org_id)
        if not await self._repository.delete(organization):
            raise _not_empty("something was added to the organization just now; look again")
        return conversations

    async def set_hours(self, org_id: UUID, body: OfficeHoursSet) -> OfficeHours:
        """Store one weekday's hours; times are kept as ``HH:mm`` with two digits."""
        await self.get(org_id)
        hours = OfficeHours(
            org_id=org_id,
            day_of_week=body.day_of_week.value,
            is_closed=body.is_closed,
            open=None if body.is_closed else _two_digits(body.open),
            close=None if body.is_closed else _two_digits(body.close),
        )
        await self._repository.put_hours(hours)
        return hours

    async def hours(self, org_id: UUID) -> list[OfficeHours]:
        """The days that were set, Monday first."""
        await self.get(org_id)
        order = {day.value: index for index, day in enumerate(DayOfWeek)}
        rows = await self._repository.hours(org_id)
        return sorted(rows, key=lambda row: order[row.day_of_week])

    async def hours_on(self, org_id: UUID, day: DayOfWeek) -> OfficeHours:
        """Raises ``NotFoundError`` when the day was never set."""
        for row in await self.hours(org_id):
            if row.day_of_week == day:
                return row
        raise NotFoundError(f"no hours were set for {day}")


async def week_of(context: Context, organization: Organization) -> Week:
    """The week of the organization whose number is being called."""
    rows = await LiveOrganizations(context).hours(organization.id)
    return week_from(rows, organization.timezone)


def week_from(rows: list[OfficeHours], timezone: str) -> Week:
    """Stored days as a ``Week``."""
    days: dict[DayOfWeek, DayHours | None] = {}
    for row in rows:
        open_ = row.open and row.close and not row.is_closed
        days[DayOfWeek(row.day_of_week)] = (
            DayHours(parse_time(row.open or ""), parse_time(row.close or "")) if open_ else None
        )
    return Week(days, ZoneInfo(timezone))


def _not_empty(message: str, details: Sequence[FieldError] = ()) -> ConflictError:
    return ConflictError(message, code="organization_not_empty", details=details)


def _two_digits(text: str | None) -> str | None:
    return None if text is None else f"{parse_time(text):%H:%M}"
