"""The step that exports one part; done again after a crash, it counts once."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from cxport.domain.errors import CxportError, LostRun, RunFailed, StoreUnavailable, WrongState
from cxport.domain.run import PartResult, PartState, Run, RunPart
from cxport.domain.said import Said, written
from cxport.engine.planning import readers_of
from cxport.engine.resources import Resources
from cxport.engine.retrying import retrying, wanted
from cxport.engine.telling import tell_exported
from cxport.export.readers import RunKey
from cxport.export.task import ExportPart, NeedsNumbering, PartExported
from cxport.store import certificates, limits, runs, turns
from cxport.telemetry import metrics

_log = structlog.get_logger()

#: A part that was begun so often without coming to an end takes its run down, and nothing else.
MOST_STARTS = 12

#: How often, in seconds, a part looks whether its run is still wanted, and tells its progress.
_LOOK_SECONDS = 1.0


def waiting_parts(at: Resources, key: RunKey) -> list[list[int]]:
    """Give `[number, starts so far, turn, how many may be under way]` of every part not done.

    None where the run is not in progress any more: nothing of it is to be begun.
    """
    tenant_id, run_id, attempt = key
    try:
        found = turns.take(at.db, tenant_id, run_id, attempt)
    except (LostRun, WrongState):
        found = []
    most = limits.of_tenant(at.db, tenant_id).parts_of_a_run or max(1, len(found))
    return [[number, starts, turn, most] for number, starts, turn in found]


def export_part(at: Resources, key: RunKey, number: int) -> str:
    """Export one part; give the reason, written, where the run cannot go on, else nothing."""
    began = time.monotonic()
    with metrics.PARTS_IN_HAND.track_inprogress():
        reason = _tried(at, key, number)
    outcome = "failed" if reason else "done"
    metrics.PART_SECONDS.labels(outcome).observe(time.monotonic() - began)
    return reason


def _tried(at: Resources, key: RunKey, number: int) -> str:
    try:
        retrying(at, lambda: _export(at, key, number), lambda: wanted(at, key))
    except LostRun:
        # whoever began the run or the part after us does it, and tells
        _end_unwanted_readers(at, key)
        return ""
    except StoreUnavailable:
        raise
    except CxportError as error:
        at.check_stopping()
        metrics.count_failure(error, "part")
        _log.warning("part failed", reason=error.message)
        _end_unwanted_readers(at, key)
        return written(error.said)
    return ""


def _end_unwanted_readers(at: Resources, key: RunKey) -> None:
    """End readers that a part opened after its run had ended already."""
    if not wanted(at, key):
        at.readers.end(key)


def _export(at: Resources, key: RunKey, number: int) -> None:
    tenant_id, run_id, attempt = key
    part = runs.start_part(at.db, tenant_id, run_id, attempt, number)
    if part.state is PartState.DONE:
        return
    if part.starts > MOST_STARTS:
        raise RunFailed(
            Said(
                "part {number} was begun {most_starts} times and never came to an end",
                number=number,
                most_starts=MOST_STARTS,
            )
        )
    run = runs.get(at.db, tenant_id, run_id)
    task = _task(at, run, part)
    watch = _Watch(
        lambda: wanted(at, key),
        lambda rows: runs.part_progress(
            at.db, tenant_id, run_id, attempt, number, part.starts, rows
        ),
    )
    with readers_of(at, run).borrowed() as reader:
        outcome = reader.export(task, watch.progress, watch.cancelled)
    if isinstance(outcome, PartExported):
        tell_exported(run, number, outcome.spent, datetime.now(UTC))
    _record(at, run, part.starts, task, outcome)


def _task(at: Resources, run: Run, part: RunPart) -> ExportPart:
    certificate = certificates.by_fingerprint(at.db, run.tenant_id, run.certificate_fingerprint)
    name = f"{part.part.number:05}-{secrets.token_hex(8)}"
    return ExportPart(
        run_id=run.id,
        selection=run.selection(),
        part=part.part,
        numbered=run.numbered,
        object_key=f"{run.tenant_id}/{run.archive_id}/{name}",
        split_bytes=run.spec.split_bytes,
        profile=run.spec.profile,
        certificates=certificate.pem,
        made_at=run.created_at,
        spreadsheet_safe=run.spec.spreadsheet_safe,
    )


def _record(
    at: Resources,
    run: Run,
    starts: int,
    task: ExportPart,
    outcome: PartExported | NeedsNumbering,
) -> None:
    """Let the store know; where it refuses, the object is nobody's and goes."""
    if isinstance(outcome, NeedsNumbering):
        runs.number_members(at.db, run.tenant_id, run.id, run.attempt)
        return
    try:
        runs.finish_part(
            at.db,
            run.tenant_id,
            run.id,
            run.attempt,
            task.part.number,
            starts,
            _result(task.object_key, outcome),
            outcome.remainder,
        )
    except CxportError:
        at.blobs.delete(task.object_key)
        raise
    _count(outcome)


def _count(outcome: PartExported) -> None:
    metrics.ROWS_EXPORTED.inc(outcome.counts.exported)
    metrics.ROWS_SKIPPED.inc(outcome.counts.skipped)
    metrics.BYTES_SEALED.inc(outcome.size_bytes)
    _log.info("part done", rows=outcome.counts.exported, bytes=outcome.size_bytes)


def _result(object_key: str, outcome: PartExported) -> PartResult:
    return PartResult(
        object_key=object_key,
        size_bytes=outcome.size_bytes,
        sha256=outcome.sha256,
        zip_sha256=outcome.zip_sha256,
        counts=outcome.counts,
        rows=outcome.rows,
        snapshot_at=outcome.snapshot_at,
    )


class _Watch:
    """What a part is asked between two batches, at most once in _LOOK_SECONDS."""

    def __init__(self, still_wanted: Callable[[], bool], tell: Callable[[int], None]) -> None:
        self._wanted = still_wanted
        self._tell = tell
        self._looked = self._told = time.monotonic()

    def cancelled(self) -> bool:
        """Tell whether the part is to stop."""
        if time.monotonic() - self._looked < _LOOK_SECONDS:
            return False
        self._looked = time.monotonic()
        return not self._wanted()

    def progress(self, rows: int) -> None:
        """Pass on how many rows were read."""
        if time.monotonic() - self._told >= _LOOK_SECONDS:
            self._told = time.monotonic()
            self._tell(rows)
