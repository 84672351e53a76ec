"""Looks at a source: what it holds, what it lacks, and what will be slow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

from cxport.domain.catalogue import ENTITIES, DataType, Entity, Field
from cxport.domain.said import Said
from cxport.domain.selection import Selection, Slice
from cxport.sources import sql
from cxport.sources.base import EntityReport, Row, SourceReport
from cxport.sources.binding import (
    BASE,
    Attachments,
    Base,
    Binding,
    Relation,
    Value,
    inspect,
)
from cxport.sources.contacts import Contacts
from cxport.sources.dialect import Connection, DbTable, Sql, joined
from cxport.sources.dialect import sql as fill
from cxport.sources.mapping import Mapping
from cxport.sources.records import converters, fit, key_of
from cxport.sources.values import to_time

#: Seconds that counting and looking may take, each.
_COUNT_SECONDS = 10
_LOOK_SECONDS = 3

#: One group of rows: entity code, media, rows, oldest, newest.
_Group = tuple[Any, Any, int, Any, Any]


def report(connection: Connection, mapping: Mapping) -> SourceReport:
    """Compare a mapping with a database, and count what is there."""
    binding = inspect(connection, mapping)
    reports: list[EntityReport] = []
    media: set[str] = set(mapping.media)
    for data_type in DataType:
        base = binding.base(data_type)
        groups = _groups(connection, base) if base else None
        media.update(str(group[1]) for group in groups or () if group[1] is not None)
        reports += (_entity(connection, binding, entity, groups) for entity in ENTITIES[data_type])
    return SourceReport(
        product=connection.product,
        entities=tuple(reports),
        media=tuple(sorted(media)) if mapping.interaction else (),
        missing=binding.missing,
        warnings=tuple(_warnings(connection, binding)),
    )


def _groups(connection: Connection, base: Base) -> list[_Group] | None:
    """Count by entity and media, where that takes seconds."""
    dialect = connection.dialect
    kinds = [one for one in (base.entity, base.media) if one]
    names = [one.name(dialect) for one in kinds]
    time = base.window.name(dialect)
    query = fill(
        "SELECT {}{}, count(*), MIN({}), MAX({}) FROM {}",
        names[0] if names else sql.NULL,
        fill(", {}", names[1]) if len(names) > 1 else Sql(", NULL"),
        time,
        time,
        dialect.table(base.table, BASE),
    )
    if names:
        query = fill("{} GROUP BY {}", query, joined(", ", names))
    rows = connection.rows_within(query, _COUNT_SECONDS)
    return [(code, media, n, low, high) for code, media, n, low, high in rows] if rows else None


def _entity(
    connection: Connection, binding: Binding, entity: Entity, groups: list[_Group] | None
) -> EntityReport:
    relation = binding.relations.get(entity)
    if relation is None:
        return EntityReport(entity=entity, present=False)
    if groups is None:
        return _estimated(connection, relation)
    mine = [one for one in groups if relation.code is None or _same(one[0], relation.code)]
    window = relation.base.window
    times = [_time(window, one) for group in mine for one in group[3:] if one is not None]
    dated = sorted(time for time in times if time)
    return EntityReport(
        entity=entity,
        present=True,
        rows=sum(int(group[2]) for group in mine),
        oldest=dated[0] if dated else "",
        newest=dated[-1] if dated else "",
    )


def _same(code: Any, expected: int) -> bool:
    return code is not None and str(code) == str(expected)


def _time(window: Value, value: object) -> str:
    """Write a time, or nothing for a text that is none: `check` reports, and does not refuse."""
    with suppress(ValueError, ArithmeticError):
        return to_time(value, milliseconds=window.encoding == "milliseconds") or ""
    return ""


def _estimated(connection: Connection, relation: Relation) -> EntityReport:
    """Estimate the rows, and look for the oldest and newest along the index of times."""
    selection = Selection(data_type=relation.base.data_type, entities=(relation.entity,))
    filters = sql.filters(connection.dialect, selection, [relation])
    expected = connection.expected_rows(relation.base.table, None, filters)
    return EntityReport(
        entity=relation.entity,
        present=True,
        rows=expected.rows,
        estimated=True,
        oldest=_end(connection, relation, filters, "ASC"),
        newest=_end(connection, relation, filters, "DESC"),
    )


def _end(connection: Connection, relation: Relation, filters: Sql | None, direction: str) -> str:
    dialect, window = connection.dialect, relation.base.window
    name = window.name(dialect)
    query = fill(
        "SELECT {} FROM {} {} ORDER BY {} {}",
        name,
        dialect.table(relation.base.table, BASE),
        sql.where(filters, fill("{} IS NOT NULL", name)),
        name,
        Sql(direction),
    )
    rows = connection.rows_within(dialect.limit(query, 1), _LOOK_SECONDS)
    return _time(window, rows[0][0]) if rows else ""


def _warnings(connection: Connection, binding: Binding) -> Iterator[str]:
    for data_type in DataType:
        if base := binding.base(data_type):
            name = base.table.name
            yield from _key_warnings(connection, base.table, base.key)
            yield from _unindexed(
                base.table, base.window, Said("a period is found by reading all of it")
            )
            yield from _unindexed(
                base.table, base.modified, Said("changes in {name} are found slowly", name=name)
            )
    yield from _unsteady(binding)
    for relation in binding.relations.values():
        if relation.own and relation.own_key:
            yield from _key_warnings(connection, relation.own, relation.own_key)
    if binding.attachments:
        yield from _attachment_warnings(connection, binding.attachments)
    if binding.attributes:
        one = binding.attributes
        yield from _unindexed(one.table, one.contact, Said("contacts are exported slowly"))


def _unsteady(binding: Binding) -> Iterator[str]:
    relations = binding.relations.values()
    tables = [one.base.table for one in relations] + [one.own for one in relations if one.own]
    tables += [one.table for one in (binding.attachments, binding.attributes) if one]
    for name in dict.fromkeys(table.name for table in tables if not table.steady):
        yield Said(
            "{name} knows no transactions: what is written during an export may be in it", name=name
        )


def _attachment_warnings(connection: Connection, one: Attachments) -> Iterator[str]:
    yield from _unindexed(one.table, one.interaction, Said("attachments are exported slowly"))
    if one.document and one.document_key:
        yield from _key_warnings(connection, one.document, one.document_key)
    if one.content is None:
        yield Said(
            "the mapping names no content: attachments of {name} come without it",
            name=one.table.name,
        )


def _unindexed(table: DbTable, value: Value, consequence: str) -> Iterator[str]:
    if not table.view and value.column.name not in table.indexed:
        yield Said(
            "no index on {name}.{name_column}: {consequence}",
            name=table.name,
            name_column=value.column.name,
            consequence=consequence,
        )


def _key_warnings(connection: Connection, table: DbTable, key: Value) -> Iterator[str]:
    name = f"{table.name}.{key.column.name}"
    if not table.view and key.column.name not in table.unique:
        yield Said(
            "{name} is not declared unique: rows that share a key would be lost or doubled",
            name=name,
        )
    if key.column.nullable and has_null_key(connection, table, key):
        yield Said("{name} is null in some rows: they are not exported", name=name)


def has_null_key(connection: Connection, table: DbTable, key: Value) -> bool:
    """Tell whether a row lacks its key, where that can be told in seconds."""
    dialect = connection.dialect
    query = fill(
        "SELECT 1 FROM {} WHERE {} IS NULL ORDER BY 1",
        dialect.table(table, key.alias),
        key.name(dialect),
    )
    return bool(connection.rows_within(dialect.limit(query, 1), _LOOK_SECONDS))


def sample_rows(
    connection: Connection, binding: Binding, data_type: DataType
) -> list[tuple[Entity, tuple[Field, ...], Row]]:
    """Give the first record of each entity that is found within seconds."""
    found = []
    for entity in ENTITIES[data_type]:
        relation = binding.relations.get(entity)
        if relation and (row := _first(connection, binding, relation)):
            found.append((entity, relation.fields, row))
    return found


def _first(connection: Connection, binding: Binding, relation: Relation) -> Row | None:
    dialect = connection.dialect
    selection = Selection(data_type=relation.base.data_type, entities=(relation.entity,))
    piece = Slice(entity=relation.entity)
    query = dialect.limit(sql.records(dialect, selection, relation, piece), 1)
    rows = connection.rows_within(query, _LOOK_SECONDS)
    if not rows:
        return None
    row = fit(rows, converters(connection, relation))[0]
    if relation.entity is not Entity.CONTACT:
        return row
    piece = replace(piece, upto=key_of(row))
    contacts = Contacts(connection, selection, relation, piece, binding.attributes)
    return next(iter(contacts))[0]
