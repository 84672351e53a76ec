"""A job's form in the services' words; what was not touched stays as it is stored, to the letter.

Fields show a moment to the minute and a schedule in one of several ways, so a part of the form
that still says what the stored job says is not read again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cxport.console.job_form import FilterRow, JobForm, form_of
from cxport.domain.catalogue import ENTITIES, DataType, Family, Kind
from cxport.domain.errors import InvalidInput
from cxport.domain.filter import Operator, attributes
from cxport.domain.job import JobSpec
from cxport.domain.said import Said
from cxport.domain.source import StoredSource
from cxport.domain.wall import instant
from cxport.domain.zone import zone_of
from cxport.services.filters import FilterRequest
from cxport.services.job_request import JobRequest

_TRUTHS = {"true": True, "false": False}


def request_of(
    form: JobForm, source: StoredSource | None, stored: JobSpec | None = None
) -> JobRequest:
    """Say what the form says, of a source where it names one, over the job as it is stored.

    Only what the form shows for this source and type is said. Raises InvalidInput, naming the
    field in the services' words, for a time that cannot be read.
    """
    shown = form_of(stored) if stored else None
    family = source.family if source else Family.UCS
    return JobRequest(
        source=form.source,
        family=family,
        data_type=form.data_type,
        title=form.title,
        description=form.description,
        priority=_priority(form.priority),
        split_size=form.split_size,
        profile=form.profile,
        suspended=form.suspended,
        **_records(form) if family is Family.UCS else {"spreadsheet_safe": form.spreadsheet_safe},
        **_period(form, family, shown, stored),
        **_schedule(form, shown, stored),
    )


def schedule_request(form: JobForm) -> JobRequest:
    """Say when the form's job would run, and which period moves with it, and no more."""
    relative = form.relative if form.period == "relative" else ""
    return JobRequest(
        source="", family="", title="", data_type="", relative=relative, **_said_schedule(form)
    )


def _priority(text: str) -> int:
    try:
        return int(text or "0")
    except ValueError:
        name = "jobParams.priority"
        raise InvalidInput.at(name, Said("no whole number")) from None


def _records(form: JobForm) -> dict[str, Any]:
    """Give what only records have; contacts have neither media nor attachments."""
    said: dict[str, Any] = {"filters": tuple(_filters(form))}
    if form.data_type == DataType.CONTACT:
        return said
    return {
        **said,
        "entities": form.entities,
        "media": form.media,
        "attachments": form.attachments,
    }


def _period(
    form: JobForm, family: Family, shown: JobForm | None, stored: JobSpec | None
) -> dict[str, Any]:
    if form.period == "all":
        return {"everything": True}
    if form.period == "relative":
        return {"relative": _said("timeFrame.relative", form.relative)}
    if stored and shown and _frame(form) == _frame(shown):
        begin, end = _iso(stored.window.start), _iso(stored.window.end)
    elif form.period == "dates":
        begin = _moment(form, "timeFrame.dateFrom", form.date_from)
        end = _moment(form, "timeFrame.dateTo", form.date_to)
    else:
        begin = _moment(form, "timeFrame.dateFrom", form.begin) if family is Family.UCS else ""
        end = ""
    return {"incremental": form.period == "incremental", "date_from": begin, "date_to": end}


def _frame(form: JobForm) -> tuple[str, ...]:
    return form.period, form.date_from, form.date_to, form.begin, form.timezone


def _schedule(form: JobForm, shown: JobForm | None, stored: JobSpec | None) -> dict[str, Any]:
    if not (stored and shown and _times(form) == _times(shown)):
        return _said_schedule(form)
    schedule = stored.schedule
    return {
        "immediately": schedule.immediately,
        "cron": schedule.cron,
        "runs": schedule.runs,
        "start_date": _iso(schedule.start_at),
        "timezone": schedule.timezone,
        "missed_ticks": schedule.missed_ticks,
    }


def _times(form: JobForm) -> tuple[object, ...]:
    times = (form.when, form.also_now, form.cron, form.limit, form.start)
    return (*times, form.timezone, form.missed_ticks)


def _said_schedule(form: JobForm) -> dict[str, Any]:
    said: dict[str, Any] = {"timezone": form.timezone, "missed_ticks": form.missed_ticks}
    if form.when == "immediate":
        return {**said, "immediately": True}
    said["start_date"] = _moment(form, "schedulerParam.startDate", form.start)
    if form.when == "once":
        return {**said, "runs": "" if form.start else "once"}
    said["immediately"] = form.also_now
    if form.when == "cron":
        return {**said, "cron": _said("schedulerParam.cron", form.cron), "runs": form.limit}
    return {**said, "runs": form.when}


def _said(name: str, text: str) -> str:
    """Give what must be said where it was chosen; the service takes nothing for not chosen."""
    if not text:
        raise InvalidInput.at(name, Said("empty"))
    return text


def _moment(form: JobForm, name: str, text: str) -> str:
    """Give the moment that a field for date and time names, in UTC."""
    if not text:
        return ""
    try:
        wall = datetime.fromisoformat(text)
        return _iso(wall if wall.tzinfo else instant(wall, zone_of(form.timezone)))
    except (ValueError, OverflowError):
        raise InvalidInput.at(name, Said("no date and time"), Said("as 2026-01-31T08:00")) from None


def _iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


def _filters(form: JobForm) -> list[FilterRequest]:
    kinds = kinds_of(form.data_type)
    return [_filter(one, kinds.get(one.attribute, Kind.TEXT)) for one in form.filters]


def kinds_of(data_type: str) -> Mapping[str, Kind]:
    """Give the attributes that a type's records can be filtered on, and what each holds."""
    entities = ENTITIES.get(DataType(data_type), ()) if data_type in set(DataType) else ()
    return {field.name: field.kind for one in entities for field in attributes(one)}


def _filter(row: FilterRow, kind: Kind) -> FilterRequest:
    value: object = _value(row.value, kind)
    if row.operator == Operator.IN:
        value = [_value(line, kind) for line in row.value.split("\n") if line]
    return FilterRequest(attribute=row.attribute, operator=row.operator, value=value)


def _value(text: str, kind: Kind) -> object:
    """Give a value as JSON would hold it; one that cannot be read as its kind stays a text."""
    if kind is Kind.TEXT:
        return text
    if kind is Kind.BOOLEAN:
        return _TRUTHS.get(text.strip().lower(), text)
    try:
        return _number(text, kind)
    except ValueError:
        return text.strip()


def _number(text: str, kind: Kind) -> int | float:
    if kind is Kind.INTEGER:
        return int(text)
    if kind is Kind.NUMBER:
        return float(text)
    raise ValueError(kind)
