"""`/cxport/v1/jobs/{id}/ticks`: what became of each tick of a schedule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from cxport.engine.ticker import Ticker
from cxport.store import runs
from tests.api.installation import Account, Installation, error_of


def ask(account: Account, path: str, status: int = 200) -> Any:
    """Ask our own API."""
    client = account.installation.client
    answer = client.get(f"/cxport/v1{path}", headers=account.headers)
    assert answer.status_code == status, answer.text
    return answer.json()


def tick(installation: Installation, **ahead: float) -> int:
    """Take the ticks that will have come by then."""
    then = datetime.now(UTC) + timedelta(**ahead)
    return Ticker(installation.db, lambda: then).turn()


def test_every_merged_tick_names_the_run_that_covers_it(
    installation: Installation, tenant: Account
) -> None:
    """Ticks that were missed together share a run; the next one waits for its end, and is told."""
    frame, schedule = {"relative": "P1D"}, {"cron": "0 0 * * *"}
    job_id = tenant.create_job(timeFrame=frame, schedulerParam=schedule).json()["id"]
    before = ask(tenant, f"/jobs/{job_id}/ticks")
    tick(installation, days=4)
    first = ask(tenant, f"/jobs/{job_id}/ticks")
    tick(installation, days=6)
    waits = ask(tenant, f"/jobs/{job_id}/ticks")
    run_id = first["items"][0]["runId"]
    runs.fail(installation.db, tenant.tenant_id, run_id, 0, "over")
    tick(installation, days=6)
    second = ask(tenant, f"/jobs/{job_id}/ticks")

    assert (before["count"], before["items"]) == (0, [])
    assert before["next"] > ""
    assert [one["state"] for one in first["items"]] == ["run", "merged", "merged", "merged"]
    assert {one["runId"] for one in first["items"]} == {run_id}
    assert waits == first, "at most one run; the tick that has passed waits"
    assert waits["next"] == second["items"][1]["tick"]
    assert [one["state"] for one in second["items"][:2]] == ["run", "merged"]
    assert second["items"][0]["runId"] > run_id
    assert second["items"][2:] == first["items"]
    window = tenant.get(f"/export/history/{run_id}").json()
    days = datetime.fromisoformat(window["dateTo"]) - datetime.fromisoformat(window["dateFrom"])
    assert days == timedelta(days=4), "the union of the windows of the ticks that were merged"
    assert ask(tenant, f"/runs/{run_id}")["reason"].startswith("covers 4 ticks")
    assert ask(tenant, f"/jobs/{run_id}/ticks") == second, "a run's id names its job's ticks"


def test_ticks_are_paged(installation: Installation, tenant: Account) -> None:
    """The newest first, by `from` and `size`; what is no number is refused by name."""
    job_id = tenant.create_job(schedulerParam={"cron": "0 0 * * *"}).json()["id"]
    tick(installation, days=5)
    whole = ask(tenant, f"/jobs/{job_id}/ticks")

    page = ask(tenant, f"/jobs/{job_id}/ticks?from=1&size=2")

    assert (page["count"], page["from"], page["size"]) == (5, 1, 2)
    assert page["items"] == whole["items"][1:3]
    refused = installation.client.get(
        f"/cxport/v1/jobs/{job_id}/ticks?size=some", headers=tenant.headers
    )
    assert error_of(refused, 400)["detail"]["field"] == "size"


def test_a_skipped_tick_has_no_run(installation: Installation, tenant: Account) -> None:
    """Where the job asks for nothing then, the tick says that it was skipped."""
    job_id = tenant.create_job(
        schedulerParam={"cron": "0 0 * * *"}, jobParams__missedTicks="none"
    ).json()["id"]
    tick(installation, days=3)

    items = ask(tenant, f"/jobs/{job_id}/ticks")["items"]

    assert {(one["state"], one["runId"]) for one in items} == {("skipped", None)}
