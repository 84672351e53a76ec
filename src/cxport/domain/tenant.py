"""Tenants and who acts for them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from cxport.domain.access import Role


@dataclass(frozen=True, kw_only=True)
class Tenant:
    """A contact centre (the contract's `ccid` is its name)."""

    id: str
    name: str
    created_at: datetime
    #: The days that its files are kept, where it wants fewer than the installation grants.
    retention_days: int | None = None


@dataclass(frozen=True, kw_only=True)
class Retention:
    """How many days a tenant's files are kept: its own wish, and what the installation grants."""

    own: int | None
    most: int

    @property
    def days(self) -> int:
        """What holds; an own wish never lengthens it, also where it was made under another rule."""
        return self.most if self.own is None else min(self.own, self.most)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one tenant may have at the same time, over all workers; None: any number."""

    #: Runs that have begun and not ended.
    parallel_runs: int = 8
    #: Parts that are exported; shared evenly by the parallel runs, at least one each.
    parallel_parts: int | None = None
    #: Runs that wait; further ones that somebody asks for are refused, ticks are not.
    queued_runs: int | None = None
    #: Bytes of sealed files in one day (UTC); when they are used up, runs wait for the next.
    daily_bytes: int | None = None

    @property
    def parts_of_a_run(self) -> int | None:
        """Give how many parts of one run may be under way."""
        if self.parallel_parts is None:
            return None
        return max(1, self.parallel_parts // self.parallel_runs)


@dataclass(frozen=True, kw_only=True)
class Usage:
    """A tenant's limits, and how much of each is used at one moment."""

    limits: Limits
    running_runs: int
    running_parts: int
    queued_runs: int
    #: Bytes of sealed files since the day began (UTC).
    bytes_today: int


@dataclass(frozen=True, kw_only=True)
class ApiKey:
    """A key names its tenant. Only its SHA-256 is kept: keys are random, not chosen.

    `legacy_key_only` lets v3 and v4 take the key without a token, with `roles`.
    """

    id: str
    tenant_id: str
    name: str
    created_at: datetime
    legacy_key_only: bool = False
    roles: frozenset[Role] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Client:
    """A program that signs in with an id and a secret (argon2id)."""

    id: str
    tenant_id: str
    name: str
    secret_hash: str
    roles: frozenset[Role]
    created_at: datetime

    @property
    def stamp(self) -> str:
        """What a sign-in carries: a new secret changes it, and no other client ever has it."""
        return _stamp(self.tenant_id, self.id, self.secret_hash)


@dataclass(frozen=True, kw_only=True)
class User:
    """A person who signs in with a name and a password (argon2id)."""

    id: str
    tenant_id: str
    name: str
    password_hash: str
    roles: frozenset[Role]
    created_at: datetime

    @property
    def stamp(self) -> str:
        """What a sign-in carries: a new password changes it, and no other user ever has it."""
        return _stamp(self.tenant_id, self.id, self.password_hash)


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who is behind a request: `subject` is `user:<name>` or `client:<id>`."""

    tenant_id: str
    tenant_name: str
    subject: str
    roles: frozenset[Role]


def _stamp(*account: str) -> str:
    """Digest what makes a secret the account's own; argon2id's salt keeps it from being guessed."""
    return hashlib.sha256("\0".join(account).encode()).hexdigest()[:16]
