"""The audit record: a chain that shows every change of it, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from cxport.domain.listing import Query
from cxport.domain.tenant import Tenant
from cxport.store import audit as record
from cxport.store.database import Database
from cxport.store.scope import writing
from cxport.store.tables import audit, audit_chains
from tests.store.samples import NOON, an_audit_entry

KEY = bytes(range(32))


def append(db: Database, tenant: Tenant, *names: str, at: datetime = NOON) -> None:
    """Add entries, each in a transaction of its own."""
    for name in names:
        with writing(db, tenant.id) as scope:
            record.append(scope, KEY, an_audit_entry(tenant, name, at))


def names(db: Database, tenant: Tenant) -> list[str]:
    """Give what the entries are about, in their order."""
    return [event.entry.object for event in record.page(db, tenant.id, Query()).items]


def test_entries_stand_as_they_were_added(db: Database, tenant: Tenant, other: Tenant) -> None:
    """In their order, numbered from 1, each tenant's apart; the chain holds."""
    append(db, tenant, "1", "2")
    append(db, other, "a")
    append(db, tenant, "3")

    events = record.page(db, tenant.id, Query()).items
    assert [event.number for event in events] == [1, 2, 3]
    assert [event.entry for event in events] == [an_audit_entry(tenant, name) for name in "123"]
    verdict = record.verify(db, tenant.id, KEY)
    assert (verdict.entries, verdict.number, verdict.fault) == (3, 3, "")
    assert verdict.digest == events[-1].digest.hex() == record.digest_of(db, tenant.id, 3)


def _of(tenant: Tenant, number: int) -> Any:
    return (audit.c.tenant_id == tenant.id) & (audit.c.id == number)


def _swap(tenant: Tenant) -> list[Any]:
    numbers = ((2, 100), (3, 2), (100, 3))
    return [update(audit).where(_of(tenant, old)).values(id=new) for old, new in numbers]


def _cut(tenant: Tenant) -> list[Any]:
    """Remove the last row, and say that the one before is the last."""
    before = select(audit.c.digest).where(_of(tenant, 3)).scalar_subquery()
    ends = update(audit_chains).where(audit_chains.c.tenant_id == tenant.id)
    return [ends.values(last_id=3, last_digest=before), delete(audit).where(_of(tenant, 4))]


TAMPERING: dict[str, Callable[[Tenant], list[Any]]] = {
    **{
        column: lambda tenant, column=column, value=value: [  # type: ignore[misc]  # bound now
            update(audit).where(_of(tenant, 2)).values({column: value})
        ]
        for column, value in {
            "actor": "user:eve",
            "act": "job.delete",
            "outcome": "refused",
            "object": "9",
            "at": NOON + timedelta(microseconds=1),
            "digest": bytes(32),
        }.items()
    },
    "first": lambda tenant: [delete(audit).where(_of(tenant, 1))],
    "middle": lambda tenant: [delete(audit).where(_of(tenant, 2))],
    "last": lambda tenant: [delete(audit).where(_of(tenant, 4))],
    "order": _swap,
    "cut": _cut,
    "all": lambda tenant: [delete(audit).where(audit.c.tenant_id == tenant.id)],
    "ends": lambda tenant: [delete(audit_chains).where(audit_chains.c.tenant_id == tenant.id)],
}


@pytest.mark.promise("S14")
@pytest.mark.parametrize("kind", TAMPERING)
def test_every_tampering_is_found(db: Database, tenant: Tenant, kind: str) -> None:
    """An edit of any field, a removal at either end or between, and another order."""
    append(db, tenant, "1", "2", "3", "4")
    assert record.verify(db, tenant.id, KEY).fault == ""

    with db.write() as connection:
        for statement in TAMPERING[kind](tenant):
            connection.execute(statement)

    assert record.verify(db, tenant.id, KEY).fault


def test_without_the_key_nothing_can_be_forged(db: Database, tenant: Tenant) -> None:
    """Who writes entries with another key is found out."""
    append(db, tenant, "1")
    with writing(db, tenant.id) as scope:
        record.append(scope, bytes(32), an_audit_entry(tenant, "2"))

    assert record.verify(db, tenant.id, KEY).fault
    assert record.verify(db, tenant.id, bytes(32)).fault == "entry 1 was changed"


@pytest.mark.promise("S14")
def test_writers_at_once_make_one_chain(db: Database, tenant: Tenant) -> None:
    """Eight threads that begin a chain together: no entry is lost, and it holds."""
    barrier = threading.Barrier(8)

    def write(writer: int) -> None:
        barrier.wait()
        append(db, tenant, *(f"{writer}-{n}" for n in range(10)))

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(names(db, tenant)) == sorted(f"{w}-{n}" for w in range(8) for n in range(10))
    assert record.verify(db, tenant.id, KEY).fault == ""


def test_what_fails_is_not_on_record(db: Database, tenant: Tenant) -> None:
    """An entry is rolled back with the transaction that it belongs to."""
    append(db, tenant, "1")

    def fail() -> None:
        with db.together():
            append(db, tenant, "2")
            assert names(db, tenant) == ["1", "2"]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert names(db, tenant) == ["1"]
    assert record.verify(db, tenant.id, KEY).fault == ""


def test_entries_go_by_age_and_the_rest_holds(db: Database, tenant: Tenant) -> None:
    """The oldest go; an old one behind a newer one stays; a later check still finds removals."""
    append(db, tenant, "1", "2")
    append(db, tenant, "3", at=NOON + timedelta(days=2))
    append(db, tenant, "4")
    limit = NOON + timedelta(days=1)

    assert tenant.id in record.aged(db, limit)
    assert record.forget_before(db, tenant.id, KEY, limit) == 2
    assert record.forget_before(db, tenant.id, KEY, limit) == 0
    assert names(db, tenant) == ["3", "4"]
    assert record.verify(db, tenant.id, KEY).fault == ""

    with db.write() as connection:
        connection.execute(delete(audit).where(_of(tenant, 3)))
    assert record.verify(db, tenant.id, KEY).fault == "entry 3 is missing"


def test_a_chain_that_has_gone_by_age_goes_on(db: Database, tenant: Tenant) -> None:
    """With its numbers, where every entry was let go."""
    append(db, tenant, "1", "2")
    record.forget_before(db, tenant.id, KEY, NOON + timedelta(days=1))
    append(db, tenant, "3")

    (event,) = record.page(db, tenant.id, Query()).items
    assert event.number == 3
    assert record.verify(db, tenant.id, KEY).fault == ""
