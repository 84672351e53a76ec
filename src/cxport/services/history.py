"""The history: what has run, how far it has come and how it ended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from cxport.blobs.base import Blobs
from cxport.domain.access import Action
from cxport.domain.audit import Act
from cxport.domain.errors import NotFound
from cxport.domain.listing import Page, Query
from cxport.domain.run import Run, RunPart, Status
from cxport.domain.said import Said
from cxport.domain.tenant import Caller
from cxport.domain.tick import Tick
from cxport.services.access import only_visible, require, require_visible
from cxport.services.audit import Audit
from cxport.services.jobs import JobState, job_or_run
from cxport.services.removal import check_free, each, remove_objects
from cxport.services.settings import ServiceSettings
from cxport.store import runs, ticks
from cxport.store.database import Database


class History:
    """What a caller may ask about runs, and of those that have ended."""

    def __init__(self, db: Database, blobs: Blobs, settings: ServiceSettings, audit: Audit) -> None:
        self._db = db
        self._audit = audit
        self._blobs = blobs
        self._settings = settings

    def get(self, caller: Caller, item_id: int) -> Run | JobState:
        """Give a run by its own id, or by its job's the newest; before the first, the job."""
        require(caller, Action.RUN_READ)
        found = job_or_run(self._db, caller, item_id)
        if isinstance(found, JobState) and found.run is not None:
            return found.run
        return found

    def detail(self, caller: Caller, item_id: int) -> tuple[Run, list[RunPart]]:
        """Give a run, by its own id or by its job's the newest, and its parts.

        Raises NotFound for an id of neither, and for a job that has not run yet.
        """
        found = self.get(caller, item_id)
        if isinstance(found, JobState):
            raise NotFound(Said("not found: the job has not run yet"))
        return found, runs.parts(self._db, caller.tenant_id, found.id)

    def ticks(
        self, caller: Caller, item_id: int, offset: int, limit: int
    ) -> tuple[Page[Tick], datetime | None]:
        """List the ticks of a job (by a run's id: of its job), the newest first, and the next one.

        The next one is that which no run covers yet: where it has passed, it waits for a run of
        its job to end. Raises NotFound.
        """
        require(caller, Action.JOB_READ)
        found = job_or_run(self._db, caller, item_id)
        job_id = found.job_id if isinstance(found, Run) else found.job.id
        limit = min(limit, self._settings.page_cap)
        return ticks.of_job(self._db, caller.tenant_id, job_id, offset, limit)

    def covered(self, caller: Caller, run_id: int) -> tuple[datetime, ...]:
        """Give the ticks that a run covers, in their order; none where somebody asked for it."""
        require(caller, Action.RUN_READ)
        require_visible(caller, runs.get(self._db, caller.tenant_id, run_id).spec.family)
        return ticks.of_run(self._db, caller.tenant_id, run_id)

    def page(
        self, caller: Caller, query: Query, *, item_id: int | None = None, status: str = ""
    ) -> Page[Run]:
        """List runs: of one job or the one run that `item_id` names, and in a status.

        `status` is a status's value or label; another text is looked for in both.
        """
        require(caller, Action.RUN_READ)
        equals = dict(query.equals)
        if item_id is not None:
            equals[self._column(caller, item_id)] = (item_id,)
        if status:
            equals["status"] = statuses(status)
        limit = min(query.limit, self._settings.page_cap)
        narrowed = replace(query, equals=equals, limit=limit)
        return runs.page(self._db, caller.tenant_id, only_visible(caller, narrowed))

    def delete(self, caller: Caller, run_id: int) -> None:
        """Delete a run that has ended, with its files and its manifest, at once.

        Raises NotFound for an id that is no run's, WrongState where the run has not ended, and
        UnderHold.
        """
        require(caller, Action.RUN_DELETE)
        self._delete(caller, run_id)

    def delete_all(self, caller: Caller, run_ids: Iterable[int]) -> tuple[int, ...]:
        """Delete every run that can be deleted, and give the ids of those that were not."""
        require(caller, Action.RUN_DELETE)
        return each(run_ids, lambda run_id: self._delete(caller, run_id))

    def _delete(self, caller: Caller, run_id: int) -> None:
        run = runs.get(self._db, caller.tenant_id, run_id)
        require_visible(caller, run.spec.family)
        check_free(run)
        if run.status.ended:
            remove_objects(self._db, self._blobs, caller.tenant_id, run_id)
        with self._audit.act(caller, Act.RUN_DELETE, run_id):
            runs.delete(self._db, caller.tenant_id, run_id)

    def _column(self, caller: Caller, item_id: int) -> str:
        """Tell whether an id is a run's; else it is a job's, which may be gone itself."""
        try:
            runs.get(self._db, caller.tenant_id, item_id)
        except NotFound:
            return "job_id"
        return "id"


def statuses(text: str) -> tuple[str, ...]:
    """Give the statuses that a text means, without regard to case: exactly, else in part."""
    words = {status.value: (status.value.casefold(), status.label.casefold()) for status in Status}
    wanted = text.casefold()
    exact = tuple(value for value, names in words.items() if wanted in names)
    return exact or tuple(
        value for value, names in words.items() if any(wanted in name for name in names)
    )
