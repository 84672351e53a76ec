"""What version 4 prints that others do not."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from cxport.api.instants import iso
from cxport.api.shapes import Answer, JobSummary, summary
from cxport.domain.job import JobSpec, Schedule
from cxport.domain.listing import Page
from cxport.domain.run import Run
from cxport.services.jobs import JobState


class JobInfo(JobSummary):
    """A job or a history record."""


class PageContent(Answer):
    """A page; `size` is the limit that was applied."""

    count: int
    items: list[JobInfo]
    size: int
    offset: int = Field(validation_alias="offset", serialization_alias="from")


class JobPage(PageContent):
    """A page, and the same once more under `data`, where clients of this version read it."""

    data: PageContent


class TimeFrame(Answer):
    """Which rows, by their time."""

    all: bool
    date_from: str
    date_to: str


class SchedulerParam(Answer):
    """When to run."""

    immediately: bool
    cron: str
    runs: str
    start_date: str


class UcsJobParams(Answer):
    """What to export."""

    file_split_size: str
    type: str
    media: list[str]


class JobStored(Answer):
    """A job as it was asked for; id and truth are texts in this version."""

    id: str
    source: str
    title: str
    time_frame: TimeFrame
    file_split_size: str
    description: str
    scheduler_param: SchedulerParam
    job_params: UcsJobParams
    suspended: str


class OperationStatus(Answer):
    """The outcome of an operation."""

    code: int = 0
    detail: dict[str, Any] = Field(default_factory=dict)
    message: str = "successful"


class OperationAnswer(Answer):
    """What an operation without a result answers."""

    status: OperationStatus = Field(default_factory=OperationStatus)


def job_info(found: JobState | Run) -> JobInfo:
    """Describe a job, with what its newest run has come to, or a run; the type is the data's."""
    return JobInfo(**summary(found, lambda spec: spec.data_type))


def job_page(page: Page[JobState] | Page[Run]) -> JobPage:
    """Describe a page."""
    items = [job_info(found) for found in page.items]
    content = PageContent(count=page.count, offset=page.offset, items=items, size=page.limit)
    return JobPage(**dict(content), data=content)


def job_stored(found: JobState | Run) -> JobStored:
    """Describe a job as it was asked for; a run as its job was when it was queued."""
    item = found if isinstance(found, Run) else found.job
    spec = item.spec
    return JobStored(
        id=str(item.id),
        source=spec.source,
        title=spec.title,
        time_frame=_time_frame(spec),
        file_split_size=spec.split_text,
        description=spec.description,
        scheduler_param=_scheduler_param(spec.schedule),
        job_params=UcsJobParams(
            file_split_size=spec.split_text, type=spec.data_type, media=list(spec.media)
        ),
        suspended=str(spec.suspended).lower(),
    )


def _time_frame(spec: JobSpec) -> TimeFrame:
    window = spec.window
    everything = window.everything and not spec.relative and not spec.incremental
    return TimeFrame(all=everything, date_from=iso(window.start), date_to=iso(window.end))


def _scheduler_param(schedule: Schedule) -> SchedulerParam:
    return SchedulerParam(
        immediately=schedule.immediately,
        cron=schedule.cron,
        runs=schedule.runs,
        start_date=iso(schedule.start_at),
    )
