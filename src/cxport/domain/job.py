"""A job: the definition of an export. Each time it runs there is one run (a history record)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from cxport.domain.catalogue import Entity, Family
from cxport.domain.filter import Filter
from cxport.domain.period import union
from cxport.domain.sealing import DEFAULT_SPLIT_BYTES, Profile
from cxport.domain.selection import Selection, Window
from cxport.domain.table_set import TableSet
from cxport.domain.zone import zone_of


class MissedTicks(StrEnum):
    """What becomes of ticks that came while nothing was there to see them, or the job was held."""

    #: One run that covers them all.
    ONE = "one"
    #: A run each, one after the other.
    ALL = "all"
    #: Nothing: they are skipped.
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """When a job runs. All times are aware; an empty `cron` and `runs` mean none and no limit."""

    immediately: bool = True
    cron: str = ""
    runs: str = ""
    start_at: datetime | None = None
    #: The IANA name of the zone whose clock the schedule goes by.
    timezone: str = "UTC"
    missed_ticks: MissedTicks = MissedTicks.ONE

    @property
    def kind(self) -> str:
        """The contract's schedule type: `immediate`, `once`, a frequency word, or `cron`."""
        if self.cron:
            return "cron"
        if self.runs in FREQUENCIES:
            return self.runs
        return "immediate" if self.immediately else "once"

    @property
    def recurs(self) -> bool:
        """Whether a run is followed by another one without anyone's asking."""
        return bool(self.cron) or self.runs in FREQUENCIES[1:]

    @property
    def limit(self) -> int | None:
        """How many runs there will be, the immediate one counted; None for no limit."""
        if self.runs.isdigit():
            return int(self.runs)
        return None if self.recurs else 1


#: The least and the highest priority that a job may have.
PRIORITIES = (-9, 9)

#: Words that `runs` takes in place of a cron expression.
FREQUENCIES = ("once", "hourly", "daily", "weekly", "monthly")


@dataclass(frozen=True, kw_only=True)
class JobSpec:
    """What the user asked for, checked against the source and the limits."""

    source: str
    family: Family
    #: One of DataType; of a DataSync job the name of its table set.
    data_type: str
    title: str
    description: str = ""
    window: Window = Window()
    #: ISO 8601 duration: the window is that before the run's tick, and `window` the run's own.
    relative: str = ""
    schedule: Schedule = Schedule()
    entities: tuple[Entity, ...] = ()
    #: The table set as it was when the job was made.
    tables: TableSet | None = None
    #: Whether a run begins where the job's last one has come to. Of contact history the first
    #: begins with the window, which is open at its end.
    incremental: bool = False
    media: tuple[str, ...] = ()
    attachments: bool = False
    filters: tuple[Filter, ...] = ()
    #: Bytes of one sealed file at most, and the words in which the user said it.
    split_bytes: int = DEFAULT_SPLIT_BYTES
    split_text: str = ""
    profile: Profile = Profile.COMPAT
    spreadsheet_safe: bool = False
    #: Of a tenant's runs that wait, those of a higher priority begin first: see PRIORITIES.
    priority: int = 0
    suspended: bool = False

    def at(self, ticks: Sequence[datetime]) -> JobSpec:
        """Give what a run that covers these ticks exports: its window no longer moves."""
        if not self.relative:
            return self
        return replace(self, window=union(self.relative, ticks, zone_of(self.schedule.timezone)))

    def selection(self) -> Selection:
        """Give what a run of this job reads."""
        return Selection(
            data_type=self.data_type,
            entities=self.entities,
            media=self.media,
            window=self.window,
            attachments=self.attachments,
            filters=self.filters,
            tables=self.tables,
            incremental=self.incremental,
        )


@dataclass(frozen=True, kw_only=True)
class Job:
    """A stored job; `id` comes from the tenant's one sequence of job and run ids."""

    id: int
    tenant_id: str
    spec: JobSpec
    created_at: datetime
    created_by: str
    updated_at: datetime
    #: The first tick that no run covers yet, perhaps one that has passed; None: none will come.
    next_tick_at: datetime | None = None
    #: Runs that its schedule still allows; None: no limit.
    runs_left: int | None = None
