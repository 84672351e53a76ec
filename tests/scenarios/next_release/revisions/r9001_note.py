"""An expanding revision: a column that may be empty."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from cxport.store.migrations import versions

revision = "9001"
down_revision = max(path.name[1:5] for path in Path(versions.__file__).parent.glob("r*.py"))


def upgrade() -> None:
    """Add the column."""
    op.add_column("jobs", sa.Column("note", sa.Text(), nullable=True))
