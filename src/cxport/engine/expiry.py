"""Warnings of certificates that expire: once a day for each tenant, whichever worker gives them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import structlog

from cxport.domain.certificate import CertificateExpiring
from cxport.domain.errors import NotFound
from cxport.engine.resources import Resources
from cxport.store import expiry

_log = structlog.get_logger()

#: Seconds between two looks.
ROUND_SECONDS = 600.0


def warn_of_expiry(at: Resources) -> None:
    """Log each warning that is due today, by the tenant's id; raises StoreUnavailable."""
    for warning in due_warnings(at):
        _log.warning(
            "certificate expires" if warning.days >= 0 else "certificate has expired",
            tenant=warning.tenant_id,
            days=warning.days,
            until=f"{warning.not_after:%Y-%m-%d}",
        )


def due_warnings(at: Resources) -> Iterator[CertificateExpiring]:
    """Take the warnings that are due to all tenants, each once a day over all workers."""
    now = at.clock()
    for tenant_id in expiry.near(at.db, now):
        with suppress(NotFound):  # deleted meanwhile
            warning = expiry.warn(at.db, tenant_id, now)
            if warning is not None:
                yield warning
