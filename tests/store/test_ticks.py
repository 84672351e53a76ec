"""Ticks: each is written once, together with the run that covers it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Row, Table, insert, select
from sqlalchemy.exc import IntegrityError

from cxport.domain.errors import NotFound, WrongState
from cxport.domain.job import Job, Schedule
from cxport.domain.run import Run, Status
from cxport.domain.selection import Window
from cxport.domain.tenant import Tenant
from cxport.domain.tick import DueJob, TickPlan
from cxport.store import jobs, runs, tables, ticks
from cxport.store.database import Database
from cxport.store.scope import Scope
from tests.store.samples import a_spec, begin, publish

FIRST = datetime(2026, 5, 1, 3, tzinfo=UTC)
DAY = timedelta(days=1)
DAYS = tuple(FIRST + DAY * number for number in range(6))
DAILY = Schedule(immediately=False, cron="0 3 * * *")


def a_scheduled_job(
    db: Database, tenant: Tenant, *, next_tick_at: datetime | None = FIRST, **changed: Any
) -> Job:
    """Add a job that waits for its first tick."""
    spec = a_spec(**{"schedule": DAILY, **changed})
    run_now = spec.schedule.immediately and not spec.suspended
    return jobs.create(db, tenant.id, spec, "user:ann", run_now=run_now, next_tick_at=next_tick_at)[
        0
    ]


def seen(db: Database, job: Job, now: datetime) -> DueJob:
    """Give the job as a ticker sees it."""
    return next(
        one for one in ticks.due(db, now) if (one.tenant_id, one.job_id) == (job.tenant_id, job.id)
    )


def is_due(db: Database, job: Job, now: datetime) -> bool:
    """Tell whether a ticker would take the job's tick."""
    found = ticks.due(db, now)
    return (job.tenant_id, job.id) in {(one.tenant_id, one.job_id) for one in found}


def take(db: Database, job: Job, covered: tuple[datetime, ...], **planned: Any) -> Run | None:
    """Take ticks at the moment of the last one; the next is the day after, unless told."""
    values = {"skipped": (), "next_tick_at": max((FIRST, *covered)) + DAY, **planned}
    now = max((*covered, *values["skipped"]))
    plan = TickPlan(covered=covered, **values)
    return ticks.take(db, job.tenant_id, seen(db, job, now), plan, now)


def rows_of(db: Database, job: Job) -> list[Row[Any]]:
    """Give the rows of a job's ticks."""
    own = tables.ticks.c
    found = select(own.tick_at, own.state, own.run_id).where(
        own.tenant_id == job.tenant_id, own.job_id == job.id
    )
    with db.read() as connection:
        return list(connection.execute(found.order_by(own.tick_at)))


def next_tick_of(db: Database, job: Job) -> datetime | None:
    """Give what a job's row says about its next tick."""
    own = tables.jobs.c
    found = select(own.next_tick_at).where(own.tenant_id == job.tenant_id, own.id == job.id)
    with db.read() as connection:
        moment: datetime | None = connection.execute(found).scalar()
        return moment


def end(db: Database, run: Run | None) -> None:
    """End a run that waits."""
    assert run is not None
    runs.cancel(db, run.tenant_id, run.id)


def test_a_tick_makes_a_run(db: Database, tenant: Tenant) -> None:
    """Queued, naming its tick; the job shows it, and waits for the next tick."""
    job = a_scheduled_job(db, tenant)

    run = take(db, job, (FIRST,))

    assert run is not None
    assert (run.status, run.tick_at, run.created_at, run.note) == (Status.QUEUED, FIRST, FIRST, "")
    assert run == runs.get(db, tenant.id, run.id) == jobs.newest_run(db, tenant.id, job.id)
    assert rows_of(db, job) == [(FIRST, "run", run.id)]
    assert next_tick_of(db, job) == FIRST + DAY


def test_a_tick_before_its_time_is_not_due(db: Database, tenant: Tenant) -> None:
    """A job is due from the very moment of its tick, and one without a schedule never."""
    job, plain = a_scheduled_job(db, tenant), a_scheduled_job(db, tenant, next_tick_at=None)

    assert not is_due(db, job, FIRST - timedelta(microseconds=1))
    assert is_due(db, job, FIRST)
    assert not is_due(db, plain, FIRST)
    ahead = ticks.next_at(db, FIRST - timedelta(microseconds=1))
    assert ahead is not None
    assert ahead <= FIRST


def test_of_two_that_saw_the_same_tick_one_takes_it(db: Database, tenant: Tenant) -> None:
    """The second one finds that the job has moved on, and writes nothing."""
    job = a_scheduled_job(db, tenant)
    saw = seen(db, job, FIRST)
    end(db, take(db, job, (FIRST,)))

    plan = TickPlan(covered=(FIRST,), skipped=(), next_tick_at=DAYS[1])
    assert ticks.take(db, tenant.id, saw, plan, FIRST) is None
    assert len(rows_of(db, job)) == 1


def test_a_tick_that_was_taken_is_not_taken_again(db: Database, tenant: Tenant) -> None:
    """Even where the job's row was moved back: what has its row is done."""
    job = a_scheduled_job(db, tenant)
    end(db, take(db, job, DAYS[:2], next_tick_at=FIRST))

    run = take(db, job, DAYS[:3])

    assert run is not None
    assert [row.run_id for row in rows_of(db, job)] == [run.id - 1, run.id - 1, run.id]
    end(db, run)


def test_the_database_refuses_a_second_row(db: Database, tenant: Tenant) -> None:
    """The last fence: a job and a moment are a key."""
    job = a_scheduled_job(db, tenant)
    take(db, job, (FIRST,))
    again = {"tenant_id": tenant.id, "job_id": job.id, "tick_at": FIRST, "state": "skipped"}

    with pytest.raises(IntegrityError), db.write() as connection:
        connection.execute(insert(tables.ticks), again)


def test_a_job_that_changed_since_is_left_alone(db: Database, tenant: Tenant) -> None:
    """A ticker that read the job before the change plans by what is true no more."""
    job = a_scheduled_job(db, tenant)
    saw = seen(db, job, FIRST)
    jobs.update(db, tenant.id, job.id, a_spec(title="other", schedule=DAILY), FIRST)

    plan = TickPlan(covered=(FIRST,), skipped=(), next_tick_at=DAYS[1])
    assert ticks.take(db, tenant.id, saw, plan, FIRST) is None
    assert rows_of(db, job) == []


def test_a_tick_waits_for_the_run_before_it(db: Database, tenant: Tenant) -> None:
    """While a run of the job goes on the job is not due; an hour later it is, for all its ticks."""
    job = a_scheduled_job(db, tenant)
    saw = seen(db, job, FIRST)
    run = take(db, job, (FIRST,), next_tick_at=FIRST)

    assert not is_due(db, job, DAYS[3])
    plan = TickPlan(covered=(FIRST,), skipped=(), next_tick_at=DAYS[1])
    assert ticks.take(db, tenant.id, saw, plan, FIRST) is None
    end(db, run)
    assert is_due(db, job, DAYS[3])


def test_a_suspended_run_lets_the_schedule_go_on(db: Database, tenant: Tenant) -> None:
    """A record that is suspended by its own id holds itself alone."""
    job = a_scheduled_job(db, tenant)
    run = take(db, job, (FIRST,))
    assert run is not None
    runs.suspend(db, tenant.id, run.id)

    assert is_due(db, job, DAYS[1])


def test_a_suspended_job_ticks_nothing(db: Database, tenant: Tenant) -> None:
    """Its next tick stays where it was, and is due when the job is resumed."""
    job = a_scheduled_job(db, tenant)
    saw = seen(db, job, FIRST)
    jobs.suspend(db, tenant.id, job.id)

    assert not is_due(db, job, DAYS[2])
    plan = TickPlan(covered=(FIRST,), skipped=(), next_tick_at=DAYS[1])
    assert ticks.take(db, tenant.id, saw, plan, FIRST) is None
    jobs.resume(db, tenant.id, job.id)
    assert seen(db, job, DAYS[2]).next_tick_at == FIRST


def test_a_deleted_job_ticks_no_more(db: Database, tenant: Tenant) -> None:
    """What a ticker had read of it is of no use; the records keep their ticks."""
    job = a_scheduled_job(db, tenant)
    end(db, take(db, job, (FIRST,)))
    saw = seen(db, job, DAYS[1])
    jobs.delete(db, tenant.id, job.id)

    plan = TickPlan(covered=(DAYS[1],), skipped=(), next_tick_at=None)
    with pytest.raises(NotFound):
        ticks.take(db, tenant.id, saw, plan, DAYS[1])
    assert not is_due(db, job, DAYS[3])
    assert [row.state for row in rows_of(db, job)] == ["run"]


def test_merged_ticks_name_their_run(db: Database, tenant: Tenant) -> None:
    """The run is that of the last one, and its note tells of the others."""
    job = a_scheduled_job(db, tenant)

    run = take(db, job, DAYS[:3])

    assert run is not None
    assert (run.tick_at, run.reason) == (DAYS[2], run.note)
    assert run.note == "covers 3 ticks, 2026-05-01T03:00:00Z to 2026-05-03T03:00:00Z"
    assert rows_of(db, job) == [
        (DAYS[0], "merged", run.id),
        (DAYS[1], "merged", run.id),
        (DAYS[2], "run", run.id),
    ]


def test_skipped_ticks_are_told_by_the_next_run(db: Database, tenant: Tenant) -> None:
    """Those of earlier turns too, once; and the note stands before what the end has to say."""
    job = a_scheduled_job(db, tenant)
    assert take(db, job, (), skipped=DAYS[:1], next_tick_at=DAYS[1]) is None
    run = take(db, job, DAYS[2:3], skipped=DAYS[1:2], next_tick_at=DAYS[3])

    assert run is not None
    note = "2 ticks were missed and skipped, 2026-05-01T03:00:00Z to 2026-05-02T03:00:00Z"
    assert run.note == note
    assert [(row.state, row.run_id) for row in rows_of(db, job)] == [
        ("skipped", None),
        ("skipped", None),
        ("run", run.id),
    ]
    publish(db, begin(db, run), [], manifest=None, reason="2 rows skipped")
    assert runs.get(db, tenant.id, run.id).reason == f"{note}; 2 rows skipped"
    further = take(db, job, DAYS[3:4])
    assert further is not None
    assert further.note == ""


def test_a_number_of_runs_ends_the_schedule(db: Database, tenant: Tenant) -> None:
    """All runs count, the immediate one first."""
    schedule = Schedule(immediately=True, cron="0 3 * * *", runs="3")
    job = a_scheduled_job(db, tenant, schedule=schedule)
    end(db, jobs.newest_run(db, tenant.id, job.id))

    end(db, take(db, job, (DAYS[0],)))
    assert next_tick_of(db, job) == DAYS[1]
    end(db, take(db, job, (DAYS[1],)))

    assert next_tick_of(db, job) is None
    with pytest.raises(WrongState):
        jobs.suspend(db, tenant.id, job.id)


def test_a_run_that_is_the_only_one_ends_the_schedule(db: Database, tenant: Tenant) -> None:
    """An immediate run of a job that runs once leaves no tick, also where it begins held."""
    once = Schedule(immediately=True, runs="once")
    job = a_scheduled_job(db, tenant, schedule=once)
    held = a_scheduled_job(db, tenant, schedule=once, suspended=True)

    assert next_tick_of(db, job) is None
    assert next_tick_of(db, held) == FIRST
    jobs.resume(db, tenant.id, held.id)
    assert next_tick_of(db, held) is None


def test_a_change_counts_anew(db: Database, tenant: Tenant) -> None:
    """The next tick and the number of runs are those of the new schedule."""
    job = a_scheduled_job(db, tenant)

    spec = a_spec(schedule=Schedule(immediately=False, cron="0 3 * * *", runs="1"))
    jobs.update(db, tenant.id, job.id, spec, DAYS[1])

    assert next_tick_of(db, job) == DAYS[1]
    take(db, job, (DAYS[1],))
    assert next_tick_of(db, job) is None


def test_a_change_of_a_waiting_run_keeps_its_tick(db: Database, tenant: Tenant) -> None:
    """It counts as one of the runs, and its window is that of its own ticks."""
    job = a_scheduled_job(db, tenant)
    run = take(db, job, DAYS[:2])
    assert run is not None

    schedule = Schedule(immediately=False, cron="0 3 * * *", runs="1")
    jobs.update(db, tenant.id, job.id, a_spec(schedule=schedule, relative="P1D"), DAYS[3])

    changed = runs.get(db, tenant.id, run.id)
    midnight = FIRST.replace(hour=0)
    assert changed.spec.window == Window(start=midnight - DAY, end=midnight + DAY)
    assert next_tick_of(db, job) is None


def test_a_moving_window_stands_still_in_its_run(db: Database, tenant: Tenant) -> None:
    """The job's moves on; an immediate run's ends before the moment it was made."""
    job = a_scheduled_job(db, tenant, relative="P1D")
    run = take(db, job, (FIRST,))
    _, now = jobs.create(db, tenant.id, a_spec(relative="PT1H"), "user:ann", run_now=True)

    assert run is not None
    midnight = FIRST.replace(hour=0)
    assert run.spec.window == Window(start=midnight - DAY, end=midnight)
    assert run.spec.selection().window == run.spec.window
    assert jobs.get(db, tenant.id, job.id).spec.window == Window()
    assert now is not None
    assert now.spec.window.end == now.created_at.replace(minute=0, second=0, microsecond=0)


def test_a_run_is_deleted_with_its_ticks(db: Database, tenant: Tenant) -> None:
    """The record goes, and the rows that name it."""
    job = a_scheduled_job(db, tenant)
    run = take(db, job, DAYS[:2])
    end(db, run)
    assert run is not None

    runs.delete(db, tenant.id, run.id)

    assert rows_of(db, job) == []


def test_the_time_that_runs_took_is_known(db: Database, tenant: Tenant) -> None:
    """From their making to their end, which one that goes on does not have."""
    job = a_scheduled_job(db, tenant)
    run = take(db, job, (FIRST,))
    assert run is not None

    assert ticks.spans(db, tenant.id, job.id, DAYS[1], DAYS[2]) == [(FIRST, None)]
    end(db, run)
    ended = runs.get(db, tenant.id, run.id).ended_at
    assert ticks.spans(db, tenant.id, job.id, DAYS[1], DAYS[2]) == [(FIRST, ended)]
    assert ticks.spans(db, tenant.id, job.id, FIRST - DAY, FIRST - DAY) == []


def test_a_tick_and_its_run_are_written_together(
    db: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What ends a ticker at its last statement undoes all: the tick is still to be taken."""
    job = a_scheduled_job(db, tenant)
    written = list[str]()

    def insert_and_fail(scope: Scope, table: Table, *rows: Mapping[str, object]) -> None:
        insert_rows(scope, table, *rows)
        written.append(table.name)
        if written == ["runs", "ticks"]:
            raise ConnectionError

    insert_rows = Scope.insert
    monkeypatch.setattr(Scope, "insert", insert_and_fail)
    with pytest.raises(ConnectionError):
        take(db, job, (FIRST,))
    monkeypatch.undo()

    assert jobs.newest_run(db, tenant.id, job.id) is None
    assert rows_of(db, job) == []
    assert take(db, job, (FIRST,)) is not None
