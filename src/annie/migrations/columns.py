"""Columns that most tables have; a copy of the models' as they were, never changed."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

Instant = sa.DateTime(timezone=True)
Document = sa.JSON().with_variant(JSONB(), "postgresql")


def identified() -> list[sa.Column[object]]:
    """``id`` and the two timestamps; the primary key constraint is the table's."""
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
    ]


def organization() -> sa.Column[object]:
    """``org_id``, which names the owner."""
    return sa.Column("org_id", sa.Uuid(), nullable=False)


def belongs_to_organization(table: str) -> sa.ForeignKeyConstraint:
    """What makes the rows of ``table`` go with their organization."""
    return sa.ForeignKeyConstraint(
        ["org_id"], ["organizations.id"], name=f"fk_{table}_org_id", ondelete="CASCADE"
    )
