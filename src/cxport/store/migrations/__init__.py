"""The schema's history, brought up to date without a configuration file.

A revision's name begins with its number; each is one step that never changes once released.
"""

from __future__ import annotations

from sqlalchemy import Connection

from cxport.domain.errors import SetupError


def upgrade(connection: Connection) -> None:
    """Run the revisions that are missing, in the connection's transaction.

    Raises SetupError where the database has one that this version does not know.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.util.exc import CommandError

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "cxport.store:migrations")
    config.set_main_option("path_separator", "os")
    try:
        command.upgrade(config, "head")
    except CommandError:
        message = "the store was used by a newer version of this program: start that one"
        raise SetupError(message) from None
