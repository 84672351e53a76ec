"""Lists: filters, order and pages, the same for every table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Column, ColumnElement, Row, Table, func, literal

from cxport.domain.listing import Page, Query
from cxport.store.choice import Choice, Filter
from cxport.store.columns import Words, fold, holds
from cxport.store.scope import Scope

Item = TypeVar("Item")


@dataclass(frozen=True)
class Term:
    """What a list may filter and order by.

    `value` is compared, by `equals` and bounds, and ordered; where it is text, what `folded` makes
    of it is searched.
    """

    value: Column[Any]
    folded: Callable[[ColumnElement[Any]], ColumnElement[Any]] | None = None


def plain(value: Column[Any]) -> Term:
    """Give the term of a number, a moment, a truth, or a text that is not searched."""
    return Term(value)


def text(folded: Column[Any]) -> Term:
    """Give the term of a column that holds folded text."""
    return Term(folded, lambda value: value)


def word(value: Column[Any]) -> Term:
    """Give the term of a column whose values are words of ours, all ASCII."""
    return Term(value, lambda value: func.lower(value, type_=Words))


def described(listed: Table) -> dict[str, Term]:
    """Give the terms by which jobs and runs alike are filtered.

    id, title, type (the family), data_type, source, status, file_name (the first file's), size
    (bytes of all files), progress (percent), created_at.
    """
    return {
        "id": plain(listed.c.id),
        "title": text(listed.c.title_folded),
        "type": word(listed.c.family),
        "data_type": text(listed.c.data_type_folded),
        "source": text(listed.c.source_folded),
        "status": word(listed.c.status),
        "file_name": text(listed.c.first_file_folded),
        "size": plain(listed.c.size_bytes),
        "progress": plain(listed.c.progress),
        "created_at": plain(listed.c.created_at),
    }


def asked_for(listed: Table) -> dict[str, Term]:
    """Give the terms by which jobs and runs alike are only ordered.

    description and media (the first 200 characters), split_bytes, attachments, date_from,
    date_to (an absent one first).
    """
    return {
        "description": plain(listed.c.description_key),
        "media": plain(listed.c.media_key),
        **{name: plain(listed.c[name]) for name in _ASKED_FOR},
    }


_ASKED_FOR = ("split_bytes", "attachments", "date_from", "date_to")


@dataclass(frozen=True)
class Listing:
    """A table whose rows have an `id`, its narrow table, and the terms on that by name."""

    table: Table
    listed: Table
    terms: Mapping[str, Term]

    def page(
        self,
        scope: Scope,
        query: Query,
        read: Callable[[Row[Any]], Item],
        alive: Filter | None = None,
    ) -> Page[Item]:
        """Give a page of the tenant's rows; KeyError where the query names an unknown term.

        Rows that are not `alive`, as almost all are, are passed over.
        """
        choice = Choice(
            scope=scope,
            listed=self.listed,
            alive=alive,
            filters=tuple(self._filters(query)),
            ordering=self.terms[query.order].value,
            query=query,
        )
        count, ids = choice.narrowed().made()
        chosen = scope.select(self.table).where(self.table.c.id.in_(ids))
        rows = {row.id: row for row in scope.all(chosen)} if ids else {}
        return Page(
            items=tuple(read(rows[each]) for each in ids),
            count=count,
            offset=query.offset,
            limit=query.limit,
        )

    def _filters(self, query: Query) -> Iterator[Filter]:
        for name, part in query.contains.items():
            term = self.terms[name]
            if term.folded is None:
                raise KeyError(name)
            test = partial(_held, term.folded, literal(fold(part), Words))
            yield Filter(term.value, test(term.value), test)
        for name, values in query.equals.items():
            value = self.terms[name].value
            # an index that is ordered by id behind the value serves the order only for one value
            same = value == values[0] if len(values) == 1 else value.in_(values)
            yield Filter(value, same, partial(_is_among, values), named=True)
        for name, bound in query.at_least.items():
            yield Filter(self.terms[name].value, self.terms[name].value >= bound)
        for name, bound in query.before.items():
            yield Filter(self.terms[name].value, self.terms[name].value < bound)


def _is_among(values: Sequence[Any], value: ColumnElement[Any]) -> ColumnElement[bool]:
    return value.in_(values)


def _held(
    folded: Callable[[ColumnElement[Any]], ColumnElement[Any]],
    part: ColumnElement[str],
    value: ColumnElement[Any],
) -> ColumnElement[bool]:
    return holds(folded(value), part)
