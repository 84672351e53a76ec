"""The body with which version 10 creates a job."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from cxport.api import body
from cxport.api.body import Part, unknown_fields
from cxport.domain.catalogue import Family
from cxport.services.filters import FilterRequest
from cxport.services.job_request import JobRequest


class TimeFrame(body.TimeFrame):
    """Which rows, by their time."""

    relative: str | None = None
    incremental: bool | None = None


class SchedulerParam(body.SchedulerParam):
    """When to run."""

    timezone: str | None = None


class Condition(Part):
    """A condition on an attribute: see `/data/attributes`."""

    attribute: str
    operator: str
    value: Any


class JobParams(Part):
    """What to export, and how; `entities`, `filter` and `profile` are additions of ours."""

    file_split_size: str | None = None
    type: str
    media: list[str]
    export_attachments: bool | None = None
    entities: list[str] | None = None
    profile: str | None = None
    format: str | None = None
    filter: list[Condition] | None = None
    priority: int | None = None
    missed_ticks: str | None = None
    spreadsheet_safe: bool | None = None


class Job(Part):
    """A job as the contract prints it."""

    source: str
    type: Annotated[str, Field(min_length=1, json_schema_extra={"enum": list(Family)})]
    title: str
    time_frame: TimeFrame
    description: str | None = None
    scheduler_param: SchedulerParam
    job_params: JobParams
    suspended: bool

    def request(self) -> JobRequest:
        """Say the same in the services' words."""
        frame, when, params = self.time_frame, self.scheduler_param, self.job_params
        return JobRequest(
            source=self.source,
            family=self.type,
            title=self.title,
            description=self.description or "",
            everything=frame.all or False,
            date_from=frame.date_from or "",
            date_to=frame.date_to or "",
            relative=frame.relative or "",
            immediately=when.immediately or False,
            cron=when.cron or "",
            runs=when.runs or "",
            start_date=when.start_date or "",
            timezone=when.timezone or "",
            missed_ticks=params.missed_ticks or "",
            data_type=params.type,
            media=tuple(params.media),
            entities=tuple(params.entities or ()),
            attachments=params.export_attachments or False,
            split_size=params.file_split_size or "",
            profile=params.profile or "",
            filters=tuple(
                FilterRequest(attribute=one.attribute, operator=one.operator, value=one.value)
                for one in params.filter or ()
            ),
            incremental=frame.incremental or False,
            format=params.format or "",
            spreadsheet_safe=params.spreadsheet_safe or False,
            priority=params.priority or 0,
            suspended=self.suspended,
        )

    def unknown(self) -> list[str]:
        """Name the fields that the contract does not know; they are ignored."""
        places: dict[str, Part] = {
            "": self,
            "timeFrame.": self.time_frame,
            "schedulerParam.": self.scheduler_param,
            "jobParams.": self.job_params,
        }
        conditions = {
            f"jobParams.filter.{n}.": one for n, one in enumerate(self.job_params.filter or ())
        }
        return unknown_fields({**places, **conditions})
