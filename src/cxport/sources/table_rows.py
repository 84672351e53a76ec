"""Reads the rows of a table's slice, each value as exact as the database has it, masked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace

from cxport.domain.catalogue import Field, Kind
from cxport.domain.masking import column_mask
from cxport.domain.selection import Slice
from cxport.sources.base import Row
from cxport.sources.dialect import (
    NUMBERS,
    Connection,
    DbColumn,
    Dialect,
    Family,
    Sql,
    Unreadable,
    Values,
    joined,
    sql,
)
from cxport.sources.increments import since_condition
from cxport.sources.records import batches
from cxport.sources.tables import ALIAS, BoundTable, bind_key, key_of

#: Turns the values of one column of a batch.
_Turn = Callable[[Sequence[object]], Sequence[object]]


class TableRows:
    """The rows of one slice: the key, which is not exported itself, then the set's columns."""

    def __init__(
        self, connection: Connection, bound: BoundTable, piece: Slice, mask_key: bytes
    ) -> None:
        self._connection = connection
        self._bound = bound
        self._piece = piece
        #: What is done to the values of a batch, by places in a row.
        self.turns = _turns(bound, mask_key)

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields of each row, the first its key."""
        dialect, bound = self._connection.dialect, self._bound
        masked = (column.mask is not None for column in bound.table.columns)
        kinds = (
            Kind.TEXT if hidden else _kind(dialect, column)
            for hidden, column in zip(masked, bound.columns, strict=True)
        )
        names = (column.name for column in bound.table.columns)
        return (Field(bound.table.key), *map(Field, names, kinds))

    def __iter__(self) -> Iterator[Sequence[Row]]:
        """Yield batches of rows; begins again behind the last one at a text in no encoding."""
        piece = self._piece
        try:
            for batch in self._batches(piece, tolerant=False):
                yield batch
                piece = replace(piece, after=key_of(batch[-1][0]))
        except Unreadable:
            yield from self._batches(piece, tolerant=True)

    def copied(self) -> None:
        """Give none: rows of tables are read as text."""

    def _batches(self, piece: Slice, *, tolerant: bool) -> Iterator[Sequence[Row]]:
        query = records(self._connection.dialect, self._bound, piece)
        wide = [number for number, one in enumerate(self._bound.columns, 1) if _may_be_long(one)]
        with closing(self._connection.stream(query, tolerant=tolerant)) as rows:
            for batch in batches(rows, wide):
                yield turned(batch, self.turns)


def records(dialect: Dialect, bound: BoundTable, piece: Slice) -> Sql:
    """Read the rows of a slice, ordered by their key."""
    key = dialect.column(ALIAS, bound.key)
    return sql(
        "SELECT {} FROM {} WHERE {} ORDER BY {}",
        joined(", ", [_selected(dialect, one) for one in (bound.key, *bound.columns)]),
        dialect.table(bound.db, ALIAS),
        joined(" AND ", list(_conditions(dialect, bound, piece))),
        key,
    )


def _conditions(dialect: Dialect, bound: BoundTable, piece: Slice) -> Iterator[Sql]:
    key = dialect.column(ALIAS, bound.key)
    # a row without a key could not be told from another: `check` warns of them
    yield sql("{} IS NOT NULL", key)
    for sign, end in ((">", piece.after), ("<=", piece.upto)):
        if end is not None:
            yield sql(f"{{}} {sign} {{}}", key, bind_key(dialect, bound.key, end))
    since = since_condition(dialect, bound, piece.since)
    if since is not None:
        yield since


def _selected(dialect: Dialect, column: DbColumn) -> Sql:
    """Select the exact text of a column where the database has one, else what the driver gives."""
    return dialect.select(dialect.column(ALIAS, column), Kind.TEXT, column)


def _may_be_long(column: DbColumn) -> bool:
    return column.wide or column.family is Family.OTHER


def _kind(dialect: Dialect, column: DbColumn) -> Kind:
    """Give the kind of a column; without types of columns, each value tells its own."""
    if not dialect.typed:
        return Kind.TEXT
    if column.family in NUMBERS:
        return Kind.NUMBER
    return {Family.BOOLEAN: Kind.BOOLEAN, Family.TIME: Kind.TIME, Family.BYTES: Kind.BYTES}.get(
        column.family, Kind.TEXT
    )


def _turns(bound: BoundTable, mask_key: bytes) -> list[tuple[int, _Turn]]:
    """Give what makes times ISO 8601, and masks; by places in a row."""
    found: list[tuple[int, _Turn]] = []
    pairs = zip(bound.table.columns, bound.columns, strict=True)
    for number, (column, db) in enumerate(pairs, 1):
        if db.family is Family.TIME and db.type != "date":
            found.append((number, _iso_times))
        if column.mask:
            found.append((number, column_mask(column.mask, mask_key)))
    return found


def turned(batch: list[Values], turns: Sequence[tuple[int, _Turn]]) -> Sequence[Row]:
    """Turn the columns of a batch."""
    if not turns:
        return batch
    columns: list[Sequence[object]] = list(zip(*batch, strict=True))
    for number, turn in turns:
        columns[number] = turn(columns[number])
    return list(zip(*columns, strict=True))


def _iso_times(values: Sequence[object]) -> Sequence[object]:
    return [_iso_time(value) if type(value) is str else value for value in values]


def _iso_time(text: str) -> str:
    """Write a time as ISO 8601 does: `T` before the hour, `Z` where the database tells UTC."""
    if text[10:11] != " " or text[4:5] != "-" or text.endswith("BC"):
        return text
    if text.endswith("+00"):
        return f"{text[:10]}T{text[11:-3]}Z"
    return f"{text[:10]}T{text[11:]}"
