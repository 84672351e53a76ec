"""What the store tells an operator about all tenants together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cxport.domain.run import Status


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Counts over all tenants at `taken_at`; `certificates` by tenant id."""

    taken_at: datetime
    #: Runs that have not ended, by status.
    runs: Mapping[Status, int] = field(default_factory=dict)
    #: Of a tenant, by status; asked for only where the operator wants tenants told apart.
    runs_of_tenants: Mapping[tuple[str, Status], int] = field(default_factory=dict)
    oldest_queued_at: datetime | None = None
    #: When a tick should have come that no run covers yet, and its job does not wait.
    oldest_due_at: datetime | None = None
    #: Until when the certificate in force of each tenant is valid.
    certificates: Mapping[str, datetime] = field(default_factory=dict)
    #: Files whose time is over within a day, and those whose time is over already.
    files_expiring: int = 0
    files_overdue: int = 0
    #: Workers that beat, of those that share a store.
    workers: int = 0
