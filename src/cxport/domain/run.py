"""A run, its parts and its states: one table, one transition function, read by every surface."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import ceil

from cxport.domain.custody import Decision
from cxport.domain.errors import WrongState
from cxport.domain.job import JobSpec
from cxport.domain.pace import Pace
from cxport.domain.said import Said
from cxport.domain.selection import Part, Selection
from cxport.domain.table_set import TableMark


class Status(StrEnum):
    """Where a job or run stands; the value is what programs see, `label` what people read."""

    SCHEDULED = "scheduled"
    QUEUED = "queued"
    IN_PROGRESS = "inProgress"
    SUSPENDED = "suspended"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    COMPLETED = "completed"
    COMPLETED_WITH_WARNINGS = "completedWithWarnings"
    NO_DATA = "noData"
    FAILED = "failed"
    EXPIRED = "expired"

    @property
    def label(self) -> str:
        """The words that people and the contract's `status` field see."""
        return _LABELS[self]

    @property
    def ended(self) -> bool:
        """Whether nothing will happen any more without being asked for."""
        return self in _ENDED


_LABELS: dict[Status, str] = {
    Status.SCHEDULED: "Scheduled",
    Status.QUEUED: "Queued",
    Status.IN_PROGRESS: "In Progress",
    Status.SUSPENDED: "Suspended",
    Status.CANCELLING: "Cancelling",
    Status.CANCELLED: "Cancelled",
    Status.COMPLETED: "Completed",
    Status.COMPLETED_WITH_WARNINGS: "Completed with warnings",
    Status.NO_DATA: "No Data",
    Status.FAILED: "Failed",
    Status.EXPIRED: "Expired",
}

_ENDED = frozenset(
    {
        Status.CANCELLED,
        Status.COMPLETED,
        Status.COMPLETED_WITH_WARNINGS,
        Status.NO_DATA,
        Status.FAILED,
        Status.EXPIRED,
    }
)

#: From each state, the states that may follow.
TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.SCHEDULED: frozenset({Status.QUEUED, Status.SUSPENDED, Status.CANCELLED}),
    Status.QUEUED: frozenset(
        {Status.IN_PROGRESS, Status.SUSPENDED, Status.CANCELLING, Status.CANCELLED, Status.FAILED}
    ),
    Status.IN_PROGRESS: frozenset(
        {
            Status.SUSPENDED,
            Status.CANCELLING,
            Status.CANCELLED,
            Status.COMPLETED,
            Status.COMPLETED_WITH_WARNINGS,
            Status.NO_DATA,
            Status.FAILED,
        }
    ),
    Status.SUSPENDED: frozenset({Status.QUEUED, Status.CANCELLING, Status.CANCELLED}),
    Status.CANCELLING: frozenset({Status.CANCELLED}),
    Status.CANCELLED: frozenset(),
    Status.COMPLETED: frozenset({Status.EXPIRED}),
    Status.COMPLETED_WITH_WARNINGS: frozenset({Status.EXPIRED}),
    Status.NO_DATA: frozenset({Status.EXPIRED}),
    Status.FAILED: frozenset({Status.QUEUED, Status.EXPIRED}),
    Status.EXPIRED: frozenset(),
}


def transition(now: Status, to: Status) -> Status:
    """Return `to` where it may follow `now`; raise WrongState, naming both, where not."""
    if to not in TRANSITIONS[now]:
        raise WrongState(
            Said("cannot become {to}: it is {now}", to=Said(to.label), now=Said(now.label)),
            now.value,
        )
    return to


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Rows of a run or a part: selected = exported + skipped, always."""

    selected: int = 0
    exported: int = 0
    skipped: int = 0
    #: Rows that were exported, but not quite as the source holds them.
    warnings: int = 0

    def __add__(self, other: Counts) -> Counts:
        """Add up, field by field."""
        return Counts(
            selected=self.selected + other.selected,
            exported=self.exported + other.exported,
            skipped=self.skipped + other.skipped,
            warnings=self.warnings + other.warnings,
        )


@dataclass(frozen=True, kw_only=True)
class Run:
    """One execution of a job: the contract's history record.

    `attempt` counts the times that the run was begun or resumed; whoever holds a smaller number
    may write nothing any more. `spec` is the job's as it was when the run was asked for.
    """

    id: int
    tenant_id: str
    job_id: int
    spec: JobSpec
    status: Status
    created_at: datetime
    created_by: str
    #: The tick it runs for, the last of those it covers; None for one that somebody asked for.
    tick_at: datetime | None = None
    #: What there is to say about its ticks; it comes before the reason.
    note: str = ""
    attempt: int = 0
    started_at: datetime | None = None
    ended_at: datetime | None = None
    #: Why it failed, what its warnings are about, or why its files were revoked; for the user.
    reason: str = ""
    #: The name that its files share: `export-<archive_id>...`.
    archive_id: str = ""
    #: Whether members carry the part number (a set of more than one file).
    numbered: bool = False
    estimate_rows: int = 0
    rows_read: int = 0
    #: How fast it is read; None before it began.
    pace: Pace | None = None
    counts: Counts = Counts()
    size_bytes: int = 0
    #: The certificate in force when the run started, by its SHA-256 fingerprint.
    certificate_fingerprint: str = ""
    first_file: str = ""
    #: How far its tables will have come with it, and what its plan had to say.
    marks: tuple[TableMark, ...] = ()
    notices: tuple[str, ...] = ()
    #: The token of the snapshot that its plan was made in; empty where it cannot be shared.
    snapshot: str = ""
    #: The run whose specification and window it repeats.
    rerun_of: int | None = None
    #: A failed run's finished parts are kept for a retry until then; None where none are.
    parts_until: datetime | None = None
    #: A hold under which nothing of it is deleted; the decision that ended its files early.
    hold: Decision | None = None
    revoked: Decision | None = None

    @property
    def progress(self) -> int:
        """Percent of the plan's estimate; 100 only when the run has ended with its manifest."""
        return percent(self.status, self.rows_read, self.estimate_rows)

    def selection(self) -> Selection:
        """Give what its parts read: an increment of contact history goes by the plan's marks."""
        return self.spec.selection().fixed(self.marks)

    def rows_per_second(self, now: datetime) -> float | None:
        """Rows read per second of late; None where nothing is being read or it is too early."""
        return rate_of(self.status, self.pace, self.rows_read, now)

    def remaining_seconds(self, now: datetime) -> int | None:
        """Seconds to the plan's estimate at the present rate; None where that tells nothing."""
        return seconds_left(self.rows_per_second(now), self.rows_read, self.estimate_rows)


def percent(status: Status, rows_read: int, estimate_rows: int) -> int:
    """Give percent of the estimate; 100 only for what was published, 0 without an estimate."""
    if status in PUBLISHED:
        return 100
    if not estimate_rows:
        return 0
    return min(99, rows_read * 100 // estimate_rows)


def rate_of(status: Status, pace: Pace | None, rows_read: int, now: datetime) -> float | None:
    """Give rows read per second of late; see `Run.rows_per_second`."""
    if pace is None or status is not Status.IN_PROGRESS:
        return None
    return pace.rate(now, rows_read)


def seconds_left(rate: float | None, rows_read: int, estimate_rows: int) -> int | None:
    """Give the seconds to an estimate at a rate; see `Run.remaining_seconds`."""
    left = estimate_rows - rows_read
    return ceil(left / rate) if rate and left > 0 else None


#: Ended with all there was to export; files may have expired since.
PUBLISHED = frozenset(
    {Status.COMPLETED, Status.COMPLETED_WITH_WARNINGS, Status.NO_DATA, Status.EXPIRED}
)


class PartState(StrEnum):
    """Where a part of a run stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"


@dataclass(frozen=True, kw_only=True)
class PartResult:
    """What a finished part is: the sealed object and what it holds."""

    object_key: str
    size_bytes: int
    #: SHA-256, in hex, of the sealed bytes and of the zip inside.
    sha256: str
    zip_sha256: str
    counts: Counts
    #: Rows by member, for the manifest.
    rows: dict[str, int]
    snapshot_at: datetime


@dataclass(frozen=True, kw_only=True)
class RunPart:
    """A part as the store keeps it; `starts` counts how often it was begun."""

    run_id: int
    part: Part
    state: PartState = PartState.WAITING
    starts: int = 0
    rows_read: int = 0
    started_at: datetime | None = None
    ended_at: datetime | None = None
    result: PartResult | None = None
