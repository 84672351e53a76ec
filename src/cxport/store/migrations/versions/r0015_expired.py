"""When a run's files came to their end, so that those who watch are told of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add a column that an earlier version leaves out."""
    op.add_column("runs", sa.Column("expired_at", TIME))
    op.create_index(
        "runs_by_expired_at",
        "runs",
        ["tenant_id", "expired_at"],
        sqlite_where=sa.text("expired_at IS NOT NULL"),
        postgresql_where=sa.text("expired_at IS NOT NULL"),
    )
