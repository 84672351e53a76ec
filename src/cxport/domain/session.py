"""A person's session at the console."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cxport.domain.access import Role


@dataclass(frozen=True, kw_only=True)
class Session:
    """Lasts until `expires_at`, and no longer than `idle` after its last use.

    `roles` are those that an identity provider named at sign-in; None: the account's own, as
    they are at each moment.
    """

    tenant_id: str
    subject: str
    roles: frozenset[Role] | None
    used_at: datetime
    idle: timedelta
    expires_at: datetime

    def alive(self, now: datetime) -> bool:
        """Tell whether it still serves."""
        return now < min(self.expires_at, self.used_at + self.idle)
