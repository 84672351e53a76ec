"""How long a tenant keeps its files: its administrators may want it shorter, never longer."""

from __future__ import annotations

from cxport.domain.access import Action
from cxport.domain.audit import Act
from cxport.domain.errors import InvalidInput
from cxport.domain.said import Said
from cxport.domain.tenant import Caller, Retention
from cxport.services.access import require
from cxport.services.audit import Audit
from cxport.services.settings import ServiceSettings
from cxport.store import tenants
from cxport.store.database import Database


class Retentions:
    """Tells and changes it; every method raises NotAllowed for other roles."""

    def __init__(self, db: Database, settings: ServiceSettings, audit: Audit) -> None:
        self._db = db
        self._audit = audit
        self._most = settings.retention_days

    def get(self, caller: Caller) -> Retention:
        """Give how long the tenant's files are kept."""
        require(caller, Action.TENANT_READ)
        tenant = tenants.get(self._db, caller.tenant_id)
        return Retention(own=tenant.retention_days, most=self._most)

    def change(self, caller: Caller, days: int | None) -> Retention:
        """Keep files so many days that appear from now on; None: as the installation does.

        Raises InvalidInput for less than a day, and for more than the installation grants.
        """
        require(caller, Action.TENANT_CHANGE)
        if days is not None and not 1 <= days <= self._most:
            raise InvalidInput.at(
                "days",
                Said("out of range"),
                Said("1 to {most}, or nothing: {most}", most=self._most),
            )
        with self._audit.act(caller, Act.TENANT_CHANGE):
            tenants.keep_files_for(self._db, caller.tenant_id, days)
        return Retention(own=days, most=self._most)
