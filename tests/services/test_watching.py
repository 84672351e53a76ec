"""Watching: every change is told, by one look an interval however many watch."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from cxport.domain.access import Role
from cxport.domain.catalogue import Family
from cxport.domain.errors import LimitReached, NotAllowed
from cxport.domain.run import Status
from cxport.domain.tenant import Caller
from cxport.domain.watching import Change, WatchedRun
from cxport.services.watching import Subscription, Watching
from cxport.store import jobs, runs
from cxport.store.database import Database
from tests.api.installation import Clock
from tests.store.samples import PLAN, a_spec, new_tenant

INTERVAL = 0.1


@pytest.fixture
def watching(db: Database, clock: Clock) -> Iterator[Watching]:
    """Give a watcher that looks often."""
    found = Watching(db, clock, interval_seconds=INTERVAL, most_of_tenant=300)
    yield found
    found.close()


def a_caller(tenant_id: str, *roles: Role) -> Caller:
    """Give somebody of a tenant."""
    named = frozenset(roles or {Role.VIEWER})
    return Caller(tenant_id=tenant_id, tenant_name="any", subject="user:ann", roles=named)


class Told:
    """Somebody who watches, and what it was told."""

    def __init__(self, watching: Watching, caller: Caller) -> None:
        self._ready = threading.Event()
        self.subscription: Subscription = watching.subscribe(caller, self._ready.set)
        self.changes: list[Change] = []

    def until(self, found: Callable[[list[WatchedRun]], bool], seconds: float = 10) -> bool:
        """Wait until the runs that were told are as expected."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._ready.wait(0.05)
            self._ready.clear()
            self.changes += self.subscription.take()
            if found(self.runs):
                return True
        return False

    @property
    def runs(self) -> list[WatchedRun]:
        """The runs that were told."""
        return [one.item for one in self.changes if isinstance(one.item, WatchedRun)]


@contextmanager
def statements(db: Database) -> Iterator[list[str]]:
    """Count what is sent to the store."""
    sent: list[str] = []

    def note(*given: object) -> None:
        sent.append(str(given[2]))

    event.listen(db._engine, "before_cursor_execute", note)  # noqa: SLF001 - a test counts what goes through
    yield sent
    event.remove(db._engine, "before_cursor_execute", note)  # noqa: SLF001 - a test counts what goes through


def a_run(db: Database, tenant_id: str, family: Family = Family.UCS) -> int:
    """Begin a run with a plan."""
    _, run = jobs.create(db, tenant_id, a_spec(family=family), "user:ann", run_now=True)
    assert run is not None
    runs.begin(
        db, tenant_id, run.id, archive_id=str(uuid.uuid4()), certificate_fingerprint="f" * 64
    )
    runs.save_plan(db, tenant_id, run.id, 1, PLAN, 1000, True)
    return run.id


def test_a_run_is_told_from_its_beginning_to_its_end(db: Database, watching: Watching) -> None:
    """What is there when somebody comes, how far it gets, and how it ends."""
    tenant = new_tenant(db).id
    run_id = a_run(db, tenant)
    told = Told(watching, a_caller(tenant))

    assert told.until(lambda found: [one.id for one in found] == [run_id])
    assert told.runs[-1].status is Status.IN_PROGRESS
    part = runs.start_part(db, tenant, run_id, 1, 1)
    runs.part_progress(db, tenant, run_id, 1, 1, part.starts, 500)
    assert told.until(lambda found: found[-1].progress == 50)
    runs.fail(db, tenant, run_id, 1, "the source is gone")
    assert told.until(lambda found: found[-1].status is Status.FAILED)
    assert told.runs[-1].reason == "the source is gone"


def test_two_hundred_watchers_cost_one_look(db: Database, watching: Watching) -> None:
    """The store is asked as often for 200 who watch four tenants as for one; for none, never."""
    tenants = [new_tenant(db).id for _ in range(4)]
    with statements(db) as sent:
        first = Told(watching, a_caller(tenants[0]))
        time.sleep(10 * INTERVAL)
        for_one = len([one for one in sent if "SELECT" in one])
        others = [Told(watching, a_caller(tenants[n % 4])) for n in range(199)]
        assert watching.watchers == 200
        time.sleep(INTERVAL)
        del sent[:]
        time.sleep(10 * INTERVAL)
        for_all = len([one for one in sent if "SELECT" in one])
        for one in (first, *others):
            watching.leave(one.subscription)
        time.sleep(3 * INTERVAL)
        del sent[:]
        time.sleep(5 * INTERVAL)

        assert 2 <= for_one <= 22
        assert for_all <= for_one + 4
        assert sent == []


def test_all_who_watch_are_told(db: Database, watching: Watching) -> None:
    """Each of 200, and again whoever comes after all others had left."""
    tenant = new_tenant(db).id
    told = [Told(watching, a_caller(tenant)) for _ in range(200)]
    run_id = a_run(db, tenant)
    for one in told:
        assert one.until(lambda found: bool(found) and found[-1].id == run_id)
        watching.leave(one.subscription)
    time.sleep(3 * INTERVAL)

    assert Told(watching, a_caller(tenant)).until(bool)


def test_nobody_is_told_of_others(db: Database, watching: Watching) -> None:
    """Neither of another tenant's runs, nor of a family that the roles do not show."""
    tenant, other = new_tenant(db).id, new_tenant(db).id
    told = Told(watching, a_caller(tenant, Role.UCS_EXPORTER))
    theirs, everything = Told(watching, a_caller(other)), Told(watching, a_caller(tenant))
    hidden = a_run(db, tenant, Family.DATASYNC)
    a_run(db, other)
    shown = a_run(db, tenant)

    assert everything.until(lambda found: {one.id for one in found} >= {hidden, shown})
    assert theirs.until(bool)
    told.until(bool)
    assert {one.id for one in told.runs} == {shown}
    assert {change.item.tenant_id for change in told.changes} == {tenant}
    with pytest.raises(NotAllowed):
        watching.subscribe(Caller(**{**vars(a_caller(tenant)), "roles": frozenset()}), lambda: None)


def test_who_comes_back_is_told_what_it_missed(
    db: Database, watching: Watching, clock: Clock
) -> None:
    """A run that ended an hour ago is told to who last heard before, and to nobody else."""
    tenant = new_tenant(db).id
    run_id = a_run(db, tenant)
    left_at = clock()
    runs.fail(db, tenant, run_id, 1, "gone")
    clock.advance(hours=1)
    told = Told(watching, a_caller(tenant))
    ready = threading.Event()
    missed = watching.subscribe(a_caller(tenant), ready.set, since=left_at)

    assert ready.wait(5)
    assert run_id in [one.item.id for one in missed.take() if isinstance(one.item, WatchedRun)]
    assert not told.until(bool, seconds=5 * INTERVAL)


def test_who_does_not_read_holds_no_more_than_there_is(db: Database, watching: Watching) -> None:
    """A mailbox keeps the newest state of each item, however many there were."""
    tenant = new_tenant(db).id
    run_id = a_run(db, tenant)
    slow, quick = Told(watching, a_caller(tenant)), Told(watching, a_caller(tenant))
    part = runs.start_part(db, tenant, run_id, 1, 1)
    for rows in (100, 200, 300):
        runs.part_progress(db, tenant, run_id, 1, 1, part.starts, rows)
        assert quick.until(lambda found: bool(found) and found[-1].rows_read == rows)  # noqa: B023 - called at once

    taken = [one.item for one in slow.subscription.take() if isinstance(one.item, WatchedRun)]
    assert [one.rows_read for one in taken] == [300]


def test_only_so_many_may_watch(db: Database, clock: Clock) -> None:
    """One more of a tenant, or of all, is sent away with when to come again; leaving makes room."""
    watching = Watching(db, clock, most_of_tenant=2, most=3)
    tenant, other = new_tenant(db).id, new_tenant(db).id
    first = Told(watching, a_caller(tenant))
    Told(watching, a_caller(tenant))
    with pytest.raises(LimitReached) as refused:
        Told(watching, a_caller(tenant))
    Told(watching, a_caller(other))
    with pytest.raises(LimitReached):
        Told(watching, a_caller(other))
    watching.leave(first.subscription)
    Told(watching, a_caller(other))
    watching.close()

    assert refused.value.retry_after_seconds > 0


def test_the_end_of_the_process_ends_every_subscription(db: Database, watching: Watching) -> None:
    """Whoever watches learns of it at once, and who comes then too."""
    tenant = new_tenant(db).id
    ready = threading.Event()
    subscription = watching.subscribe(a_caller(tenant), ready.set)
    watching.close()

    assert ready.wait(1)
    assert subscription.closed
    assert watching.subscribe(a_caller(tenant), ready.set).closed
