"""The DataSync source: sets of tables of a relational database, by a mapping."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Self

from cxport.domain.catalogue import Field
from cxport.domain.errors import SourceError
from cxport.domain.said import Said
from cxport.domain.selection import Estimate, Key, Selection, Slice, Snapshot
from cxport.domain.table_set import TableSet
from cxport.sources.base import Attachment, Plan, PlanLimits, RecordStream, Row, SourceReport
from cxport.sources.dialect import Connection
from cxport.sources.increments import next_mark, usable
from cxport.sources.table_check import report, sample_rows
from cxport.sources.table_mapping import SetMap
from cxport.sources.table_plan import Load, cut, load
from cxport.sources.table_rows import TableRows
from cxport.sources.tables import BoundTable, bind_tables
from cxport.sources.ucs import Opened, begun


class DataSyncSource:
    """Tables of a database; `mask_key` makes the digests that stand in place of some values."""

    def __init__(
        self,
        connect: Callable[[], Connection],
        sets: Sequence[SetMap],
        max_readers: int | None,
        mask_key: bytes,
    ) -> None:
        self._connect = connect
        self._sets = tuple(sets)
        self._mask_key = mask_key
        self.max_readers = max_readers

    def check(self) -> SourceReport:
        """Compare the sets with the database; the report holds them as they would be frozen."""
        with Opened(self._connect()) as connection:
            return report(connection, self._sets)

    def sample(self, data_type: str) -> Sequence[tuple[str, tuple[Field, ...], Row]]:
        """Give a row of each table of a set, masked as it would be exported."""
        chosen = [one for one in self._sets if one.name.casefold() == data_type.casefold()]
        with Opened(self._connect()) as connection:
            return [row for one in chosen for row in sample_rows(connection, one, self._mask_key)]

    def open(self, token: str | None = None) -> DataSyncReader:
        """Begin a reader."""
        connection = self._connect()
        try:
            return DataSyncReader(connection, begun(connection, token), self._mask_key)
        except BaseException:
            connection.close()
            raise


class DataSyncReader:
    """One connection in one read-only transaction; one thing is read from it at a time.

    The tables are those of the selection, which a job has kept.
    """

    def __init__(self, connection: Connection, snapshot: Snapshot, mask_key: bytes) -> None:
        self._connection = connection
        self._snapshot = snapshot
        self._mask_key = mask_key
        self._bound: tuple[TableSet, dict[str, BoundTable]] | None = None

    @property
    def snapshot(self) -> Snapshot:
        """The moment it sees."""
        return self._snapshot

    def estimate(self, selection: Selection) -> Estimate:
        """Estimate from statistics and a few rows."""
        return _sum(self._loads(selection))

    def plan(self, selection: Selection, limits: PlanLimits) -> Plan:
        """Cut the tables, or what is new in them, into parts, and say how far that will come."""
        frozen, tables = self._tables(selection)
        loads = self._loads(selection)
        taken_at = self._snapshot.taken_at
        marks = (
            next_mark(self._connection, one.bound, frozen, taken_at, one.since) for one in loads
        )
        return Plan(
            parts=cut(self._connection, loads, limits),
            estimate=_sum(loads),
            marks=tuple(one for one in marks if one) if selection.incremental else (),
            warnings=tuple(warning for one in tables.values() for warning in _later(one)),
        )

    def read(self, selection: Selection, piece: Slice) -> RecordStream:
        """Read the rows of a slice."""
        _, tables = self._tables(selection)
        bound = tables.get(piece.entity)
        if bound is None:
            raise SourceError(Said("the job has no table {entity}", entity=piece.entity))
        return TableRows(self._connection, bound, piece, self._mask_key)

    def attachments(self, selection: Selection, piece: Slice) -> Iterator[Attachment]:
        """Give none: a table has no attachments."""
        del selection, piece
        return iter(())

    def undated(self, selection: Selection, piece: Slice) -> Iterator[Key]:
        """Give none: a row without a mark is in every increment."""
        del selection, piece
        return iter(())

    def _loads(self, selection: Selection) -> list[Load]:
        _, tables = self._tables(selection)
        marks = selection.marks if selection.incremental else ()
        return [load(self._connection, one, usable(one, marks)) for one in tables.values()]

    def _tables(self, selection: Selection) -> tuple[TableSet, dict[str, BoundTable]]:
        """Bind the tables of a selection, once; raises MappingMismatch or SourceRefused."""
        frozen = selection.tables
        if frozen is None:
            raise SourceError(Said("a DataSync source is read by tables"))
        if self._bound is None or self._bound[0] != frozen:
            self._bound = frozen, bind_tables(self._connection, frozen)
        return self._bound

    def close(self) -> None:
        """End the transaction and the connection."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _sum(loads: Sequence[Load]) -> Estimate:
    return Estimate(
        rows=sum(one.estimate.rows for one in loads),
        raw_bytes=sum(one.estimate.raw_bytes for one in loads),
    )


def _later(bound: BoundTable) -> Iterator[str]:
    if bound.later:
        yield (
            Said(
                "{name} has columns that the job does not export, as it was made "
                "before them: {later} (`cxport source refresh` takes them up)",
                name=bound.db.name,
                later=", ".join(bound.later),
            )
        )
