"""What must go, goes: files whose time is over, and objects that no run knows.

An object goes before what the store says of it, so that none is left that nobody knows of; a
janitor that is interrupted, or is one of several, begins where the store says.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import structlog

from cxport.domain.errors import NotFound
from cxport.engine.courier import tell_of_certificates
from cxport.engine.resources import Resources
from cxport.store import audit, counts, deliveries, files, leftovers, runs
from cxport.telemetry import metrics

_log = structlog.get_logger()

#: Seconds between two rounds.
ROUND_SECONDS = 60.0

#: Files that are removed before the next look.
_AT_ONCE = 500

#: Finished parts of a failed run are removed so long after their time, so that a retry on a host
#: whose clock is behind finds them whole.
_GRACE = timedelta(hours=1)

#: For so long after a run has ended, its folder is looked through for objects it does not know.
_LEFT_BEHIND = timedelta(days=2)


def clean_up(at: Resources) -> None:
    """Go one round; raises StorageError or StoreUnavailable, and the next round goes on."""
    expire_files(at)
    expire_parts(at)
    sweep(at)
    forget_audit(at)
    tell_of_certificates(at)
    deliveries.forget_old(at.db, at.clock())
    counts.fold(at.db)


def expire_files(at: Resources) -> None:
    """Remove every file whose time is over; its run expires with the last one.

    Raises StorageError where the storage refuses: the next round tries again.
    """
    while over := leftovers.expired(at.db, at.clock(), _AT_ONCE):
        for tenant_id, name, object_key in over:
            if leftovers.is_held(at.db, tenant_id, name):  # since a moment ago
                continue
            at.blobs.delete(object_key)
            with suppress(NotFound):  # another janitor was first
                leftovers.expire_file(at.db, tenant_id, name)
        metrics.FILES_EXPIRED.inc(len(over))
        _log.info("files expired", count=len(over))


def forget_audit(at: Resources) -> None:
    """Let go of what stood on record for long enough."""
    if at.audit_retention is None:
        return
    key, until = audit.audit_key(at.db, at.box), at.clock() - at.audit_retention
    for tenant_id in audit.aged(at.db, until):
        gone = audit.forget_before(at.db, tenant_id, key, until)
        _log.info("audit entries let go by age", count=gone)


def expire_parts(at: Resources) -> None:
    """Remove the finished parts of failed runs that nobody has retried in time.

    Raises StorageError where the storage refuses: the next round tries again.
    """
    for tenant_id, run_id, attempt in leftovers.parts_over(at.db, at.clock() - _GRACE):
        for part in runs.parts(at.db, tenant_id, run_id):
            if part.result:
                at.blobs.delete(part.result.object_key)
        leftovers.forget_parts(at.db, tenant_id, run_id, attempt)
        _log.info("parts of a failed run removed", run=run_id)


def sweep(at: Resources) -> None:
    """Remove objects of runs that have ended which are none of their files, or of their kept parts.

    They come from processes that were killed between storing an object and saying so.
    """
    since = at.clock() - _LEFT_BEHIND
    for tenant_id, run_id, attempt, archive_id in leftovers.ended_since(at.db, since):
        # before the store is asked: what a retry stores from now on is not among them
        keys = list(at.blobs.keys(f"{tenant_id}/{archive_id}/"))
        for key in sorted(set(keys) - _known(at, tenant_id, run_id, attempt, keys)):
            at.blobs.delete(key)
            _log.info("object without a run removed", run=run_id)


def _known(at: Resources, tenant_id: str, run_id: int, attempt: int, keys: list[str]) -> set[str]:
    """Give what is kept of a run that has ended: all where it was retried or deleted since."""
    try:
        run = runs.get(at.db, tenant_id, run_id)
        known = {file.object_key for file in files.of_run(at.db, tenant_id, run_id)}
        parts = runs.parts(at.db, tenant_id, run_id) if run.parts_until else []
    except NotFound:
        return set(keys)
    if run.attempt != attempt:
        return set(keys)
    return known | {part.result.object_key for part in parts if part.result}
