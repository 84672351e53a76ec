"""The audit record, and the ends of its chains."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

NUMBER = sa.BigInteger()
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the two tables."""
    op.create_table(
        "audit",
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("act", TEXT, nullable=False),
        sa.Column("outcome", TEXT, nullable=False),
        sa.Column("object", TEXT, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="audit_key"),
    )
    op.create_index("audit_by_time", "audit", ["tenant_id", "at", "id"])
    op.create_index("audit_by_actor", "audit", ["tenant_id", "actor", "id"])
    op.create_index("audit_by_object", "audit", ["tenant_id", "object", "id"])
    op.create_table(
        "audit_chains",
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("last_id", NUMBER, nullable=False),
        sa.Column("last_digest", sa.LargeBinary(), nullable=False),
        sa.Column("forgotten_id", NUMBER, nullable=False),
        sa.Column("forgotten_digest", sa.LargeBinary(), nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name="audit_chains_key"),
    )
