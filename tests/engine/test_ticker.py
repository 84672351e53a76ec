"""The ticker: which ticks become which runs, and that none is lost or doubled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from cxport.domain.errors import StoreUnavailable
from cxport.domain.job import Job, MissedTicks, Schedule
from cxport.domain.run import Run
from cxport.domain.selection import Window
from cxport.domain.tenant import Tenant
from cxport.domain.tick import DueJob
from cxport.engine.ticker import Ticker
from cxport.store import jobs, runs, tables, ticks
from cxport.store.database import Database, connect
from tests.engine.ticking import Race
from tests.servers import PostgresServer, free_port
from tests.store.samples import a_spec, new_tenant

HOUR = timedelta(hours=1)
#: Runs end by the real clock, so that the tests' stays near it.
NOW = datetime.now(UTC).replace(minute=30, second=0, microsecond=0)
FULL = NOW.replace(minute=0)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        """Give the time."""
        return self.now


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    """Give a store of one's own."""
    database = connect(f"sqlite:///{tmp_path}/store.sqlite")
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def tenant(db: Database) -> Tenant:
    """Give a tenant."""
    return new_tenant(db)


@pytest.fixture
def clock() -> Clock:
    """Give the tests' clock."""
    return Clock()


@pytest.fixture
def ticker(db: Database, clock: Clock) -> Ticker:
    """Give a ticker that goes by it."""
    return Ticker(db, clock)


def an_hourly_job(db: Database, tenant: Tenant, first: datetime, **changed: Any) -> Job:
    """Add a job whose next tick is the one at `first`."""
    missed = changed.pop("missed_ticks", MissedTicks.ONE)
    schedule = Schedule(immediately=False, cron="0 * * * *", missed_ticks=missed)
    spec = a_spec(**{"schedule": schedule, **changed})
    return jobs.create(db, tenant.id, spec, "user:ann", run_now=False, next_tick_at=first)[0]


def states(db: Database, job: Job) -> list[tuple[int, str, int | None]]:
    """Give, for each tick of a job, its hours from FULL, what became of it, and its run."""
    found = select(tables.ticks).where(tables.ticks.c.job_id == job.id)
    with db.read() as connection:
        rows = connection.execute(found.order_by(tables.ticks.c.tick_at)).all()
    return [((row.tick_at - FULL) // HOUR, row.state, row.run_id) for row in rows]


def newest(db: Database, job: Job) -> Run:
    """Give a job's newest run."""
    run = jobs.newest_run(db, job.tenant_id, job.id)
    assert run is not None
    return run


def end(db: Database, job: Job) -> int:
    """End a job's newest run, and give its id."""
    run = newest(db, job)
    runs.cancel(db, job.tenant_id, run.id)
    return run.id


def turn(ticker: Ticker, clock: Clock, **by: float) -> int:
    """Let time pass, by a second at least, and take what has come."""
    clock.now += timedelta(**(by or {"seconds": 1}))
    return ticker.turn()


def test_a_tick_is_taken_when_it_comes(
    db: Database, tenant: Tenant, ticker: Ticker, clock: Clock
) -> None:
    """Not before, and once."""
    job = an_hourly_job(db, tenant, FULL + HOUR)

    assert turn(ticker, clock, minutes=29) == 0
    assert turn(ticker, clock, minutes=1) == 1
    assert turn(ticker, clock) == 0
    assert states(db, job) == [(1, "run", newest(db, job).id)]


def test_between_ticks_the_store_is_left_alone(
    db: Database, tenant: Tenant, ticker: Ticker, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is looked at once a second, and at the very moment of the next tick."""
    looks = list[datetime]()
    due = ticks.due

    def looked(db: Database, now: datetime) -> list[DueJob]:
        looks.append(now)
        return due(db, now)

    monkeypatch.setattr(ticks, "due", looked)
    an_hourly_job(db, tenant, NOW + timedelta(seconds=1.5))

    for _ in range(15):
        turn(ticker, clock, seconds=0.25)

    assert [(look - NOW).total_seconds() for look in looks] == [0.25, 1.25, 1.5, 2.5, 3.5]


def test_missed_ticks_are_caught_up_in_one_run(
    db: Database, tenant: Tenant, ticker: Ticker, clock: Clock
) -> None:
    """The default: one run for all that came while everything was down, then on time again."""
    job = an_hourly_job(db, tenant, FULL - 2 * HOUR)

    assert turn(ticker, clock) == 1
    run = end(db, job)
    assert states(db, job) == [(-2, "merged", run), (-1, "merged", run), (0, "run", run)]
    assert turn(ticker, clock, minutes=20) == 0
    assert turn(ticker, clock, minutes=10) == 1


def test_missed_ticks_get_a_run_each_where_all_are_wanted(
    db: Database, tenant: Tenant, ticker: Ticker, clock: Clock
) -> None:
    """One after the other, the oldest first."""
    job = an_hourly_job(db, tenant, FULL - 2 * HOUR, missed_ticks=MissedTicks.ALL)

    made = []
    for _ in range(3):
        assert turn(ticker, clock) == 1
        assert turn(ticker, clock) == 0
        made.append(end(db, job))

    assert turn(ticker, clock) == 0
    assert states(db, job) == [(-2, "run", made[0]), (-1, "run", made[1]), (0, "run", made[2])]


def test_missed_ticks_are_skipped_where_none_are_wanted(
    db: Database, tenant: Tenant, ticker: Ticker, clock: Clock
) -> None:
    """They are told by the next run, which comes on time."""
    job = an_hourly_job(db, tenant, FULL - HOUR, missed_ticks=MissedTicks.NONE)

    assert turn(ticker, clock) == 0
    assert turn(ticker, clock, minutes=30) == 1
    run = newest(db, job)
    assert states(db, job) == [(-1, "skipped", None), (0, "skipped", None), (1, "run", run.id)]
    assert run.note.startswith("2 ticks were missed and skipped")


def test_a_tick_that_came_a_moment_ago_was_not_missed(
    db: Database, tenant: Tenant, ticker: Ticker, clock: Clock
) -> None:
    """A restart of less than a minute skips nothing."""
    job = an_hourly_job(db, tenant, FULL, missed_ticks=MissedTicks.NONE)
    clock.now = FULL + timedelta(seconds=50)

    assert ticker.turn() == 1
    assert [state for _, state, _ in states(db, job)] == ["run"]


@pytest.mark.parametrize("setting", MissedTicks)
def test_ticks_that_come_during_a_run_share_the_next(
    db: Database, tenant: Tenant, ticker: Ticker, clock: Clock, setting: MissedTicks
) -> None:
    """At most one waits, whatever becomes of missed ones: nobody was away."""
    clock.now = FULL - 3 * HOUR
    job = an_hourly_job(db, tenant, FULL - 3 * HOUR, missed_ticks=setting)
    assert ticker.turn() == 1
    clock.now = NOW
    assert turn(ticker, clock) == 0
    first = end(db, job)

    assert turn(ticker, clock) == 1
    second = end(db, job)
    assert states(db, job) == [
        (-3, "run", first),
        (-2, "merged", second),
        (-1, "merged", second),
        (0, "run", second),
    ]
    assert turn(ticker, clock) == 0


def test_a_run_covers_the_union_of_its_ticks_windows(
    db: Database, tenant: Tenant, ticker: Ticker, clock: Clock
) -> None:
    """Three missed hours are one window of three hours."""
    job = an_hourly_job(db, tenant, FULL - 2 * HOUR, relative="PT1H")

    assert turn(ticker, clock) == 1
    assert newest(db, job).spec.window == Window(start=FULL - 3 * HOUR, end=FULL)


def test_windows_that_do_not_touch_are_not_merged(
    db: Database, tenant: Tenant, ticker: Ticker, clock: Clock
) -> None:
    """A run exports exactly its windows: behind a gap the next run goes on."""
    job = an_hourly_job(db, tenant, FULL - HOUR, relative="PT30M")

    assert turn(ticker, clock) == 1
    first = end(db, job)
    assert turn(ticker, clock) == 1
    run = newest(db, job)

    assert states(db, job) == [(-1, "run", first), (0, "run", run.id)]
    assert run.spec.window == Window(start=FULL - HOUR / 2, end=FULL)


def test_a_schedule_that_cannot_be_read_stops_no_other(
    db: Database, tenant: Tenant, ticker: Ticker, clock: Clock
) -> None:
    """It is left alone for a minute, and the other jobs tick."""
    gone = Schedule(immediately=False, cron="0 * * * *", timezone="Mars/Olympus")
    ailing = an_hourly_job(db, tenant, FULL - HOUR, schedule=gone)
    job = an_hourly_job(db, tenant, FULL)

    assert turn(ticker, clock) == 1
    assert states(db, ailing) == []
    assert [state for _, state, _ in states(db, job)] == ["run"]


def test_a_store_that_is_away_is_said(clock: Clock) -> None:
    """The ticker does not hide it: its caller waits and comes again."""
    db = connect(f"postgresql://cxport@127.0.0.1:{free_port()}/nowhere")

    with pytest.raises(StoreUnavailable):
        Ticker(db, clock).turn()


@pytest.mark.promise("R1")
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_no_tick_is_lost_or_doubled(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Three tickers at once, killed at random: each tick has its row, and its row a run."""
    if kind == "sqlite":
        url = f"sqlite:///{tmp_path}/store.sqlite"
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.new_database()

    counts = Race(url, minutes=120, speed=600).run()

    assert counts["ticks"] > 300
    assert counts["runs"] > 50
    assert counts["kills"] > 0
