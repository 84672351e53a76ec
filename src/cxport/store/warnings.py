"""Which tenants were warned of their certificate: once a day, whichever worker looks."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from cxport.domain.certificate import CertificateExpiring, expiring
from cxport.store.certificates import newest
from cxport.store.database import Database
from cxport.store.scope import Scope, writing
from cxport.store.tables import certificate_warnings


def warn(db: Database, tenant_id: str, now: datetime) -> CertificateExpiring | None:
    """Give the warning that is due to a tenant today (UTC), once; None where none is.

    NotFound without a tenant. Of several workers one is given it.
    """
    with writing(db, tenant_id) as scope:
        scope.hold()
        found = newest(scope)
        warning = expiring(found, now) if found else None
        return warning and _taken(scope, warning, f"{now:%Y-%m-%d}")


def _taken(scope: Scope, warning: CertificateExpiring, today: str) -> CertificateExpiring | None:
    """Note a warning, and give it where it was not given today."""
    number = int(warning.certificate_id)
    known = scope.first(scope.select(certificate_warnings))
    nearer = known is None or known.number != number or known.within_days > warning.within_days
    if not nearer and known is not None and known.warned_on == today:
        return None
    values = {"number": number, "warned_on": today, "within_days": warning.within_days}
    if not scope.update(certificate_warnings, values):
        scope.insert(certificate_warnings, values)
    return replace(warning, crossed=nearer)
