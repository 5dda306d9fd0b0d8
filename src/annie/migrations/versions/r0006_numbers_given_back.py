"""Released numbers know their bot and go back to the carrier; none goes with its organization."""

import sqlalchemy as sa
from alembic import op

from annie.migrations.columns import Instant

revision = "0006_given_back"
down_revision = "0005_unconfirmed"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("phone_numbers") as table:
        table.add_column(sa.Column("former_bot_id", sa.Uuid()))
        table.add_column(sa.Column("give_back_after", Instant))
    _owned("RESTRICT")


def downgrade() -> None:
    _owned("CASCADE")
    with op.batch_alter_table("phone_numbers") as table:
        table.drop_column("give_back_after")
        table.drop_column("former_bot_id")


def _owned(ondelete: str) -> None:
    name = "fk_phone_numbers_org_id"
    with op.batch_alter_table("phone_numbers") as table:
        table.drop_constraint(name, type_="foreignkey")
        table.create_foreign_key(name, "organizations", ["org_id"], ["id"], ondelete=ondelete)
