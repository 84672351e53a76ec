"""What changed of late, for those who watch; and counts for those who operate. On both stores."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from cxport.domain.custody import Decision
from cxport.domain.run import Status
from cxport.domain.tenant import Tenant
from cxport.domain.watching import Watched, WatchedJob, WatchedRun
from cxport.store import beats, changes, jobs, leftovers, runs
from cxport.store.database import Database
from cxport.store.figures import figures
from tests.store.samples import (
    LATER,
    a_begun_run,
    a_certificate,
    a_spec,
    an_artifact,
    new_tenant,
    publish,
)

MINUTE = timedelta(minutes=1)


def now() -> datetime:
    """Give the time."""
    return datetime.now(UTC)


def found(items: list[Watched]) -> tuple[list[WatchedJob], list[WatchedRun]]:
    """Tell jobs and runs apart."""
    return (
        [one for one in items if isinstance(one, WatchedJob)],
        [one for one in items if isinstance(one, WatchedRun)],
    )


def test_runs_that_go_on_and_what_changed(db: Database, tenant: Tenant, other: Tenant) -> None:
    """An open run is found however old, an ended one by its end, a job by its last change."""
    run = a_begun_run(db, tenant)
    jobs_found, runs_found = found(changes.since(db, [tenant.id], now() - MINUTE))

    assert [one.id for one in jobs_found] == [run.job_id]
    assert [(one.id, one.status) for one in runs_found] == [(run.id, Status.IN_PROGRESS)]
    assert runs_found[0].title == a_spec().title
    assert found(changes.since(db, [tenant.id], now() + MINUTE)) == ([], runs_found)
    runs.fail(db, tenant.id, run.id, run.attempt, "gone")
    _, (ended,) = found(changes.since(db, [tenant.id], now() - MINUTE))
    assert (ended.status, ended.reason) == (Status.FAILED, "gone")
    assert changes.since(db, [tenant.id], now() + MINUTE) == []
    assert changes.since(db, [other.id], now() - MINUTE) == []
    assert changes.since(db, [], now() - MINUTE) == []


def test_a_run_is_told_again_when_its_files_expire(db: Database, tenant: Tenant) -> None:
    """However long ago it ended, and once: by its time or by somebody's decision."""
    begun = [a_begun_run(db, tenant) for _ in range(2)]
    artifacts = [an_artifact(run) for run in begun]
    for run, artifact in zip(begun, artifacts, strict=True):
        publish(db, run, [artifact])
    ended_at = now()

    leftovers.expire_file(db, tenant.id, artifacts[0].name)
    runs.revoke(db, tenant.id, begun[1].id, Decision(by="user:ann", at=now(), reason="error"))

    _, told = found(changes.since(db, [tenant.id], ended_at))
    assert {one.id: one.revoked is not None for one in told} == {
        begun[0].id: False,
        begun[1].id: True,
    }
    assert {one.status for one in told} == {Status.EXPIRED}
    assert found(changes.since(db, [tenant.id], ended_at - MINUTE))[1] == told


def test_many_tenants_are_asked_for_at_once(db: Database, tenant: Tenant, other: Tenant) -> None:
    """Each item says whose it is."""
    for one in (tenant, other):
        a_begun_run(db, one)
    items = changes.since(db, [tenant.id, other.id], now() - MINUTE)

    assert sorted(one.tenant_id for one in items) == sorted([tenant.id, other.id] * 2)


def test_both_looks_go_by_an_index(db: Database) -> None:
    """A tenant with a million runs costs no more: nothing is read from end to end."""
    with db.read() as connection:
        sqlite = connection.dialect.name == "sqlite"
        plans = [
            str(connection.execute(text(f"EXPLAIN {'QUERY PLAN' if sqlite else ''} {sql}")).all())
            for sql in (
                "SELECT id FROM runs WHERE ended_at >= '2100-01-01'",
                "SELECT status, count(*) FROM runs WHERE ended_at IS NULL GROUP BY status",
                "SELECT count(*) FROM files WHERE expires_at <= '1970-01-01'",
                "SELECT id FROM jobs WHERE updated_at >= '2100-01-01'",
                "SELECT id FROM runs WHERE tenant_id = 't' AND expired_at >= '2100-01-01'",
            )
        ]
    names = ("runs_by_end", "runs_by_end", "files_by_time", "jobs_by_update", "runs_by_expired_at")
    if sqlite:
        assert [name in plan for name, plan in zip(names, plans, strict=True)] == [True] * 5
    else:
        # PostgreSQL reads a table of a few rows whole; that the indexes are there, it says itself
        with db.read() as connection:
            known = connection.execute(text("SELECT indexname FROM pg_indexes")).scalars()
            assert set(names) <= set(known)


def test_figures_count_all_tenants(fresh_db: Database) -> None:
    """Open runs by status, what waits longest, certificates, files and workers."""
    tenant = new_tenant(fresh_db)
    empty = figures(fresh_db, now())
    run = a_begun_run(fresh_db, tenant)
    _, waiting = jobs.create(fresh_db, tenant.id, a_spec(), "user:ann", run_now=True)
    due = now() - MINUTE
    jobs.create(fresh_db, tenant.id, a_spec(), "user:ann", run_now=False, next_tick_at=due)
    a_certificate(fresh_db, tenant, "a" * 64)
    beats.beat(fresh_db, "any", "1")
    filled = figures(fresh_db, now())

    assert waiting
    assert set(empty.runs.values()) == {0}
    assert empty.oldest_queued_at is empty.oldest_due_at is None
    assert (filled.runs[Status.QUEUED], filled.runs[Status.IN_PROGRESS]) == (1, 1)
    assert filled.runs_of_tenants[tenant.id, Status.QUEUED] == 1
    assert filled.oldest_queued_at == waiting.created_at
    assert filled.oldest_due_at == due
    assert filled.certificates == {tenant.id: LATER}
    assert filled.workers == 1
    runs.fail(fresh_db, tenant.id, run.id, run.attempt, "gone")
    assert figures(fresh_db, now()).runs[Status.IN_PROGRESS] == 0
