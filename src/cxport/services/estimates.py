"""What a job would export, before it is made: rows, bytes, files and time, by statistics."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from threading import BoundedSemaphore

from cxport.domain.access import Action
from cxport.domain.errors import (
    CxportError,
    InvalidInput,
    LimitReached,
    RunFailed,
    SourceError,
    SourceUnreachable,
)
from cxport.domain.job import JobSpec
from cxport.domain.said import Said
from cxport.domain.selection import Selection
from cxport.domain.source import StoredSource
from cxport.domain.tenant import Caller
from cxport.services.access import require
from cxport.services.job_request import JobRequest, check
from cxport.services.settings import ServiceSettings
from cxport.services.sources import source_of_request
from cxport.store.database import Database
from cxport.store.progress import usual_rate

#: Sources that are asked at the same time, and when to come again where they are too many.
_AT_ONCE = 2
_AGAIN_SECONDS = 5


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What a source's statistics expect of a selection; `sealed_bytes` at most, as a rule."""

    rows: int
    raw_bytes: int
    sealed_bytes: int
    parts: int


#: Asks a source, in bounded time, about a selection whose files are split at so many bytes.
#: Raises SourceError or RunFailed.
Measure = Callable[[StoredSource, Selection, int], Measured]


@dataclass(frozen=True, kw_only=True)
class JobEstimate:
    """What the first run of a job would export; `seconds` is None where nothing tells."""

    measured: Measured
    seconds: int | None


class Estimates:
    """What a caller may ask about jobs that are not made yet."""

    def __init__(
        self,
        db: Database,
        settings: ServiceSettings,
        clock: Callable[[], datetime],
        measure: Measure,
    ) -> None:
        self._db = db
        self._settings = settings
        self._clock = clock
        self._measure = measure
        self._seats = BoundedSemaphore(_AT_ONCE)

    def estimate(self, caller: Caller, request: JobRequest) -> JobEstimate:
        """Estimate the run that a job would make now; nothing is stored.

        The source's own statistics and a few rows tell: tables are not read through. Raises
        InvalidInput naming the field that is wrong, as `Jobs.create` does, also where the source
        cannot be read as it is set up; SourceUnreachable where it does not answer in time, and
        LimitReached where too many ask at once.
        """
        require(caller, Action.JOB_CREATE)
        now = self._clock()
        source = source_of_request(self._db, caller, request.source)
        spec = check(request, source, self._settings, now).at((now,))
        measured = self._asked(source, spec)
        return JobEstimate(
            measured=measured, seconds=self._seconds(caller, source, spec, measured.rows)
        )

    def _asked(self, source: StoredSource, spec: JobSpec) -> Measured:
        if not self._seats.acquire(blocking=False):
            raise LimitReached(Said("too many estimates at the same time"), _AGAIN_SECONDS)
        try:
            return self._measure(source, spec.selection(), spec.split_bytes)
        except (SourceError, RunFailed) as error:
            raise _told(error) from None
        finally:
            self._seats.release()

    def _seconds(
        self, caller: Caller, source: StoredSource, spec: JobSpec, rows: int
    ) -> int | None:
        """Tell how long so many rows take, by the last runs and the source's own limit."""
        usual = usual_rate(self._db, caller.tenant_id, source.name, spec.data_type)
        rates = [rate for rate in (usual, source.max_rows_per_second) if rate]
        return ceil(rows / min(rates)) if rates else None


def _told(error: CxportError) -> CxportError:
    if error.transient:
        return SourceUnreachable(error.said)
    return InvalidInput.at(
        "source",
        error.said,
        Said("a source that `cxport source check` finds nothing wrong with"),
    )
