"""Schedules over HTTP: what is accepted, and how a job that waits for its tick is shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cxport.api.instants import iso
from cxport.engine.ticker import Ticker
from cxport.store import ticks
from tests.api.installation import Account, Installation, error_of, job_body, names_of

SOON = (datetime.now(UTC) + timedelta(days=2)).replace(microsecond=0)


def scheduled(account: Account, **when: Any) -> dict[str, Any]:
    """Create a job with this `schedulerParam`, and give what is answered."""
    answer = account.create_job(schedulerParam=when)
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    return found


def scheduled_ticks(account: Account) -> list[datetime]:
    """Give the next ticks of the tenant's jobs, as the ticker will see them."""
    ahead = datetime.now(UTC) + timedelta(days=4000)
    found = ticks.due(account.installation.db, ahead)
    return [one.next_tick_at for one in found if one.tenant_id == account.tenant_id]


def tick(installation: Installation, **ahead: float) -> int:
    """Take the ticks that will have come by then."""
    then = datetime.now(UTC) + timedelta(**ahead)
    return Ticker(installation.db, lambda: then).turn()


@pytest.mark.parametrize(
    ("when", "kind"),
    [
        ({"cron": "0 3 * * *"}, "cron"),
        ({"cron": "0 0 3 ? * MON-FRI", "runs": "5"}, "cron"),
        ({"cron": "0 0 3 L * ? 2026-2040"}, "cron"),
        ({"cron": "@hourly", "startDate": SOON.isoformat()}, "cron"),
        ({"runs": "daily"}, "daily"),
        ({"runs": "Weekly", "timezone": "Europe/Paris"}, "weekly"),
        ({"runs": "once", "startDate": SOON.isoformat()}, "once"),
        ({"startDate": SOON.isoformat()}, "once"),
    ],
)
def test_a_scheduled_job_waits_for_its_tick(
    tenant: Account, when: dict[str, Any], kind: str
) -> None:
    """It is accepted, `Scheduled`, and found by its schedule's type; history has nothing yet."""
    job = scheduled(tenant, **when)

    assert (job["status"], job["progress"], job["fileName"]) == ("Scheduled", 0, "")
    assert tenant.get(f"/export/jobs/{job['id']}").json() == job
    listed = tenant.get(f"/export/jobs?scheduleType={kind[1:]}").json()["items"]
    assert names_of(listed, "id") == [job["id"]]
    assert tenant.get("/export/jobs?scheduleType=immediate").status_code == 204
    assert tenant.get("/export/history").status_code == 204
    assert len(scheduled_ticks(tenant)) == 1


def test_a_start_is_the_first_tick(tenant: Account) -> None:
    """With its offset; a job that starts later does not run before."""
    start = SOON.astimezone(UTC).replace(tzinfo=None).isoformat() + "+02:00"

    scheduled(tenant, runs="daily", startDate=start)

    assert scheduled_ticks(tenant) == [SOON - timedelta(hours=2)]


def test_an_immediate_run_comes_before_the_schedule(tenant: Account) -> None:
    """`immediately` with a cron expression: queued now, and a tick to come."""
    job = scheduled(tenant, immediately=True, cron="0 3 * * *")

    assert job["status"] == "Queued"
    assert len(scheduled_ticks(tenant)) == 0
    tenant.call("POST", f"/export/jobs/cancel/{job['id']}")
    assert len(scheduled_ticks(tenant)) == 1


def test_the_number_of_runs_counts_the_immediate_one(tenant: Account) -> None:
    """With `runs: 1` nothing is left for the schedule."""
    job = scheduled(tenant, immediately=True, cron="0 3 * * *", runs="1")
    tenant.call("POST", f"/export/jobs/cancel/{job['id']}")

    assert scheduled_ticks(tenant) == []


def test_a_job_made_suspended_runs_nothing(own: Installation, certificate: bytes) -> None:
    """Until it is resumed: then what it missed is caught up with in one run."""
    account = own.new_tenant()
    account.upload(certificate)
    job = account.create_job(schedulerParam={"cron": "0 * * * *"}, suspended=True).json()

    assert job["status"] == "Suspended"
    assert tick(own, hours=5) == 0
    assert account.call("POST", f"/export/jobs/resume/{job['id']}").json()["status"] == "Scheduled"
    assert tick(own, hours=5) == 1
    assert account.get("/export/history").json()["count"] == 1


def test_a_cancelled_run_keeps_the_schedule(own: Installation, certificate: bytes) -> None:
    """Cancelling by the job's id ends its run; a job that only waits is suspended by it."""
    account = own.new_tenant()
    account.upload(certificate)
    job = account.create_job(schedulerParam={"cron": "0 * * * *"}).json()
    cancel = f"/export/jobs/cancel/{job['id']}"

    assert account.call("POST", cancel).status_code == 200
    assert account.get(f"/export/jobs/{job['id']}").json()["status"] == "Suspended"
    account.call("POST", f"/export/jobs/resume/{job['id']}")
    assert tick(own, hours=2) == 1
    assert account.call("POST", cancel).status_code == 200
    assert account.get(f"/export/jobs/{job['id']}").json()["status"] == "Cancelled"
    assert tick(own, hours=3) == 1


def test_a_deleted_job_ticks_no_more(tenant: Account) -> None:
    """A job that waits may be deleted, and its schedule with it."""
    job = scheduled(tenant, cron="0 3 * * *")

    assert tenant.call("DELETE", f"/export/jobs/{job['id']}").status_code == 204
    assert scheduled_ticks(tenant) == []


def test_a_changed_job_ticks_by_its_new_schedule(own: Installation, certificate: bytes) -> None:
    """PUT of a job that has not started; one that has run cannot be changed."""
    tenant = own.new_tenant()
    tenant.upload(certificate)
    body = job_body(schedulerParam={"startDate": SOON.isoformat()})
    job = scheduled(tenant, cron="0 3 * * *")

    assert tenant.call("PUT", f"/export/jobs/{job['id']}", json=body).status_code == 200
    assert scheduled_ticks(tenant) == [SOON]
    assert tick(own, days=3) == 1
    tenant.call("POST", f"/export/jobs/cancel/{job['id']}")
    error_of(tenant.call("PUT", f"/export/jobs/{job['id']}", json=body), 400)


def test_a_moving_window_is_shown_by_the_run(own: Installation, certificate: bytes) -> None:
    """The job has no dates of its own; each record has those that it exports."""
    account = own.new_tenant()
    account.upload(certificate)
    job = account.create_job(
        timeFrame={"relative": "P1D"}, schedulerParam={"runs": "daily", "timezone": "Asia/Tokyo"}
    ).json()

    assert (job["dateFrom"], job["dateTo"]) == ("", "")
    assert tick(own, days=1) == 1
    run = account.get("/export/history").json()["items"][0]
    end = datetime.fromisoformat(run["dateTo"])
    assert end.hour == 15
    assert run["dateFrom"] == iso(end - timedelta(days=1))


@pytest.mark.parametrize(
    "frame",
    [
        {"relative": "P1D", "all": True},
        {"relative": "P1D", "dateFrom": "2026-01-01"},
        {"relative": "", "all": False},
    ],
)
def test_a_moving_window_stands_alone(tenant: Account, frame: dict[str, Any]) -> None:
    """It contradicts `all` and dates."""
    assert error_of(tenant.create_job(timeFrame=frame), 400)["detail"]["field"] == "timeFrame"


def test_the_refusal_of_a_schedule_says_what_is_right(tenant: Account) -> None:
    """The message names the part of the expression, the detail the forms."""
    error = error_of(tenant.create_job(schedulerParam={"cron": "0 25 * * *"}), 400)

    assert error["message"] == "schedulerParam.cron: bad hour"
    assert error["detail"]["expected"].startswith("5 fields (minute hour day month weekday)")
