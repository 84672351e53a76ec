"""Jobs, and the sequence from which jobs and runs take their ids."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from cxport.domain.errors import InvalidInput, NotFound
from cxport.domain.job import Schedule
from cxport.domain.listing import Query
from cxport.domain.run import Status
from cxport.domain.selection import Window
from cxport.domain.tenant import Tenant
from cxport.store import jobs, runs
from cxport.store.database import Database
from cxport.store.scope import writing
from cxport.store.tables import tenants
from tests.store.samples import LATER, NOON, a_run, a_spec


def test_a_job_that_runs_now_comes_with_a_queued_run(db: Database, tenant: Tenant) -> None:
    """Both are stored at once, numbered from one sequence."""
    before = datetime.now(UTC)
    spec = a_spec(window=Window(start=NOON), schedule=Schedule(start_at=LATER, cron="0 3 * * *"))

    job, run = jobs.create(db, tenant.id, spec, "user:ann", run_now=True)

    assert run is not None
    assert (job.id, run.id, run.job_id, run.status) == (1, 2, 1, Status.QUEUED)
    assert before <= job.created_at <= datetime.now(UTC)
    assert jobs.get(db, tenant.id, job.id) == job
    assert job.spec == run.spec == spec
    assert jobs.newest_run(db, tenant.id, job.id) == runs.get(db, tenant.id, run.id) == run


def test_a_job_that_waits_has_no_run(db: Database, tenant: Tenant) -> None:
    """It takes one id, and the next job takes the one behind it."""
    job, run = jobs.create(db, tenant.id, a_spec(), "user:ann", run_now=False)
    further, _ = jobs.create(db, tenant.id, a_spec(), "user:ann", run_now=False)

    assert (job.id, run, further.id) == (1, None, 2)
    assert jobs.newest_run(db, tenant.id, job.id) is None


def test_an_unknown_job_is_not_found(db: Database, tenant: Tenant) -> None:
    """So is a number that no database could hold, and a run's id; and a job of no tenant."""
    run = a_run(db, tenant)

    for job_id in (run.id, 99, 0, -1, 2**63, 10**40):
        with pytest.raises(NotFound):
            jobs.get(db, tenant.id, job_id)
        with pytest.raises(NotFound):
            jobs.newest_run(db, tenant.id, job_id)
    with pytest.raises(NotFound):
        jobs.create(db, str(uuid4()), a_spec(), "user:ann", run_now=True)


@pytest.mark.parametrize("title", ["a\0b", "a\ud800b"])
def test_text_that_is_no_text_is_refused(db: Database, tenant: Tenant, title: str) -> None:
    """By both databases alike, when it is stored and when it is looked for."""
    with pytest.raises(InvalidInput):
        jobs.create(db, tenant.id, a_spec(title=title), "user:ann", run_now=True)
    with pytest.raises(InvalidInput):
        jobs.page(db, tenant.id, Query(contains={"title": title}))


def test_a_job_is_listed_with_its_newest_run(db: Database, tenant: Tenant) -> None:
    """And with None where it never ran."""
    job, run = jobs.create(db, tenant.id, a_spec(), "user:ann", run_now=True)
    waiting, _ = jobs.create(db, tenant.id, a_spec(), "user:ann", run_now=False)

    page = jobs.page(db, tenant.id, Query())

    assert page.items == ((job, run), (waiting, None))
    assert (page.count, page.offset, page.limit) == (2, 0, Query().limit)


def test_the_status_of_a_job_is_that_of_its_newest_run(db: Database, tenant: Tenant) -> None:
    """Before there is one: scheduled, or suspended; lists filter and order by it."""
    for spec, run_now in ((a_spec(), True), (a_spec(), False), (a_spec(suspended=True), False)):
        jobs.create(db, tenant.id, spec, "user:ann", run_now=run_now)

    def ids(**query: object) -> list[int]:
        found = jobs.page(db, tenant.id, Query(**query))  # type: ignore[arg-type]
        return [job.id for job, _ in found.items]

    assert ids(equals={"status": (Status.QUEUED,)}) == [1]
    assert ids(equals={"status": (Status.SCHEDULED, Status.SUSPENDED)}) == [3, 4]
    assert ids(contains={"status": "SUSP"}) == [4]
    assert ids(order="status", descending=True) == [4, 3, 1]
    assert ids(equals={"suspended": (True,)}) == [4]


def test_an_id_is_visible_before_a_greater_one_is_taken(db: Database, tenant: Tenant) -> None:
    """Who creates a job while another one is being created waits for it to be visible."""
    created = threading.Thread(target=a_run, args=(db, tenant))
    with writing(db, tenant.id) as scope:
        assert scope.take(tenants.c.last_id) == 1
        created.start()
        time.sleep(0.2)
        assert jobs.page(db, tenant.id, Query()).count == 0
        assert created.is_alive()
    created.join()

    assert [job.id for job, _ in jobs.page(db, tenant.id, Query()).items] == [2]


def test_a_walker_misses_no_id(db: Database, tenant: Tenant) -> None:
    """Asking for what came after the last id seen finds all, while many create at once."""

    def create() -> None:
        for _ in range(8):
            a_run(db, tenant)

    creators = [threading.Thread(target=create) for _ in range(6)]
    for creator in creators:
        creator.start()
    seen: list[int] = []
    busy = True
    while busy:
        busy = any(creator.is_alive() for creator in creators)
        after = seen[-1] + 1 if seen else 0
        page = jobs.page(db, tenant.id, Query(at_least={"id": after}))
        seen.extend(job.id for job, _ in page.items)

    every = jobs.page(db, tenant.id, Query())
    assert seen == [job.id for job, _ in every.items]
    assert len(seen) == 48
    assert runs.page(db, tenant.id, Query()).count == 48
