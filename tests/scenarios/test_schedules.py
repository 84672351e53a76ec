"""Schedules on a real service: a run comes when it is due, also one that was missed."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from cxport.store.database import connect
from cxport.store.tables import jobs, runs, ticks
from tests.scenarios.opening import KeyPair
from tests.scenarios.running import RunningService

DAY = timedelta(days=1)
TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.fixture
def service(
    running_service: Callable[..., RunningService],
    sample_dsn: Callable[[str], str],
    keys: KeyPair,
) -> RunningService:
    """Give a service of one's own with a source and a certificate."""
    started = running_service()
    started.add_source("history", sample_dsn("sqlite"))
    with started.client() as client:
        started.upload(client, keys.certificate)
    return started


def test_a_job_runs_at_its_start(service: RunningService) -> None:
    """Once, a few seconds ahead: scheduled until then, and complete soon after."""
    start = datetime.now(UTC) + timedelta(seconds=4)
    with service.client() as client:
        job_id = service.create_job(
            client, schedulerParam={"runs": "once", "startDate": start.isoformat()}
        )
        waiting = client.get(f"/export/history/{job_id}").json()
        assert (waiting["status"], waiting["parentId"]) == ("Scheduled", None)
        record = service.wait(client, job_id)

        assert record["status"].startswith("Completed"), record
        assert record["parentId"] == job_id
        began = datetime.fromisoformat(record["createdDate"])
        assert start <= began <= start + timedelta(seconds=10)
        assert service.files(client, record["id"])
        listed = client.get("/export/history", params={"jobId": str(job_id)}).json()
        assert listed["count"] == 1


def test_ticks_that_were_missed_are_caught_up_with(service: RunningService) -> None:
    """While the service was down four days passed: one run exports them all, and then it waits."""
    last = (datetime.now(TOKYO) - timedelta(hours=12)).replace(minute=0, second=0, microsecond=0)
    schedule = {"cron": f"0 {last.hour} * * *", "timezone": TOKYO.key}
    with service.client() as client:
        job_id = service.create_job(client, schedulerParam=schedule, timeFrame={"relative": "P1D"})
    assert service.stop() == 0
    _move_back(service, job_id, last - 3 * DAY)

    service.start()
    with service.client() as client:
        record = service.wait(client, job_id)
        # the ticker has looked several times since
        time.sleep(2)
        listed = client.get("/export/history", params={"jobId": str(job_id)}).json()

    assert record["status"].startswith(("Completed", "No Data")), record
    assert listed["count"] == 1
    first, end = (datetime.fromisoformat(record[name]) for name in ("dateFrom", "dateTo"))
    assert (first, end) == (last.replace(hour=0) - 4 * DAY, last.replace(hour=0))
    assert _ticks(service, job_id, last) == {
        -3: ("merged", record["id"]),
        -2: ("merged", record["id"]),
        -1: ("merged", record["id"]),
        0: ("run", record["id"]),
    }


def _move_back(service: RunningService, job_id: int, to: datetime) -> None:
    db = connect(f"sqlite:///{service.data}/store.sqlite")
    with db.write() as connection:
        moved = update(jobs).where(jobs.c.id == job_id).values(next_tick_at=to)
        assert connection.execute(moved).rowcount == 1
    db.close()


def _ticks(
    service: RunningService, job_id: int, last: datetime
) -> dict[int, tuple[str, int | None]]:
    """Give the ticks of a job by their days from the last; the runs that they name are there."""
    db = connect(f"sqlite:///{service.data}/store.sqlite")
    with db.read() as connection:
        found = connection.execute(select(ticks).where(ticks.c.job_id == job_id)).all()
        known = {row.id for row in connection.execute(select(runs.c.id))}
    db.close()
    assert {row.run_id for row in found} <= known
    return {(row.tick_at - last) // DAY: (row.state, row.run_id) for row in found}
