"""Who asks."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Permission(StrEnum):
    """What a key may do; ``WRITE`` includes reading, ``ADMIN`` everything."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"

    @property
    def includes(self) -> frozenset["Permission"]:
        """This permission and the weaker ones."""
        order = list(Permission)
        return frozenset(order[: order.index(self) + 1])


@dataclass(slots=True, frozen=True)
class Principal:
    """An authenticated caller of the API, or ourselves acting for an organization.

    It reaches ``org_id`` and the organizations whose ``parentAccountOrgId`` that is.
    """

    org_id: UUID
    permissions: frozenset[Permission]
    #: The API key or OAuth client that was shown; None when we act by ourselves.
    credential_id: UUID | None = None

    def may(self, permission: Permission) -> bool:
        """Whether one of the permissions held includes ``permission``."""
        return any(permission in held.includes for held in self.permissions)

    @classmethod
    def acting_for(cls, org_id: UUID) -> "Principal":
        """Ourselves, with every permission inside one organization (seed, command line)."""
        return cls(org_id, frozenset(Permission))
