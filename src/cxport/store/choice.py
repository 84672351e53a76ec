"""Which rows a page holds, and how many match in all, read from a list's narrow rows.

A text of few distinct values, as most are, is not looked at row by row: the values that match are
found by stepping from one to the next in the index, and their entries are counted. Of other texts
each is looked at once: the first matches are read along the index of what is filtered, and where
that is all of them, they alone are put in order; otherwise the rest is counted.

An index of the order serves a filter that matches many, and is the worst choice for one that
matches few. So for the page of many matches it is walked for a bounded way, further each time, and
else all that match are ordered, for which every row is looked at again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, func, literal, select, tuple_

from cxport.domain.listing import Query
from cxport.store.columns import Number, among
from cxport.store.scope import Scope

#: Matches that are put in order by themselves, and distinct values that are looked at for a filter.
FEW, DISTINCT = 20_000, 300
#: Rows that are read along an index for a page: so many first, and more where they do not suffice.
WAYS = (1_000, 8_000, 50_000)


@dataclass(frozen=True)
class Filter:
    """A condition, and the one column that it is about.

    `test` makes the condition for any holder of the column's values, where that is known.
    """

    column: ColumnElement[Any]
    condition: ColumnElement[bool]
    test: Callable[[ColumnElement[Any]], ColumnElement[bool]] | None = None
    #: Whether it names values, and so the column's index counts its matches.
    named: bool = False


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A query over a list's narrow rows; `alive` holds for almost all of them."""

    scope: Scope
    listed: Table
    alive: Filter | None
    filters: Sequence[Filter]
    ordering: ColumnElement[Any]
    query: Query

    def narrowed(self) -> Choice:
        """Name the values that match, where a column has few, and leave out what all match."""
        named = [self._named(one) for one in self.filters]
        return replace(self, filters=[one for one in named if one is not None])

    def _named(self, one: Filter) -> Filter | None:
        """Name the values that match, where the column has few; None where all do."""
        if one.test is None:
            return one
        found = self._values(one.column, one.test)
        if len(found) > DISTINCT:
            return one
        values = [value for value, matches in found if matches]
        if len(values) == len(found):
            return None
        # an index that is ordered by id behind the value serves the order only for one value
        condition = one.column == values[0] if len(values) == 1 else one.column.in_(values)
        return Filter(one.column, condition, named=True)

    def _values(
        self, column: ColumnElement[Any], test: Callable[[ColumnElement[Any]], ColumnElement[bool]]
    ) -> Sequence[Any]:
        """Step from each distinct value to the next, and tell of each whether it matches."""
        least = select(func.min(column, type_=column.type)).where(self.scope.of(self.listed))
        value = select(least.scalar_subquery().label("value")).cte("stepped", recursive=True)
        above = least.where(column > value.c.value).scalar_subquery()
        step = select(above).select_from(value).where(value.c.value.is_not(None))
        value = value.union_all(step)
        found = select(value.c.value, test(value.c.value)).where(value.c.value.is_not(None))
        return self.scope.all(found.limit(DISTINCT + 1))

    def made(self) -> tuple[int, list[int]]:
        """Give how many rows match, and the ids of the page's in their order."""
        if not self.filters:
            count = self._count()
            return count, self._along() if count > self.query.offset else []
        if len(self.filters) == 1 and self.filters[0].named:
            count = self._count()
            return count, self._page(count) if count > self.query.offset else []
        return self._looked_at()

    def _looked_at(self) -> tuple[int, list[int]]:
        """Look at each row for its texts, and read no further where few match."""
        by = tuple_(self._filtered(), self.listed.c.id)
        first = self.scope.all(
            select(self.listed.c.id, self._filtered().label("filtered"))
            .where(*self._matching())
            .order_by(*by.clauses)
            .limit(FEW + 1)
        )
        if len(first) <= FEW:
            ids = [row.id for row in first]
            return len(first), self._in_order(ids) if self._is_read_along() else self._of(ids)
        last = tuple_(*map(_bound, by.clauses, (first[-1].filtered, first[-1].id)))
        count = len(first) + self._count(by > last)
        return count, self._page(count) if count > self.query.offset else []

    def _filtered(self) -> ColumnElement[Any]:
        """Give the column that all filters are about, or else the id: its index is walked."""
        columns = {str(one.column): one.column for one in self.filters}
        return next(iter(columns.values())) if len(columns) == 1 else self.listed.c.id

    def _is_read_along(self) -> bool:
        """Tell whether the index that is walked for the filters is that of the order."""
        return self.ordering is self._filtered()

    def _in_order(self, ids: list[int]) -> list[int]:
        """Cut the page out of all matches, which were read along the index of the order."""
        ordered = ids[::-1] if self.query.descending else ids
        return ordered[self.query.offset : self.query.offset + self.query.limit]

    def _matching(self) -> list[ColumnElement[bool]]:
        """Give the conditions; that no index be taken for what holds almost always."""
        return [self.scope.of(self.listed), *map(self._condition, self._every())]

    def _every(self) -> Sequence[Filter]:
        return self.filters if self.alive is None else [*self.filters, self.alive]

    def _condition(self, one: Filter) -> ColumnElement[bool]:
        unwalked = one is self.alive or (one.named and len(self.filters) > 1)
        return func.coalesce(one.condition, one.condition) if unwalked else one.condition

    def _count(self, *further: ColumnElement[bool]) -> int:
        where = [*self._matching(), *further]
        if self.alive is not None and not self.filters:
            where = [self.scope.of(self.listed), self.alive.condition]
        counted = select(func.count()).select_from(self.listed).where(*where)
        return int(self.scope.all(counted)[0][0])

    def _page(self, count: int) -> list[int]:
        if self.ordering is self.listed.c.id or self._is_read_along():
            return self._along()
        end = min(self.query.offset + self.query.limit, count)
        for way in WAYS if count > FEW >= end else ():
            found = self._near(way)
            if len(found) == end - self.query.offset:
                return found
        return self._sorted()

    def _along(self) -> list[int]:
        """Read along the index of the order."""
        return self._cut(self._matches(), self.ordering)

    def _near(self, way: int) -> list[int]:
        """Read along the index of the order, no further than `way`; perhaps less than the page."""
        every = select(self.listed.c.id, self.ordering.label("ordering"))
        near = every.where(self.scope.of(self.listed)).order_by(*self._directed(self.ordering))
        begin = near.limit(way).subquery("near")
        found = self._matches().join(begin, begin.c.id == self.listed.c.id)
        return self._cut(found, begin.c.ordering)

    def _sorted(self) -> list[int]:
        """Order all that match; the ordering is written so that no index is taken for it."""
        return self._cut(self._matches(), func.coalesce(self.ordering, self.ordering))

    def _of(self, ids: Sequence[int]) -> list[int]:
        """Order a few."""
        rows = select(self.listed.c.id).where(
            self.scope.of(self.listed), among(self.listed.c.id, ids)
        )
        return self._cut(rows, func.coalesce(self.ordering, self.ordering)) if ids else []

    def _matches(self) -> Select[Any]:
        return select(self.listed.c.id).where(*self._matching())

    def _directed(self, ordering: ColumnElement[Any]) -> list[ColumnElement[Any]]:
        """Order all in one direction, so that an index serves both; SQLite wants nothing twice."""
        by = [self.listed.c.id] if self.query.order == "id" else [ordering, self.listed.c.id]
        return [each.desc() if self.query.descending else each.asc() for each in by]

    def _cut(self, rows: Select[Any], ordering: ColumnElement[Any]) -> list[int]:
        page = (
            rows.order_by(*self._directed(ordering))
            .limit(literal(self.query.limit, Number))
            .offset(literal(self.query.offset, Number))
        )
        return [row.id for row in self.scope.all(page)]


def _bound(column: ColumnElement[Any], value: object) -> ColumnElement[Any]:
    return literal(value, column.type)
