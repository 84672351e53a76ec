"""Estimates what a selection holds, from statistics and a handful of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cxport.domain.catalogue import CONTACT_ATTRIBUTE_FIELDS
from cxport.domain.selection import Estimate, Key, Selection, Window
from cxport.sources import sql
from cxport.sources.binding import (
    ATTRIBUTE,
    BASE,
    Base,
    Binding,
    Relation,
    Value,
)
from cxport.sources.dialect import Connection, Family, Sql, joined
from cxport.sources.dialect import sql as fill

#: Rows that are measured.
SAMPLE = 256

#: From this share of the sample on it tells better than statistics what filters let through.
_COMMON = 0.5

#: What is assumed of a row where none could be measured.
_ROW_BYTES = 1_500

#: Bytes of a key's quotes, colon and comma, and of a value that is not measured.
_PUNCTUATION = 5
_VALUE_BYTES = 14

#: Base64 makes four bytes of three; an attachment's line holds a digest and names besides.
_BASE64 = 4 / 3
_ATTACHMENT_LINE_BYTES = 400

_MEASURED = (Family.TEXT, Family.JSON, Family.BYTES, Family.OTHER)


@dataclass(frozen=True, kw_only=True)
class _Measure:
    """What was found of the rows that were measured."""

    #: The share of them that the filters let through, and the bytes of those as JSON Lines.
    share: float
    row_bytes: float


def estimate(
    connection: Connection, binding: Binding, selection: Selection, keys: Sequence[Key]
) -> Estimate:
    """Estimate rows and bytes; `keys` are of some rows of the selection's window."""
    relations = present(binding, selection)
    if not relations:
        return Estimate(rows=0, raw_bytes=0)
    measure = _measure(connection, binding, selection, relations, list(keys)[:SAMPLE])
    rows = _rows(connection, selection, relations, measure)
    return Estimate(rows=rows, raw_bytes=round(rows * measure.row_bytes))


def present(binding: Binding, selection: Selection) -> list[Relation]:
    """Give the selection's entities that the source holds."""
    found = (binding.relations.get(entity) for entity in selection.entities)
    return [one for one in found if one and one.base.data_type == selection.data_type]


def expected_as(selection: Selection) -> Selection:
    """Give the selection that statistics are asked about.

    The first increment of a job is nearly all there is.
    """
    if selection.incremental and selection.window.start is None:
        return replace(selection, incremental=False, window=Window())
    return selection


def compared(base: Base, selection: Selection) -> Base:
    """Give the base with the column by which a window's rows are found, nearly all of them."""
    return replace(base, window=base.modified) if selection.incremental else base


def indexed(base: Base) -> bool:
    """Tell whether an index finds a window's rows."""
    return base.window.column.name in base.table.indexed


def _rows(
    connection: Connection, selection: Selection, relations: list[Relation], measure: _Measure
) -> int:
    dialect, base = connection.dialect, compared(relations[0].base, selection)
    everything = selection.window.everything
    window = None if everything else sql.between(dialect, base.window, selection.window)
    filters = sql.filters(dialect, selection, relations)
    if window and not indexed(base):
        # the sample has been taken without regard to the window: its share tells of both
        expected = connection.expected_rows(base.table, None, filters)
        return round(expected.rows * measure.share)
    # what most rows meet the sample tells best: PostgreSQL takes a list of values that covers
    # nearly all rows for two thirds of them
    common = measure.share > _COMMON
    expected = connection.expected_rows(base.table, window, None if common else filters)
    told = expected.filtered and not common
    return expected.rows if told else round(expected.rows * measure.share)


def _measure(
    connection: Connection,
    binding: Binding,
    selection: Selection,
    relations: list[Relation],
    keys: list[Key],
) -> _Measure:
    fixed = max(_fixed_bytes(relation) for relation in relations)
    if not keys:
        return _Measure(share=1.0, row_bytes=_ROW_BYTES + fixed)
    dialect, base = connection.dialect, relations[0].base
    chosen = _chosen(connection, selection, relations)
    query = fill(
        "SELECT count(*), SUM(CASE WHEN {} THEN 1 ELSE 0 END), SUM(CASE WHEN {} THEN {} ELSE 0 END)"
        " FROM {} WHERE {}",
        chosen,
        chosen,
        _length(connection, [one for one in relations[0].values if one and one.alias == BASE]),
        dialect.table(base.table, BASE),
        _among_keys(connection, base, keys),
    )
    total, count, size = (int(number or 0) for number in connection.rows(query)[0])
    if not count:
        return _Measure(share=0.0 if total else 1.0, row_bytes=_ROW_BYTES + fixed)
    more = _attached(connection, binding, selection, relations, keys)
    return _Measure(share=count / total, row_bytes=(size + more) / count + fixed)


def _chosen(connection: Connection, selection: Selection, relations: list[Relation]) -> Sql:
    dialect = connection.dialect
    return sql.both(
        sql.filters(dialect, selection, relations),
        sql.in_window(dialect, relations[0].base, selection),
    )


def _among_keys(connection: Connection, base: Base, keys: list[Key]) -> Sql:
    dialect = connection.dialect
    bound = [dialect.bind_key(base.key.column, key) for key in keys]
    return sql.among(base.key.name(dialect), bound)


def _length(connection: Connection, columns: Sequence[Value]) -> Sql:
    dialect = connection.dialect
    lengths = [
        fill("COALESCE({}, 0)", dialect.length(one.name(dialect), one.column))
        for one in columns
        if one.column.family in _MEASURED
    ]
    return joined(" + ", [Sql("0"), *lengths])


def _fixed_bytes(relation: Relation) -> int:
    """Count what a line holds besides the columns that are measured."""
    names = sum(len(field.name) + _PUNCTUATION for field in relation.fields)
    plain = sum(
        1
        for value in relation.values
        if value and (value.column.family not in _MEASURED or value.alias != BASE)
    )
    return names + plain * _VALUE_BYTES


def _attached(
    connection: Connection,
    binding: Binding,
    selection: Selection,
    relations: list[Relation],
    keys: list[Key],
) -> float:
    """Measure what hangs on the rows with these keys: attributes, or attachments if selected."""
    if relations[0].base.entity is None:
        return _attribute_bytes(connection, binding, selection, relations, keys)
    if selection.attachments:
        return _attachment_bytes(connection, binding, selection, relations, keys)
    return 0.0


def _attribute_bytes(
    connection: Connection,
    binding: Binding,
    selection: Selection,
    relations: list[Relation],
    keys: list[Key],
) -> float:
    one, base, dialect = binding.attributes, relations[0].base, connection.dialect
    if one is None:
        return 0.0
    query = fill(
        "SELECT count(*), SUM({}) FROM {} JOIN {} ON {} = {} WHERE {} AND {}",
        _length(connection, [value for value in one.values if value]),
        dialect.table(one.table, ATTRIBUTE),
        dialect.table(base.table, BASE),
        base.key.name(dialect),
        one.contact.name(dialect),
        _chosen(connection, selection, relations),
        _among_keys(connection, base, keys),
    )
    count, size = connection.rows(query)[0]
    names = sum(len(field.name) + _PUNCTUATION + 2 for field in CONTACT_ATTRIBUTE_FIELDS)
    return float(size or 0) + int(count) * names


def _attachment_bytes(
    connection: Connection,
    binding: Binding,
    selection: Selection,
    relations: list[Relation],
    keys: list[Key],
) -> float:
    one, base, dialect = binding.attachments, relations[0].base, connection.dialect
    measured = (one.size or one.content) if one else None
    if one is None or measured is None:
        return 0.0
    name = measured.name(dialect)
    size = name if measured is one.size else dialect.length(name, measured.column)
    query = fill(
        "SELECT count(*), SUM({}) FROM {} WHERE {} AND {}",
        size,
        sql.from_attachments(dialect, base, one),
        _chosen(connection, selection, relations),
        _among_keys(connection, base, keys),
    )
    count, total = connection.rows(query)[0]
    return float(total or 0) * _BASE64 + int(count) * _ATTACHMENT_LINE_BYTES
