"""Whether the caller agreed to a message as it was read back."""

import sqlalchemy as sa
from alembic import op

revision = "0005_unconfirmed"
down_revision = "0004_media"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Until now a message was stored only once the caller had agreed, or had no more to say.
    op.add_column(
        "staff_messages",
        sa.Column("confirmed", sa.Boolean(), nullable=False, server_default=sa.true()),
    )


def downgrade() -> None:
    op.drop_column("staff_messages", "confirmed")
