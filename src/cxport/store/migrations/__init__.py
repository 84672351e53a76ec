"""The schema's history, walked without a configuration file.

A revision's name begins with its number; each is one step that never changes once released. Most
*expand*: they add tables, indexes, and columns that may be empty or have a default, which processes
of the release before leave alone. One that takes something away from those, or demands something,
*contracts*: it says `contract = True`, and is run when none of them is left (see `schema`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import Connection

if TYPE_CHECKING:
    from alembic.config import Config

#: Where revisions are looked for.
LOCATIONS = ["cxport.store:migrations/versions"]


@dataclass(frozen=True)
class Revision:
    """One step, by its number."""

    number: str
    contract: bool


def revisions() -> tuple[Revision, ...]:
    """Give all that this version knows, the oldest first."""
    from alembic.script import ScriptDirectory

    found = ScriptDirectory.from_config(_config()).walk_revisions()
    known = [Revision(one.revision, getattr(one.module, "contract", False)) for one in found]
    return tuple(reversed(known))


@cache
def newest() -> str:
    """Give the number of the newest revision that this version knows."""
    return revisions()[-1].number


def current(connection: Connection) -> str:
    """Give the number of the revision that the store is at; empty for a new store."""
    from alembic.runtime.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision() or ""


def upgrade(connection: Connection, number: str) -> None:
    """Run the revisions that are missing up to one of them, in the connection's transaction."""
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, number)


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "cxport.store:migrations")
    config.set_main_option("version_locations", "\n".join(LOCATIONS))
    config.set_main_option("path_separator", "newline")
    return config
