"""Which rows a page holds, and how many match in all, read from a list's narrow rows.

A text of few distinct values, as most are, is not looked at row by row: the values that match are
found by stepping from one to the next in the index, and their entries are counted.

An index of the order serves a filter that matches many, and is the worst choice for one that
matches few. So it is walked for a short way first. A page that is found there leaves nothing but
the count; otherwise what matches is looked for along the index of what is filtered, and where that
is little, it alone is put in order, in the same statement. Many matches that come late in the order
are found by ordering them all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, Table, func, literal, select, true

from cxport.domain.listing import Query
from cxport.store import counts
from cxport.store.columns import Number
from cxport.store.scope import Scope

#: Matches that are put in order by themselves, and distinct values that are looked at for a filter.
FEW, DISTINCT = 20_000, 300
#: Rows that are read along an index for a page: so many first, and more where they do not suffice.
WAYS = (1_000, 20_000, 50_000)


@dataclass(frozen=True)
class Filter:
    """A condition, and the one column that it is about.

    `test` makes the condition for any holder of the column's values, where that is known.
    """

    column: Column[Any]
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
    ordering: Column[Any]
    query: Query
    #: How many match, where that is counted already.
    known: int | None = None

    def narrowed(self) -> Choice:
        """Name the values that match, where a column has few, and leave out what all match."""
        named = [self._named(one) for one in self.filters]
        filters = [one for one in named if one is not None]
        return replace(self, filters=filters, known=self._known())

    def _known(self) -> int | None:
        """Give how many match where only kinds are asked for, and nothing has expired."""
        tests = {one.column.name: one.test for one in self.filters if one.test is not None}
        asked = {one.column.name for one in self.filters}
        counted = self.listed.name in counts.LISTS and asked <= counts.KINDS
        if not counted or self.alive is not None or len(tests) < len(self.filters):
            return None
        return counts.count(self.scope, self.listed, tests)

    def _named(self, one: Filter) -> Filter | None:
        """Name the values that match, where the column has few; None where all do."""
        if one.test is None or one.named:
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
        if len({one.column for one in self.filters}) == 1:
            self.scope.walk_indexes(wanted=True)
        return self._looked_at()

    def _looked_at(self) -> tuple[int, list[int]]:
        """Look at each row for its texts: once where few match, or many near the beginning."""
        if self.known is not None and self.known <= self.query.offset:
            return self.known, []
        begun = self._begun()
        few = self._few() if begun is None and (self.known or 0) <= FEW else None
        if few is not None:
            return few
        count = self._count()
        if begun is None:
            begun = self._page(count) if count > self.query.offset else []
        return count, begun

    def _begun(self) -> list[int] | None:
        """Find the page near the beginning of the order; None where it is not likely there."""
        way, farthest = WAYS[:2]
        if self.query.offset + self.query.limit > way:
            return None
        found = self._near(way)
        # half as far again as it takes where matches are spread evenly
        further = way * self.query.limit * 3 // (2 * len(found)) if found else farthest + 1
        if len(found) < self.query.limit and further <= farthest:
            found = self._near(further)
        return found if len(found) == self.query.limit else None

    def _few(self) -> tuple[int, list[int]] | None:
        """Count and order what matches; None where that is more than a few."""
        found = self._matches().limit(FEW + 1).cte("found").prefix_with("MATERIALIZED")
        count = select(func.count()).select_from(found).scalar_subquery()
        row = self.listed.alias("row")
        key = select(row.c[self.ordering.name]).where(self.scope.of(row), row.c.id == found.c.id)
        rows = select(found.c.id, key.scalar_subquery().label("ordering")).where(count <= FEW)
        keyed = rows.subquery("keyed")
        page = self._paged(select(keyed), keyed.c.ordering, keyed.c.id).subquery("page")
        counted = select(count.label("matches")).subquery("counted")
        both = (
            select(counted.c.matches, page.c.id)
            .select_from(counted.outerjoin(page, true()))
            .order_by(*self._directed(page.c.ordering, page.c.id))
        )
        answer = self.scope.all(both)
        if answer[0].matches > FEW:
            return None
        return answer[0].matches, [row.id for row in answer if row.id is not None]

    def _matching(self) -> list[ColumnElement[bool]]:
        """Give the conditions; that no index be taken for what holds almost always."""
        return [self.scope.of(self.listed), *map(self._condition, self._every())]

    def _every(self) -> Sequence[Filter]:
        return self.filters if self.alive is None else [*self.filters, self.alive]

    def _condition(self, one: Filter) -> ColumnElement[bool]:
        unwalked = one is self.alive or (one.named and len(self.filters) > 1)
        return func.coalesce(one.condition, one.condition) if unwalked else one.condition

    def _count(self) -> int:
        if self.known is not None:
            return self.known
        where = self._matching()
        if self.alive is not None and not self.filters:
            where = [self.scope.of(self.listed), self.alive.condition]
        counted = select(func.count()).select_from(self.listed).where(*where)
        return int(self.scope.all(counted)[0][0])

    def _is_read_along(self) -> bool:
        """Tell whether the index of the order is that of the filters, too."""
        return all(one.column is self.ordering for one in self.filters)

    def _page(self, count: int) -> list[int]:
        if self.ordering is self.listed.c.id or self._is_read_along():
            return self._along()
        end = min(self.query.offset + self.query.limit, count)
        for way in WAYS[1:] if count > FEW >= end else ():
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
        directed = self._directed(self.ordering, self.listed.c.id)
        near = every.where(self.scope.of(self.listed)).order_by(*directed)
        begin = near.limit(way).subquery("near")
        found = self._matches().join(begin, begin.c.id == self.listed.c.id)
        return self._cut(found, begin.c.ordering)

    def _sorted(self) -> list[int]:
        """Order all that match; the ordering is written so that no index is taken for it."""
        self.scope.walk_indexes(wanted=False)
        return self._cut(self._matches(), func.coalesce(self.ordering, self.ordering))

    def _matches(self) -> Select[Any]:
        return select(self.listed.c.id).where(*self._matching())

    def _directed(
        self, ordering: ColumnElement[Any], number: ColumnElement[Any]
    ) -> list[ColumnElement[Any]]:
        """Order all in one direction, so that an index serves both; SQLite wants nothing twice."""
        by = [number] if self.query.order == "id" else [ordering, number]
        return [each.desc() if self.query.descending else each.asc() for each in by]

    def _cut(self, rows: Select[Any], ordering: ColumnElement[Any]) -> list[int]:
        page = self._paged(rows, ordering, self.listed.c.id)
        return [row.id for row in self.scope.all(page)]

    def _paged(
        self, rows: Select[Any], ordering: ColumnElement[Any], number: ColumnElement[Any]
    ) -> Select[Any]:
        return (
            rows.order_by(*self._directed(ordering, number))
            .limit(literal(self.query.limit, Number))
            .offset(literal(self.query.offset, Number))
        )
