"""Rows of MariaDB's text protocol as they come, which are Python's values only where it must be.

PyMySQL makes a Python object of every value, which costs more than all that follows. Here it reads
the packets and tells what they are; the payload of a row ("Text Resultset Row" in the protocol's
documentation) is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

from pymysql.cursors import Cursor
from pymysql.protocol import MysqlPacket

from cxport.domain.row_form import RowForm
from cxport.sources.dialect import Sql, Values

#: What the rows of one piece have together, as a rule: so much stays in a processor's cache.
_PIECE_BYTES = 256 << 10

_LENGTH_BYTES = 4


class MariaRows:
    """One answer; each iteration asks for it anew.

    `described` is a cursor with an answer to the same query that holds no row; `answer` runs the
    query and ends it, whatever happens.
    """

    form = RowForm.PACKED

    def __init__(
        self,
        query: Sql,
        described: Cursor,
        answer: Callable[[Sql], AbstractContextManager[Cursor]],
    ) -> None:
        self._query = query
        self._answer = answer
        # PyMySQL has no public way to the description of an answer and to single packets
        self._described: Any = described._result  # type: ignore[attr-defined]  # noqa: SLF001 - see above
        #: The type of each column, by the protocol's numbers.
        self.types: tuple[int, ...] = tuple(one.type_code for one in self._described.fields)

    def __iter__(self) -> Iterator[bytes]:
        """Yield whole rows as they come; closing early ends the query."""
        with self._answer(self._query) as cursor:
            yield from _pieces(cursor)

    def values(self, data: bytes) -> list[Values]:
        """Read rows into the values that a cursor gives of them."""
        rows, at = [], 0
        while at < len(data):
            begin = at + _LENGTH_BYTES
            at = begin + int.from_bytes(data[at:begin], "big")
            packet = MysqlPacket(data[begin:at], "utf8")
            rows.append(self._described._read_row_from_packet(packet))  # noqa: SLF001 - see above
        return rows


def _pieces(cursor: Cursor) -> Iterator[bytes]:
    result: Any = cursor._result  # type: ignore[attr-defined]  # noqa: SLF001 - see above
    read, is_end = result.connection._read_packet, result._check_packet_is_eof  # noqa: SLF001 - see above
    rows: list[bytes] = []
    size = 0
    while not is_end(packet := read()):
        row = packet.get_all_data()
        rows += (len(row).to_bytes(_LENGTH_BYTES, "big"), row)
        size += len(row)
        if size >= _PIECE_BYTES:
            yield b"".join(rows)
            rows, size = [], 0
    result.unbuffered_active, result.connection = False, None
    if rows:
        yield b"".join(rows)
