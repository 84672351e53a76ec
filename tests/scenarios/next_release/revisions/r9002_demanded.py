"""A contracting revision: who does not write the column can make no job any more."""

from __future__ import annotations

from alembic import op

revision = "9002"
down_revision = "9001"
contract = True


def upgrade() -> None:
    """Fill the column, and demand it."""
    op.execute("UPDATE jobs SET note = 'old' WHERE note IS NULL")
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("jobs", "note", nullable=False)
    else:
        op.execute(
            "CREATE TRIGGER jobs_note BEFORE INSERT ON jobs WHEN NEW.note IS NULL"
            " BEGIN SELECT RAISE(ABORT, 'note'); END"
        )
