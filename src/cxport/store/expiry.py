"""Which tenants were warned of their certificate: once a day, whichever worker looks."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from cxport.domain.certificate import WARNING_DAYS, CertificateExpiring, expiring
from cxport.store.certificates import newest as newest_of
from cxport.store.database import Database
from cxport.store.scope import Scope, writing
from cxport.store.tables import certificate_warnings, certificates


def near(db: Database, now: datetime) -> list[str]:
    """Name the tenants whose certificate in force may have to be warned of."""
    until = now + timedelta(days=max(WARNING_DAYS))
    with db.read() as connection:
        return [tenant for tenant, not_after in in_force(connection).items() if not_after <= until]


def in_force(connection: Connection) -> dict[str, datetime]:
    """Give until when the certificate in force of each tenant is valid."""
    newest = (
        select(certificates.c.tenant_id, func.max(certificates.c.number).label("number"))
        .group_by(certificates.c.tenant_id)
        .subquery()
    )
    found = select(certificates.c.tenant_id, certificates.c.not_after).join(
        newest,
        (certificates.c.tenant_id == newest.c.tenant_id)
        & (certificates.c.number == newest.c.number),
    )
    return {row.tenant_id: row.not_after for row in connection.execute(found)}


def warn(db: Database, tenant_id: str, now: datetime) -> CertificateExpiring | None:
    """Give the warning that is due to a tenant today (UTC), once; None where none is.

    NotFound without a tenant. Of several workers one is given it.
    """
    with writing(db, tenant_id) as scope:
        scope.hold()
        found = newest_of(scope)
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
