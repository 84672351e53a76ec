"""The snapshot that a run was planned in, which other workers may share."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add a column that an earlier version may leave out."""
    op.add_column("runs", sa.Column("snapshot", TEXT))
