"""What operators and watchers ask for across tenants, by index; who was warned of a certificate."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

NUMBER = sa.BigInteger()
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the table and the indexes."""
    op.create_table(
        "certificate_warnings",
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("warned_on", TEXT, nullable=False),
        sa.Column("within_days", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name="certificate_warnings_key"),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name="certificate_warnings_of_tenants"
        ),
    )
    op.create_index("jobs_by_update", "jobs", ["updated_at"])
    op.create_index("runs_by_end", "runs", ["ended_at"])
    op.create_index("files_by_time", "files", ["expires_at"])
