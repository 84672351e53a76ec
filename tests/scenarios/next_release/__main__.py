"""`python -m tests.scenarios.next_release ENGINE serve ...`: any command, of the next release.

ENGINE is the version of its workflows. Its schema has two revisions more, and it writes the column
that the first adds and the second demands.
"""

from __future__ import annotations

import sys
from pathlib import Path

from sqlalchemy import Column

import cxport
from cxport.store import migrations, tables
from cxport.store.columns import Words

REVISIONS = str(Path(__file__).parent / "revisions")


def main(engine: str, *words: str) -> None:
    """Become the next release, and run a command."""
    cxport.__version__ = "9.9.9"
    migrations.LOCATIONS.append(REVISIONS)
    tables.jobs.append_column(Column("note", Words, nullable=True, default="next"))

    from cxport.engine import version

    vars(version)["ENGINE_VERSION"] = engine
    from cxport.cli import main as command

    sys.argv = ["cxport", *words]
    command()


if __name__ == "__main__":
    main(*sys.argv[1:])
