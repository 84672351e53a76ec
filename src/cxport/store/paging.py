"""Lists: filters, order and pages, the same for every table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, FromClause, Row, Select, Table, func, literal, select

from cxport.domain.listing import Page, Query
from cxport.store.columns import Number, Words, fold, holds
from cxport.store.scope import Scope

Item = TypeVar("Item")


@dataclass(frozen=True)
class Term:
    """What a list may filter and order by.

    `equals` and bounds compare the value, and `contains` the folded text, where it is text.
    """

    value: ColumnElement[Any]
    ordering: ColumnElement[Any]
    folded: ColumnElement[Any] | None = None


def plain(value: ColumnElement[Any]) -> Term:
    """Give the term of a number, a moment or a truth."""
    return Term(value, value)


def text(table: Table, name: str) -> Term:
    """Give the term of a column that is kept folded beside itself, and ordered by that."""
    folded = table.c[f"{name}_folded"]
    return Term(table.c[name], folded, folded)


def word(value: ColumnElement[Any]) -> Term:
    """Give the term of a column whose values are words of ours, all ASCII."""
    return Term(value, value, func.lower(value, type_=Words))


def ordered(table: Table) -> dict[str, Term]:
    """Give the terms by which jobs and runs alike are ordered besides.

    description and media (the first 200 characters), split_bytes, attachments, date_from,
    date_to (an absent one first).
    """
    return {
        "description": plain(table.c.description_key),
        "media": plain(table.c.media_key),
        **{name: plain(table.c[name]) for name in _ORDERED},
    }


_ORDERED = ("split_bytes", "attachments", "date_from", "date_to")


@dataclass(frozen=True)
class Listing:
    """A table whose rows have an `id`, what it is joined with, and its terms by name."""

    table: Table
    source: FromClause
    terms: Mapping[str, Term]

    def page(
        self,
        scope: Scope,
        query: Query,
        read: Callable[[Row[Any]], Item],
        *conditions: ColumnElement[bool],
    ) -> Page[Item]:
        """Give a page of the tenant's rows; KeyError where the query names an unknown term."""
        bound = (scope.of(self.table), *conditions, *self._conditions(query))
        counted = select(func.count()).select_from(self.source).where(*bound)
        rows = self._rows(scope, query, bound)
        count = int(scope.all(counted)[0][0])
        found = scope.all(rows) if count > query.offset else ()
        return Page(
            items=tuple(read(row) for row in found),
            count=count,
            offset=query.offset,
            limit=query.limit,
        )

    def _conditions(self, query: Query) -> Iterator[ColumnElement[bool]]:
        for name, part in query.contains.items():
            folded = self.terms[name].folded
            if folded is None:
                raise KeyError(name)
            yield holds(folded, literal(fold(part), Words))
        for name, values in query.equals.items():
            value = self.terms[name].value
            # an index that is ordered by id behind the value serves the order only for one value
            yield value == values[0] if len(values) == 1 else value.in_(values)
        for name, bound in query.at_least.items():
            yield self.terms[name].value >= bound
        for name, bound in query.before.items():
            yield self.terms[name].value < bound

    def _rows(
        self, scope: Scope, query: Query, bound: tuple[ColumnElement[bool], ...]
    ) -> Select[Any]:
        """Choose the ids first, by an index alone where there is one, then read their rows."""
        ordering = self.terms[query.order].ordering
        keys = (
            select(self.table.c.id, ordering.label("ordering"))
            .select_from(self.source)
            .where(*bound)
            .order_by(*_directed(query, ordering, self.table.c.id))
            .limit(literal(query.limit, Number))
            .offset(literal(query.offset, Number))
            .subquery("keys")
        )
        chosen = (keys.c.id == self.table.c.id) & scope.of(self.table)
        return (
            select(self.table)
            .join(keys, chosen)
            .order_by(*_directed(query, keys.c.ordering, keys.c.id))
        )


def _directed(
    query: Query, ordering: ColumnElement[Any], key: ColumnElement[Any]
) -> list[ColumnElement[Any]]:
    """Order all in one direction, so that an index serves both; SQLite wants nothing twice."""
    by = [key] if query.order == "id" else [ordering, key]
    return [each.desc() if query.descending else each.asc() for each in by]
