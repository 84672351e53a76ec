"""Which rows a page holds, and how many match in all, read from a list's narrow rows.

How many rows a filter matches is not known before; an index of the order serves a filter that
matches many and is the worst choice for one that matches few. So the first matches are read along
the index of what is filtered. Where that is all of them, they alone are put in order. Otherwise
the others are counted, and the page is looked for along the index of the order, for a bounded
way, or else by ordering all that match. So every row is looked at once, or twice where a filter
that matches many matches nothing at the beginning of the order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, func, literal, select, tuple_

from cxport.domain.listing import Query
from cxport.store.columns import Number
from cxport.store.scope import Scope

#: Matches that are put in order by themselves, and rows that are read along an index for a page.
FEW, WAY = 5_000, 20_000


@dataclass(frozen=True)
class Filter:
    """A condition, and the one column that it is about."""

    column: ColumnElement[Any]
    condition: ColumnElement[bool]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A query over a list's narrow rows; `alive` holds for almost all of them."""

    scope: Scope
    listed: Table
    alive: Filter | None
    filters: Sequence[Filter]
    ordering: ColumnElement[Any]
    query: Query

    def made(self) -> tuple[int, list[int]]:
        """Give how many rows match, and the ids of the page's in their order."""
        if not self.filters:
            count = self._count()
            return count, self._along() if count > self.query.offset else []
        by = tuple_(self._filtered(), self.listed.c.id)
        first = self.scope.all(
            select(self.listed.c.id, self._filtered().label("filtered"))
            .where(*self._matching())
            .order_by(*by.clauses)
            .limit(FEW + 1)
        )
        if len(first) <= FEW:
            return len(first), self._of([row.id for row in first])
        last = tuple_(*map(_bound, by.clauses, (first[-1].filtered, first[-1].id)))
        count = len(first) + self._count(by > last)
        return count, self._page() if count > self.query.offset else []

    def _filtered(self) -> ColumnElement[Any]:
        """Give the column that all filters are about, or else the id: its index is walked."""
        columns = {str(one.column): one.column for one in self.filters}
        return next(iter(columns.values())) if len(columns) == 1 else self.listed.c.id

    def _matching(self) -> list[ColumnElement[bool]]:
        """Give the conditions; that no index be taken for what holds almost always."""
        found = [self.scope.of(self.listed), *(one.condition for one in self.filters)]
        if self.alive is not None:
            found.append(func.coalesce(self.alive.condition, self.alive.condition))
        return found

    def _count(self, *further: ColumnElement[bool]) -> int:
        where = [*self._matching(), *further]
        if self.alive is not None and not self.filters:
            where = [self.scope.of(self.listed), self.alive.condition]
        counted = select(func.count()).select_from(self.listed).where(*where)
        return int(self.scope.all(counted)[0][0])

    def _page(self) -> list[int]:
        if self.ordering in {self.listed.c.id, self._filtered()}:
            return self._along()
        found = self._near() if self.query.offset + self.query.limit <= FEW else []
        return found if len(found) == self.query.limit else self._sorted()

    def _along(self) -> list[int]:
        """Read along the index of the order."""
        return self._cut(self._matches(), self.ordering)

    def _near(self) -> list[int]:
        """Read along the index of the order, no further than WAY; perhaps less than the page."""
        every = select(self.listed.c.id, self.ordering.label("ordering"))
        near = every.where(self.scope.of(self.listed)).order_by(*self._directed(self.ordering))
        begin = near.limit(WAY).subquery("near")
        found = self._matches().join(begin, begin.c.id == self.listed.c.id)
        return self._cut(found, begin.c.ordering)

    def _sorted(self) -> list[int]:
        """Order all that match; the ordering is written so that no index is taken for it."""
        return self._cut(self._matches(), func.coalesce(self.ordering, self.ordering))

    def _of(self, ids: Sequence[int]) -> list[int]:
        """Order a few."""
        rows = select(self.listed.c.id).where(self.scope.of(self.listed), self.listed.c.id.in_(ids))
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
