"""Requests of a tenant in a minute: one limit, however many processes serve it."""

from __future__ import annotations

import pytest

from cxport.domain.errors import LimitReached
from cxport.services.rate import RequestRate
from cxport.store import tenants
from cxport.store.database import Database, connect
from tests.api.installation import Clock
from tests.servers import PostgresServer


def served(rates: list[RequestRate], tenant_id: str, requests: int) -> int:
    """Ask each process in turn, and count what is served."""
    count = 0
    for number in range(requests):
        try:
            rates[number % len(rates)].take(tenant_id)
        except LimitReached:
            continue
        count += 1
    return count


@pytest.mark.promise("S4")
@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_processes_share_the_limit(db: Database, postgres: PostgresServer, backend: str) -> None:
    """A tenant that asks three processes is served as often as one that asks one of them."""
    if backend == "postgresql":
        db = connect(postgres.new_database())
        db.migrate()
    clock = Clock()
    clock.freeze()
    tenant, other = (tenants.create(db, name).id for name in ("Acme", "Other"))
    rates = [RequestRate(db, 120, clock) for _ in range(3)]

    assert served(rates, tenant, 300) == 120
    assert served(rates, other, 30) == 30
    clock.advance(seconds=30)
    assert served(rates, tenant, 300) == 60
    db.close()


def test_the_wait_is_told(db: Database) -> None:
    """Who comes again then is served."""
    clock = Clock()
    clock.freeze()
    tenant = tenants.create(db, "Acme").id
    rate = RequestRate(db, 6, clock)
    assert served([rate], tenant, 10) == 6

    with pytest.raises(LimitReached) as caught:
        rate.take(tenant)
    clock.advance(seconds=caught.value.retry_after_seconds)

    rate.take(tenant)


def test_no_limit_is_no_limit(db: Database) -> None:
    """Zero means any number, and nothing is written."""
    assert served([RequestRate(db, 0, Clock())], "nobody", 1000) == 1000
