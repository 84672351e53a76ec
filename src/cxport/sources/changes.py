"""Increments of contact history: what was changed since the job's last run, up to a settled end.

A run takes the rows that were changed in `start <= t < end`, and the next one begins at `end`:
no row twice, but those that were changed again. A row becomes visible when its transaction
commits, and clocks differ; so the end lies by the mapping's `settle_seconds` behind the moment
that the run sees. What is changed within that time comes with the next run. The window is fixed
with the plan: a part that is read again later, in another snapshot, reads the same window.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cxport.domain.selection import Selection
from cxport.domain.table_set import Mark, MarkKind, TableMark
from cxport.sources.binding import BASE, Base, Value
from cxport.sources.dialect import Connection, sql

_DATE_LENGTH = len("2024-05-06")


def reached(
    connection: Connection,
    base: Base,
    selection: Selection,
    taken_at: datetime,
    settle_seconds: int,
) -> TableMark:
    """Give where a run begins and how far it comes that sees a moment.

    A job's first run begins where its dates do, or takes everything; so does one whose mapping
    names another column than the mark was made with.
    """
    mark = Mark(
        column=base.modified.column.name, kind=MarkKind.TIME, encoding=base.modified.encoding
    )
    fitting = (
        one.value for one in selection.marks if (one.table, one.mark) == (selection.data_type, mark)
    )
    since = next(fitting, None)
    start = datetime.fromisoformat(since) if since else selection.window.start
    end = _settled(connection, base, taken_at - timedelta(seconds=settle_seconds))
    return TableMark(
        table=selection.data_type,
        mark=mark,
        value=_text(max(start, end) if start else end),
        since=_text(start) if start else None,
    )


def _settled(connection: Connection, base: Base, moment: datetime) -> datetime:
    """Go back to a whole second, or to the whole day where a column knows no more."""
    moment = moment.astimezone(UTC).replace(microsecond=0)
    if any(_counts_days(connection, base, one) for one in (base.modified, base.window)):
        return moment.replace(hour=0, minute=0, second=0)
    return moment


def _counts_days(connection: Connection, base: Base, value: Value) -> bool:
    """Tell whether a column holds dates without a time of day."""
    dialect = connection.dialect
    if dialect.typed:
        return value.column.type == "date"
    name = value.name(dialect)
    query = sql(
        "SELECT {} FROM {} WHERE {} IS NOT NULL", name, dialect.table(base.table, BASE), name
    )
    found = connection.rows(dialect.limit(query, 1))
    return bool(found) and isinstance(found[0][0], str) and len(found[0][0]) == _DATE_LENGTH


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
