"""Routes of organizations and office hours."""

from typing import Annotated
from uuid import UUID

from fastapi import BackgroundTasks, Path, Query, Request

from annie.conversations.service import erase_recordings
from annie.kit.routing import RequestContext, RequestedPage, guarded_router
from annie.kit.schemas import Deleted, Name, Success
from annie.organizations.hours import DayOfWeek
from annie.organizations.schemas import (
    OfficeHoursList,
    OfficeHoursOut,
    OfficeHoursSet,
    OrganizationCreate,
    OrganizationList,
    OrganizationOut,
    OrganizationUpdate,
)
from annie.organizations.service import OrganizationService

router = guarded_router("/organizations", "Organizations")

OrgId = Annotated[UUID, Path(alias="orgId")]


@router.post("", status_code=201, summary="Create organization")
async def create_organization(
    body: OrganizationCreate, context: RequestContext
) -> Success[OrganizationOut]:
    """The new organization is a child of the key's own, so that the key reaches it."""
    organization = await OrganizationService(context).create(body, parent=context.principal.org_id)
    return Success(data=OrganizationOut.model_validate(organization))


@router.get("", summary="List organizations")
async def list_organizations(
    context: RequestContext,
    page: RequestedPage,
    reference_id: Annotated[Name | None, Query(alias="referenceId")] = None,
) -> Success[OrganizationList]:
    """The key's own organization and its children, oldest first."""
    found = await OrganizationService(context).page(page, reference_id=reference_id)
    organizations = [OrganizationOut.model_validate(row) for row in found.rows]
    return Success(data=OrganizationList(organizations=organizations, pagination=found.pagination))


@router.get("/{orgId}", summary="Get organization")
async def get_organization(org_id: OrgId, context: RequestContext) -> Success[OrganizationOut]:
    organization = await OrganizationService(context).get(org_id)
    return Success(data=OrganizationOut.model_validate(organization))


@router.patch("/{orgId}", summary="Update organization")
async def update_organization(
    org_id: OrgId, body: OrganizationUpdate, context: RequestContext
) -> Success[OrganizationOut]:
    organization = await OrganizationService(context).update(org_id, body)
    return Success(data=OrganizationOut.model_validate(organization))


@router.delete("/{orgId}", summary="Delete organization")
async def delete_organization(
    org_id: OrgId, context: RequestContext, request: Request, afterwards: BackgroundTasks
) -> Success[Deleted]:
    """Its keys, hours, closed conversations with their recordings, and done messages go with it.

    409 while it has child organizations, bots, phone numbers (active, or released and not yet
    back at the carrier), open conversations or messages that aren't done.
    """
    conversations = await OrganizationService(context).delete(org_id)
    # Files go only once the records are gone for good: after the transaction.
    afterwards.add_task(erase_recordings, request.app.state.recordings_dir, conversations)
    return Success(data=Deleted(id=str(org_id)))


@router.post("/{orgId}/office-hours", summary="Set office hours", tags=["Office hours"])
async def set_office_hours(
    org_id: OrgId, body: OfficeHoursSet, context: RequestContext
) -> Success[OfficeHoursOut]:
    """Creates or replaces the hours of one weekday."""
    hours = await OrganizationService(context).set_hours(org_id, body)
    return Success(data=OfficeHoursOut.model_validate(hours))


@router.get("/{orgId}/office-hours", summary="List office hours", tags=["Office hours"])
async def list_office_hours(org_id: OrgId, context: RequestContext) -> Success[OfficeHoursList]:
    rows = await OrganizationService(context).hours(org_id)
    hours = [OfficeHoursOut.model_validate(row) for row in rows]
    return Success(data=OfficeHoursList(office_hours=hours))


@router.get("/{orgId}/office-hours/{dayOfWeek}", summary="Get office hours", tags=["Office hours"])
async def get_office_hours(
    org_id: OrgId, day: Annotated[DayOfWeek, Path(alias="dayOfWeek")], context: RequestContext
) -> Success[OfficeHoursOut]:
    hours = await OrganizationService(context).hours_on(org_id, day)
    return Success(data=OfficeHoursOut.model_validate(hours))
