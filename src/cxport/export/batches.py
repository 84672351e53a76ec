"""Records as lines, batch by batch, each of which can be halved until it fits into a file."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from cxport.domain.selection import Key
from cxport.formats.copied import COMPILED, CopyEncoder, copy_encoder
from cxport.formats.jsonl import Encoded, LineEncoder
from cxport.sources.base import CopiedRecords, RecordStream, Row


class RowEncoder(Protocol):
    """What turns rows into lines."""

    def encode(self, rows: Sequence[Row]) -> Encoded:
        """Encode a batch."""


@dataclass(frozen=True)
class Batch:
    """The lines of some rows, in the order of their keys."""

    encoded: Encoded
    #: Gives the rows themselves.
    rows: Callable[[], Sequence[Row]]
    encoder: RowEncoder

    def __len__(self) -> int:
        """Count the rows, refused ones included."""
        return self.encoded.rows + len(self.encoded.refused)

    @property
    def last(self) -> Key:
        """The key of the last row."""
        return _key(self.rows()[-1])

    def halves(self) -> tuple[Batch, Batch]:
        """Cut it into two, each with at least one row if there are two."""
        rows = self.rows()
        middle = len(rows) // 2
        return _batch(self.encoder, rows[:middle]), _batch(self.encoder, rows[middle:])


def batches(stream: RecordStream, csv: RowEncoder | None = None) -> Generator[Batch, None, None]:
    """Yield the batches of a stream: as CSV where its encoder is given, else as JSON Lines.

    Those are encoded by compiled code where both it and the source can.
    """
    if csv:
        for rows in stream:
            yield _batch(csv, rows)
        return
    copied = stream.copied() if COMPILED else None
    encoder = copied and copy_encoder(copied.form, stream.fields, copied.types, copied.rows)
    lines = LineEncoder(stream.fields)
    if copied and encoder:
        yield from _copied(copied, encoder, lines)
    else:
        for rows in stream:
            yield _batch(lines, rows)


def _copied(copied: CopiedRecords, encoder: CopyEncoder, lines: LineEncoder) -> Iterator[Batch]:
    for data in copied:
        yield Batch(encoder.encode(data), partial(copied.rows, data), lines)


def _batch(encoder: RowEncoder, rows: Sequence[Row]) -> Batch:
    return Batch(encoder.encode(rows), lambda: rows, encoder)


def _key(row: Row) -> Key:
    key = row[0]
    if not isinstance(key, (str, int)):
        raise TypeError("the key of a row is text or a whole number")
    return key
