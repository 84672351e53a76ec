"""Reads contacts with their attributes, page by page, in constant memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace

from cxport.domain.catalogue import CONTACT_ATTRIBUTE_FIELDS, Field, Kind
from cxport.domain.selection import Selection, Slice
from cxport.sources import sql
from cxport.sources.base import Row
from cxport.sources.binding import Attributes, Relation
from cxport.sources.dialect import Connection, Values
from cxport.sources.records import BATCH_BYTES, converters, fit, key_of
from cxport.sources.values import Converter, converter, to_time

_PAGE = 1_000

_NAMES = tuple(field.name for field in CONTACT_ATTRIBUTE_FIELDS)

#: What an attribute takes of a batch besides its value, in bytes: its dictionary and keys.
_ATTRIBUTE_BYTES = 400


class Contacts:
    """The contacts of one slice, each with the list of its attributes."""

    def __init__(
        self,
        connection: Connection,
        selection: Selection,
        relation: Relation,
        piece: Slice,
        attributes: Attributes | None,
    ) -> None:
        self._connection = connection
        self._selection = selection
        self._relation = relation
        self._piece = piece
        self._attributes = attributes

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields of each row."""
        return self._relation.fields

    def __iter__(self) -> Iterator[Sequence[Row]]:
        """Yield batches of contacts."""
        dialect, piece = self._connection.dialect, self._piece
        fitting = converters(self._connection, self._relation)
        while True:
            query = sql.records(dialect, self._selection, self._relation, piece)
            page = fit(self._connection.rows(dialect.limit(query, _PAGE)), fitting)
            if not page:
                return
            last = key_of(page[-1])
            yield from self._joined(page, replace(piece, upto=last))
            if len(page) < _PAGE:
                return
            piece = replace(piece, after=last)

    def copied(self) -> None:
        """Give none: attributes are joined to their contacts here."""

    def _joined(self, page: Sequence[Row], piece: Slice) -> Iterator[Sequence[Row]]:
        """Join a page with its attributes: the database gives both in the same order."""
        if self._attributes is None:
            yield [(*row, []) for row in page]
            return
        query = sql.attribute_rows(
            self._connection.dialect, self._selection, self._relation, self._attributes, piece
        )
        with closing(self._connection.stream(query, tolerant=True)) as rows:
            yield from _merged(page, _Fitted(self._connection, self._attributes, rows))


class _Fitted:
    """Attribute rows with values that fit, read one at a time with one row of foresight."""

    def __init__(
        self, connection: Connection, attributes: Attributes, rows: Iterator[Values]
    ) -> None:
        self._rows = rows
        self._next = next(rows, None)
        self._convert: list[Converter | None] = [converter(Kind.TEXT, "", "")]
        self._convert += [
            value.converter(connection.dialect, field, attributes.table.name)
            if value
            else converter(Kind.TEXT, "", "")
            for field, value in zip(CONTACT_ATTRIBUTE_FIELDS, attributes.values, strict=True)
        ]

    def of(self, key: object) -> Iterator[dict[str, object]]:
        """Give the attributes of the next contact."""
        while self._next is not None:
            row = [
                one.value(value) if one else value
                for one, value in zip(self._convert, self._next, strict=False)
            ]
            if row[0] != key:
                return
            attribute = dict(zip(_NAMES, row[1:], strict=True))
            if attribute["value"] is None and self._next[-1] is not None:
                attribute["value"] = to_time(self._next[-1])
            self._next = next(self._rows, None)
            yield attribute


def _merged(page: Sequence[Row], attributes: _Fitted) -> Iterator[Sequence[Row]]:
    batch: list[Row] = []
    size = 0
    for row in page:
        found = list(attributes.of(key_of(row)))
        batch.append((*row, found))
        size += sum(len(str(one["value"])) + _ATTRIBUTE_BYTES for one in found)
        if size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
