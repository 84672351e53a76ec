"""`/runs`: all that is known of a run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from fastapi import APIRouter, Response

from cxport.api.auth import SignedIn, Use
from cxport.api.errors import documented
from cxport.api.instants import iso
from cxport.api.paging import whole
from cxport.api.shapes import Answer
from cxport.domain.custody import Decision
from cxport.domain.run import Counts, Run, RunPart

router = APIRouter(prefix="/runs", tags=["runs"])


class RunCounts(Answer):
    """Rows: selected = exported + skipped; warnings are rows not quite as the source has them."""

    selected: int
    exported: int
    skipped: int
    warnings: int


class PartDetail(Answer):
    """A part: `starts` is how often it was begun, `size` the bytes of its sealed file."""

    part: int
    state: str
    starts: int
    rows_read: int
    size: int
    started_date: str
    ended_date: str


class DecisionInfo(Answer):
    """A hold, or a revocation: who decided it, when and why."""

    by: str
    date: str
    reason: str


class RunDetail(Answer):
    """A run; dates are ISO 8601 in UTC, absent ones empty.

    `rowsPerSecond` is that of the last half minute, `remainingSeconds` what the estimate leaves
    at that rate; null where either cannot be told.

    `rerunOf` is the run that it repeats. Until `partsUntilDate` the finished parts of a failed run
    are kept for a retry.
    """

    id: int
    job_id: int
    title: str
    status: str
    label: str
    reason: str
    progress: int
    created_date: str
    started_date: str
    ended_date: str
    rows_read: int
    estimated_rows: int
    rows_per_second: float | None
    remaining_seconds: int | None
    counts: RunCounts
    size: int
    profile: str
    certificate: str
    priority: int
    rerun_of: int | None
    parts_until_date: str
    hold: DecisionInfo | None
    revoked: DecisionInfo | None
    parts: list[PartDetail]


@router.get("/{id}", responses=documented(400, 404))
def get_run(id: str, caller: SignedIn, services: Use) -> RunDetail:  # noqa: A002 - as the contract names it
    """Give a run by its own id, or by its job's id the newest: why it ended, counts, parts."""
    run, parts = services.history.detail(caller, whole("id", id))
    return run_detail(run, parts, services.clock())


@router.get(
    "/{id}/manifest",
    response_class=Response,
    responses={
        200: {
            "description": "The signed bytes.",
            "content": {"application/json": {"schema": {"type": "object"}}},
        },
        **documented(400, 404),
    },
)
def get_manifest(id: str, caller: SignedIn, services: Use) -> Response:  # noqa: A002 - as the contract names it
    """Give a run's manifest as it was signed, by its own id or by its job's the newest's."""
    found = services.files.manifest(caller, whole("id", id))
    return Response(found.content, media_type="application/json")


def run_detail(run: Run, parts: Sequence[RunPart], now: datetime) -> RunDetail:
    """Describe a run as it is now, and those of its parts that are given."""
    rate = run.rows_per_second(now)
    return RunDetail(
        id=run.id,
        job_id=run.job_id,
        title=run.spec.title,
        status=run.status.value,
        label=run.status.label,
        reason=run.reason or run.note,
        progress=run.progress,
        created_date=iso(run.created_at),
        started_date=iso(run.started_at),
        ended_date=iso(run.ended_at),
        rows_read=run.rows_read,
        estimated_rows=run.estimate_rows,
        rows_per_second=None if rate is None else round(rate, 1),
        remaining_seconds=run.remaining_seconds(now),
        counts=_counts(run.counts),
        size=run.size_bytes,
        profile=run.spec.profile.value,
        certificate=run.certificate_fingerprint,
        priority=run.spec.priority,
        rerun_of=run.rerun_of,
        parts_until_date=iso(run.parts_until),
        hold=_decision(run.hold),
        revoked=_decision(run.revoked),
        parts=[_part(part) for part in parts],
    )


def _decision(decision: Decision | None) -> DecisionInfo | None:
    if decision is None:
        return None
    return DecisionInfo(by=decision.by, date=iso(decision.at), reason=decision.reason)


def _counts(counts: Counts) -> RunCounts:
    return RunCounts(**vars(counts))


def _part(part: RunPart) -> PartDetail:
    return PartDetail(
        part=part.part.number,
        state=part.state.value,
        starts=part.starts,
        rows_read=part.rows_read,
        size=part.result.size_bytes if part.result else 0,
        started_date=iso(part.started_at),
        ended_date=iso(part.ended_at),
    )
