"""The tenant filter: the one place that decides which rows a principal sees.

Every statement of a repository goes through ``visible``, or says through ``unscoped``
why it needn't; ``tests/records/test_tenant_filter.py`` reads the source and fails otherwise.
"""

from typing import Any, Protocol, Self, TypeVar
from uuid import UUID

from sqlalchemy import Uuid, column, or_, select, table
from sqlalchemy.orm import InstrumentedAttribute

from annie.kit.principal import Principal

# Named by hand: kit knows that tenants form a tree, not what else an organization is.
_tree = table("organizations", column("id", Uuid()), column("parent_account_org_id", Uuid()))


class _Filterable(Protocol):
    def where(self, *clauses: Any) -> Self: ...


class Owned(Protocol):
    """A mapped class whose rows belong to an organization."""

    @classmethod
    def owner(cls) -> InstrumentedAttribute[UUID]:
        """The column that holds the id of the owning organization."""
        ...


Statement = TypeVar("Statement", bound=_Filterable)
Unfiltered = TypeVar("Unfiltered")


def visible(statement: Statement, model: type[Owned], principal: Principal) -> Statement:
    """``statement`` restricted to rows of ``model`` that ``principal`` may know of.

    Those are the rows of its organization and of that organization's direct children.
    """
    reachable = select(_tree.c.id).where(
        or_(
            _tree.c.id == principal.org_id,
            _tree.c.parent_account_org_id == principal.org_id,
        )
    )
    return statement.where(model.owner().in_(reachable))


def unscoped(statement: Unfiltered, *, reason: str) -> Unfiltered:
    """``statement`` as it is; ``reason`` says why no tenant filter applies here."""
    if not reason:
        raise ValueError("an unscoped statement needs a reason")
    return statement
