"""The first step of a run: which certificate, which snapshot, which parts."""

from __future__ import annotations

import uuid
from dataclasses import replace

import structlog

from cxport.domain.certificate import StoredCertificate
from cxport.domain.errors import CxportError, RunFailed, StoreUnavailable
from cxport.domain.run import Run, Status
from cxport.domain.said import Said, written
from cxport.domain.selection import Selection
from cxport.engine.ending import end_run
from cxport.engine.resources import Resources, source_settings
from cxport.engine.retrying import key_of, retrying, wanted
from cxport.engine.telling import tell_begun
from cxport.export.limits import plan_limits
from cxport.export.readers import Opening, RunReaders
from cxport.export.task import OpenReader, PlanRun
from cxport.store import certificates, marks, runs, sources

_log = structlog.get_logger()


def plan_run(at: Resources, tenant_id: str, run_id: int) -> int:
    """Begin a run and cut it into parts; give its attempt, 0 where it ended instead."""
    run = runs.get(at.db, tenant_id, run_id)
    try:
        run = _begin(at, tenant_id, run_id)
        if not runs.parts(at.db, tenant_id, run_id):
            retrying(at, lambda: _plan(at, run), lambda: wanted(at, key_of(run)))
    except StoreUnavailable:
        raise
    except CxportError as error:
        at.check_stopping()
        end_run(at, run, written(error.said), begun=run.status is not Status.QUEUED)
        return 0
    return run.attempt


def _begin(at: Resources, tenant_id: str, run_id: int) -> Run:
    run = runs.begin(
        at.db,
        tenant_id,
        run_id,
        archive_id=str(uuid.uuid4()),
        certificate_fingerprint=_certificate(at, tenant_id).fingerprint,
    )
    tell_begun(run)
    _log.info("run begun", attempt=run.attempt)
    return run


def _certificate(at: Resources, tenant_id: str) -> StoredCertificate:
    certificate = certificates.in_force(at.db, tenant_id)
    if certificate is None:
        raise RunFailed(Said("there is no certificate: upload one first"))
    if not certificate.not_before <= at.clock() < certificate.not_after:
        raise RunFailed(
            Said(
                "the certificate {name} is not valid today (until {day}): upload a new one",
                name=certificate.name,
                day=f"{certificate.not_after:%Y-%m-%d}",
            )
        )
    return certificate


def _plan(at: Resources, run: Run) -> None:
    readers = readers_of(at, run, hold=True)
    planned = readers.plan(
        PlanRun(
            selection=_selection(at, run),
            limits=plan_limits(run.spec.split_bytes, at.part_rows),
        )
    )
    runs.save_plan(
        at.db,
        run.tenant_id,
        run.id,
        run.attempt,
        planned.parts,
        planned.estimate.rows,
        len(planned.parts) > 1,
        planned.marks,
        planned.warnings,
        readers.token or "",
    )
    _log.info("run planned", parts=len(planned.parts), rows=planned.estimate.rows)


def _selection(at: Resources, run: Run) -> Selection:
    """Give what a run reads; an increment begins where its job has come to."""
    selection = run.spec.selection()
    if not run.spec.incremental:
        return selection
    return replace(selection, marks=marks.of_job(at.db, run.tenant_id, run.job_id))


def readers_of(at: Resources, run: Run, *, hold: bool = False) -> RunReaders:
    """Give the readers of a run, opened where this process has none yet; see ReadersByRun."""
    return at.readers.of(key_of(run), lambda: _opening(at, run), hold=hold)


def _opening(at: Resources, run: Run) -> Opening:
    source = sources.by_name(at.db, run.tenant_id, run.spec.source)
    return Opening(
        request=OpenReader(
            source=source_settings(at.db, source, at.box, at.environment),
            blobs=at.blob_settings,
            token=run.snapshot or None,
        ),
        most=min(source.max_readers, at.workers),
        limit=at.row_limits.of(source.id, source.max_rows_per_second),
    )
