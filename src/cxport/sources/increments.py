"""Increments of tables: what is new since a mark, and how far a run will have come.

A row becomes visible when its transaction commits, which may be after rows with later marks
were read, and clocks differ. So a run's new mark lies by the set's lag (`settle_seconds`,
`settle_keys`) behind the greatest mark that it saw, and behind its own snapshot: whatever was
not visible by then has a mark of at least that much. The next run reads from there on, `>=`, so
that rows with equal marks are not torn apart. What lies within the lag is read twice; nothing
is left out.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from cxport.domain.catalogue import Kind
from cxport.domain.errors import SourceError
from cxport.domain.said import Said
from cxport.domain.table_set import Mark, MarkKind, TableMark, TableSet
from cxport.sources.dialect import NUMBERS, Connection, DbColumn, Dialect, Family, Sql, joined, sql
from cxport.sources.tables import ALIAS, BoundTable
from cxport.sources.values import to_time

_DATE_LENGTH = len("2024-05-06")


def usable(bound: BoundTable, marks: tuple[TableMark, ...]) -> str | None:
    """Give from where a table is read: None, the whole of it, unless a mark of its fits."""
    found = (one for one in marks if one.table == bound.table.name)
    return next((one.value for one in found if one.mark == bound.table.mark), None)


def since_condition(dialect: Dialect, bound: BoundTable, since: str | None) -> Sql | None:
    """Tell the rows of an increment; None where that is all of them.

    Rows without a mark are in every increment, as nothing tells when they changed. So are, with
    a mark that is a key, the rows that are flagged as deleted: the key does not tell when.
    """
    mark, column = bound.table.mark, bound.mark
    if mark is None or column is None or since is None:
        return None
    name = dialect.column(ALIAS, column)
    if mark.kind is MarkKind.KEY:
        conditions = [sql("{} >= {}", name, dialect.bind(int(since)))]
        conditions += [sql("{} IS NULL", name)] if column.nullable else []
        conditions += [_flagged(dialect, bound.deleted)] if bound.deleted else []
    else:
        moment = datetime.fromisoformat(since)
        conditions = [dialect.compare_time(name, column, mark.encoding, ">=", moment)]
        if column.nullable or not dialect.typed:
            conditions.append(dialect.undated(name, column, mark.encoding))
    return sql("({})", joined(" OR ", [sql("({})", one) for one in conditions]))


#: Texts that flag nothing.
_NOT_FLAGGED = ("", "0", "n", "no", "f", "false")


def _flagged(dialect: Dialect, column: DbColumn) -> Sql:
    """Tell the rows whose deleted-flag is set: by a truth, a number, a word, or a time."""
    name = dialect.column(ALIAS, column)
    if column.family is Family.BOOLEAN:
        return sql("{} = {}", name, dialect.bind(True))
    if dialect.typed and (column.family in NUMBERS or column.family is Family.BYTES):
        return sql("{} <> 0", name)
    if column.family is Family.TIME:
        return sql("{} IS NOT NULL", name)
    words = joined(", ", [dialect.bind(word) for word in _NOT_FLAGGED])
    text = dialect.select(name, Kind.TEXT, column)
    return sql("LOWER({}) NOT IN ({})", text, words)


def next_mark(
    connection: Connection,
    bound: BoundTable,
    table_set: TableSet,
    taken_at: datetime,
    since: str | None,
) -> TableMark | None:
    """Give how far a run that reads since a mark, in a snapshot of a moment, will have come."""
    mark, column = bound.table.mark, bound.mark
    if mark is None or column is None:
        return None
    newest = _newest(connection, bound, mark, column)
    value = since
    if newest is not None and mark.kind is MarkKind.KEY:
        value = str(_whole(bound, newest) - table_set.settle_keys)
    elif newest is not None:
        value = _settled(bound, mark, column, newest, taken_at, table_set.settle_seconds)
    return TableMark(table=bound.table.name, mark=mark, value=value, since=since)


def _newest(connection: Connection, bound: BoundTable, mark: Mark, column: DbColumn) -> Any:
    dialect = connection.dialect
    greatest = sql("MAX({})", dialect.column(ALIAS, column))
    kind = Kind.TIME if mark.kind is MarkKind.TIME else Kind.INTEGER
    query = sql(
        "SELECT {} FROM {}",
        dialect.select(greatest, kind, column),
        dialect.table(bound.db, ALIAS),
    )
    return connection.rows(query)[0][0]


def _whole(bound: BoundTable, value: Any) -> int:
    try:
        return int(value)
    except (ValueError, ArithmeticError):
        raise _unfit(bound, Said("a number")) from None


def _settled(  # noqa: PLR0913, PLR0917 - what a settled moment depends on
    bound: BoundTable,
    mark: Mark,
    column: DbColumn,
    newest: Any,
    taken_at: datetime,
    settle_seconds: int,
) -> str | None:
    """Go back from the newest time that can be relied on, to a whole second, or day of a date."""
    try:
        text = to_time(newest, milliseconds=mark.encoding == "milliseconds")
    except (ValueError, ArithmeticError, TypeError):
        raise _unfit(bound, Said("a time")) from None
    if text is None:
        return None
    try:
        moment = min(datetime.fromisoformat(text), taken_at) - timedelta(seconds=settle_seconds)
    except OverflowError:
        return None
    moment = moment.astimezone(UTC).replace(microsecond=0)
    if column.type == "date" or (isinstance(newest, str) and len(newest) == _DATE_LENGTH):
        moment = moment.replace(hour=0, minute=0, second=0)
    return moment.isoformat()


def _unfit(bound: BoundTable, what: Said) -> SourceError:
    mark = bound.table.mark
    name = f"{bound.db.name}.{mark.column if mark else ''}"
    return SourceError(
        Said(
            "the values of {name} must be {what}: the database holds one that is not",
            name=name,
            what=what,
        )
    )
