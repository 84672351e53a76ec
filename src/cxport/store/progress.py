"""`Run.progress` as SQL, to order by."""

from __future__ import annotations

from sqlalchemy import ColumnElement, case

from cxport.domain.run import PUBLISHED
from cxport.store.tables import runs

_PERCENT = runs.c.rows_read * 100 // runs.c.estimate_rows

#: Percent, as the property of the same name counts it.
PROGRESS: ColumnElement[int] = case(
    (runs.c.status.in_(sorted(PUBLISHED)), 100),
    (runs.c.estimate_rows == 0, 0),
    (_PERCENT > 99, 99),  # noqa: PLR2004 - nothing is whole before it is published
    else_=_PERCENT,
)
