"""Jobs: make one, change it, look at it, hold it, let it go on, end it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from cxport.blobs.base import Blobs
from cxport.domain.access import Action
from cxport.domain.audit import Act
from cxport.domain.errors import NotFound
from cxport.domain.job import Job
from cxport.domain.listing import Page, Query
from cxport.domain.run import Run, Status
from cxport.domain.tenant import Caller
from cxport.schedule import first_tick
from cxport.services.access import only_visible, require, require_visible
from cxport.services.audit import Audit
from cxport.services.certificates import require_certificate
from cxport.services.job_request import JobRequest, check
from cxport.services.removal import each, remove_objects
from cxport.services.settings import ServiceSettings
from cxport.services.sources import source_of_request
from cxport.store import jobs, runs
from cxport.store.database import Database


@dataclass(frozen=True, kw_only=True)
class JobState:
    """A job with its newest run, where it has one."""

    job: Job
    run: Run | None

    @property
    def status(self) -> Status:
        """That of the newest run; of a job that never ran, its own."""
        if self.run is not None:
            return self.run.status
        return Status.SUSPENDED if self.job.spec.suspended else Status.SCHEDULED


class Jobs:
    """What a caller may ask about jobs.

    `on_queued` is called when a run waits to be begun; it must not raise, the job is stored.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what jobs need
        self,
        db: Database,
        blobs: Blobs,
        settings: ServiceSettings,
        clock: Callable[[], datetime],
        audit: Audit,
        on_queued: Callable[[], None] | None = None,
    ) -> None:
        self._db = db
        self._blobs = blobs
        self._settings = settings
        self._clock = clock
        self._audit = audit
        self._on_queued = on_queued

    def create(self, caller: Caller, request: JobRequest) -> JobState:
        """Store a job and, where it is to run immediately and is not suspended, a queued run.

        Raises InvalidInput naming the field that is wrong, also where no certificate is in force
        that a run could be sealed to.
        """
        require(caller, Action.JOB_CREATE)
        now = self._clock()
        spec = check(
            request, source_of_request(self._db, caller, request.source), self._settings, now
        )
        require_certificate(self._db, caller.tenant_id, now)
        with self._audit.act(caller, Act.JOB_CREATE) as doing:
            state = jobs.create(
                self._db,
                caller.tenant_id,
                spec,
                caller.subject,
                run_now=spec.schedule.immediately and not spec.suspended,
                next_tick_at=first_tick(spec.schedule, now),
            )
            doing.to(state[0].id)
        return self._woken(state)

    def update(self, caller: Caller, job_id: int, request: JobRequest) -> JobState:
        """Change a job of which no run has begun; what waits to run runs as changed.

        A request without a family keeps the stored one. Raises InvalidInput, NotFound for an id
        that is no job's or run's, WrongState where a run has begun.
        """
        require(caller, Action.JOB_UPDATE)
        job = self._job(caller, job_id)
        request = replace(request, family=request.family or job.spec.family)
        now = self._clock()
        spec = check(
            request, source_of_request(self._db, caller, request.source), self._settings, now
        )
        require_certificate(self._db, caller.tenant_id, now)
        tick = first_tick(spec.schedule, now)
        with self._audit.act(caller, Act.JOB_UPDATE, job.id):
            state = jobs.update(self._db, caller.tenant_id, job.id, spec, tick)
        return self._woken(state)

    def cancel(self, caller: Caller, item_id: int) -> None:
        """Cancel a run, or a job's current or waiting one; a job that only waits is suspended.

        Raises NotFound, and WrongState where nothing is left to cancel.
        """
        require(caller, Action.JOB_CANCEL)
        found = job_or_run(self._db, caller, item_id)
        with self._audit.act(caller, Act.JOB_CANCEL, item_id):
            if isinstance(found, Run):
                cancelled = [runs.cancel(self._db, caller.tenant_id, item_id)]
            else:
                cancelled = jobs.cancel(self._db, caller.tenant_id, item_id)
        for run in cancelled:
            if run.status is Status.CANCELLED:
                remove_objects(self._db, self._blobs, caller.tenant_id, run.id)

    def suspend(self, caller: Caller, item_id: int) -> JobState | Run:
        """Hold a run, or a job's schedule and runs; raises NotFound and WrongState."""
        require(caller, Action.JOB_SUSPEND)
        found = job_or_run(self._db, caller, item_id)
        with self._audit.act(caller, Act.JOB_SUSPEND, item_id):
            if isinstance(found, Run):
                return runs.suspend(self._db, caller.tenant_id, item_id)
            job, run = jobs.suspend(self._db, caller.tenant_id, item_id)
        return JobState(job=job, run=run)

    def resume(self, caller: Caller, item_id: int) -> JobState | Run:
        """Let go on what was suspended; raises NotFound and WrongState."""
        require(caller, Action.JOB_RESUME)
        found = job_or_run(self._db, caller, item_id)
        if isinstance(found, JobState):
            with self._audit.act(caller, Act.JOB_RESUME, item_id):
                state = jobs.resume(self._db, caller.tenant_id, item_id)
            return self._woken(state)
        with self._audit.act(caller, Act.JOB_RESUME, item_id):
            run = runs.resume(self._db, caller.tenant_id, item_id)
        self._wake(run)
        return run

    def delete(self, caller: Caller, job_id: int) -> None:
        """Delete a job and its schedule; its records and files stay until they expire.

        Raises NotFound for an id that is no job's, WrongState where a run has not ended.
        """
        require(caller, Action.JOB_DELETE)
        self._delete(caller, job_id)

    def delete_all(self, caller: Caller, job_ids: Iterable[int]) -> tuple[int, ...]:
        """Delete every job that can be deleted, and give the ids of those that were not."""
        require(caller, Action.JOB_DELETE)
        return each(job_ids, lambda job_id: self._delete(caller, job_id))

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

    def _delete(self, caller: Caller, job_id: int) -> None:
        job = jobs.get(self._db, caller.tenant_id, job_id)
        require_visible(caller, job.spec.family)
        with self._audit.act(caller, Act.JOB_DELETE, job_id):
            jobs.delete(self._db, caller.tenant_id, job_id)

    def _job(self, caller: Caller, item_id: int) -> Job:
        """Give the job of an id, its own or a run's."""
        found = job_or_run(self._db, caller, item_id)
        return (
            jobs.get(self._db, caller.tenant_id, found.job_id)
            if isinstance(found, Run)
            else found.job
        )

    def _woken(self, state: tuple[Job, Run | None]) -> JobState:
        job, run = state
        self._wake(run)
        return JobState(job=job, run=run)

    def _wake(self, run: Run | None) -> None:
        """Say that a run waits to be begun."""
        if run is not None and run.status is Status.QUEUED and self._on_queued is not None:
            self._on_queued()


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
