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
from cxport.store import audit, deliveries, files, work
from cxport.telemetry import metrics

_log = structlog.get_logger()

#: Seconds between two rounds.
ROUND_SECONDS = 60.0

#: Files that are removed before the next look.
_AT_ONCE = 500

#: For so long after a run has ended, its folder is looked through for objects it does not know.
_LEFT_BEHIND = timedelta(days=2)


def clean_up(at: Resources) -> None:
    """Go one round; raises StorageError or StoreUnavailable, and the next round goes on."""
    expire_files(at)
    sweep(at)
    forget_audit(at)
    tell_of_certificates(at)
    deliveries.forget_old(at.db, at.clock())


def expire_files(at: Resources) -> None:
    """Remove every file whose time is over; its run expires with the last one.

    Raises StorageError where the storage refuses: the next round tries again.
    """
    while over := work.expired(at.db, at.clock(), _AT_ONCE):
        for tenant_id, name, object_key in over:
            at.blobs.delete(object_key)
            with suppress(NotFound):  # another janitor was first
                work.expire_file(at.db, tenant_id, name)
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


def sweep(at: Resources) -> None:
    """Remove objects of runs that have ended which are none of their files.

    They come from processes that were killed between storing an object and saying so.
    """
    for tenant_id, run_id, archive_id in work.ended_since(at.db, at.clock() - _LEFT_BEHIND):
        known = {file.object_key for file in files.of_run(at.db, tenant_id, run_id)}
        for key in list(at.blobs.keys(f"{tenant_id}/{archive_id}/")):
            if key not in known:
                at.blobs.delete(key)
                _log.info("object without a run removed", run=run_id)
