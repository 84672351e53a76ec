"""What a tenant may have at the same time, as its administrators see it: the host sets it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from cxport.domain.access import Action
from cxport.domain.tenant import Caller, Usage
from cxport.services.access import require
from cxport.store import limits
from cxport.store.database import Database


class TenantLimits:
    """Tells the limits and how much of each is used."""

    def __init__(self, db: Database, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._clock = clock

    def get(self, caller: Caller) -> Usage:
        """Give both as they are at this moment; raises NotAllowed for other roles."""
        require(caller, Action.TENANT_READ)
        return limits.usage(self._db, caller.tenant_id, self._clock())
