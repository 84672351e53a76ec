"""How sentences for people were made is kept beside them, to be said in another language."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Add columns that an earlier version leaves out."""
    for table in ("runs", "deliveries"):
        op.add_column(table, sa.Column("said", sa.JSON(), nullable=True))
