"""Runs: one execution of a job each, and what the engine does to them.

Every function that writes raises NotFound for an unknown run, LostRun where the run was begun
again since `attempt`, and WrongState where it is not in a state for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from cxport.domain.artifact import Artifact, StoredManifest
from cxport.domain.job import Job
from cxport.domain.listing import Page, Query
from cxport.domain.run import Counts, Run, Status, transition
from cxport.domain.said import forms, together
from cxport.store import outbox, rows
from cxport.store.columns import fold
from cxport.store.custody import hold, release, revoke
from cxport.store.database import Database
from cxport.store.fencing import held, locked
from cxport.store.intents import cancel, delete, resume, suspend
from cxport.store.listed import run_list
from cxport.store.marks import advance
from cxport.store.paging import Listing, asked_for, described, plain
from cxport.store.parts import (
    finish_part,
    number_members,
    part_progress,
    parts,
    release_running,
    restart_pace,
    save_plan,
    start_part,
)
from cxport.store.repeats import rerun, retry
from cxport.store.scope import Scope, reading, writing
from cxport.store.tables import files, manifests, runs, tenants

__all__ = [
    "begin",
    "cancel",
    "cancelled",
    "delete",
    "fail",
    "finish_part",
    "get",
    "hold",
    "number_members",
    "page",
    "part_progress",
    "parts",
    "publish",
    "queue",
    "release",
    "rerun",
    "resume",
    "retry",
    "revoke",
    "save_plan",
    "start_part",
    "suspend",
]

_LISTING = Listing(
    runs,
    run_list,
    {
        **described(run_list),
        **asked_for(run_list),
        "rows": plain(run_list.c.exported),
        "job_id": plain(run_list.c.job_id),
    },
)


def get(db: Database, tenant_id: str, run_id: int) -> Run:
    """Give a run, or raise NotFound."""
    with reading(db, tenant_id) as scope:
        return rows.run(scope.get(runs, id=run_id))


def page(db: Database, tenant_id: str, query: Query) -> Page[Run]:
    """Give a page of a tenant's runs.

    Columns: those of `paging.described` and `paging.asked_for`, rows (exported), and
    job_id; KeyError for any other.
    """
    with reading(db, tenant_id) as scope:
        return _LISTING.page(scope, query, rows.run)


def begin(
    db: Database, tenant_id: str, run_id: int, *, archive_id: str, certificate_fingerprint: str
) -> Run:
    """Begin a run, or take it over from a worker that has lost it; gives its new attempt.

    The archive id, the certificate and the time of the first start stay as they were first set.
    Parts that were running wait again.
    """
    with writing(db, tenant_id) as scope:
        row = locked(scope, run_id)
        if row.status != Status.IN_PROGRESS:
            transition(Status(row.status), Status.IN_PROGRESS)
        release_running(scope, row)
        begun = {
            "status": Status.IN_PROGRESS,
            "attempt": row.attempt + 1,
            "started_at": row.started_at or datetime.now(UTC),
            "archive_id": row.archive_id or archive_id,
            "certificate_fingerprint": row.certificate_fingerprint or certificate_fingerprint,
        }
        scope.update(runs, begun, id=run_id)
        restart_pace(scope, run_id)
        return rows.run(scope.get(runs, id=run_id))


def publish(  # noqa: PLR0913 - all that appears at once
    db: Database,
    tenant_id: str,
    run_id: int,
    attempt: int,
    *,
    status: Status,
    reason: str,
    counts: Counts,
    artifacts: Sequence[Artifact],
    manifest: StoredManifest | None,
) -> None:
    """End a run with its files and its manifest: in one transaction, all appear or none.

    With them the job's marks come to where the run's plan said.

    Publishing again for the same attempt changes nothing.
    """
    result = {
        **vars(counts),
        "size_bytes": sum(artifact.size_bytes for artifact in artifacts),
        "first_file": artifacts[0].name if artifacts else "",
        "first_file_folded": fold(artifacts[0].name) if artifacts else "",
    }
    with writing(db, tenant_id) as scope:
        if _end(scope, run_id, attempt, status, result, reason):
            _insert_files(scope, artifacts)
            if manifest is not None:
                named = {"name": manifest.name, "content": manifest.content}
                scope.insert(manifests, {**named, "run_id": run_id})
            run = rows.run(scope.get(runs, id=run_id))
            advance(scope, run.job_id, run_id, run.marks)


def fail(  # noqa: PLR0913, PLR0917 - which run, and how it ends
    db: Database,
    tenant_id: str,
    run_id: int,
    attempt: int,
    reason: str,
    parts_until: datetime | None = None,
) -> None:
    """End a run as failed, for a reason in words for the user; again, nothing changes.

    Its finished parts are kept for a retry until a moment, where one is given.
    """
    with writing(db, tenant_id) as scope:
        _end(scope, run_id, attempt, Status.FAILED, {"parts_until": parts_until}, reason)


def cancelled(db: Database, tenant_id: str, run_id: int, attempt: int) -> None:
    """End a run as cancelled; again, nothing changes."""
    with writing(db, tenant_id) as scope:
        _end(scope, run_id, attempt, Status.CANCELLED, {})


def queue(  # noqa: PLR0913 - what a run begins as
    scope: Scope,
    job: Job,
    run_id: int,
    *,
    now: datetime | None = None,
    ticks: Sequence[datetime] = (),
    note: str = "",
) -> Run:
    """Add a queued run of a job, within the transaction that took its id.

    It covers the ticks, in their order; without any its window is that of the moment it is made.
    """
    now = now or datetime.now(UTC)
    run = Run(
        id=run_id,
        tenant_id=job.tenant_id,
        job_id=job.id,
        spec=job.spec.at(ticks or (now,)),
        status=Status.QUEUED,
        created_at=now,
        created_by=job.created_by,
        tick_at=ticks[-1] if ticks else None,
        note=note,
        reason=note,
    )
    scope.insert(runs, rows.of_run(run))
    return run


def _end(  # noqa: PLR0913, PLR0917 - which run, and how it ends
    scope: Scope,
    run_id: int,
    attempt: int,
    status: Status,
    values: Mapping[str, object],
    reason: str = "",
) -> bool:
    """End a run and tell whether it had not ended so already."""
    row = held(scope, run_id, attempt)
    if row.status == status:
        return False
    ended = {"status": transition(Status(row.status), status), "ended_at": datetime.now(UTC)}
    run = rows.run(row)
    reason = together(run.note, reason) or ""
    kept = {"reason": reason, "said": forms(run.note, reason, *run.notices)}
    scope.update(runs, {**ended, **values, **kept}, id=run_id)
    outbox.run_ended(scope, run_id)
    return True


def _insert_files(scope: Scope, artifacts: Sequence[Artifact]) -> None:
    first = scope.take(tenants.c.last_file, len(artifacts)) if artifacts else 0
    values = (rows.of_artifact(artifact) for artifact in artifacts)
    scope.insert(files, *({**row, "id": first + n} for n, row in enumerate(values)))
