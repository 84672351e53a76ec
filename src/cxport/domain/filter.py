"""Conditions on the attributes of a record: what `jobParams.filter` may ask for.

Text is compared as the source's own database compares it: whether case counts is its collation's.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cxport.domain.catalogue import Entity, Field, Kind, entity_fields

#: As JSON holds it; a moment is ISO 8601 text in UTC.
Value = str | int | float | bool


class Operator(StrEnum):
    """How an attribute is compared with a value; an absent attribute meets `ne` alone."""

    EQUAL = "eq"
    NOT_EQUAL = "ne"
    IN = "in"
    LESS = "lt"
    AT_MOST = "le"
    GREATER = "gt"
    AT_LEAST = "ge"
    CONTAINS = "contains"
    STARTS_WITH = "startsWith"


_SAME = (Operator.EQUAL, Operator.NOT_EQUAL, Operator.IN)
_ORDERED = (*_SAME, Operator.LESS, Operator.AT_MOST, Operator.GREATER, Operator.AT_LEAST)

#: The operators of each kind that can be compared; times only as windows compare them.
OPERATORS: dict[Kind, tuple[Operator, ...]] = {
    Kind.TEXT: (*_SAME, Operator.CONTAINS, Operator.STARTS_WITH),
    Kind.INTEGER: _ORDERED,
    Kind.NUMBER: _ORDERED,
    Kind.BOOLEAN: (Operator.EQUAL, Operator.NOT_EQUAL),
    Kind.TIME: (Operator.AT_LEAST, Operator.LESS),
}

#: Texts without a bound on their length, which databases do not compare; `id` is `ixnId`.
_LEFT_OUT = frozenset(
    {
        *("id", "text", "structuredText", "theComment", "header", "customData"),
        *("toAddresses", "ccAddresses", "bccAddresses"),
    }
)


@dataclass(frozen=True, kw_only=True)
class Filter:
    """One condition; `in` has any number of values, every other operator one."""

    attribute: str
    operator: Operator
    values: tuple[Value, ...]


def attributes(entity: Entity) -> tuple[Field, ...]:
    """Give the attributes of an entity that a job can be filtered on, in file order."""
    return tuple(
        field
        for field in entity_fields(entity)
        if field.kind in OPERATORS and field.name not in _LEFT_OUT
    )
