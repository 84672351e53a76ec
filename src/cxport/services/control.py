"""Runs once more, and what becomes of their files: retry, rerun, clone; hold, release, revoke."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

import structlog

from cxport.blobs.base import Blobs
from cxport.domain.access import Action
from cxport.domain.audit import Act
from cxport.domain.custody import Decision
from cxport.domain.errors import CxportError, InvalidInput
from cxport.domain.job import JobSpec, Schedule
from cxport.domain.run import Run
from cxport.domain.said import Said
from cxport.domain.tenant import Caller
from cxport.schedule import first_tick
from cxport.services.access import require, require_visible
from cxport.services.audit import Audit
from cxport.services.certificates import require_certificate
from cxport.services.jobs import JobState, job_or_run
from cxport.services.removal import remove_objects
from cxport.store import extra_runs, jobs, repeats, runs
from cxport.store.database import Database

_log = structlog.get_logger()

#: Characters of a title, and of a reason, at most.
_TITLE, _REASON = 255, 500
_COPY = " (copy)"


class Control:
    """What a caller may do with a run that is there already.

    Every act is done once: doing it again while the first time still stands changes nothing, and
    gives the same. Raises NotFound for an id that is no run's. `on_queued` as in `Jobs`.
    """

    def __init__(
        self,
        db: Database,
        blobs: Blobs,
        clock: Callable[[], datetime],
        audit: Audit,
        on_queued: Callable[[], None] | None = None,
    ) -> None:
        self._db = db
        self._blobs = blobs
        self._clock = clock
        self._audit = audit
        self._on_queued = on_queued

    def retry(self, caller: Caller, run_id: int) -> Run:
        """Let a failed run go on from its finished parts, as the same run.

        Where they are kept no longer, or another certificate is in force than the one they are
        sealed to, all are redone. Raises WrongState where the run has not failed, or a later one
        has exported the same increment; LimitReached; InvalidInput without a valid certificate.
        """
        require(caller, Action.RUN_RETRY)
        self._run(caller, run_id)
        now = self._clock()
        certificate = require_certificate(self._db, caller.tenant_id, now)
        with self._audit.act(caller, Act.RUN_RETRY, run_id):
            run, dropped = runs.retry(
                self._db, caller.tenant_id, run_id, fingerprint=certificate.fingerprint, now=now
            )
        self._wake()
        self._remove(dropped)
        return run

    def rerun(self, caller: Caller, run_id: int) -> Run:
        """Queue a further run of the same job, with the specification and window of this one.

        Raises WrongState where the run has not ended; LimitReached; InvalidInput as above.
        """
        require(caller, Action.RUN_RERUN)
        self._run(caller, run_id)
        now = self._clock()
        require_certificate(self._db, caller.tenant_id, now)
        with self._audit.act(caller, Act.RUN_RERUN) as doing:
            run = runs.rerun(self._db, caller.tenant_id, run_id, caller.subject, now=now)
            doing.to(run.id)
        self._wake()
        return run

    def run_now(self, caller: Caller, job_id: int) -> Run:
        """Queue a run of a job between its ticks; while one has not ended, that is given.

        Raises NotFound for an id that is no job's, WrongState where it is suspended; LimitReached;
        InvalidInput as above.
        """
        require(caller, Action.RUN_RERUN)
        now = self._clock()
        require_visible(caller, jobs.get(self._db, caller.tenant_id, job_id).spec.family)
        require_certificate(self._db, caller.tenant_id, now)
        with self._audit.act(caller, Act.RUN_RERUN) as doing:
            run = extra_runs.run_now(self._db, caller.tenant_id, job_id, now=now)
            doing.to(run.id)
        self._wake()
        return run

    def clone(self, caller: Caller, item_id: int) -> JobState:
        """Make a suspended copy of a job, or a job that exports once what a run did.

        It runs nothing until it is resumed, and may be changed before.
        """
        require(caller, Action.JOB_CREATE)
        found = job_or_run(self._db, caller, item_id)
        spec, now = _copied(found), self._clock()
        tick = first_tick(spec.schedule, now)
        with self._audit.act(caller, Act.JOB_CREATE) as doing:
            job = repeats.clone(
                self._db,
                caller.tenant_id,
                item_id,
                spec,
                caller.subject,
                next_tick_at=tick,
                now=now,
            )
            doing.to(job.id)
        return JobState(job=job, run=None)

    def hold(self, caller: Caller, run_id: int, reason: str) -> Run:
        """Let nothing of a run be deleted, by anybody or by time, until it is released.

        Raises WrongState where its files are gone, InvalidInput where no reason is given.
        """
        require(caller, Action.RUN_HOLD)
        self._run(caller, run_id)
        decision = self._decision(caller, reason)
        with self._audit.act(caller, Act.RUN_HOLD, run_id):
            return runs.hold(self._db, caller.tenant_id, run_id, decision)

    def release(self, caller: Caller, run_id: int) -> Run:
        """End the hold on a run."""
        require(caller, Action.RUN_HOLD)
        self._run(caller, run_id)
        with self._audit.act(caller, Act.RUN_RELEASE, run_id):
            return runs.release(self._db, caller.tenant_id, run_id)

    def revoke(self, caller: Caller, run_id: int, reason: str) -> Run:
        """End the time of a run's files now: content, manifest and links are gone at once.

        What a storage that is away still holds, nobody can reach; it goes when it is back. Raises
        UnderHold, WrongState where there are no files, InvalidInput where no reason is given.
        """
        require(caller, Action.RUN_REVOKE)
        self._run(caller, run_id)
        decision = self._decision(caller, reason)
        with self._audit.act(caller, Act.RUN_REVOKE, run_id):
            run = runs.revoke(self._db, caller.tenant_id, run_id, decision)
        try:
            remove_objects(self._db, self._blobs, caller.tenant_id, run_id)
        except CxportError as error:
            _log.warning("revoked objects are left to the janitor", reason=error.message)
        return run

    def _run(self, caller: Caller, run_id: int) -> Run:
        run = runs.get(self._db, caller.tenant_id, run_id)
        require_visible(caller, run.spec.family)
        return run

    def _decision(self, caller: Caller, reason: str) -> Decision:
        words = reason.strip()
        if not words or len(words) > _REASON:
            expected = Said("why, in 1 to {most} characters", most=_REASON)
            raise InvalidInput.at("reason", Said("empty, or too long"), expected)
        return Decision(by=caller.subject, at=self._clock(), reason=words)

    def _wake(self) -> None:
        if self._on_queued is not None:
            self._on_queued()

    def _remove(self, keys: Iterable[str]) -> None:
        """Remove objects that nothing knows any more; what is left the janitor sweeps."""
        for key in keys:
            try:
                self._blobs.delete(key)
            except CxportError as error:
                _log.warning("object left behind", reason=error.message)


def _copied(found: JobState | Run) -> JobSpec:
    """Give the specification of a copy; that of a run has the run's own window, and runs once."""
    spec = found.spec if isinstance(found, Run) else found.job.spec
    title = spec.title[: _TITLE - len(_COPY)] + _COPY
    if isinstance(found, Run):
        spec = replace(spec, relative="", schedule=Schedule())
    return replace(spec, title=title, suspended=True)
