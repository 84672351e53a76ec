"""Sessions of the console, and limits that hold over all processes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

NUMBER = sa.BigInteger()
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables; nothing of what is there changes."""
    _create_sessions()
    _create_failed_sign_ins()
    _create_request_rates()


def _create_sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("roles", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("used_at", TIME, nullable=False),
        sa.Column("idle_seconds", NUMBER, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="sessions_of_tenants"),
        sa.PrimaryKeyConstraint("digest", name="sessions_key"),
    )
    op.create_index("sessions_by_subject", "sessions", ["tenant_id", "subject"])
    op.create_index("sessions_by_expiry", "sessions", ["tenant_id", "expires_at"])


def _create_failed_sign_ins() -> None:
    op.create_table(
        "failed_sign_ins",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("failed_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="failed_sign_ins_key"),
    )
    op.create_index("failed_sign_ins_by_digest", "failed_sign_ins", ["digest", "failed_at"])
    op.create_index("failed_sign_ins_by_time", "failed_sign_ins", ["failed_at"])


def _create_request_rates() -> None:
    op.create_table(
        "request_rates",
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("left_thousandths", NUMBER, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="request_rates_of_tenants"),
        sa.PrimaryKeyConstraint("tenant_id", name="request_rates_key"),
    )
