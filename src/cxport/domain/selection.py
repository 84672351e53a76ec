"""Which rows a run exports, and how they are cut into parts.

A run's selection is cut into parts by a key that never changes. A part is an ordered list of
slices; each part becomes one sealed file that can be read without the others. A part is done
whole or not at all; one that meets the size limit ends early and leaves the slices that remain
to a further part.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from cxport.domain.catalogue import Entity
from cxport.domain.filter import Filter
from cxport.domain.table_set import TableMark, TableSet

#: A row's key: a value of a column that never changes (text or number).
Key = str | int


@dataclass(frozen=True, kw_only=True)
class Window:
    """A half-open span of time, `start <= t < end`, aware datetimes; either end may be open."""

    start: datetime | None = None
    end: datetime | None = None

    @property
    def everything(self) -> bool:
        """Whether no row is left out for its time, not even one without a time."""
        return self.start is None and self.end is None


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What a run reads; an empty `media` means all media; every filter must hold.

    `data_type` is one of DataType, or the name of a table set, which `tables` holds. With
    `incremental` a run begins at `marks`; a table without one is read whole. Of contact history
    the window is then one of changes: `fixed` sets it, and without a start it holds every row.
    """

    data_type: str
    entities: tuple[Entity, ...]
    media: tuple[str, ...] = ()
    window: Window = Window()
    attachments: bool = False
    filters: tuple[Filter, ...] = ()
    tables: TableSet | None = None
    incremental: bool = False
    marks: tuple[TableMark, ...] = ()

    @property
    def leaves_undated(self) -> bool:
        """Whether rows without a time are left out, each to be named."""
        first = self.incremental and self.window.start is None
        return not (self.window.everything or first)

    def fixed(self, reached: tuple[TableMark, ...]) -> Selection:
        """Give what the parts read of a run whose plan has come to these marks."""
        if not self.incremental or self.tables is not None or not reached:
            return self
        ends = (reached[0].since, reached[0].value)
        start, end = (datetime.fromisoformat(one) if one else None for one in ends)
        return replace(self, window=Window(start=start, end=end))


class Content(StrEnum):
    """What a slice reads of its entity."""

    RECORDS = "records"
    ATTACHMENTS = "attachments"
    #: Keys of rows that a bounded window leaves out because their time is null.
    UNDATED = "undated"


@dataclass(frozen=True, kw_only=True)
class Slice:
    """The rows of one entity (or table) with `after < key <= upto`; None leaves that end open.

    For ATTACHMENTS the key is that of the attachment's interaction, and `after_attachment`,
    where set, also takes the attachments of the interaction `after` itself whose own key is
    greater: so a file may end between two attachments of one e-mail. Of a table, `since` takes
    the rows whose mark is at least that much: see `sources.increments`.
    """

    entity: str
    content: Content = Content.RECORDS
    after: Key | None = None
    upto: Key | None = None
    after_attachment: Key | None = None
    since: str | None = None


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of a run: `number` counts from 1 and names its members and its file."""

    number: int
    slices: tuple[Slice, ...]

    def remainder(self, at: int, rest: Slice) -> tuple[Slice, ...]:
        """Give what is left when slice `at` (an index) was read up to where `rest` begins."""
        return (rest, *self.slices[at + 1 :])


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What the database's own statistics say about a selection; never exact, never negative."""

    rows: int
    #: Bytes of JSON Lines before compression, attachments included.
    raw_bytes: int


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """The moment whose data a reader sees; `token` lets another connection see the same."""

    taken_at: datetime
    token: str | None = None


def continue_after(piece: Slice, key: Key, attachment: Key | None = None) -> Slice:
    """Give the slice that begins right behind a row that was written."""
    return replace(piece, after=key, after_attachment=attachment)
