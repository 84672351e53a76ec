"""Rows as a database gives them to JSON Lines, by compiled code where it is installed.

The compiled code (native/transcode.c) writes the bytes that `jsonl` writes of the same values; a
row that it is not sure of goes through `jsonl` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Any

import msgspec

from cxport.domain.catalogue import Field, Kind
from cxport.domain.errors import SourceError
from cxport.domain.row_form import RowForm
from cxport.domain.said import Said
from cxport.formats.jsonl import Encoded, LineEncoder, Refusal

try:
    from cxport.formats._transcoder import Transcoder
except ImportError:
    #: Whether the compiled code is there: without it, rows are read and written by Python.
    COMPILED = False
else:
    COMPILED = True

Rows = Sequence[tuple[object, ...]]

#: Rows in any of the forms.
Given = bytes | list[tuple[Any, ...]]


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
    CHARACTERS = 10
    WHOLE_DIGITS = 11
    QUOTED_DIGITS = 12
    TRUTH_DIGITS = 13
    TIME_TEXT = 14


#: PostgreSQL's types by their OIDs, which never change (pg_type.dat).
_BOOL, _BYTEA, _NAME, _INT8, _INT2, _INT4, _TEXT, _JSON = 16, 17, 19, 20, 21, 23, 25, 114
_BPCHAR, _VARCHAR, _DATE, _TIMESTAMP, _TIMESTAMPTZ = 1042, 1043, 1082, 1114, 1184
_NUMERIC, _JSONB = 1700, 3802
_TEXTS = (_TEXT, _VARCHAR, _BPCHAR, _NAME)
_INTEGERS = (_INT2, _INT4, _INT8)

_COPIED: dict[tuple[Kind, int], _Column] = {
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

#: MariaDB's types by the numbers of its protocol ("Column Definition Packet").
_WHOLE, _DECIMAL = (1, 2, 3, 8, 9, 13), (0, 246)
_CLOCKS = (7, 10, 12)
_STRINGS = (15, 245, 247, 248, 249, 250, 251, 252, 253, 254)

_PACKED: dict[tuple[Kind, int], _Column] = {
    **{(Kind.TEXT, one): _Column.CHARACTERS for one in (*_STRINGS, *_CLOCKS)},
    **{(Kind.TEXT, one): _Column.QUOTED_DIGITS for one in _WHOLE},
    **{(Kind.INTEGER, one): _Column.WHOLE_DIGITS for one in (*_WHOLE, *_DECIMAL)},
    **{(Kind.NUMBER, one): _Column.WHOLE_DIGITS for one in _WHOLE},
    **{(Kind.BOOLEAN, one): _Column.TRUTH_DIGITS for one in _WHOLE},
    **{(Kind.TIME, one): _Column.TIME_TEXT for one in (*_CLOCKS, *_STRINGS)},
    **{(Kind.OBJECT, one): _Column.OBJECT for one in _STRINGS},
    **{(Kind.BYTES, one): _Column.BYTES for one in _STRINGS},
}

#: Of a driver's values each tells its own type.
_TUPLES: dict[tuple[Kind, int], _Column] = {
    (Kind.TEXT, 0): _Column.CHARACTERS,
    (Kind.INTEGER, 0): _Column.WHOLE_DIGITS,
    (Kind.NUMBER, 0): _Column.WHOLE_DIGITS,
    (Kind.BOOLEAN, 0): _Column.TRUTH_DIGITS,
    (Kind.TIME, 0): _Column.TIME_TEXT,
    (Kind.OBJECT, 0): _Column.OBJECT,
    (Kind.BYTES, 0): _Column.BYTES,
}

_COLUMNS = {RowForm.COPIED: _COPIED, RowForm.PACKED: _PACKED, RowForm.TUPLES: _TUPLES}


class CopyEncoder:
    """Turns rows of a form into JSON Lines; `read` is the Python way to read such rows."""

    def __init__(
        self,
        form: RowForm,
        fields: Sequence[Field],
        columns: Sequence[int],
        read: Callable[[Any], Rows],
    ) -> None:
        names = [msgspec.json.encode(field.name) for field in fields]
        keys = [b",%b:" % name for name in names]
        keys[0] = b"{%b:" % names[0]
        self._transcoder = Transcoder(form, tuple(keys), bytes(columns))
        self._read = read
        self._lines = LineEncoder(fields)

    def encode(self, data: Given) -> Encoded:
        """Encode whole rows as LineEncoder does; raises SourceError for what is none."""
        lines, rows, at, end = self._transcoded(data, 0)
        if at == len(data):
            return Encoded(lines, rows)
        return self._with_help(data, lines, rows, at, end)

    def _transcoded(self, data: Given, start: int) -> tuple[bytes, int, int, int]:
        try:
            return self._transcoder.encode(data, start)
        except ValueError:
            raise SourceError(
                Said("the source database sent what are no rows of its answer")
            ) from None

    def _with_help(self, data: Given, lines: bytes, rows: int, at: int, end: int) -> Encoded:
        """Go on behind each row that the compiled code leaves to Python.

        Where rows can be counted, Python takes more of them each time: one seldom comes alone.
        """
        pieces, refused, helps = [lines], list[Refusal](), 0
        while at < len(data):
            if isinstance(data, list):
                end, helps = min(len(data), at + (1 << helps)), helps + 1
            helped = self._lines.encode(self._read(data[at:end]))
            lines, more, at, end = self._transcoded(data, end)
            pieces += (helped.data, lines)
            refused += helped.refused
            rows += helped.rows + more
        return Encoded(b"".join(pieces), rows, tuple(refused))


def copy_encoder(
    form: RowForm,
    fields: Sequence[Field],
    types: Sequence[int | None],
    read: Callable[[Any], Rows],
) -> CopyEncoder | None:
    """Give the encoder for columns of these types (numbers of the form's; None = always null).

    None where there is no compiled code, or it does not know one of them as its field's kind.
    """
    if not COMPILED:
        return None
    columns = []
    for field, number in zip(fields, types, strict=True):
        column = _Column.NOTHING if number is None else _COLUMNS[form].get((field.kind, number))
        if column is None:
            return None
        columns.append(column)
    return CopyEncoder(form, fields, columns, read)
