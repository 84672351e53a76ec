"""An upgrade, step by step, of an installation whose processes run."""

from __future__ import annotations

from cxport.bootstrap.installation import open_installation
from cxport.config import Settings
from cxport.domain.upgrade import SchemaState


def upgrade(settings: Settings, *, finish: bool) -> SchemaState:
    """Give the store what this version needs, and tell where it stands then.

    With `finish`, take from it what only older versions need; raises SetupError where one of them
    runs, or where the store does not admit this version.
    """
    with open_installation(settings) as installation:
        if finish:
            installation.db.finish_upgrade()
        return installation.db.schema_state()
