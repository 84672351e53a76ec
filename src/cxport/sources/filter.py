"""The conditions of a job on attributes, as SQL on the base table alone.

What an entity keeps in a table of its own is asked by EXISTS, so that the condition holds
wherever the base table is read: for records, attachments, estimates and rows without a time.
"""

from __future__ import annotations

from datetime import datetime

from cxport.domain.catalogue import Field, Kind
from cxport.domain.errors import SourceError
from cxport.domain.filter import Filter, Operator, Value
from cxport.domain.said import Said
from cxport.sources import binding
from cxport.sources.binding import OWN, Relation
from cxport.sources.dialect import NUMBERS, DbColumn, Dialect, Family, Sql, joined, sql

_SIGNS: dict[Operator, str] = {
    Operator.EQUAL: "=",
    Operator.LESS: "<",
    Operator.AT_MOST: "<=",
    Operator.GREATER: ">",
    Operator.AT_LEAST: ">=",
}
_NEVER, _ALWAYS = Sql("1 = 0"), Sql("1 = 1")
#: Begins a character that LIKE would take for a wildcard; a backslash means too much elsewhere.
_ESCAPE = "!"


def conditions(
    dialect: Dialect, filters: tuple[Filter, ...], relation: Relation
) -> tuple[Sql, ...]:
    """Tell, for each filter, that a row of an entity meets it.

    An attribute that the entity or its row does not have meets `ne` alone. Raises SourceError
    where a column cannot be compared so.
    """
    return tuple(_condition(dialect, one, relation) for one in filters)


def _condition(dialect: Dialect, one: Filter, relation: Relation) -> Sql:
    negative = one.operator is Operator.NOT_EQUAL
    pairs = zip(relation.fields, relation.values, strict=True)
    field, value = next((pair for pair in pairs if pair[0].name == one.attribute), (None, None))
    if field is None or value is None:
        return _ALWAYS if negative else _NEVER
    operator = Operator.EQUAL if negative else one.operator
    met = _met(dialect, field, value, operator, one.values)
    if value.alias == OWN:
        met = _in_own_table(dialect, relation, met)
        return sql("NOT {}", met) if negative else met
    if negative:
        return sql("(NOT ({}) OR {} IS NULL)", met, value.name(dialect))
    return met


def _in_own_table(dialect: Dialect, relation: Relation, met: Sql) -> Sql:
    if relation.own is None or relation.own_key is None:
        return _NEVER
    return sql(
        "EXISTS (SELECT 1 FROM {} WHERE {} = {} AND {})",
        dialect.table(relation.own, OWN),
        relation.own_key.name(dialect),
        relation.base.key.name(dialect),
        met,
    )


def _met(
    dialect: Dialect,
    field: Field,
    column: binding.Value,
    operator: Operator,
    values: tuple[Value, ...],
) -> Sql:
    name = column.name(dialect)
    if field.kind is Kind.TIME:
        moment = datetime.fromisoformat(str(values[0]))
        sign = _SIGNS[operator]
        return dialect.compare_time(name, column.column, column.encoding, sign, moment)
    if operator in {Operator.CONTAINS, Operator.STARTS_WITH}:
        return _like(dialect, name, operator, str(values[0]))
    found = [_bound(dialect, field, column.column, operator, value) for value in values]
    bound = [one for one in found if one is not None]
    if not bound:
        return _NEVER
    if operator is Operator.IN:
        return sql("{} IN ({})", name, joined(", ", bound))
    return sql(f"{{}} {_SIGNS[operator]} {{}}", name, bound[0])


def _like(dialect: Dialect, name: Sql, operator: Operator, text: str) -> Sql:
    special = {*dialect.wildcards, _ESCAPE}
    escaped = "".join(f"{_ESCAPE}{one}" if one in special else one for one in text)
    pattern = f"%{escaped}%" if operator is Operator.CONTAINS else f"{escaped}%"
    return sql(f"{{}} LIKE {{}} ESCAPE '{_ESCAPE}'", name, dialect.bind(pattern))


def _bound(
    dialect: Dialect, field: Field, column: DbColumn, operator: Operator, value: Value
) -> Sql | None:
    """Bind a value as its column's type has it; None where no row can have it."""
    if field.kind is Kind.TEXT:
        if column.family not in NUMBERS:
            return dialect.bind(value)
        return dialect.bind(int(value)) if str(value).isdecimal() else None
    if field.kind is Kind.BOOLEAN and column.family is Family.BOOLEAN:
        return dialect.bind(bool(value))
    # a type that is none of ours may hold numbers: SQLite's do
    if column.family in NUMBERS or column.family is Family.OTHER:
        return dialect.bind(int(value) if field.kind is Kind.BOOLEAN else value)
    if field.kind is Kind.INTEGER and column.family is Family.TEXT and operator in _EXACT:
        return dialect.bind(str(value))
    raise SourceError(
        Said(
            "{name} is of type {type}: it cannot be filtered by this",
            name=column.name,
            type=column.type,
        )
    )


_EXACT = frozenset({Operator.EQUAL, Operator.IN})
