"""How the audio of a call fared."""

import sqlalchemy as sa
from alembic import op

from annie.migrations.columns import Document

revision = "0004_media"
down_revision = "0003_conversations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversations", sa.Column("media", Document))


def downgrade() -> None:
    op.drop_column("conversations", "media")
