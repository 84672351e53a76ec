"""How fast runs were."""

from __future__ import annotations

from statistics import median

from cxport.domain.run import PUBLISHED
from cxport.store.columns import fold
from cxport.store.database import Database
from cxport.store.scope import reading
from cxport.store.tables import runs

#: So many of the last runs tell how fast the next one will be.
_LAST = 5


def usual_rate(db: Database, tenant_id: str, source: str, data_type: str) -> float | None:
    """Give the rows per second of the last runs of a source's type; None where there was none."""
    with reading(db, tenant_id) as scope:
        same = {"source_folded": fold(source), "data_type_folded": fold(data_type)}
        ended = scope.select(runs, **same).where(
            runs.c.status.in_(sorted(PUBLISHED)), runs.c.selected > 0
        )
        found = scope.all(ended.order_by(runs.c.id.desc()).limit(_LAST))
    spans = [(row.selected, (row.ended_at - row.started_at).total_seconds()) for row in found]
    rates = [rows / seconds for rows, seconds in spans if seconds > 0]
    return median(rates) if rates else None
