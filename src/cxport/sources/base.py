"""What a source promises, whichever database stands behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil
from types import TracebackType
from typing import Any, Protocol, Self

from cxport.domain.catalogue import Entity, Family, Field
from cxport.domain.row_form import RowForm
from cxport.domain.selection import Estimate, Key, Part, Selection, Slice, Snapshot
from cxport.domain.table_set import Table, TableMark, TableSet

#: One record: its values in the order of the stream's fields, as `Kind` describes them.
Row = tuple[object, ...]


@dataclass(frozen=True, kw_only=True)
class SourceSettings:
    """How a source is reached; holds its secret, so it is never logged or stored as it is."""

    dsn: str
    #: The text of a mapping file; empty = the UCS 8.5 mapping that comes with us.
    mapping: str = ""
    family: Family = Family.UCS
    #: By which values of tables are made digests, where the mapping masks them so.
    mask_key: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, kw_only=True)
class EntityReport:
    """What a source holds of one entity; times are ISO 8601 or empty."""

    entity: Entity
    present: bool
    rows: int = 0
    #: Whether `rows` is an estimate, as counting would have taken long.
    estimated: bool = False
    oldest: str = ""
    newest: str = ""


@dataclass(frozen=True, kw_only=True)
class TableReport:
    """What a source holds of one table of a set; `beyond` names columns that are not exported."""

    table_set: str
    table: Table
    rows: int
    #: Whether `rows` is an estimate, as counting would have taken long.
    estimated: bool
    beyond: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SourceReport:
    """What `check` found. `missing` names tables and columns (`table`, `table.column`)."""

    product: str
    entities: tuple[EntityReport, ...]
    media: tuple[str, ...]
    missing: tuple[str, ...] = ()
    #: What will work, but slower or with less than the mapping says (an index that lacks...).
    warnings: tuple[str, ...] = ()
    #: The table sets of a DataSync source, as a job that is made now keeps them.
    table_sets: tuple[TableSet, ...] = ()
    tables: tuple[TableReport, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PlanLimits:
    """How large a part may become, by the plan's estimate."""

    #: Bytes of JSON Lines before compression that one part should hold at most.
    part_raw_bytes: int
    #: Rows that one part should hold at most.
    part_rows: int

    def parts(self, expected: Estimate) -> int:
        """Tell how many parts so much fills, at least one."""
        by_bytes = ceil(expected.raw_bytes / self.part_raw_bytes)
        return max(1, by_bytes, ceil(expected.rows / self.part_rows))


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The parts of a run. Together their slices cover the selection, each row exactly once."""

    parts: tuple[Part, ...]
    estimate: Estimate
    #: How far an incremental run will have come; `Selection.fixed` takes them.
    marks: tuple[TableMark, ...] = ()
    #: What its user should know, though nothing is wrong with it.
    warnings: tuple[str, ...] = ()


#: Whole rows in one of the forms of RowForm.
Given = bytes | list[tuple[Any, ...]]


class CopiedRecords(Protocol):
    """The records of a slice in the form in which the database gives them.

    Iterating yields whole rows one behind the other, without what stands around them, about
    256 KiB at a time, or a batch, unless a row is larger. What holds of a RecordStream holds of
    these rows too: they are the same, in the same order, and an end without an error is the end.
    """

    @property
    def form(self) -> RowForm:
        """Their form."""

    @property
    def types(self) -> tuple[int | None, ...]:
        """The type of each field's column, as its form numbers them; None = always null.

        PostgreSQL: its OID; MariaDB: the protocol's number; 0 where each value has its own.
        """

    def __iter__(self) -> Iterator[Given]:
        """Yield rows as they come."""

    def rows(self, data: Any) -> Sequence[Row]:
        """Read rows that were yielded, into the values that the RecordStream gives of them."""


class RecordStream(Protocol):
    """Records of one slice, in ascending order of their key.

    Iterating yields batches of rows (never an empty one), of bounded size. The first field of
    every row is its key. Raises SourceUnreachable when the connection breaks in the middle:
    a stream that ends without an error has given every row.
    """

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields of each row."""

    def __iter__(self) -> Iterator[Sequence[Row]]:
        """Yield batches of rows."""

    def copied(self) -> CopiedRecords | None:
        """Give the same records as the database gives them, where that is one of the forms."""


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """One attachment: its values in the order of ATTACHMENT_FIELDS, and its content."""

    #: The key of its interaction (the value of `entityid`) and its own (`id`).
    key: Key
    own_key: Key
    values: Row
    #: Chunks of its content, to be consumed before the next attachment is asked for.
    #: None where the database holds no content for it.
    content: Iterator[bytes] | None


class Reader(Protocol):
    """One connection in one read-only transaction: what it reads never changes."""

    @property
    def snapshot(self) -> Snapshot:
        """The moment it sees."""

    def estimate(self, selection: Selection) -> Estimate:
        """Estimate from statistics, without reading the rows."""

    def plan(self, selection: Selection, limits: PlanLimits) -> Plan:
        """Cut a selection into parts (numbered from 1) without reading the rows."""

    def read(self, selection: Selection, piece: Slice) -> RecordStream:
        """Read the records of a slice (content RECORDS)."""

    def attachments(self, selection: Selection, piece: Slice) -> Iterator[Attachment]:
        """Read a slice's attachments (content ATTACHMENTS), ordered by (key, own_key).

        Only those whose interaction is itself in the selection.
        """

    def undated(self, selection: Selection, piece: Slice) -> Iterator[Key]:
        """Give the keys of rows that a bounded window leaves out because their time is null."""

    def close(self) -> None:
        """End the transaction and the connection; calling it again does nothing."""

    def __enter__(self) -> Self:
        """Return itself."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""


class Source(Protocol):
    """A database that holds what is exported."""

    #: How many readers may share one snapshot: None = any number, over `Snapshot.token`;
    #: 1 = a single reader.
    max_readers: int | None

    def check(self) -> SourceReport:
        """Connect, compare the mapping with the database, and tell what is there.

        Raises SourceUnreachable or SourceRefused; what is missing is told in the report.
        """

    def sample(self, data_type: str) -> Sequence[tuple[str, tuple[Field, ...], Row]]:
        """Give one record of each entity (or table) of the type that has any."""

    def open(self, token: str | None = None) -> Reader:
        """Begin a reader; with the token of a living snapshot, one that sees the same.

        Raises SourceUnreachable, SourceRefused, MappingMismatch, or SnapshotGone where the
        token's owner has ended.
        """
