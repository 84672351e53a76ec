"""Retry, rerun and clone; hold and revoke; the limits of tenants and the order of parts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

NUMBER = sa.BigInteger()
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add columns that may be empty, so that processes of the release before work on."""
    for name in ("parallel_runs", "parallel_parts", "queued_runs", "daily_bytes"):
        op.add_column("tenants", sa.Column(name, NUMBER, nullable=True))
    op.add_column("jobs", sa.Column("cloned_from", NUMBER, nullable=True))
    op.add_column("runs", sa.Column("rerun_of", NUMBER, nullable=True))
    op.add_column("runs", sa.Column("parts_until", TIME, nullable=True))
    op.add_column("runs", sa.Column("hold", sa.JSON(), nullable=True))
    op.add_column("runs", sa.Column("revoked", sa.JSON(), nullable=True))
    op.add_column("runs", sa.Column("priority", NUMBER, nullable=True))
    op.add_column("runs", sa.Column("stint", NUMBER, nullable=True))
    op.add_column("run_parts", sa.Column("turn", NUMBER, nullable=True))
    op.create_index("runs_by_ended_at", "runs", ["tenant_id", "ended_at"])
    op.create_index(
        "runs_by_parts_until",
        "runs",
        ["parts_until"],
        sqlite_where=sa.text("parts_until IS NOT NULL"),
        postgresql_where=sa.text("parts_until IS NOT NULL"),
    )
    op.create_index(
        "runs_under_hold",
        "runs",
        ["tenant_id", "id"],
        sqlite_where=sa.text("hold IS NOT NULL"),
        postgresql_where=sa.text("hold IS NOT NULL"),
    )
