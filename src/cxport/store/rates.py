"""How many requests a tenant may still make: one row each, shared by all processes."""

from __future__ import annotations

from datetime import datetime

from cxport.store.database import Database
from cxport.store.scope import writing
from cxport.store.tables import request_rates

_THOUSAND = 1000


def take(
    db: Database, tenant_id: str, per_minute: int, wanted: int, now: datetime
) -> tuple[int, float]:
    """Take up to `wanted` requests; give how many were granted, and how many are left.

    There are `per_minute` at once, refilled evenly. A clock that is behind another process's
    refills nothing. NotFound for an unknown tenant.
    """
    with writing(db, tenant_id) as scope:
        scope.hold()
        row = scope.first(scope.select(request_rates))
        left, at = (row.left_thousandths / _THOUSAND, row.at) if row else (float(per_minute), now)
        passed = max(0.0, (now - at).total_seconds())
        left = min(float(per_minute), left + passed * per_minute / 60)
        granted = min(wanted, int(left))
        rest = left - granted
        values = {"left_thousandths": int(rest * _THOUSAND), "at": max(now, at)}
        if row is None:
            scope.insert(request_rates, values)
        else:
            scope.update(request_rates, values)
    return granted, rest
