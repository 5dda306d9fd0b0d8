"""``offset`` and ``limit`` on lists, and the ``pagination`` that every list answers with."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import Field
from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from annie.kit.schemas import ResponseModel, example

MAX_OFFSET = 2**31 - 1
Row = TypeVar("Row")


@dataclass(slots=True, frozen=True)
class Page:
    """Which part of a list is wanted: ``limit`` (1 to 100) rows after ``offset``."""

    offset: int = 0
    limit: int = 20


@dataclass(slots=True, frozen=True)
class Paged(Generic[Row]):
    """Rows of one page, and how many there are in all."""

    rows: list[Row]
    total: int
    page: Page

    @property
    def pagination(self) -> "Pagination":
        return Pagination(offset=self.page.offset, limit=self.page.limit, total_count=self.total)


class Pagination(ResponseModel):
    """Where this page stands in the whole list."""

    model_config = example({"offset": 0, "limit": 20, "totalCount": 3})

    offset: int = Field(ge=0)
    limit: int = Field(ge=1, le=100)
    total_count: int = Field(ge=0)


async def paged(session: AsyncSession, statement: Select[Row], page: Page) -> Paged[Row]:
    """One page of ``statement``, which must have gone through the tenant filter and be ordered."""
    rows = list((await session.scalars(statement.limit(page.limit).offset(page.offset))).all())
    # A page that isn't full tells the total by itself.
    if rows and len(rows) < page.limit:
        return Paged(rows, page.offset + len(rows), page)
    if not rows and page.offset == 0:
        return Paged(rows, 0, page)
    counted: Select[Any] = select(func.count()).select_from(statement.order_by(None).subquery())
    return Paged(rows, int(await session.scalar(counted) or 0), page)
