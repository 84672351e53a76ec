"""How fast a run is read and how long it will take, by what the store keeps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cxport.domain.pace import Pace, Sample, began
from cxport.domain.run import Run
from cxport.domain.tenant import Tenant
from cxport.store import runs, tables
from cxport.store.database import Database
from cxport.store.records import to_json
from cxport.store.scope import writing
from tests.store.samples import a_begun_run

START = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def _after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def _paced(seconds: int, rows_per_second: int) -> Pace:
    """Give the pace of a run that is looked at every second."""
    pace = began(START, 0)
    for second in range(1, seconds + 1):
        pace = pace.moved(_after(second), second * rows_per_second)
    return pace


def test_the_rate_is_that_of_the_last_half_minute() -> None:
    """What was fast an hour ago does not hide that it is slow now."""
    pace = _paced(3600, 1000)
    rows = 3600 * 1000
    for second in range(3601, 3661):
        rows += 10
        pace = pace.moved(_after(second), rows)

    assert pace.rate(_after(3660), rows) == 10


def test_a_run_that_hangs_gets_slower_and_slower() -> None:
    """Nobody need write anything for that: the time that passes tells it."""
    pace = _paced(60, 100)
    rates = [pace.rate(_after(60 + waited), 6000) for waited in (0, 30, 3000)]

    assert rates[0] == 100
    assert rates == sorted(rates, key=lambda rate: -(rate or 0))
    assert (rates[-1] or 0) < 2


def test_rows_that_are_read_again_begin_the_rate_anew() -> None:
    """A part that was lost is no negative speed."""
    pace = _paced(60, 100)

    assert pace.rate(_after(61), 10) is None
    again = pace.moved(_after(61), 10)
    assert again.rate(_after(63), 40) == 15


def test_a_run_that_is_read_tells_rate_and_remaining_time(db: Database, tenant: Tenant) -> None:
    """By the rows of its parts against the plan's estimate, on both stores."""
    run = a_begun_run(db, tenant)
    runs.start_part(db, tenant.id, run.id, 1, 1)
    runs.part_progress(db, tenant.id, run.id, 1, 1, 1, 400)

    found = runs.get(db, tenant.id, run.id)

    assert found.pace is not None
    soon = found.pace.older.at + timedelta(seconds=4)
    assert (found.rows_per_second(soon), found.remaining_seconds(soon)) == (100, 6)
    assert found.progress == 40
    runs.part_progress(db, tenant.id, run.id, 1, 1, 1, 5000)
    over = runs.get(db, tenant.id, run.id)
    assert (over.progress, over.remaining_seconds(soon)) == (99, None), "the estimate was wrong"


def test_the_samples_move_with_time(db: Database, tenant: Tenant) -> None:
    """What the store keeps is at most half a minute old while a run is read."""
    run = a_begun_run(db, tenant)
    runs.start_part(db, tenant.id, run.id, 1, 1)
    for rows, age in ((100, 40), (200, 20), (300, 0)):
        _aged(db, tenant, run, age)
        runs.part_progress(db, tenant.id, run.id, 1, 1, 1, rows)

    pace = runs.get(db, tenant.id, run.id).pace

    assert pace is not None
    assert pace.older.rows < pace.newer.rows <= 200


def _aged(db: Database, tenant: Tenant, run: Run, seconds: int) -> None:
    """Let the time pass that a run's samples have seen."""
    pace = runs.get(db, tenant.id, run.id).pace
    assert pace is not None
    passed = timedelta(seconds=seconds)
    older = Sample(at=pace.older.at - passed, rows=pace.older.rows)
    newer = Sample(at=pace.newer.at - passed, rows=pace.newer.rows)
    with writing(db, tenant.id) as scope:
        scope.update(tables.runs, {"pace": to_json(Pace(older=older, newer=newer))}, id=run.id)


def test_nothing_is_told_of_a_run_that_is_not_read(db: Database, tenant: Tenant) -> None:
    """Neither before it began, nor while it is held, nor when it has ended."""
    run = a_begun_run(db, tenant)
    runs.suspend(db, tenant.id, run.id)

    held = runs.get(db, tenant.id, run.id)

    later = datetime.now(UTC) + timedelta(minutes=1)
    assert (held.rows_per_second(later), held.remaining_seconds(later)) == (None, None)
