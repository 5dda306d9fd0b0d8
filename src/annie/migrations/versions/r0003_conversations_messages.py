"""Conversations, what was said in them, and messages for the staff."""

import sqlalchemy as sa
from alembic import op

from annie.migrations.columns import (
    Document,
    Instant,
    belongs_to_organization,
    identified,
    organization,
)

revision = "0003_conversations"
down_revision = "0002_numbers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "conversations",
        *identified(),
        organization(),
        sa.Column("bot_id", sa.Uuid()),
        sa.Column("phone_number_id", sa.Uuid()),
        sa.Column("medium", sa.String(8), nullable=False),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("direction", sa.String(8), nullable=False),
        sa.Column("language", sa.String(16)),
        sa.Column("to_number", sa.String(64)),
        sa.Column("from_number", sa.String(64)),
        sa.Column("caller_name", sa.String(255)),
        sa.Column("asserted_identity", sa.String(255)),
        sa.Column("diverted_from", sa.String(255)),
        sa.Column("diverted_reason", sa.String(64)),
        sa.Column("user_agent", sa.String(255)),
        sa.Column("sip_call_id", sa.String(255)),
        sa.Column("campaign", sa.String(255)),
        sa.Column("summary", sa.Text()),
        sa.Column("topic", sa.String(255)),
        sa.Column("actions_needed", Document, nullable=False),
        sa.Column("conversation_tags", Document, nullable=False),
        sa.Column("start_time", Instant, nullable=False),
        sa.Column("end_time", Instant),
        sa.Column("end_reason", sa.String(64)),
        sa.Column("end_detail", sa.Text()),
        sa.Column("recorded", sa.Boolean(), nullable=False),
        sa.Column("idle_timeout_minutes", sa.Integer()),
        sa.Column("max_open_minutes", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
        belongs_to_organization("conversations"),
    )
    for column in ("org_id", "bot_id", "status"):
        op.create_index(f"ix_conversations_{column}", "conversations", [column])
    op.create_index("ix_conversations_org_id_start_time", "conversations", ["org_id", "start_time"])

    op.create_table(
        "utterances",
        *identified(),
        organization(),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("timings", Document, nullable=False),
        sa.Column("digits", sa.String(64), nullable=False),
        sa.Column("interrupted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_utterances"),
        belongs_to_organization("utterances"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_utterances_conversation_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_utterances_org_id", "utterances", ["org_id"])
    op.create_index(
        "ix_utterances_conversation_id_at", "utterances", ["conversation_id", "at", "id"]
    )

    op.create_table(
        "staff_messages",
        *identified(),
        organization(),
        sa.Column("bot_id", sa.Uuid()),
        sa.Column("conversation_id", sa.Uuid()),
        sa.Column("caller_name", sa.String(255), nullable=False),
        sa.Column("callback_number", sa.String(64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("urgency", sa.String(8), nullable=False),
        sa.Column("status", sa.String(8), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_staff_messages"),
        belongs_to_organization("staff_messages"),
    )
    op.create_index("ix_staff_messages_org_id", "staff_messages", ["org_id"])
    op.create_index("ix_staff_messages_conversation_id", "staff_messages", ["conversation_id"])
    op.create_index("ix_staff_messages_org_id_status", "staff_messages", ["org_id", "status"])


def downgrade() -> None:
    for table in ("staff_messages", "utterances", "conversations"):
        op.drop_table(table)
