"""The audit record: acts are written with what they change, and administrators may read them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from cxport.domain.access import Action
from cxport.domain.audit import HOST, Act, AuditEvent, Entry, Outcome, Verdict
from cxport.domain.errors import NotAllowed
from cxport.domain.listing import Page, Query
from cxport.domain.tenant import Caller
from cxport.services.access import require
from cxport.store import audit
from cxport.store.database import Database
from cxport.store.scope import writing


@dataclass
class Doing:
    """An act under way: what it is done to may be known only when it is done."""

    named: str = ""

    def to(self, named: object) -> None:
        """Say what it is done to."""
        self.named = str(named)


class Audit:
    """Writes and reads the record; `key` has at least 32 bytes, and is the installation's."""

    def __init__(
        self, db: Database, key: bytes, clock: Callable[[], datetime], page_cap: int
    ) -> None:
        self._db = db
        self._key = key
        self._clock = clock
        self._page_cap = page_cap

    @contextmanager
    def act(self, caller: Caller, act: Act, named: object = "") -> Iterator[Doing]:
        """Record what a caller does inside, in one transaction with what it changes.

        Where it fails, neither is written. Nothing slow belongs inside.
        """
        with self.by(caller.tenant_id, caller.subject, act, named) as doing:
            yield doing

    @contextmanager
    def by(self, tenant_id: str, actor: str, act: Act, named: object = "") -> Iterator[Doing]:
        """Record the same for an actor that is no caller."""
        with self._db.together():
            doing = Doing(str(named))
            yield doing
            self._append(self._entry(tenant_id, actor, act, doing.named))

    @contextmanager
    def on_host(self, tenant_id: str, act: Act, named: object = "") -> Iterator[Doing]:
        """Record the same for whoever works on the host."""
        with self.by(tenant_id, HOST, act, named) as doing:
            yield doing

    def refused(self, tenant_id: str, actor: str, act: Act, named: object = "") -> None:
        """Record that an act was refused."""
        entry = self._entry(tenant_id, actor, act, str(named))
        self._append(replace(entry, outcome=Outcome.REFUSED))

    def not_allowed(self, error: NotAllowed) -> None:
        """Record a refusal of the table of roles; one that says nothing of itself has nothing."""
        if error.refused is not None:
            tenant_id, actor, act = error.refused
            self.refused(tenant_id, actor, Act(act))

    def list(self, caller: Caller, query: Query) -> Page[AuditEvent]:
        """List the tenant's record: filters and order by id, at, actor, act, outcome, object."""
        require(caller, Action.AUDIT_READ)
        query = replace(query, limit=min(query.limit, self._page_cap))
        return audit.page(self._db, caller.tenant_id, query)

    def check(self, caller: Caller) -> Verdict:
        """Check the chain of the caller's tenant, as `verify` does."""
        require(caller, Action.AUDIT_READ)
        return self.verify(caller.tenant_id)

    def verify(self, tenant_id: str) -> Verdict:
        """Check the chain of a tenant, or the installation's own (INSTALLATION)."""
        return audit.verify(self._db, tenant_id, self._key)

    def digest_of(self, tenant_id: str, number: int) -> str:
        """Give the digest of an entry in hex, to be compared with one that was kept elsewhere."""
        return audit.digest_of(self._db, tenant_id, number)

    def _append(self, entry: Entry) -> None:
        with writing(self._db, entry.tenant_id) as scope:
            audit.append(scope, self._key, entry)

    def _entry(self, tenant_id: str, actor: str, act: Act, named: str) -> Entry:
        return Entry(
            tenant_id=tenant_id,
            actor=actor,
            act=act,
            outcome=Outcome.DONE,
            object=named,
            at=self._clock(),
        )
