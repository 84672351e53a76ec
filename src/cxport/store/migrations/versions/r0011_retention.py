"""How many days a tenant wants its files kept, where that is fewer than the installation's."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add a column that an earlier version may leave out."""
    op.add_column("tenants", sa.Column("retention_days", sa.BigInteger()))
