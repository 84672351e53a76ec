"""A job: the definition of an export. Each time it runs there is one run (a history record)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cxport.domain.catalogue import DataType, Entity, Family
from cxport.domain.filter import Filter
from cxport.domain.sealing import DEFAULT_SPLIT_BYTES, Profile
from cxport.domain.selection import Selection, Window


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """When a job runs. All times are aware; an empty `cron` and `runs` mean none and no limit."""

    immediately: bool = True
    cron: str = ""
    runs: str = ""
    start_at: datetime | None = None

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


#: Words that `runs` takes in place of a cron expression.
FREQUENCIES = ("once", "hourly", "daily", "weekly", "monthly")


@dataclass(frozen=True, kw_only=True)
class JobSpec:
    """What the user asked for, checked against the source and the limits."""

    source: str
    family: Family
    data_type: DataType
    title: str
    description: str = ""
    window: Window = Window()
    schedule: Schedule = Schedule()
    entities: tuple[Entity, ...] = ()
    media: tuple[str, ...] = ()
    attachments: bool = False
    filters: tuple[Filter, ...] = ()
    #: Bytes of one sealed file at most, and the words in which the user said it.
    split_bytes: int = DEFAULT_SPLIT_BYTES
    split_text: str = ""
    profile: Profile = Profile.COMPAT
    suspended: bool = False

    def selection(self) -> Selection:
        """Give what a run of this job reads."""
        return Selection(
            data_type=self.data_type,
            entities=self.entities,
            media=self.media,
            window=self.window,
            attachments=self.attachments,
            filters=self.filters,
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
