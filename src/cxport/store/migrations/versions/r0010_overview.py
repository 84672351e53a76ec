"""What the console sums up: the runs of each day, taken from one index alone."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the index."""
    ended = ["tenant_id", "ended_at", "family", "status", "exported", "size_bytes"]
    op.create_index("runs_by_day", "runs", ended)
