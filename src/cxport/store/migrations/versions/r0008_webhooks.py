"""Subscriptions, and the outbox of their deliveries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

NUMBER = sa.BigInteger()
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the two tables."""
    _create_subscriptions()
    _create_deliveries()


def _create_subscriptions() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("language", TEXT, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("previous_until", TIME),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("created_by", TEXT, nullable=False),
        sa.Column("failures", NUMBER, nullable=False),
        sa.Column("paused_until", TIME, nullable=False),
        sa.Column("lease", NUMBER, nullable=False),
        sa.Column("leased_until", TIME, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="subscriptions_of_tenants"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="subscriptions_key"),
    )


def _create_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("subscription_id", TEXT, nullable=False),
        sa.Column("notice_id", TEXT, nullable=False),
        sa.Column("event", TEXT, nullable=False),
        sa.Column("body", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("attempts", NUMBER, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("queued_at", TIME, nullable=False),
        sa.Column("next_at", TIME, nullable=False),
        sa.Column("ended_at", TIME),
        sa.Column("answer", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "subscription_id"],
            ["subscriptions.tenant_id", "subscriptions.id"],
            name="deliveries_of_subscriptions",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="deliveries_key"),
        sa.UniqueConstraint(
            "tenant_id",
            "subscription_id",
            "notice_id",
            name="deliveries_unique_tenant_id_subscription_id_notice_id",
        ),
    )
    op.create_index("deliveries_by_age", "deliveries", ["created_at"])
    op.create_index(
        "deliveries_by_subscription",
        "deliveries",
        ["tenant_id", "subscription_id", "created_at", "id"],
    )
    op.create_index(
        "deliveries_to_send",
        "deliveries",
        ["tenant_id", "subscription_id", "next_at"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
