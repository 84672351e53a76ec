"""PostgreSQL's COPY BINARY: the answer to a query as the server holds it, not turned into text.

The form stands in PostgreSQL's manual under COPY, "Binary Format". The protocol sends each row in
a message of its own; the header comes with the first one, and the trailer in the last.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager
from typing import Any

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Transformer
from psycopg.pq import Format

from cxport.domain.errors import SourceUnreachable
from cxport.domain.row_form import RowForm
from cxport.domain.said import Said
from cxport.sources.dialect import Sql, Values

#: What the rows of one piece have together, as a rule: so much stays in a processor's cache.
_PIECE_BYTES = 256 << 10

#: Signature, no flags, and no extension of the header.
_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_NULL = -1

_TOO_EARLY = Said("the source database ended its answer too early")


class PostgresCopy:
    """One answer; each iteration asks for it anew."""

    form = RowForm.COPIED

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        query: Sql,
        types: tuple[int, ...],
        cancellable: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._connection = connection
        self._query = query
        self._cancellable = cancellable
        #: The type of each column, as an OID.
        self.types = types
        self._loaders = Transformer(connection)
        self._loaders.set_loader_types(types, Format.BINARY)

    def __iter__(self) -> Iterator[bytes]:
        """Yield whole rows as they come; closing early cancels the query.

        Raises SourceUnreachable where what came is not all: its trailer, the command's result
        and the number of rows must be there.
        """
        with self._cancellable(), psycopg.ClientCursor(self._connection) as cursor:
            query = cursor.mogrify(self._query.text, self._query.params)
            with cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT BINARY)".encode()) as copy:
                rows = yield from _pieces(copy)
            if cursor.rowcount != rows:
                raise SourceUnreachable(_TOO_EARLY)

    def values(self, data: bytes) -> list[Values]:
        """Read rows into the values that a cursor gives of them."""
        rows = []
        at = 0
        while at < len(data):
            fields, at = _fields(data, at)
            rows.append(self._loaders.load_sequence(fields))
        return rows


def _pieces(copy: psycopg.Copy) -> Generator[bytes, None, int]:
    """Yield rows, and return their number."""
    read = copy.read
    rows: list[Buffer] = []
    size = count = 0
    # held back, as the message after which nothing comes is no row
    last: Buffer = _without_header(bytes(read()))
    while message := read():
        rows.append(last)
        size += len(last)
        last = message
        if size >= _PIECE_BYTES:
            yield b"".join(rows)
            count += len(rows)
            rows, size = [], 0
    if last != _TRAILER:
        raise SourceUnreachable(_TOO_EARLY)
    if rows:
        yield b"".join(rows)
    return count + len(rows)


def _without_header(message: bytes) -> bytes:
    if not message.startswith(_HEADER):
        raise SourceUnreachable(Said("the source database copies in a form of its own"))
    return message[len(_HEADER) :]


def _fields(data: bytes, at: int) -> tuple[list[bytes | None], int]:
    """Take the values of a row apart; give them, and where the next row begins."""
    count = int.from_bytes(data[at : at + 2], "big")
    at += 2
    fields: list[bytes | None] = []
    for _ in range(count):
        length = int.from_bytes(data[at : at + 4], "big", signed=True)
        at += 4
        fields.append(None if length == _NULL else data[at : at + length])
        at += max(0, length)
    return fields, at
