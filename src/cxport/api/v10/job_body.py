"""The body with which version 10 creates a job."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from cxport.domain.catalogue import Family
from cxport.services.job_request import JobRequest

#: Names of unknown fields that the answer repeats at most, and characters of each.
_NAMED, _NAME_LENGTH = 20, 60
_LATER = "leave it out"


class Part(BaseModel):
    """A part of the body: types are exact, unknown fields are kept to be named."""

    model_config = ConfigDict(strict=True, extra="allow", alias_generator=to_camel)


class TimeFrame(Part):
    """Which rows, by their time."""

    all: bool | None = None
    date_from: str | None = None
    date_to: str | None = None
    relative: Any = None
    incremental: Any = None


class SchedulerParam(Part):
    """When to run."""

    immediately: bool | None = None
    cron: str | None = None
    runs: str | None = None
    start_date: str | None = None
    timezone: Any = None


class JobParams(Part):
    """What to export, and how; `entities` and `profile` are additions of ours."""

    file_split_size: str | None = None
    type: str
    media: list[str]
    export_attachments: bool | None = None
    entities: list[str] | None = None
    profile: str | None = None
    format: Any = None
    filter: Any = None
    priority: Any = None
    missed_ticks: Any = None
    spreadsheet_safe: Any = None


class Job(Part):
    """A job as the contract prints it."""

    source: str
    type: Annotated[str, Field(json_schema_extra={"enum": list(Family)})]
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
            immediately=when.immediately or False,
            cron=when.cron or "",
            runs=when.runs or "",
            start_date=when.start_date or "",
            data_type=params.type,
            media=tuple(params.media),
            entities=tuple(params.entities or ()),
            attachments=params.export_attachments or False,
            split_size=params.file_split_size or "",
            profile=params.profile or "",
            suspended=self.suspended,
            beyond=dict(self._beyond()),
        )

    def unknown(self) -> list[str]:
        """Name the fields that the contract does not know; they are ignored."""
        places: dict[str, Part] = {
            "": self,
            "timeFrame.": self.time_frame,
            "schedulerParam.": self.scheduler_param,
            "jobParams.": self.job_params,
        }
        names = [
            f"{place}{name}" for place, part in places.items() for name in part.model_extra or {}
        ]
        return [name[:_NAME_LENGTH] for name in names[:_NAMED]]

    def _beyond(self) -> Iterator[tuple[str, str]]:
        """Name what was asked for and this release does not do, with what it takes."""
        params = self.job_params
        asked = {
            "timeFrame.relative": self.time_frame.relative,
            "timeFrame.incremental": self.time_frame.incremental,
            "schedulerParam.timezone": self.scheduler_param.timezone,
            "jobParams.filter": params.filter,
            "jobParams.priority": params.priority,
            "jobParams.missedTicks": params.missed_ticks,
            "jobParams.spreadsheetSafe": params.spreadsheet_safe,
        }
        yield from ((name, _LATER) for name, value in asked.items() if value)
        if params.format and str(params.format).lower() != "jsonl":
            yield "jobParams.format", "jsonl"
