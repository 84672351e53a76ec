"""How fast a run is read, and how fast a source may be; null where nobody has said."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add columns that an earlier version may leave out."""
    op.add_column("runs", sa.Column("pace", sa.JSON()))
    op.add_column("sources", sa.Column("max_rows_per_second", sa.BigInteger()))
