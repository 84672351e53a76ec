"""Jobs: make one, look at one, list them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from cxport.domain.access import Action, visible_families
from cxport.domain.errors import InvalidInput, NotFound
from cxport.domain.job import Job
from cxport.domain.listing import Page, Query
from cxport.domain.run import Run
from cxport.domain.source import StoredSource
from cxport.domain.tenant import Caller
from cxport.services.access import only_visible, require, require_visible
from cxport.services.certificates import require_certificate
from cxport.services.job_request import JobRequest, check
from cxport.services.settings import ServiceSettings
from cxport.services.values import quoted
from cxport.store import jobs, runs, sources
from cxport.store.database import Database


@dataclass(frozen=True, kw_only=True)
class JobState:
    """A job with its newest run, where it has one."""

    job: Job
    run: Run | None


class Jobs:
    """What a caller may ask about jobs.

    `on_queued` is called when a run waits to be begun; it must not raise, the job is stored.
    """

    def __init__(
        self,
        db: Database,
        settings: ServiceSettings,
        clock: Callable[[], datetime],
        on_queued: Callable[[], None] | None = None,
    ) -> None:
        self._db = db
        self._settings = settings
        self._clock = clock
        self._on_queued = on_queued

    def create(self, caller: Caller, request: JobRequest) -> JobState:
        """Store a job and its first run, queued.

        Raises InvalidInput naming the field that is wrong, also where no certificate is in force
        that a run could be sealed to.
        """
        require(caller, Action.JOB_CREATE)
        spec = check(request, self._source(caller, request.source), self._settings, self._clock())
        require_certificate(self._db, caller.tenant_id, self._clock())
        job, run = jobs.create(self._db, caller.tenant_id, spec, caller.subject, run_now=True)
        if run is not None and self._on_queued is not None:
            self._on_queued()
        return JobState(job=job, run=run)

    def get(self, caller: Caller, item_id: int) -> JobState | Run:
        """Give what the id names, a job or one of its runs; NotFound where it names neither."""
        require(caller, Action.JOB_READ)
        return job_or_run(self._db, caller, item_id)

    def page(self, caller: Caller, query: Query) -> Page[JobState]:
        """List jobs; a page is never longer than the operator's cap."""
        require(caller, Action.JOB_READ)
        query = replace(query, limit=min(query.limit, self._settings.page_cap))
        found = jobs.page(self._db, caller.tenant_id, only_visible(caller, query))
        items = tuple(JobState(job=job, run=run) for job, run in found.items)
        return Page(items=items, count=found.count, offset=found.offset, limit=found.limit)

    def _source(self, caller: Caller, name: str) -> StoredSource:
        try:
            source = sources.by_name(self._db, caller.tenant_id, name)
            require_visible(caller, source.family)
        except NotFound as error:
            raise InvalidInput(
                "source", f"source: no source is named {quoted(name)}", self._source_names(caller)
            ) from error
        return source

    def _source_names(self, caller: Caller) -> str:
        visible = visible_families(caller.roles)
        found = sources.list(self._db, caller.tenant_id)
        names = ", ".join(source.name for source in found if source.family in visible)
        return names or "a source that an administrator has added"


def job_or_run(db: Database, caller: Caller, item_id: int) -> JobState | Run:
    """Find what an id names: jobs and runs of a tenant share one sequence of ids."""
    try:
        job = jobs.get(db, caller.tenant_id, item_id)
    except NotFound:
        run = runs.get(db, caller.tenant_id, item_id)
        require_visible(caller, run.spec.family)
        return run
    require_visible(caller, job.spec.family)
    return JobState(job=job, run=jobs.newest_run(db, caller.tenant_id, item_id))
