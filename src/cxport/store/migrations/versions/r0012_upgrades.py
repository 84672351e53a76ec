"""Which release each process is of, and the oldest schema whose processes the store admits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add columns that an earlier version leaves out, and a table that it does not know."""
    for name in ("release", "revision", "engine"):
        op.add_column("beats", sa.Column(name, TEXT, nullable=True))
    op.create_table(
        "schema_floor",
        sa.Column("revision", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("revision", name="schema_floor_key"),
    )
