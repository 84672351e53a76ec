"""What a worker tells the process that exports, and what it hears back: plain values only.

They travel over a private pipe; secrets in them exist nowhere else outside the two processes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from cxport.blobs.base import BlobSettings
from cxport.domain.run import Counts
from cxport.domain.said import Said
from cxport.domain.sealing import Profile
from cxport.domain.selection import Estimate, Part, Selection, Slice, Snapshot
from cxport.domain.table_set import TableMark
from cxport.sources.base import PlanLimits, SourceSettings


@dataclass(frozen=True, kw_only=True)
class OpenReader:
    """Connect to the source and begin to read; the answer is `ReaderOpened`.

    With the token of a snapshot that lives, the same is seen; else a new one is taken.
    """

    source: SourceSettings
    blobs: BlobSettings
    token: str | None = None
    #: Whether to ask, after each batch, when the next may be read: see `MayRead`.
    limited: bool = False
    #: Whether it is the only reader of its run here.
    alone: bool = False


@dataclass(frozen=True, kw_only=True)
class ReaderOpened:
    """The snapshot that is read, and how many readers may share it (None: any number)."""

    snapshot: Snapshot
    max_readers: int | None


@dataclass(frozen=True, kw_only=True)
class PlanRun:
    """Cut a selection into parts; the answer is `RunPlanned`."""

    selection: Selection
    limits: PlanLimits


@dataclass(frozen=True, kw_only=True)
class RunPlanned:
    """The parts, and the estimate by which they were cut."""

    parts: tuple[Part, ...]
    estimate: Estimate
    marks: tuple[TableMark, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class EstimateRun:
    """Tell what statistics expect of a selection; the answer is `RunEstimated`."""

    selection: Selection


@dataclass(frozen=True, kw_only=True)
class RunEstimated:
    """What a run would read."""

    estimate: Estimate


@dataclass(frozen=True, kw_only=True)
class ExportPart:
    """Export one part to an object; `Progress` follows now and then, then `PartExported`.

    `numbered` puts the part's number into the names of members. A part that is not numbered and
    does not fit into one file is not stored: the answer is `NeedsNumbering`.
    """

    run_id: int
    selection: Selection
    part: Part
    numbered: bool
    object_key: str
    split_bytes: int
    profile: Profile
    #: PEM of every recipient.
    certificates: bytes = field(repr=False)
    made_at: datetime
    #: Whether texts of a CSV that a spreadsheet could take for formulas are made harmless.
    spreadsheet_safe: bool = False


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Rows of the part read so far."""

    rows: int


@dataclass(frozen=True, kw_only=True)
class MayRead:
    """So many further rows were read: when may the next ones be? The answer is `ReadOn`."""

    rows: int


@dataclass(frozen=True, kw_only=True)
class ReadOn:
    """Now."""


@dataclass(frozen=True, kw_only=True)
class Spent:
    """On what the seconds of a part went: waiting for the source, sealing, waiting for storage."""

    read: float
    seal: float
    store: float


@dataclass(frozen=True, kw_only=True)
class PartExported:
    """The sealed object is stored; `remainder` is what did not fit into it."""

    size_bytes: int
    sha256: str
    zip_sha256: str
    counts: Counts
    rows: dict[str, int]
    remainder: tuple[Slice, ...]
    snapshot_at: datetime
    spent: Spent


@dataclass(frozen=True, kw_only=True)
class NeedsNumbering:
    """One file is not enough, and members of a set carry numbers: nothing was stored."""


@dataclass(frozen=True, kw_only=True)
class Cancel:
    """Stop the part at the next batch."""


@dataclass(frozen=True, kw_only=True)
class Failed:
    """The request failed; `said` is for the user."""

    error: str
    said: Said
    transient: bool


Request = OpenReader | EstimateRun | PlanRun | ExportPart
Answer = ReaderOpened | RunEstimated | RunPlanned | PartExported | NeedsNumbering | Failed
#: What a reader process says while it is at something.
Message = Answer | Progress | MayRead
