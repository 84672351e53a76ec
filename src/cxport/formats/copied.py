"""Rows of PostgreSQL's COPY BINARY to JSON Lines, by compiled code where it is installed.

The compiled code (native/transcode.c) writes the bytes that `jsonl` writes of the same values; a
row that it is not sure of goes through `jsonl` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import IntEnum

import msgspec

from cxport.domain.catalogue import Field, Kind
from cxport.domain.errors import SourceError
from cxport.formats.jsonl import Encoded, LineEncoder, Refusal

try:
    from cxport.formats._transcoder import Transcoder
except ImportError:
    #: Whether the compiled code is there: without it, rows are read and written by Python.
    COMPILED = False
else:
    COMPILED = True

Rows = Sequence[tuple[object, ...]]


class _Column(IntEnum):
    """What a column holds and becomes, as transcode.h numbers it."""

    NOTHING = 0
    TEXT = 1
    INTEGER = 2
    WHOLE_NUMERIC = 3
    BOOLEAN = 4
    TIMESTAMP = 5
    DATE = 6
    OBJECT = 7
    JSONB = 8
    BYTES = 9


#: Types by their OIDs, which never change (pg_type.dat).
_BOOL, _BYTEA, _NAME, _INT8, _INT2, _INT4, _TEXT, _JSON = 16, 17, 19, 20, 21, 23, 25, 114
_BPCHAR, _VARCHAR, _DATE, _TIMESTAMP, _TIMESTAMPTZ = 1042, 1043, 1082, 1114, 1184
_NUMERIC, _JSONB = 1700, 3802
_TEXTS = (_TEXT, _VARCHAR, _BPCHAR, _NAME)
_INTEGERS = (_INT2, _INT4, _INT8)

_COLUMNS: dict[tuple[Kind, int], _Column] = {
    **{(Kind.TEXT, oid): _Column.TEXT for oid in _TEXTS},
    **{(Kind.INTEGER, oid): _Column.INTEGER for oid in _INTEGERS},
    **{(Kind.NUMBER, oid): _Column.INTEGER for oid in _INTEGERS},
    (Kind.INTEGER, _NUMERIC): _Column.WHOLE_NUMERIC,
    (Kind.BOOLEAN, _BOOL): _Column.BOOLEAN,
    (Kind.TIME, _TIMESTAMP): _Column.TIMESTAMP,
    (Kind.TIME, _TIMESTAMPTZ): _Column.TIMESTAMP,
    (Kind.TIME, _DATE): _Column.DATE,
    **{(Kind.OBJECT, oid): _Column.OBJECT for oid in (*_TEXTS, _BYTEA, _JSON)},
    (Kind.OBJECT, _JSONB): _Column.JSONB,
    (Kind.BYTES, _BYTEA): _Column.BYTES,
}


class CopyEncoder:
    """Turns rows of COPY BINARY into JSON Lines; `read` is the Python way to read such rows."""

    def __init__(
        self, fields: Sequence[Field], columns: Sequence[int], read: Callable[[bytes], Rows]
    ) -> None:
        names = [msgspec.json.encode(field.name) for field in fields]
        keys = [b",%b:" % name for name in names]
        keys[0] = b"{%b:" % names[0]
        self._transcoder = Transcoder(tuple(keys), bytes(columns))
        self._read = read
        self._lines = LineEncoder(fields)

    def encode(self, data: bytes) -> Encoded:
        """Encode whole rows as LineEncoder does; raises SourceError for what is none."""
        lines, rows, at, end = self._transcoded(data, 0)
        if at == len(data):
            return Encoded(lines, rows)
        return self._with_help(data, lines, rows, at, end)

    def _transcoded(self, data: bytes, start: int) -> tuple[bytes, int, int, int]:
        try:
            return self._transcoder.encode(data, start)
        except ValueError:
            raise SourceError("the source database sent what are no rows of its answer") from None

    def _with_help(self, data: bytes, lines: bytes, rows: int, at: int, end: int) -> Encoded:
        """Go on behind each row that the compiled code leaves to Python."""
        pieces, refused = [lines], list[Refusal]()
        while at < len(data):
            helped = self._lines.encode(self._read(data[at:end]))
            lines, more, at, end = self._transcoded(data, end)
            pieces += (helped.data, lines)
            refused += helped.refused
            rows += helped.rows + more
        return Encoded(b"".join(pieces), rows, tuple(refused))


def copy_encoder(
    fields: Sequence[Field], types: Sequence[int | None], read: Callable[[bytes], Rows]
) -> CopyEncoder | None:
    """Give the encoder for columns of these types (OIDs; None = always null).

    None where there is no compiled code, or it does not know one of them as its field's kind.
    """
    if not COMPILED:
        return None
    columns = []
    for field, oid in zip(fields, types, strict=True):
        column = _Column.NOTHING if oid is None else _COLUMNS.get((field.kind, oid))
        if column is None:
            return None
        columns.append(column)
    return CopyEncoder(fields, columns, read)
