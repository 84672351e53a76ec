"""The bodies with which version 4 creates and changes a job."""

from __future__ import annotations

from cxport.api.body import Part, SchedulerParam, TimeFrame, unknown_fields
from cxport.api.paging import boolean
from cxport.domain.catalogue import Family
from cxport.services.job_request import JobRequest


class UcsJobParams(Part):
    """What to export, and how."""

    file_split_size: str | None = None
    type: str
    media: list[str]


class Job(Part):
    """A job as this version prints it; `suspended` is a text."""

    source: str
    title: str
    time_frame: TimeFrame
    file_split_size: str | None = None
    description: str | None = None
    scheduler_param: SchedulerParam
    job_params: UcsJobParams
    suspended: str | bool

    def request(self, family: str = Family.UCS) -> JobRequest:
        """Say the same in the services' words; the split size inside `jobParams` goes first.

        Raises InvalidInput where `suspended` is neither true nor false.
        """
        frame, when, params = self.time_frame, self.scheduler_param, self.job_params
        return JobRequest(
            source=self.source,
            family=family,
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
            split_size=params.file_split_size or self.file_split_size or "",
            suspended=boolean("suspended", str(self.suspended)) or False,
        )

    def unknown(self) -> list[str]:
        """Name the fields that this version does not know; they are ignored."""
        places: dict[str, Part] = {
            "": self,
            "timeFrame.": self.time_frame,
            "schedulerParam.": self.scheduler_param,
            "jobParams.": self.job_params,
        }
        return unknown_fields(places)


class JobUpdate(Job):
    """The same to change a job; its `type` may be left out, though the reference requires it."""

    type: str | None = None

    def changed(self) -> JobRequest:
        """Say the same in the services' words; without a family the stored one stays.

        What this version's lists print as `type` is no family, but scripts send it back.
        """
        given = self.type or ""
        return self.request("" if given.casefold() == self.job_params.type.casefold() else given)
