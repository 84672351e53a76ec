"""Watching: server-sent events read as values, through connections that break and end.

The format is that of WHATWG HTML, section 9.2.6, as far as the service writes it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from cxport.client.errors import ClientError
from cxport.client.service import Service
from cxport.client.shapes import ENDED, Object

_PATH = "/cxport/v1/events"
#: A service that is started again, or a network that breaks, is waited for this long.
_PATIENCE_SECONDS = 60.0
_PAUSE_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class JobEvent:
    """A job was made or changed; dates are ISO 8601, absent ones empty."""

    id: int
    type: str
    title: str
    source: str
    suspended: bool
    next_run_date: str
    updated_date: str

    @classmethod
    def from_json(cls, found: object) -> Self:
        """Read the data of an event."""
        read = Object(found, cls.__name__)
        return cls(
            id=read.number("id"),
            type=read.text("type"),
            title=read.text("title"),
            source=read.text("source"),
            suspended=read.flag("suspended"),
            next_run_date=read.text("nextRunDate"),
            updated_date=read.text("updatedDate"),
        )


@dataclass(frozen=True, kw_only=True)
class RunEvent:
    """A run as it stands now: `status` is its label, `progress` percent.

    `rows_per_second` and `remaining_seconds` are None where they cannot be told; `revoke_reason` is
    empty but where its files were revoked.
    """

    id: int
    job_id: int
    type: str
    title: str
    source: str
    status: str
    reason: str
    progress: int
    rows_read: int
    estimated_rows: int
    rows_per_second: float | None
    remaining_seconds: int | None
    size: int
    created_date: str
    started_date: str
    ended_date: str
    revoke_reason: str

    @property
    def ended(self) -> bool:
        """Whether nothing will happen any more without being asked for."""
        return self.status in ENDED

    @classmethod
    def from_json(cls, found: object) -> Self:
        """Read the data of an event."""
        read = Object(found, cls.__name__)
        return cls(
            id=read.number("id"),
            job_id=read.number("jobId"),
            type=read.text("type"),
            title=read.text("title"),
            source=read.text("source"),
            status=read.text("label"),
            reason=read.text("reason"),
            progress=read.number("progress"),
            rows_read=read.number("rowsRead"),
            estimated_rows=read.number("estimatedRows"),
            rows_per_second=read.decimal_or_none("rowsPerSecond"),
            remaining_seconds=read.number_or_none("remainingSeconds"),
            size=read.number("size"),
            created_date=read.text("createdDate"),
            started_date=read.text("startedDate"),
            ended_date=read.text("endedDate"),
            revoke_reason=read.inside("revoked", "reason"),
        )


def watch(service: Service) -> Iterator[JobEvent | RunEvent]:
    """Give events for ever, from one connection after the other; see `Client.watch`."""
    listening = Listening(service)
    while True:
        pause = _PAUSE_SECONDS
        try:
            yield from filter(None, listening.connection())
        except ClientError as error:
            if not error.transient or listening.silent_seconds > _PATIENCE_SECONDS:
                raise
            pause = max(pause, min(error.retry_after_seconds, _PATIENCE_SECONDS))
        time.sleep(pause)


class Listening:
    """Where a watcher has come to; a further connection goes on from there."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._last_id = ""
        self._heard_at = time.monotonic()

    @property
    def silent_seconds(self) -> float:
        """Since when nothing has been heard, not even a sign of life."""
        return time.monotonic() - self._heard_at

    def connection(self) -> Iterator[JobEvent | RunEvent | None]:
        """Give the events of one connection, and None for its begin and each sign of life."""
        resume = {"Last-Event-ID": self._last_id} if self._last_id else {}
        with self._service.listen(_PATH, {"Accept": "text/event-stream", **resume}) as lines:
            fields: dict[str, str] = {}
            for line in lines:
                self._heard_at = time.monotonic()
                if line:
                    name, _, value = line.partition(":")
                    fields[name] = value.removeprefix(" ")
                    continue
                self._last_id = fields.get("id", self._last_id)
                yield _event(fields)
                fields = {}


def _event(fields: dict[str, str]) -> JobEvent | RunEvent | None:
    """Give the event of these fields, if it is one that we know."""
    try:
        found = json.loads(fields.get("data", "null"))
    except ValueError:
        raise ClientError("the service sent an event that is not JSON", status=200) from None
    match fields.get("event"):
        case "job":
            return JobEvent.from_json(found)
        case "run":
            return RunEvent.from_json(found)
        case _:
            return None
