"""Reads the records of a slice, in batches of bounded size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from operator import itemgetter
from typing import Any

from cxport.domain.catalogue import Field
from cxport.domain.row_form import RowForm
from cxport.domain.selection import Selection, Slice
from cxport.sources import sql
from cxport.sources.base import Row
from cxport.sources.binding import Relation
from cxport.sources.dialect import Connection, Copied, Unreadable, Values
from cxport.sources.values import Converter

#: A batch ends with the row that makes it this long, in rows or in characters and bytes of
#: the columns that may be long.
BATCH_ROWS = 1_000
BATCH_BYTES = 1 << 20

_SIZED = frozenset({str, bytes})


class Records:
    """The records of one slice; each iteration reads it from its beginning."""

    def __init__(
        self, connection: Connection, selection: Selection, relation: Relation, piece: Slice
    ) -> None:
        self._connection = connection
        self._selection = selection
        self._relation = relation
        self._piece = piece

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields of each row."""
        return self._relation.fields

    def __iter__(self) -> Iterator[Sequence[Row]]:
        """Yield batches of rows."""
        fitting = converters(self._connection, self._relation)
        for batch in self.given():
            yield fit(batch, fitting)

    def given(self) -> Iterator[list[Values]]:
        """Yield batches of rows as they come, not made fit.

        Begins again behind the last one at a text in no encoding.
        """
        piece = self._piece
        fitting = converters(self._connection, self._relation)
        try:
            for batch in self._batches(piece, tolerant=False):
                yield batch
                piece = replace(piece, after=key_of(fit(batch[-1:], fitting)[0]))
        except Unreadable:
            yield from self._batches(piece, tolerant=True)

    def copied(self) -> CopiedRows | GivenRows | None:
        """Give the same records as the connection gives them."""
        dialect, relation = self._connection.dialect, self._relation
        fitting = converters(self._connection, relation)
        if self._connection.plain_values:
            return GivenRows(self, relation, fitting)
        query = sql.records(dialect, self._selection, relation, self._piece)
        copied = self._connection.copied(query)
        return CopiedRows(copied, relation, fitting) if copied else None

    def _batches(self, piece: Slice, *, tolerant: bool) -> Iterator[list[Values]]:
        dialect, relation = self._connection.dialect, self._relation
        query = sql.records(dialect, self._selection, relation, piece)
        wide = [n for n, one in enumerate(relation.values) if one and one.column.wide]
        with closing(self._connection.stream(query, tolerant=tolerant)) as rows:
            yield from batches(rows, wide)


class GivenRows:
    """The same records as the driver gives them, each value with a type of its own."""

    form = RowForm.TUPLES

    def __init__(
        self, records: Records, relation: Relation, fitting: Sequence[tuple[int, Converter]]
    ) -> None:
        self._records = records
        self._fitting = fitting
        #: 0 for a column, None where there is none.
        self.types = tuple(0 if value else None for value in relation.values)

    def __iter__(self) -> Iterator[list[Values]]:
        """Yield rows as they come."""
        return self._records.given()

    def rows(self, data: list[Values]) -> Sequence[Row]:
        """Make rows fit."""
        return fit(data, self._fitting)


class CopiedRows:
    """The same records as the database gives them."""

    def __init__(
        self, copied: Copied, relation: Relation, fitting: Sequence[tuple[int, Converter]]
    ) -> None:
        self._copied = copied
        self._relation = relation
        self._fitting = fitting

    @property
    def form(self) -> RowForm:
        """The form of the rows."""
        return self._copied.form

    @property
    def types(self) -> tuple[int | None, ...]:
        """The types of the columns; None where there is none."""
        pairs = zip(self._relation.values, self._copied.types, strict=True)
        return tuple(oid if value else None for value, oid in pairs)

    def __iter__(self) -> Iterator[bytes]:
        """Yield rows as they come."""
        return iter(self._copied)

    def rows(self, data: bytes) -> Sequence[Row]:
        """Read rows into values that fit."""
        return fit(self._copied.values(data), self._fitting)


def key_of(row: Row) -> Any:
    """Give a row's key, its first value."""
    return row[0]


def converters(connection: Connection, relation: Relation) -> list[tuple[int, Converter]]:
    """Give the columns whose values must be made to fit."""
    found = []
    for number, (field, value) in enumerate(zip(relation.fields, relation.values, strict=True)):
        if value:
            table = relation.own if relation.own and value.alias == "o" else relation.base.table
            one = value.converter(connection.dialect, field, table.name)
            if one:
                found.append((number, one))
    return found


def batches(rows: Iterator[Values], wide: Sequence[int]) -> Iterator[list[Values]]:
    """Gather rows into batches, counting the length of the wide columns only."""
    batch: list[Values] = []
    size = 0
    for row in rows:
        batch.append(row)
        for number in wide:
            value = row[number]
            if type(value) in _SIZED:
                size += len(value)
        if size >= BATCH_BYTES or len(batch) >= BATCH_ROWS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def fit(batch: list[Values], fitting: Sequence[tuple[int, Converter]]) -> Sequence[Row]:
    """Make the values of a batch fit, column by column."""
    changed: dict[int, Sequence[object]] = {}
    for number, one in fitting:
        column = list(map(itemgetter(number), batch))
        converted = one.column(column)
        if converted is not column:
            changed[number] = converted
    return _replaced(batch, changed) if changed else batch


def _replaced(batch: list[Values], columns: Mapping[int, Sequence[object]]) -> Sequence[Row]:
    rows = [list(row) for row in batch]
    for number, column in columns.items():
        for row, value in zip(rows, column, strict=True):
            row[number] = value
    return [tuple(row) for row in rows]
