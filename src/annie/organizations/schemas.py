"""The wire shape of organizations and office hours."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from annie.kit.paging import Pagination
from annie.kit.schemas import Name, RequestModel, ResponseModel, Switch, Timestamp, absent, example
from annie.organizations.hours import DayOfWeek, parse_time

Timezone = Literal[
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Toronto",
    "America/Vancouver",
    "America/Mexico_City",
]
Phone = Annotated[Name, Field(max_length=64, examples=["+12125550123"])]
TimeOfDay = Annotated[
    str,
    StringConstraints(pattern=r"^([01]?[0-9]|2[0-3]):[0-5][0-9]$"),
    Field(examples=["09:00"]),
]

_ADDRESS = {
    "addressLine1": "118 River Street",
    "addressLine2": "Suite 2",
    "city": "New York",
    "state": "NY",
    "country": "US",
    "zip": "10012",
}
_ORGANIZATION = {
    "name": "Riverside Dental",
    "timezone": "America/New_York",
    "phone": "+12125550123",
    "referenceId": "practice-17",
    "address": _ADDRESS,
}


class Address(RequestModel):
    """Where an organization is."""

    model_config = example(_ADDRESS)

    address_line1: Name = Field(alias="addressLine1")
    city: Name
    state: Name
    country: Name
    zip: Name
    address_line2: Name | None = Field(default=None, alias="addressLine2")


class OrganizationCreate(RequestModel):
    """A new organization; it becomes a child of the key's own."""

    model_config = example(_ORGANIZATION)

    name: Name
    timezone: Timezone
    phone: Phone
    reference_id: Name | None = None
    address: Address | None = None


class OrganizationUpdate(RequestModel):
    """Only what is given changes."""

    model_config = example({"name": "Riverside Dental Care"})

    name: Name = absent()
    timezone: Timezone = absent()
    phone: Phone = absent()
    reference_id: Name | None = None
    address: Address | None = None


class AddressOut(ResponseModel):
    """Where an organization is."""

    address_line1: str = Field(alias="addressLine1")
    city: str
    state: str
    country: str
    zip: str
    address_line2: str | None = Field(default=None, alias="addressLine2")


class OrganizationOut(ResponseModel):
    """An organization."""

    model_config = example(
        {
            "id": "0190f3a2-7c1e-7d3a-9b52-3f1f6a1c0d11",
            **_ORGANIZATION,
            "parentAccountOrgId": None,
            "createdAt": "2026-03-02T15:00:00.000Z",
            "updatedAt": "2026-03-02T15:00:00.000Z",
        }
    )

    id: UUID
    name: str
    timezone: str
    phone: str
    reference_id: str | None
    parent_account_org_id: UUID | None
    address: AddressOut | None
    created_at: Timestamp
    updated_at: Timestamp


class OrganizationList(ResponseModel):
    """A page of organizations."""

    organizations: list[OrganizationOut]
    pagination: Pagination


class OfficeHoursSet(RequestModel):
    """The hours of one weekday; ``open`` and ``close`` are needed unless ``isClosed``."""

    model_config = example(
        {"dayOfWeek": "MONDAY", "isClosed": False, "open": "09:00", "close": "17:00"}
    )

    day_of_week: DayOfWeek
    is_closed: Switch
    open: TimeOfDay | None = None
    close: TimeOfDay | None = None

    @model_validator(mode="after")
    def _ordered(self) -> "OfficeHoursSet":
        if self.is_closed:
            return self
        if self.open is None or self.close is None:
            raise ValueError("open and close are required when isClosed is false")
        if parse_time(self.close) <= parse_time(self.open):
            raise ValueError(f"close ({self.close}) must be later than open ({self.open})")
        return self


class OfficeHoursOut(ResponseModel):
    """The hours of one weekday, in the organization's time zone."""

    model_config = example(
        {"dayOfWeek": "MONDAY", "isClosed": False, "open": "09:00", "close": "17:00"}
    )

    day_of_week: DayOfWeek
    is_closed: bool
    open: str | None
    close: str | None


class OfficeHoursList(ResponseModel):
    """The days that were set, Monday first."""

    office_hours: list[OfficeHoursOut]
