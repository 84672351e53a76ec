"""The UCS source: contact history in a relational database, by a mapping."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from types import TracebackType
from typing import Self

from cxport.domain.catalogue import DataType, Entity, Field
from cxport.domain.errors import SourceError
from cxport.domain.said import Said
from cxport.domain.selection import Estimate, Key, Selection, Slice, Snapshot
from cxport.domain.table_set import TableMark
from cxport.sources import sql
from cxport.sources.attachments import read_attachments
from cxport.sources.base import Attachment, Plan, PlanLimits, RecordStream, Row, SourceReport
from cxport.sources.binding import Binding, Relation, bind
from cxport.sources.changes import reached
from cxport.sources.check import report, sample_rows
from cxport.sources.contacts import Contacts
from cxport.sources.dialect import Connection
from cxport.sources.mapping import Mapping
from cxport.sources.plan import Planner
from cxport.sources.records import Records


class UcsSource:
    """Contact history in a database.

    `max_readers` is None where readers can see the same (PostgreSQL, SQLite); 1 for others, which
    can neither share a snapshot nor tell whether two connections see the same: what must agree is
    read through one reader.
    """

    def __init__(
        self,
        connect: Callable[[], Connection],
        mapping: Mapping,
        max_readers: int | None,
    ) -> None:
        self._connect = connect
        self._mapping = mapping
        self.max_readers = max_readers

    def check(self) -> SourceReport:
        """Tell what is there; counts that would take long are estimates."""
        with Opened(self._connect()) as connection:
            return report(connection, self._mapping)

    def sample(self, data_type: str) -> Sequence[tuple[str, tuple[Field, ...], Row]]:
        """Give a record of each entity; one that is too rare to be found in seconds is left out."""
        with Opened(self._connect()) as connection:
            return sample_rows(connection, bind(connection, self._mapping), DataType(data_type))

    def open(self, token: str | None = None) -> UcsReader:
        """Begin a reader."""
        connection = self._connect()
        try:
            snapshot = begun(connection, token)
            return UcsReader(connection, bind(connection, self._mapping), snapshot)
        except BaseException:
            connection.close()
            raise


def begun(connection: Connection, token: str | None) -> Snapshot:
    """Begin a reader's transaction, which others can share where the database has a way."""
    snapshot = connection.begin(token)
    return snapshot if snapshot.token else connection.share(snapshot)


class Opened:
    """A connection in a transaction of its own, for a look."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __enter__(self) -> Connection:
        try:
            self._connection.begin(None)
        except BaseException:
            self._connection.close()
            raise
        return self._connection

    def __exit__(self, *_: object) -> None:
        self._connection.close()


class UcsReader:
    """One connection in one read-only transaction; one thing is read from it at a time."""

    def __init__(self, connection: Connection, binding: Binding, snapshot: Snapshot) -> None:
        self._connection = connection
        self._binding = binding
        self._snapshot = snapshot
        self._planner = Planner(connection, binding)

    @property
    def snapshot(self) -> Snapshot:
        """The moment it sees."""
        return self._snapshot

    def estimate(self, selection: Selection) -> Estimate:
        """Estimate from statistics and a few rows."""
        return self._planner.estimate(selection.fixed(self._reached(selection)))

    def plan(self, selection: Selection, limits: PlanLimits) -> Plan:
        """Cut a selection, or what was changed of it, into parts."""
        marks = self._reached(selection)
        return replace(self._planner.plan(selection.fixed(marks), limits), marks=marks)

    def _reached(self, selection: Selection) -> tuple[TableMark, ...]:
        base = self._binding.base(selection.data_type)
        if base is None or not selection.incremental:
            return ()
        settle = self._binding.mapping.settle_seconds
        taken_at = self._snapshot.taken_at
        return (reached(self._connection, base, selection, taken_at, settle),)

    def read(self, selection: Selection, piece: Slice) -> RecordStream:
        """Read the records of a slice."""
        relation = self._relation(piece)
        if piece.entity == Entity.CONTACT:
            attributes = self._binding.attributes
            return Contacts(self._connection, selection, relation, piece, attributes)
        return Records(self._connection, selection, relation, piece)

    def attachments(self, selection: Selection, piece: Slice) -> Iterator[Attachment]:
        """Read a slice's attachments; none where the mapping has none."""
        one = self._binding.attachments
        if one is None:
            return iter(())
        return read_attachments(self._connection, selection, self._relation(piece), one, piece)

    def undated(self, selection: Selection, piece: Slice) -> Iterator[Key]:
        """Give the keys of rows without a time, where the selection's window asks for one."""
        if not selection.leaves_undated:
            return
        dialect, relation = self._connection.dialect, self._relation(piece)
        query = sql.undated(dialect, selection, relation, piece)
        with closing(self._connection.stream(query, tolerant=True)) as rows:
            for row in rows:
                yield row[0]

    def _relation(self, piece: Slice) -> Relation:
        relation = self._binding.relations.get(Entity(piece.entity))
        if relation is None:
            raise SourceError(Said("the mapping has no entity {entity}", entity=piece.entity))
        return relation

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
