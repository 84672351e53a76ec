"""Jobs, runs and files as rows, and back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row

from cxport.domain.artifact import Artifact
from cxport.domain.custody import Decision
from cxport.domain.job import Job, JobSpec
from cxport.domain.pace import Pace
from cxport.domain.run import Counts, Run, Status
from cxport.domain.said import forms, known
from cxport.domain.table_set import TableMark
from cxport.store.columns import fold
from cxport.store.records import from_json, to_json

#: Characters of a text that a list orders by: an index of PostgreSQL takes 2,700 bytes.
_KEY = 200


def of_job(job: Job) -> dict[str, object]:
    """Give the columns of a job that has no run yet and no tick to come."""
    return {
        "id": job.id,
        **of_spec(job.spec),
        "schedule_type": job.spec.schedule.kind,
        "suspended": job.spec.suspended,
        "created_at": job.created_at,
        "created_by": job.created_by,
        "updated_at": job.updated_at,
        "newest_run_id": None,
        "next_tick_at": None,
        "runs_left": job.spec.schedule.limit,
    }


def after_a_run(runs_left: int | None, next_tick_at: datetime | None) -> dict[str, object]:
    """Count a run that was made; behind the last one no tick will come."""
    left = None if runs_left is None else runs_left - 1
    return {"runs_left": left, "next_tick_at": None if left == 0 else next_tick_at}


def of_spec(spec: JobSpec) -> dict[str, object]:
    """Give the columns that jobs and runs alike copy from a specification."""
    return {
        "spec": to_json(spec),
        **_listed(spec.family, spec.data_type, spec.source, spec.title),
        "description_key": fold(spec.description)[:_KEY],
        "media_key": fold(",".join(spec.media))[:_KEY],
        "split_bytes": spec.split_bytes,
        "attachments": spec.attachments,
        "date_from": _sorting(spec.window.start),
        "date_to": _sorting(spec.window.end),
    }


def job(row: Row[Any]) -> Job:
    """Give the job of a row."""
    return Job(
        id=row.id,
        tenant_id=row.tenant_id,
        spec=from_json(JobSpec, row.spec),
        created_at=row.created_at,
        created_by=row.created_by,
        updated_at=row.updated_at,
        next_tick_at=row.next_tick_at,
        runs_left=row.runs_left,
    )


def of_run(run: Run) -> dict[str, object]:
    """Give the columns of a run that was not handed to the engine yet."""
    values = {**vars(run), **vars(run.counts)}
    del values["counts"]
    return {
        **values,
        **of_spec(run.spec),
        "pace": to_json(run.pace),
        "marks": to_json(run.marks),
        "notices": to_json(run.notices),
        "said": forms(run.note, run.reason, *run.notices),
        "first_file_folded": fold(run.first_file),
        "hold": to_json(run.hold),
        "revoked": to_json(run.revoked),
        "priority": run.spec.priority,
        "submitted_at": None,
    }


def run(row: Row[Any]) -> Run:
    """Give the run of a row."""
    return Run(
        id=row.id,
        tenant_id=row.tenant_id,
        job_id=row.job_id,
        spec=from_json(JobSpec, row.spec),
        status=Status(row.status),
        created_at=row.created_at,
        created_by=row.created_by,
        tick_at=row.tick_at,
        note=known(row.note, row.said),
        attempt=row.attempt,
        started_at=row.started_at,
        ended_at=row.ended_at,
        reason=known(row.reason, row.said),
        archive_id=row.archive_id,
        numbered=row.numbered,
        estimate_rows=row.estimate_rows,
        rows_read=row.rows_read,
        pace=from_json(Pace, row.pace) if row.pace else None,
        counts=Counts(
            selected=row.selected,
            exported=row.exported,
            skipped=row.skipped,
            warnings=row.warnings,
        ),
        size_bytes=row.size_bytes,
        certificate_fingerprint=row.certificate_fingerprint,
        first_file=row.first_file,
        marks=tuple(from_json(TableMark, mark) for mark in row.marks),
        notices=tuple(known(one, row.said) for one in row.notices),
        snapshot=row.snapshot or "",
        rerun_of=row.rerun_of,
        parts_until=row.parts_until,
        hold=_decision(row.hold),
        revoked=_decision(row.revoked),
    )


def _decision(value: Any) -> Decision | None:
    return None if value is None else from_json(Decision, value)


def of_artifact(artifact: Artifact) -> dict[str, object]:
    """Give the columns of a file, but for its number."""
    return {
        **vars(artifact),
        **_listed(artifact.family, artifact.data_type, artifact.source, artifact.title),
        "name_folded": fold(artifact.name),
    }


def artifact(row: Row[Any]) -> Artifact:
    """Give the file of a row."""
    return Artifact(
        name=row.name,
        tenant_id=row.tenant_id,
        run_id=row.run_id,
        job_id=row.job_id,
        object_key=row.object_key,
        size_bytes=row.size_bytes,
        rows=row.rows,
        sha256=row.sha256,
        part=row.part,
        parts=row.parts,
        family=row.family,
        data_type=row.data_type,
        source=row.source,
        title=row.title,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )


def _sorting(moment: datetime | None) -> str:
    """Write a moment so that texts sort as moments do, an absent one first."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds") if moment else ""


def _listed(family: str, data_type: str, source: str, title: str) -> dict[str, object]:
    """Give what jobs, runs and files alike are listed by."""
    return {
        "family": family,
        "data_type": data_type,
        "data_type_folded": fold(data_type),
        "source": source,
        "source_folded": fold(source),
        "title": title,
        "title_folded": fold(title),
    }
