"""What the service says, as values: the shapes of the v10 API that this client uses.

Fields keep the API's words, spelled the Python way (`createdDate` is `created_date`); absent
texts and dates are empty. Keys that a shape does not know are passed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from cxport.client.errors import ClientError

#: The labels of the states in which nothing will happen any more without being asked for.
ENDED = frozenset(
    {"Cancelled", "Completed", "Completed with warnings", "No Data", "Failed", "Expired"}
)
#: Of these, the ones that say that the export was made.
SUCCEEDED = frozenset({"Completed", "Completed with warnings", "No Data"})


class Object:
    """A JSON object that is read as a shape: ClientError where a field is of another type."""

    def __init__(self, found: object, shape: str) -> None:
        self._shape = shape
        if not isinstance(found, dict):
            raise self._unexpected("")
        self._found: dict[str, object] = found

    def text(self, key: str) -> str:
        """Read a text; an absent one is empty."""
        value = self._found.get(key)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self._unexpected(key)
        return value

    def number(self, key: str) -> int:
        """Read a whole number."""
        value = self.number_or_none(key)
        if value is None:
            raise self._unexpected(key)
        return value

    def number_or_none(self, key: str) -> int | None:
        """Read a whole number that may be absent."""
        value = self._found.get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise self._unexpected(key)
        return value

    def decimal_or_none(self, key: str) -> float | None:
        """Read a number that may be absent."""
        value = self._found.get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise self._unexpected(key)
        return None if value is None else float(value)

    def flag(self, key: str) -> bool:
        """Read true or false; an absent one is false."""
        value = self._found.get(key, False)
        if not isinstance(value, bool):
            raise self._unexpected(key)
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Read a list of texts; an absent one is empty."""
        return tuple(map(str, self.items(key)))

    def inside(self, key: str, inner: str) -> str:
        """Read a text of an object; one that is absent has it empty."""
        value = self._found.get(key)
        return "" if value is None else Object(value, self._shape).text(inner)

    def items(self, key: str) -> list[object]:
        """Read a list; an absent one is empty."""
        value = self._found.get(key) or []
        if not isinstance(value, list):
            raise self._unexpected(key)
        return value

    def words(self, key: str) -> dict[str, str]:
        """Read an object of texts."""
        value = self._found.get(key)
        if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
            raise self._unexpected(key)
        return value

    def names(self) -> list[str]:
        """Give the names of the fields."""
        return list(self._found)

    def _unexpected(self, key: str) -> ClientError:
        where = f": its field {key}" if key else ""
        return ClientError(
            f"the service answered something that is not a {self._shape}{where}", status=200
        )


def page_of(found: object) -> tuple[list[object], int]:
    """Read one page of a list: its items, and how many there are in all."""
    if found is None:
        return [], 0
    read = Object(found, "page of a list")
    return read.items("items"), read.number("count")


@dataclass(frozen=True, kw_only=True)
class CertificateInfo:
    """The certificate in force; `ccid` is the tenant, `size` is bytes."""

    ccid: str
    name: str
    size: int
    last_modified: str

    @classmethod
    def from_json(cls, found: object) -> Self:
        """Read the service's answer."""
        read = Object(found, cls.__name__)
        return cls(
            ccid=read.text("ccid"),
            name=read.text("name"),
            size=read.number("size"),
            last_modified=read.text("lastModified"),
        )


@dataclass(frozen=True, kw_only=True)
class StoredCertificate:
    """A certificate that was uploaded; dates are ISO 8601, `days_left` is below 0 when expired."""

    id: int
    name: str
    subject: str
    fingerprint: str
    not_before: str
    not_after: str
    days_left: int
    in_force: bool
    uploaded_date: str
    uploaded_by: str

    @classmethod
    def from_json(cls, found: object) -> Self:
        """Read the service's answer."""
        read = Object(found, cls.__name__)
        return cls(
            id=read.number("id"),
            name=read.text("name"),
            subject=read.text("subject"),
            fingerprint=read.text("fingerprint"),
            not_before=read.text("notBefore"),
            not_after=read.text("notAfter"),
            days_left=read.number("daysLeft"),
            in_force=read.flag("inForce"),
            uploaded_date=read.text("uploadedDate"),
            uploaded_by=read.text("uploadedBy"),
        )


def certificates_of(found: object) -> list[StoredCertificate]:
    """Read the history of certificates."""
    items = Object(found, "list of certificates").items("items")
    return [StoredCertificate.from_json(one) for one in items]


@dataclass(frozen=True, kw_only=True)
class JobInfo:
    """A job (`parent_id` is None) or one of its runs (`parent_id` is the job's id).

    `file_size` is the bytes of all its files, `progress` percent, `status` a label; those of a
    job are its newest run's.
    """

    id: int
    type: str
    source: str
    title: str
    file_split_size: str
    file_name: str
    file_size: int
    status: str
    created_date: str
    date_from: str
    date_to: str
    description: str
    media: tuple[str, ...]
    progress: int
    parent_id: int | None
    export_attachments: bool

    @classmethod
    def from_json(cls, found: object) -> Self:
        """Read the service's answer."""
        read = Object(found, cls.__name__)
        return cls(
            id=read.number("id"),
            type=read.text("type"),
            source=read.text("source"),
            title=read.text("title"),
            file_split_size=read.text("fileSplitSize"),
            file_name=read.text("fileName"),
            file_size=read.number("fileSize"),
            status=read.text("status"),
            created_date=read.text("createdDate"),
            date_from=read.text("dateFrom"),
            date_to=read.text("dateTo"),
            description=read.text("description"),
            media=read.texts("media"),
            progress=read.number("progress"),
            parent_id=read.number_or_none("parentId"),
            export_attachments=read.flag("exportAttachments"),
        )

    @property
    def ended(self) -> bool:
        """Whether nothing will happen any more without being asked for."""
        return self.status in ENDED

    @property
    def succeeded(self) -> bool:
        """Whether the export was made."""
        return self.status in SUCCEEDED


@dataclass(frozen=True, kw_only=True)
class RunInfo:
    """All that is known of a run; `size` is bytes, `progress` percent, absent texts are empty.

    Until `parts_until_date` a failed run's finished parts are kept for a retry. `hold_reason` and
    `revoke_reason` are empty where there is neither.
    """

    id: int
    job_id: int
    title: str
    status: str
    label: str
    reason: str
    progress: int
    created_date: str
    started_date: str
    ended_date: str
    rows_read: int
    size: int
    priority: int
    rerun_of: int | None
    parts_until_date: str
    hold_reason: str
    revoke_reason: str

    @classmethod
    def from_json(cls, found: object) -> Self:
        """Read the service's answer."""
        read = Object(found, cls.__name__)
        return cls(
            id=read.number("id"),
            job_id=read.number("jobId"),
            title=read.text("title"),
            status=read.text("status"),
            label=read.text("label"),
            reason=read.text("reason"),
            progress=read.number("progress"),
            created_date=read.text("createdDate"),
            started_date=read.text("startedDate"),
            ended_date=read.text("endedDate"),
            rows_read=read.number("rowsRead"),
            size=read.number("size"),
            priority=read.number_or_none("priority") or 0,
            rerun_of=read.number_or_none("rerunOf"),
            parts_until_date=read.text("partsUntilDate"),
            hold_reason=read.inside("hold", "reason"),
            revoke_reason=read.inside("revoked", "reason"),
        )


@dataclass(frozen=True, kw_only=True)
class FileInfo:
    """One sealed file; `size` is bytes, `sha256` of the sealed bytes, in hex."""

    name: str
    size: int
    type: str
    source: str
    job_title: str
    job_id: int
    history_id: int
    upload_date: str
    expiration_date: str
    remaining_days: int
    rows: int
    sha256: str
    part: int
    parts: int

    @classmethod
    def from_json(cls, found: object) -> Self:
        """Read one row of the service's list."""
        read = Object(found, cls.__name__)
        return cls(
            name=read.text("name"),
            size=read.number("size"),
            type=read.text("type"),
            source=read.text("source"),
            job_title=read.text("jobTitle"),
            job_id=read.number("jobId"),
            history_id=read.number("historyId"),
            upload_date=read.text("uploadDate"),
            expiration_date=read.text("expirationDate"),
            remaining_days=read.number("remainingDays"),
            rows=read.number("rows"),
            sha256=read.text("sha256"),
            part=read.number("part"),
            parts=read.number("parts"),
        )


@dataclass(frozen=True, kw_only=True)
class TickInfo:
    """A tick of a schedule: `run`, `merged` (a later tick's run covers it) or `skipped`."""

    tick: str
    state: str
    run_id: int | None

    @classmethod
    def from_json(cls, found: object) -> Self:
        """Read what the service answered."""
        read = Object(found, "tick")
        return cls(
            tick=read.text("tick"),
            state=read.text("state"),
            run_id=read.number_or_none("runId"),
        )


@dataclass(frozen=True, kw_only=True)
class JobEstimate:
    """What a job's first run would export: `size` sealed, at most as a rule, `raw_size` before."""

    rows: int
    size: int
    raw_size: int
    parts: int
    #: None where no run of the source tells.
    seconds: int | None

    @classmethod
    def from_json(cls, found: object) -> Self:
        """Read what the service answered."""
        read = Object(found, "estimate")
        return cls(
            rows=read.number("rows"),
            size=read.number("size"),
            raw_size=read.number("rawSize"),
            parts=read.number("parts"),
            seconds=read.number_or_none("seconds"),
        )


@dataclass(frozen=True, kw_only=True)
class JobRequest:
    """An export to be made.

    Without dates everything is exported. Dates are ISO 8601 (UTC where no offset is given),
    `date_from <= t < date_to`. Empty `media` and `entities` mean all. `split_size` bounds a
    sealed file: bytes, or a number with a unit (`100MB`); empty: the service's default. With
    `incremental` each run exports what was changed since the one before, the first from
    `date_from` on; with `relative` (`P1D`) the whole period before it. Of tables (`type` DataSync,
    `data_type` the name of the set) `spreadsheet_safe` keeps texts from running as formulas. With
    `cron`, or a word or number of `runs` (`daily`, `5`), it runs by that schedule from `start_date`
    on, on the clock of `timezone`, also (`immediately`) or only then; `missed_ticks` (`one`, `all`,
    `none`) says what becomes of ticks that nobody saw. Of the runs that wait, those of a higher
    `priority` (-9 to 9) begin first. Each condition of `filter` is an attribute, an operator and a
    value, and all must hold: `Client.catalogue.attributes` names them.
    """

    source: str
    title: str
    type: str = "UCS"
    data_type: str = "Interaction"
    date_from: str = ""
    date_to: str = ""
    media: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    attachments: bool = False
    incremental: bool = False
    spreadsheet_safe: bool = False
    split_size: str = ""
    profile: str = ""
    format: str = ""
    filter: tuple[tuple[str, str, object], ...] = ()
    description: str = ""
    immediately: bool = True
    cron: str = ""
    runs: str = ""
    start_date: str = ""
    timezone: str = ""
    missed_ticks: str = ""
    relative: str = ""
    priority: int = 0
    suspended: bool = False

    def to_json(self) -> dict[str, object]:
        """Give the body of the request."""
        return {
            "source": self.source,
            "type": self.type,
            "title": self.title,
            "description": self.description,
            "timeFrame": self._time_frame(),
            "schedulerParam": self._schedule(),
            "jobParams": self._parameters(),
            "suspended": self.suspended,
        }

    def _schedule(self) -> dict[str, object]:
        optional = {
            "runs": self.runs,
            "startDate": self.start_date,
            "timezone": self.timezone,
        }
        given = {key: value for key, value in optional.items() if value}
        return {"immediately": self.immediately, "cron": self.cron, **given}

    def _time_frame(self) -> dict[str, object]:
        if self.relative:
            return {"relative": self.relative}
        given = {"dateFrom": self.date_from, "dateTo": self.date_to}
        dates = {key: date for key, date in given.items() if date}
        if self.incremental:
            return {"incremental": True, **dates}
        return {"all": False, **dates} if dates else {"all": True}

    def _parameters(self) -> dict[str, object]:
        optional = {
            "entities": list(self.entities),
            "fileSplitSize": self.split_size,
            "profile": self.profile,
            "format": self.format,
            "filter": [
                {"attribute": attribute, "operator": operator, "value": value}
                for attribute, operator, value in self.filter
            ],
            "spreadsheetSafe": self.spreadsheet_safe,
            "missedTicks": self.missed_ticks,
            "priority": self.priority,
        }
        return {
            "type": self.data_type,
            "media": list(self.media),
            "exportAttachments": self.attachments,
            **{key: value for key, value in optional.items() if value},
        }
