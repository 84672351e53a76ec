"""The job editor's form: what was typed, as texts; read from a browser, and made of a job."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from starlette.datastructures import FormData

from cxport.domain.filter import Filter
from cxport.domain.job import JobSpec
from cxport.domain.sealing import Profile
from cxport.domain.zone import zone_of

#: Which rows by their time, and when it runs: each a choice of one.
PERIODS = ("all", "dates", "relative", "incremental")
WHENS = ("immediate", "once", "hourly", "daily", "weekly", "monthly", "cron")
#: Rows of conditions that are read; the service refuses fewer.
_ROWS = 100


@dataclass(frozen=True, kw_only=True)
class FilterRow:
    """A condition as it stands in the form; of `in` each line of the value is one."""

    attribute: str = ""
    operator: str = "eq"
    value: str = ""

    @property
    def blank(self) -> bool:
        """Whether nobody has filled it in."""
        return not self.attribute and not self.value.strip()


@dataclass(frozen=True, kw_only=True)
class JobForm:
    """Every field by its name in the form; times are those of the clock in `timezone`."""

    source: str = ""
    data_type: str = ""
    title: str = ""
    description: str = ""
    entities: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    filters: tuple[FilterRow, ...] = ()
    attachments: bool = False
    period: str = "all"
    date_from: str = ""
    date_to: str = ""
    begin: str = ""
    relative: str = ""
    when: str = "immediate"
    also_now: bool = False
    cron: str = ""
    limit: str = ""
    start: str = ""
    timezone: str = ""
    missed_ticks: str = "one"
    priority: str = "0"
    split_size: str = ""
    profile: str = Profile.COMPAT
    spreadsheet_safe: bool = False
    suspended: bool = False

    def without_filter(self, number: str) -> JobForm:
        """Take a condition out, counted from 0; one that is not there is no error."""
        kept = tuple(one for at, one in enumerate(self.filters) if str(at) != number)
        return replace(self, filters=kept)

    def with_filter(self) -> JobForm:
        """Add a condition that is to be filled in."""
        return replace(self, filters=(*self.trimmed().filters, FilterRow()))

    def trimmed(self) -> JobForm:
        """Leave out conditions that nobody has filled in."""
        return replace(self, filters=tuple(one for one in self.filters if not one.blank))


def read_job_form(data: FormData) -> JobForm:
    """Read what a browser sent; a text that is missing is as in an empty form."""
    text = {name: _line(data, name) for name in _TEXTS if name in data}
    return JobForm(
        **text,
        title=_text(data, "title"),
        description=_text(data, "description"),
        period=_one_of(PERIODS, _line(data, "period")),
        when=_one_of(WHENS, _line(data, "when")),
        entities=_texts(data, "entities"),
        media=_texts(data, "media"),
        filters=tuple(_rows(data)),
        attachments="attachments" in data,
        also_now="also_now" in data,
        spreadsheet_safe="spreadsheet_safe" in data,
        suspended="suspended" in data,
    )


async def _typed(request: Request) -> JobForm:
    return read_job_form(await request.form())


#: What somebody typed, as a handler asks for it.
Typed = Annotated[JobForm, Depends(_typed)]


def form_of(spec: JobSpec) -> JobForm:
    """Give the form that shows a job."""
    schedule, zone = spec.schedule, zone_of(spec.schedule.timezone)
    start = local(spec.window.start, zone)
    return JobForm(
        source=spec.source,
        data_type=spec.data_type,
        title=spec.title,
        description=spec.description,
        entities=tuple(spec.entities),
        media=spec.media,
        filters=tuple(_row(one) for one in spec.filters),
        attachments=spec.attachments,
        period=_period(spec),
        date_from="" if spec.incremental or spec.relative else start,
        date_to="" if spec.relative else local(spec.window.end, zone),
        begin=start if spec.incremental else "",
        relative=spec.relative,
        when=schedule.kind,
        also_now=schedule.immediately and schedule.recurs,
        cron=schedule.cron,
        limit=schedule.runs if schedule.runs.isdigit() else "",
        start=local(schedule.start_at, zone),
        timezone=schedule.timezone,
        missed_ticks=schedule.missed_ticks,
        priority=str(spec.priority),
        split_size=spec.split_text,
        profile=spec.profile,
        spreadsheet_safe=spec.spreadsheet_safe,
        suspended=spec.suspended,
    )


def local(moment: datetime | None, zone: ZoneInfo) -> str:
    """Write a moment as a field for date and time has it; without seconds where they are 0."""
    if moment is None:
        return ""
    wall = moment.astimezone(zone).replace(tzinfo=None)
    whole = not wall.second and not wall.microsecond
    return wall.isoformat(timespec="minutes" if whole else "auto")


_TEXTS = (
    *("source", "data_type", "date_from", "date_to", "begin", "relative", "cron"),
    *("limit", "start", "timezone", "missed_ticks", "priority", "split_size", "profile"),
)


def _period(spec: JobSpec) -> str:
    if spec.incremental:
        return "incremental"
    if spec.relative:
        return "relative"
    return "all" if spec.window.everything else "dates"


def _row(condition: Filter) -> FilterRow:
    return FilterRow(
        attribute=condition.attribute,
        operator=condition.operator,
        value="\n".join(_written(one) for one in condition.values),
    )


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _line(data: FormData, name: str) -> str:
    return _text(data, name).strip()


def _text(data: FormData, name: str) -> str:
    """Give a text without what no field of ours can hold; browsers end lines with CR LF."""
    value = data.get(name, "")
    return _plain(value) if isinstance(value, str) else ""


def _plain(value: str) -> str:
    return value.replace("\r\n", "\n").replace("\0", "")


def _texts(data: FormData, name: str) -> tuple[str, ...]:
    return tuple(_plain(one) for one in data.getlist(name) if isinstance(one, str))


def _rows(data: FormData) -> Iterator[FilterRow]:
    columns: list[Sequence[str]] = [
        _texts(data, f"filter_{one}")[:_ROWS] for one in ("attribute", "operator", "value")
    ]
    for attribute, operator, value in zip(*columns, strict=False):
        yield FilterRow(attribute=attribute, operator=operator, value=value)


def _one_of(words: Sequence[str], given: str) -> str:
    return given if given in words else words[0]
