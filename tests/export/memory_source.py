"""A source in memory, for tests of the export alone: the same promises, no database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from cxport.domain.catalogue import Field, Kind
from cxport.domain.selection import Estimate, Key, Selection, Slice, Snapshot
from cxport.sources.base import Attachment, Plan, PlanLimits, RecordStream, Row

FIELDS = (Field("id"), Field("text"), Field("blob", Kind.BYTES))


@dataclass
class MemoryStream:
    """Rows of one slice, in batches."""

    rows: list[Row]
    batch: int

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields of each row."""
        return FIELDS

    def __iter__(self) -> Iterator[Sequence[Row]]:
        """Yield batches."""
        for start in range(0, len(self.rows), self.batch):
            yield self.rows[start : start + self.batch]

    def copied(self) -> None:
        """Give none."""


@dataclass
class MemoryReader:
    """Rows, attachments and undated keys by entity, each sorted by key."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    held: dict[str, list[tuple[Row, bytes | None]]] = field(default_factory=dict)
    without_time: dict[str, list[str]] = field(default_factory=dict)
    batch: int = 50

    @property
    def snapshot(self) -> Snapshot:
        """Always the same moment."""
        return Snapshot(taken_at=datetime(2026, 1, 1, tzinfo=UTC))

    def estimate(self, selection: Selection) -> Estimate:
        """Not needed."""
        raise NotImplementedError

    def plan(self, selection: Selection, limits: PlanLimits) -> Plan:
        """Not needed."""
        raise NotImplementedError

    def read(self, selection: Selection, piece: Slice) -> RecordStream:
        """Read the rows of a slice."""
        del selection
        rows = self.rows.get(piece.entity, [])
        return MemoryStream([row for row in rows if _within(str(row[0]), piece)], self.batch)

    def attachments(self, selection: Selection, piece: Slice) -> Iterator[Attachment]:
        """Read the attachments of a slice; the first two values are id and entityid."""
        del selection
        for values, content in self.held.get(piece.entity, []):
            own, key = str(values[0]), str(values[1])
            again = key == piece.after and own > str(piece.after_attachment or "~")
            if again or _within(key, piece):
                chunks = None if content is None else iter([content])
                yield Attachment(key=key, own_key=own, values=values, content=chunks)

    def undated(self, selection: Selection, piece: Slice) -> Iterator[Key]:
        """Give the keys without a time."""
        del selection
        keys = self.without_time.get(piece.entity, [])
        return (key for key in keys if _within(key, piece))

    def close(self) -> None:
        """Nothing to end."""

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing to end."""


def _within(key: str, piece: Slice) -> bool:
    after = piece.after is None or key > str(piece.after)
    return after and (piece.upto is None or key <= str(piece.upto))
