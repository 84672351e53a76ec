"""Cuts table sets into parts: large tables by ranges of their key, small ones share a part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from cxport.domain.catalogue import Kind
from cxport.domain.selection import Estimate, Key, Part, Slice
from cxport.sources.base import PlanLimits
from cxport.sources.dialect import Connection, Family, Sql, joined, sql
from cxport.sources.increments import since_condition
from cxport.sources.plan import chosen
from cxport.sources.tables import ALIAS, BoundTable, bind_key, key_of

#: Rows that are measured, and what is assumed of one where there is none.
_SAMPLE = 200
_ROW_BYTES = 200

#: Bytes of a value that is not measured, its comma included.
_VALUE_BYTES = 12

#: Keys looked for, for each part wanted, so that a cut is off by a fraction of a part.
_PER_PART = 4


@dataclass(frozen=True, kw_only=True)
class Load:
    """What one table is expected to add to a run."""

    bound: BoundTable
    since: str | None
    estimate: Estimate


def load(connection: Connection, bound: BoundTable, since: str | None) -> Load:
    """Estimate a table, or an increment of it, from statistics and a few rows."""
    condition = since_condition(connection.dialect, bound, since)
    rows = max(0, connection.expected_rows(bound.db, condition, None).rows)
    row_bytes = _row_bytes(connection, bound) if rows else 0
    estimate = Estimate(rows=rows, raw_bytes=round(rows * row_bytes))
    return Load(bound=bound, since=since, estimate=estimate)


def cut(connection: Connection, loads: Sequence[Load], limits: PlanLimits) -> tuple[Part, ...]:
    """Make the parts: every row of every table lies in exactly one slice."""
    grouped: list[list[Slice]] = []
    shared: list[Load] = []
    for one in loads:
        parts = limits.parts(one.estimate)
        if parts > 1:
            grouped += [[piece] for piece in _ranges(connection, one, parts)]
        elif shared and _full([*shared, one], limits):
            grouped.append([_whole(each) for each in shared])
            shared = [one]
        else:
            shared.append(one)
    if shared:
        grouped.append([_whole(each) for each in shared])
    return tuple(
        Part(number=number, slices=tuple(pieces)) for number, pieces in enumerate(grouped, 1)
    )


def _full(loads: Sequence[Load], limits: PlanLimits) -> bool:
    return (
        sum(one.estimate.rows for one in loads) > limits.part_rows
        or sum(one.estimate.raw_bytes for one in loads) > limits.part_raw_bytes
    )


def _whole(one: Load) -> Slice:
    return Slice(entity=one.bound.table.name, since=one.since)


def _ranges(connection: Connection, one: Load, parts: int) -> Iterator[Slice]:
    """Cut a table by its key; the first and last range are open."""
    cuts = chosen(_keys(connection, one.bound, parts * _PER_PART), parts)
    for after, upto in pairwise([None, *cuts, None]):
        yield Slice(entity=one.bound.table.name, after=after, upto=upto, since=one.since)


def _keys(connection: Connection, bound: BoundTable, count: int) -> list[Key]:
    """Find keys from all over a table, in the database's own order."""
    count = min(count, connection.dialect.max_values)
    found = connection.scattered_keys(bound.db, bound.key, count)
    keys = [key_of(row[0]) for row in found if row[0] is not None]
    if not keys and bound.key.family is Family.INTEGER:
        return _spread(connection, bound, count)
    return _sorted(connection, bound, keys[: connection.dialect.max_values])


def _spread(connection: Connection, bound: BoundTable, count: int) -> list[Key]:
    """Give evenly spaced numbers: cuts need not be keys of rows."""
    dialect = connection.dialect
    name = dialect.column(ALIAS, bound.key)
    query = sql("SELECT MIN({}), MAX({}) FROM {}", name, name, dialect.table(bound.db, ALIAS))
    first, last = connection.rows(query)[0]
    if first is None:
        return []
    return sorted({int(first) + int(last - first) * number // count for number in range(count)})


def _sorted(connection: Connection, bound: BoundTable, keys: Sequence[Key]) -> list[Key]:
    if not keys:
        return []
    dialect = connection.dialect
    name = dialect.column(ALIAS, bound.key)
    query = sql(
        "SELECT {} FROM {} WHERE {} IN ({}) ORDER BY {}",
        dialect.select(name, Kind.TEXT, bound.key),
        dialect.table(bound.db, ALIAS),
        name,
        joined(", ", [bind_key(dialect, bound.key, key) for key in keys]),
        name,
    )
    return list(dict.fromkeys(key_of(row[0]) for row in connection.rows(query)))


def _row_bytes(connection: Connection, bound: BoundTable) -> float:
    """Measure a row as CSV, roughly, by the first few that the database gives."""
    dialect = connection.dialect
    measured = [column for column in bound.columns if column.wide or column.family is Family.TEXT]
    lengths = [
        sql("COALESCE({}, 0)", dialect.length(dialect.column(ALIAS, column), column))
        for column in measured
    ]
    few = dialect.limit(
        sql(
            "SELECT {} AS n FROM {}",
            joined(" + ", [Sql("0"), *lengths]),
            dialect.table(bound.db, ALIAS),
        ),
        _SAMPLE,
    )
    count, total = connection.rows(sql("SELECT COUNT(*), SUM(s.n) FROM ({}) s", few))[0]
    fixed = (len(bound.columns) - len(measured)) * _VALUE_BYTES
    return fixed + (float(total or 0) / int(count) if count else _ROW_BYTES)
