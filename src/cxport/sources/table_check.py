"""Looks at the tables of a DataSync source: what they hold, what they lack, what is beyond."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cxport.domain.catalogue import Field
from cxport.domain.cell import cell_text
from cxport.domain.said import Said
from cxport.domain.selection import Slice
from cxport.domain.table_set import MarkKind, TableSet
from cxport.sources.base import Row, SourceReport, TableReport
from cxport.sources.dialect import Connection, DbColumn, sql
from cxport.sources.table_mapping import SetMap
from cxport.sources.table_rows import TableRows, records, turned
from cxport.sources.tables import ALIAS, BoundTable, bind_tables, resolve

#: Seconds that counting a table, and looking for one row, may take.
_COUNT_SECONDS = 5
_LOOK_SECONDS = 3


def report(connection: Connection, sets: Sequence[SetMap]) -> SourceReport:
    """Compare sets with a database, and count what is there."""
    missing: list[str] = []
    frozen: list[TableSet] = []
    for one in sets:
        found, lacking = resolve(connection, one)
        missing += lacking
        frozen += [found] if found else []
    bound = [(one, table) for one in frozen for table in bind_tables(connection, one).values()]
    return SourceReport(
        product=connection.product,
        entities=(),
        media=(),
        missing=tuple(dict.fromkeys(missing)),
        warnings=tuple(
            dict.fromkeys(text for _, table in bound for text in _warnings(connection, table))
        ),
        table_sets=tuple(frozen),
        tables=tuple(_table(connection, one, table) for one, table in bound),
    )


def _table(connection: Connection, one: TableSet, bound: BoundTable) -> TableReport:
    count = sql("SELECT COUNT(*) FROM {}", connection.dialect.table(bound.db, ALIAS))
    counted = connection.rows_within(count, _COUNT_SECONDS)
    if counted is None:
        rows = connection.expected_rows(bound.db, None, None).rows
    else:
        rows = int(counted[0][0])
    return TableReport(
        table_set=one.name,
        table=bound.table,
        rows=rows,
        estimated=counted is None,
        beyond=bound.table.left_out,
    )


def _warnings(connection: Connection, bound: BoundTable) -> Iterator[str]:
    name, mark = bound.db.name, bound.table.mark
    yield from _key_warnings(connection, bound)
    if mark is None:
        yield Said("{name} has no mark: every increment holds the whole of it", name=name)
    elif bound.mark:
        if not bound.db.view and mark.column not in bound.db.indexed:
            yield Said(
                "no index on {name}.{column}: an increment is found by reading all of it",
                name=name,
                column=mark.column,
            )
        if bound.mark.nullable and _has_null(connection, bound, bound.mark):
            yield Said(
                "{name}.{column} is null in some rows: every increment holds them",
                name=name,
                column=mark.column,
            )
        if mark.kind is MarkKind.KEY and bound.deleted:
            yield Said(
                "{name} has a mark that is a key: every increment holds all that is deleted",
                name=name,
            )
    if not bound.db.steady:
        yield Said(
            "{name} knows no transactions: what is written during an export may be in it", name=name
        )


def _key_warnings(connection: Connection, bound: BoundTable) -> Iterator[str]:
    name = f"{bound.db.name}.{bound.key.name}"
    if not bound.db.view and bound.key.name not in bound.db.unique:
        yield Said(
            "{name} is not declared unique: rows that share a key would be lost or doubled",
            name=name,
        )
    if bound.key.nullable and _has_null(connection, bound, bound.key):
        yield Said("{name} is null in some rows: they are not exported", name=name)


def _has_null(connection: Connection, bound: BoundTable, column: DbColumn) -> bool:
    """Tell whether a column is null somewhere, where that can be told in seconds."""
    dialect = connection.dialect
    query = sql(
        "SELECT 1 FROM {} WHERE {} IS NULL ORDER BY 1",
        dialect.table(bound.db, ALIAS),
        dialect.column(ALIAS, column),
    )
    return bool(connection.rows_within(dialect.limit(query, 1), _LOOK_SECONDS))


def sample_rows(
    connection: Connection, one: SetMap, mask_key: bytes
) -> Iterator[tuple[str, tuple[Field, ...], Row]]:
    """Give the first row of each table that is found within seconds, as its CSV holds it."""
    frozen, _ = resolve(connection, one)
    for bound in bind_tables(connection, frozen).values() if frozen else ():
        piece = Slice(entity=bound.table.name)
        query = connection.dialect.limit(records(connection.dialect, bound, piece), 1)
        found = connection.rows_within(query, _LOOK_SECONDS)
        stream = TableRows(connection, bound, piece, mask_key)
        for row in turned(found or [], stream.turns):
            texts = (None if value is None else cell_text(value) for value in row[1:])
            yield bound.table.name, stream.fields[1:], tuple(texts)
