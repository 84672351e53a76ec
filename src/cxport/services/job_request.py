"""What a caller asks a job to be, and the check that makes a specification of it.

Errors name the field as the request spells it, in every version of the contract.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from cxport.domain.catalogue import ENTITIES, DataType, Entity, Family
from cxport.domain.errors import InvalidInput
from cxport.domain.job import PRIORITIES, JobSpec, Schedule
from cxport.domain.period import period
from cxport.domain.said import Said
from cxport.domain.sealing import MIN_SPLIT_BYTES, Profile
from cxport.domain.selection import Window
from cxport.domain.source import StoredSource
from cxport.schedule import ScheduleWords, read_schedule
from cxport.services.filters import FilterRequest, check_filters
from cxport.services.settings import ServiceSettings
from cxport.services.table_job import refuse_table_words, table_set
from cxport.services.values import moment, quoted, size_bytes

Word = TypeVar("Word", bound=StrEnum)

TITLE_LENGTH = 255
DESCRIPTION_LENGTH = 4000


@dataclass(frozen=True, kw_only=True)
class JobRequest:
    """A job in its caller's own words; an empty text means that nothing was said."""

    source: str
    family: str
    title: str
    data_type: str
    description: str = ""
    everything: bool = False
    date_from: str = ""
    date_to: str = ""
    relative: str = ""
    immediately: bool = False
    cron: str = ""
    runs: str = ""
    start_date: str = ""
    timezone: str = ""
    missed_ticks: str = ""
    media: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    attachments: bool = False
    split_size: str = ""
    profile: str = ""
    filters: tuple[FilterRequest, ...] = ()
    incremental: bool = False
    format: str = ""
    spreadsheet_safe: bool = False
    priority: int = 0
    suspended: bool = False


def check(
    request: JobRequest, source: StoredSource, settings: ServiceSettings, now: datetime
) -> JobSpec:
    """Make the specification of a job, or raise InvalidInput naming the first field that fails."""
    if request.family.casefold() != source.family.casefold():
        raise InvalidInput.at(
            "type", Said("the source is of family {family}", family=source.family), source.family
        )
    if source.family is Family.DATASYNC:
        return _table_job(request, source, settings, now)
    refuse_table_words(request)
    data_type = _word("jobParams.type", DataType, request.data_type)
    entities = _entities(request, data_type, source)
    return JobSpec(
        source=source.name,
        family=source.family,
        data_type=data_type,
        title=_title(request.title),
        description=_short("description", request.description, DESCRIPTION_LENGTH),
        window=_window(request),
        relative=request.relative,
        incremental=request.incremental,
        schedule=read_job_schedule(request, now),
        entities=entities,
        media=_media(request, data_type, source),
        attachments=request.attachments and data_type is DataType.INTERACTION,
        filters=check_filters(request.filters, entities),
        split_bytes=_split_bytes(request.split_size, settings),
        split_text=request.split_size,
        profile=_word("jobParams.profile", Profile, request.profile or Profile.COMPAT),
        priority=_priority(request.priority),
        suspended=request.suspended,
    )


def _table_job(
    request: JobRequest, source: StoredSource, settings: ServiceSettings, now: datetime
) -> JobSpec:
    tables = table_set(request, source)
    return JobSpec(
        source=source.name,
        family=source.family,
        data_type=tables.name,
        title=_title(request.title),
        description=_short("description", request.description, DESCRIPTION_LENGTH),
        schedule=read_job_schedule(request, now),
        tables=tables,
        incremental=request.incremental,
        split_bytes=_split_bytes(request.split_size, settings),
        split_text=request.split_size,
        profile=_word("jobParams.profile", Profile, request.profile or Profile.COMPAT),
        spreadsheet_safe=request.spreadsheet_safe,
        priority=_priority(request.priority),
        suspended=request.suspended,
    )


def _word(name: str, words: type[Word], given: str) -> Word:
    """Find a word without regard to case."""
    for word in words:
        if word.casefold() == given.casefold():
            return word
    raise InvalidInput.at(name, Said("{given} is unknown", given=quoted(given)), ", ".join(words))


def _short(name: str, text: str, length: int) -> str:
    if len(text) > length:
        raise InvalidInput.at(
            name, Said("too long"), Said("at most {length} characters", length=length)
        )
    return text


def _priority(given: int) -> int:
    least, most = PRIORITIES
    if not least <= given <= most:
        name = "jobParams.priority"
        raise InvalidInput.at(
            name,
            Said("out of range"),
            Said("a whole number, {least} to {most}", least=least, most=most),
        )
    return given


def _title(text: str) -> str:
    if not text.strip():
        raise InvalidInput.at(
            "title",
            Said("empty"),
            Said("1 to {title_length} characters", title_length=TITLE_LENGTH),
        )
    return _short("title", text, TITLE_LENGTH)


def _window(request: JobRequest) -> Window:
    start = moment("timeFrame.dateFrom", request.date_from)
    end = moment("timeFrame.dateTo", request.date_to)
    # an increment may say where the first one begins
    dated = bool(end or (start and not request.incremental))
    said = (request.everything, dated, bool(request.relative), request.incremental)
    if sum(said) != 1:
        raise InvalidInput.at(
            "timeFrame",
            Said("says more than one of all, dates, relative and incremental")
            if any(said)
            else Said("says neither all nor a date"),
            Said(
                "either all: true, or dateFrom, dateTo or both, or relative, or "
                "incremental: true, perhaps with dateFrom"
            ),
        )
    if request.relative:
        period(request.relative)
    if start and end and end < start:
        raise InvalidInput.at(
            "timeFrame.dateTo", Said("before dateFrom"), Said("a moment not before dateFrom")
        )
    return Window(start=start, end=end)


def read_job_schedule(request: JobRequest, now: datetime) -> Schedule:
    """Make the schedule of a job, or raise InvalidInput naming the first field that fails."""
    words = ScheduleWords(
        immediately=request.immediately,
        cron=request.cron,
        runs=request.runs,
        start_at=moment("schedulerParam.startDate", request.start_date),
        timezone=request.timezone,
        missed_ticks=request.missed_ticks,
    )
    return read_schedule(words, now)


def _entities(request: JobRequest, data_type: DataType, source: StoredSource) -> tuple[Entity, ...]:
    """Give the entities asked for, or all that the source holds of the type, in file order."""
    held = [entity for entity in ENTITIES[data_type] if entity in source.entities]
    if not held:
        raise InvalidInput.at(
            "jobParams.type",
            Said("the source holds nothing of type {data_type}", data_type=data_type),
            Said("a type that the last check of the source has found"),
        )
    asked = _known("jobParams.entities", request.entities, [entity.value for entity in held])
    return tuple(entity for entity in held if not asked or entity in asked)


def _media(request: JobRequest, data_type: DataType, source: StoredSource) -> tuple[str, ...]:
    if request.media and data_type is not DataType.INTERACTION:
        raise InvalidInput.at(
            "jobParams.media",
            Said("a {data_type} has no media", data_type=data_type),
            Said("an empty list"),
        )
    return _known("jobParams.media", request.media, source.media)


def _known(name: str, asked: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    """Give each word once, as the source spells it; an unknown one is refused by name."""
    spelling = {word.casefold(): word for word in known}
    found: dict[str, None] = {}
    for word in asked:
        if word.casefold() not in spelling:
            raise InvalidInput.at(
                name,
                Said("{word} is unknown to the source", word=quoted(word)),
                ", ".join(spelling.values()) or Said("an empty list"),
            )
        found[spelling[word.casefold()]] = None
    return tuple(found)


def _split_bytes(text: str, settings: ServiceSettings) -> int:
    if not text:
        return settings.default_split_bytes
    name = "jobParams.fileSplitSize"
    found = size_bytes(name, text)
    if not MIN_SPLIT_BYTES <= found <= settings.max_split_bytes:
        raise InvalidInput.at(
            name,
            Said("{text} is out of range", text=quoted(text)),
            Said(
                "{min_split_bytes} to {max_split_bytes} bytes",
                min_split_bytes=MIN_SPLIT_BYTES,
                max_split_bytes=settings.max_split_bytes,
            ),
        )
    return found
