"""Phone numbers."""

import sqlalchemy as sa
from alembic import op

from annie.migrations.columns import (
    Document,
    Instant,
    belongs_to_organization,
    identified,
    organization,
)

revision = "0002_numbers"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "phone_numbers",
        *identified(),
        organization(),
        sa.Column("bot_id", sa.Uuid()),
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("carrier", sa.String(32), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("voice_id", sa.String(32), nullable=False),
        sa.Column("verified_caller_id", sa.String(64)),
        sa.Column("callback_forwarding_number", sa.String(64)),
        sa.Column("speed", sa.Double(), nullable=False),
        sa.Column("stability", sa.Double(), nullable=False),
        sa.Column("similarity", sa.Double(), nullable=False),
        sa.Column("style", sa.Double(), nullable=False),
        sa.Column("tags", Document, nullable=False),
        sa.Column("campaign", sa.String(255)),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("released_at", Instant),
        sa.Column("restorable_until", Instant),
        sa.PrimaryKeyConstraint("id", name="pk_phone_numbers"),
        sa.UniqueConstraint("number", name="uq_phone_numbers_number"),
        belongs_to_organization("phone_numbers"),
        sa.ForeignKeyConstraint(
            ["bot_id"], ["bots.id"], name="fk_phone_numbers_bot_id", ondelete="RESTRICT"
        ),
    )
    for column in ("org_id", "bot_id"):
        op.create_index(f"ix_phone_numbers_{column}", "phone_numbers", [column])


def downgrade() -> None:
    op.drop_table("phone_numbers")
