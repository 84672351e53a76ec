"""The last step of a run: its files and manifest appear all at once, or it ends with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from cxport.domain.artifact import Artifact, StoredManifest, file_name, manifest_name
from cxport.domain.errors import CxportError, LostRun
from cxport.domain.run import Counts, PartResult, Run, RunPart, Status
from cxport.domain.said import Said, read, together
from cxport.domain.tenant import Retention
from cxport.engine.resources import Resources
from cxport.engine.retrying import key_of
from cxport.engine.telling import tell_ended
from cxport.export.manifest import build_manifest, sign_manifest
from cxport.store import runs, tenants

_log = structlog.get_logger()


def publish_run(at: Resources, tenant_id: str, run_id: int, attempt: int) -> None:
    """Let the files of a run appear, with their manifest, in one transaction."""
    at.readers.end((tenant_id, run_id, attempt))
    run = runs.get(at.db, tenant_id, run_id)
    if run.attempt != attempt:
        _log.warning("run lost before it was published", run=run_id, attempt=attempt)
        return
    if run.status is not Status.IN_PROGRESS:
        end_run(at, run, "")
        return
    parts = runs.parts(at.db, tenant_id, run_id)
    counts = sum((_result(part).counts for part in parts), Counts())
    try:
        _publish(at, run, attempt, parts, counts)
    except LostRun:
        _log.warning("run lost before it was published", attempt=attempt)


def _publish(
    at: Resources, run: Run, attempt: int, parts: Sequence[RunPart], counts: Counts
) -> None:
    found = counts.selected > 0
    until = _kept_until(at, run.tenant_id)
    artifacts = [_artifact(at, run, part, len(parts), until) for part in parts] if found else []
    runs.publish(
        at.db,
        run.tenant_id,
        run.id,
        attempt,
        status=_outcome(counts, run.notices),
        reason=_remarks(counts, run.notices),
        counts=counts,
        artifacts=artifacts,
        manifest=_manifest(at, run, parts, artifacts, counts) if found else None,
    )
    tell_ended(run, _outcome(counts, run.notices), at.clock(), counts.exported)
    _log.info("run published", files=len(artifacts), rows=counts.exported)
    if not found:
        _delete_objects(at, parts)


def _kept_until(at: Resources, tenant_id: str) -> datetime:
    """Tell when files that appear now are to go: the tenant may want them gone earlier."""
    wish = tenants.get(at.db, tenant_id).retention_days
    retention = Retention(own=wish, most=at.retention.days)
    return at.clock() + timedelta(days=retention.days)


def _artifact(at: Resources, run: Run, part: RunPart, parts: int, until: datetime) -> Artifact:
    result = _result(part)
    return Artifact(
        name=file_name(run.archive_id, part.part.number, parts),
        tenant_id=run.tenant_id,
        run_id=run.id,
        job_id=run.job_id,
        object_key=result.object_key,
        size_bytes=result.size_bytes,
        rows=result.counts.exported,
        sha256=result.sha256,
        part=part.part.number,
        parts=parts,
        family=run.spec.family,
        data_type=run.spec.data_type,
        source=run.spec.source,
        title=run.spec.title,
        created_at=at.clock(),
        expires_at=until,
    )


def _manifest(
    at: Resources,
    run: Run,
    parts: Sequence[RunPart],
    artifacts: Sequence[Artifact],
    counts: Counts,
) -> StoredManifest:
    tenant = tenants.get(at.db, run.tenant_id)
    files = list(zip(parts, artifacts, strict=True))
    described = build_manifest(run, tenant.name, files, counts, at.clock())
    return StoredManifest(
        name=manifest_name(run.archive_id),
        tenant_id=run.tenant_id,
        run_id=run.id,
        content=sign_manifest(described, at.signing_key),
    )


def end_run(at: Resources, run: Run, reason: str, *, begun: bool = True) -> None:
    """End a run that cannot go on: failed, or cancelled where that was asked for.

    One that was suspended stays so, and one that waits again since: its next stint goes on from
    the parts that are done. `reason` is written (`domain.said`). `begun` is
    false where this stint did not come to begin.
    """
    at.readers.end(key_of(run))
    try:
        _end(at, run, reason, begun=begun)
    except LostRun:
        _log.warning("run lost before it ended", attempt=run.attempt)


def _end(at: Resources, run: Run, reason: str, *, begun: bool) -> None:
    current = runs.get(at.db, run.tenant_id, run.id)
    waits = current.status is Status.SUSPENDED or (current.status is Status.QUEUED and begun)
    if waits or current.status.ended:
        return
    kept = current.status is not Status.CANCELLING and bool(at.kept_parts)
    if current.status is Status.CANCELLING:
        runs.cancelled(at.db, run.tenant_id, run.id, run.attempt)
        tell_ended(run, Status.CANCELLED, at.clock())
        _log.info("run cancelled")
    else:
        until = at.clock() + at.kept_parts if kept else None
        runs.fail(at.db, run.tenant_id, run.id, run.attempt, read(reason), until)
        tell_ended(run, Status.FAILED, at.clock())
        _log.warning("run failed", reason=str(read(reason)))
    if not kept:
        _delete_objects(at, runs.parts(at.db, run.tenant_id, run.id))


def _delete_objects(at: Resources, parts: Sequence[RunPart]) -> None:
    """Remove what nobody will read; a storage that is away keeps no run from ending."""
    for part in parts:
        if part.result:
            try:
                at.blobs.delete(part.result.object_key)
            except CxportError as error:
                _log.warning("object left behind", reason=error.message)


def _result(part: RunPart) -> PartResult:
    if part.result is None:
        raise ValueError(f"part {part.part.number} is not done")
    return part.result


def _outcome(counts: Counts, notices: Sequence[str]) -> Status:
    if not counts.selected:
        return Status.NO_DATA
    if counts.skipped or counts.warnings or notices:
        return Status.COMPLETED_WITH_WARNINGS
    return Status.COMPLETED


def _remarks(counts: Counts, notices: Sequence[str]) -> str:
    remarks = list(notices)
    if counts.skipped == 1:
        remarks.append(Said("1 row skipped: errors-*.jsonl in the archive names it"))
    elif counts.skipped:
        remarks.append(
            Said(
                "{count} rows skipped: errors-*.jsonl in the archive names them",
                count=counts.skipped,
            )
        )
    if counts.warnings == 1:
        remarks.append(Said("1 warning: warnings-*.jsonl in the archive"))
    elif counts.warnings:
        remarks.append(
            Said("{count} warnings: warnings-*.jsonl in the archive", count=counts.warnings)
        )
    return together(*remarks) or ""
