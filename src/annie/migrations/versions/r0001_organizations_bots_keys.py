"""Organizations, office hours, bots, FAQs, API keys, OAuth clients, idempotent answers."""

import sqlalchemy as sa
from alembic import op

from annie.migrations.columns import (
    Document,
    Instant,
    belongs_to_organization,
    identified,
    organization,
)

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "organizations",
        *identified(),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("timezone", sa.String(64), nullable=False),
        sa.Column("phone", sa.String(64), nullable=False),
        sa.Column("reference_id", sa.String(255)),
        sa.Column("parent_account_org_id", sa.Uuid()),
        sa.Column("address", Document),
        sa.PrimaryKeyConstraint("id", name="pk_organizations"),
        sa.ForeignKeyConstraint(
            ["parent_account_org_id"],
            ["organizations.id"],
            name="fk_organizations_parent_account_org_id",
            ondelete="RESTRICT",
        ),
    )
    _index("organizations", "reference_id")
    _index("organizations", "parent_account_org_id")

    op.create_table(
        "office_hours",
        organization(),
        sa.Column("day_of_week", sa.String(9), nullable=False),
        sa.Column("is_closed", sa.Boolean(), nullable=False),
        sa.Column("open", sa.String(5)),
        sa.Column("close", sa.String(5)),
        sa.PrimaryKeyConstraint("org_id", "day_of_week", name="pk_office_hours"),
        belongs_to_organization("office_hours"),
    )

    op.create_table(
        "bots",
        *identified(),
        organization(),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("internal_name", sa.String(255)),
        sa.Column("company_name", sa.String(255)),
        sa.Column("industry", sa.String(32)),
        sa.Column("greeting", sa.Text(), nullable=False),
        sa.Column("phone_greeting", sa.Text()),
        sa.Column("closed_chat_greeting", sa.Text()),
        sa.Column("closed_phone_greeting", sa.Text()),
        sa.Column("localized_greetings", Document, nullable=False),
        sa.Column("outbound", sa.Boolean(), nullable=False),
        sa.Column("is_guardian_enabled", sa.Boolean(), nullable=False),
        sa.Column("recording_enabled", sa.Boolean(), nullable=False),
        sa.Column("integration_id", sa.Uuid()),
        sa.Column("model_version", sa.String(255)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_bots"),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organizations.id"], name="fk_bots_org_id", ondelete="RESTRICT"
        ),
    )
    _index("bots", "org_id")

    op.create_table(
        "faqs",
        *identified(),
        organization(),
        sa.Column("bot_id", sa.Uuid(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("alternates", Document, nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(16)),
        sa.PrimaryKeyConstraint("id", name="pk_faqs"),
        belongs_to_organization("faqs"),
        sa.ForeignKeyConstraint(["bot_id"], ["bots.id"], name="fk_faqs_bot_id", ondelete="CASCADE"),
    )
    _index("faqs", "org_id")
    _index("faqs", "bot_id")

    op.create_table(
        "api_keys",
        *identified(),
        organization(),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("hint", sa.String(4), nullable=False),
        sa.Column("permissions", Document, nullable=False),
        sa.Column("last_used_at", Instant),
        sa.Column("revoked_at", Instant),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.UniqueConstraint("key_hash", name="uq_api_keys_key_hash"),
        belongs_to_organization("api_keys"),
    )
    _index("api_keys", "org_id")

    op.create_table(
        "oauth_clients",
        *identified(),
        organization(),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("permissions", Document, nullable=False),
        sa.Column("last_used_at", Instant),
        sa.Column("revoked_at", Instant),
        sa.PrimaryKeyConstraint("id", name="pk_oauth_clients"),
        belongs_to_organization("oauth_clients"),
    )
    _index("oauth_clients", "org_id")

    op.create_table(
        "signing_secrets",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("secret", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_signing_secrets"),
    )

    op.create_table(
        "idempotent_answers",
        organization(),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_idempotent_answers"),
        belongs_to_organization("idempotent_answers"),
    )
    _index("idempotent_answers", "org_id")
    _index("idempotent_answers", "created_at")


def downgrade() -> None:
    for table in (
        "idempotent_answers",
        "signing_secrets",
        "oauth_clients",
        "api_keys",
        "faqs",
        "bots",
        "office_hours",
        "organizations",
    ):
        op.drop_table(table)


def _index(table: str, column: str) -> None:
    op.create_index(f"ix_{table}_{column}", table, [column])
