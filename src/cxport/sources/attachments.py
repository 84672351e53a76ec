"""Reads the attachments of a slice; the content of a large one is never held whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from cxport.domain.catalogue import ATTACHMENT_FIELDS, Field, Kind
from cxport.domain.selection import Selection, Slice, continue_after
from cxport.sources import sql
from cxport.sources.base import Attachment
from cxport.sources.binding import Attachments, Relation, Value
from cxport.sources.dialect import Connection, DbTable, Sql, StoredContent, Values, joined
from cxport.sources.dialect import sql as fill
from cxport.sources.values import to_bytes

#: A content of up to this many bytes comes with its row.
INLINE_BYTES = 256 << 10

#: Rows of one answer, where contents cannot be asked for while an answer is being read.
_PAGE = 32


@dataclass(frozen=True)
class _Reading:
    """What reading the attachments of one slice needs."""

    connection: Connection
    selection: Selection
    relation: Relation
    one: Attachments


def read_attachments(
    connection: Connection,
    selection: Selection,
    relation: Relation,
    one: Attachments,
    piece: Slice,
) -> Iterator[Attachment]:
    """Yield the attachments of a slice, ordered by their interaction's key and their own."""
    reading = _Reading(connection, selection, relation, one)
    if not connection.interleaves:
        yield from _paged(reading, piece)
        return
    with closing(connection.side_stream(_query(reading, piece))) as rows:
        for row in rows:
            yield _attachment(reading, row)


def _paged(reading: _Reading, piece: Slice) -> Iterator[Attachment]:
    connection = reading.connection
    while True:
        page = connection.rows(connection.dialect.limit(_query(reading, piece), _PAGE))
        for row in page:
            attachment = _attachment(reading, row)
            yield attachment
            piece = continue_after(piece, attachment.key, attachment.own_key)
        if len(page) < _PAGE:
            return


def _query(reading: _Reading, piece: Slice) -> Sql:
    """Ask for interaction, own key, key of the content, its length, a short content, fields."""
    dialect, one, base = reading.connection.dialect, reading.one, reading.relation.base
    pairs: list[tuple[Value | None, Kind]] = [(base.key, Kind.TEXT), (one.key, Kind.TEXT)]
    pairs.append((_content_key(one), Kind.TEXT))
    fields = [(v, f.kind) for f, v in zip(ATTACHMENT_FIELDS, one.values, strict=True)]
    return fill(
        "SELECT {}, {}, {} FROM {} {} ORDER BY {}",
        sql.values(dialect, pairs),
        _content_columns(reading),
        sql.values(dialect, fields),
        sql.from_attachments(dialect, base, one),
        sql.where(
            sql.selected(dialect, reading.selection, reading.relation),
            sql.in_attachment_slice(dialect, base, one, piece),
        ),
        joined(", ", [base.key.name(dialect), one.key.name(dialect)]),
    )


def _content_key(one: Attachments) -> Value:
    """Give the key of the row that holds the content, null where it is not there."""
    return one.document_key or one.key


def _content_columns(reading: _Reading) -> Sql:
    dialect, content = reading.connection.dialect, reading.one.content
    if content is None:
        return Sql("NULL, NULL")
    name = content.name(dialect)
    length = dialect.length(name, content.column)
    short = f"CASE WHEN {{}} <= {INLINE_BYTES} THEN {{}} END"
    return fill(f"{{}}, {short}", length, length, name)


def _attachment(reading: _Reading, row: Values) -> Attachment:
    key, own_key, content_key, length, short, *values = row
    content: Iterator[bytes] | None = None
    if short is not None:
        content = iter((to_bytes(short),))
    elif length is not None:
        content = _large(reading, content_key, int(length))
    fitted = (
        _fit(reading, field, value, given)
        for field, value, given in zip(ATTACHMENT_FIELDS, reading.one.values, values, strict=True)
    )
    return Attachment(key=key, own_key=own_key, values=tuple(fitted), content=content)


def _fit(reading: _Reading, field: Field, value: Value | None, given: Any) -> object:
    if value is None:
        return None
    one = value.converter(reading.connection.dialect, field, reading.one.table.name)
    return one.value(given) if one else given


def _large(reading: _Reading, key: Any, length: int) -> Iterator[bytes]:
    """Read a large content; a generator, so that nothing is read before it is asked for."""
    one = reading.one
    table: DbTable = one.document or one.table
    if one.content is None:
        return
    yield from reading.connection.chunks(
        StoredContent(
            table=table,
            key_column=_content_key(one).column,
            column=one.content.column,
            key=key,
            size=length,
        )
    )
