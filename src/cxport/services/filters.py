"""Filters as a caller words them, checked: attribute, operator and value must fit together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from cxport.domain.catalogue import Entity, Field, Kind
from cxport.domain.errors import InvalidInput
from cxport.domain.filter import OPERATORS, Filter, Operator, Value, attributes
from cxport.domain.said import Said
from cxport.services.values import moment, quoted

#: Conditions of one job, values of one of them, and characters of a value, at most.
MOST_FILTERS, MOST_VALUES, LONGEST = 20, 100, 1000
_PLACE = "jobParams.filter"
#: What a database's whole numbers hold.
_LARGEST = 2**63 - 1


@dataclass(frozen=True, kw_only=True)
class FilterRequest:
    """One condition in its caller's words; `value` is as JSON had it."""

    attribute: str
    operator: str
    value: Any


def check_filters(
    requests: Sequence[FilterRequest], entities: Sequence[Entity]
) -> tuple[Filter, ...]:
    """Make the filters of a job of these entities, or raise InvalidInput naming the first wrong.

    An attribute must be one of at least one of the entities; rows of the others have none.
    """
    if len(requests) > MOST_FILTERS:
        raise InvalidInput.at(
            _PLACE,
            Said("too many"),
            Said("at most {most_filters} conditions", most_filters=MOST_FILTERS),
        )
    known = {field.name.casefold(): field for one in entities for field in attributes(one)}
    return tuple(_filter(f"{_PLACE}.{n}", one, known) for n, one in enumerate(requests))


def _filter(place: str, request: FilterRequest, known: dict[str, Field]) -> Filter:
    field = known.get(request.attribute.casefold())
    if field is None:
        raise InvalidInput.at(
            f"{place}.attribute",
            Said("{attribute} is unknown", attribute=quoted(request.attribute)),
            ", ".join(sorted(one.name for one in known.values())),
        )
    operator = _operator(place, request.operator, field)
    given = _values(place, operator, request.value)
    return Filter(
        attribute=field.name,
        operator=operator,
        values=tuple(_value(f"{place}.value", field.kind, one) for one in given),
    )


def _operator(place: str, given: str, field: Field) -> Operator:
    for operator in OPERATORS[field.kind]:
        if operator.casefold() == given.casefold():
            return operator
    raise InvalidInput.at(
        f"{place}.operator",
        Said("{given} is none for {name}", given=quoted(given), name=field.name),
        ", ".join(OPERATORS[field.kind]),
    )


def _values(place: str, operator: Operator, given: Any) -> list[Any]:
    if operator is not Operator.IN:
        return [given]
    if not isinstance(given, list) or not 0 < len(given) <= MOST_VALUES:
        raise InvalidInput.at(
            f"{place}.value",
            Said("no list"),
            Said("a list of 1 to {most_values} values", most_values=MOST_VALUES),
        )
    return given


def _value(place: str, kind: Kind, given: Any) -> Value:
    """Give the value as the kind has it; JSON's `true` is no number and `1` no truth."""
    found: Value | None = None
    if kind is Kind.BOOLEAN:
        found = given if isinstance(given, bool) else None
    elif kind is Kind.TEXT:
        found = given if isinstance(given, str) and 0 < len(given) <= LONGEST else None
    elif kind is Kind.TIME:
        at = moment(place, given) if isinstance(given, str) else None
        found = at.astimezone(UTC).isoformat() if at else None
    else:
        found = _number(kind, given)
    if found is None:
        raise InvalidInput.at(place, Said("not of kind {kind}", kind=Said(kind)), _EXPECTED[kind])
    return found


def _number(kind: Kind, given: Any) -> int | float | None:
    if isinstance(given, bool) or not isinstance(given, int | float):
        return None
    if kind is Kind.INTEGER and not isinstance(given, int):
        return None
    # a whole number may be too large to be tried for finiteness
    return given if -_LARGEST <= given <= _LARGEST else None


_EXPECTED: dict[Kind, Said] = {
    Kind.TEXT: Said("a text of 1 to {longest} characters", longest=LONGEST),
    Kind.INTEGER: Said("a whole number"),
    Kind.NUMBER: Said("a number"),
    Kind.BOOLEAN: Said("true or false"),
    Kind.TIME: Said("an ISO 8601 date or date-time"),
}
