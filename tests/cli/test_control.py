"""Commands that hold, end, copy and repeat; what they refuse ends them with the documented code."""

from __future__ import annotations

from cxport.cli.exit_codes import ExitCode
from tests.cli.commands import Cxport
from tests.client.served import SOURCE, Served

JOB = ("job", "create", "--source", SOURCE, "--entity", "Chat", "--title")


def test_a_schedule_is_made_held_copied_and_ended(cxport: Cxport, as_user: Served) -> None:
    """Every option of a schedule reaches the job; suspend, resume, clone and delete do as told."""
    words = ("--cron", "0 3 * * *", "--zone", "Europe/Berlin", "--start", "2030-01-01")
    more = ("--missed", "none", "--relative", "P1D", "--priority", "3")
    made = cxport.json(*JOB, "nightly", *words, *more)
    assert made["status"] == "Scheduled"

    assert cxport.json("job", "suspend", made["id"])["status"] == "Suspended"
    assert cxport.json("job", "resume", made["id"])["status"] == "Scheduled"
    copy = cxport.json("job", "clone", made["id"])
    assert (copy["title"], copy["status"]) == ("nightly (copy)", "Suspended")
    for job in (made, copy):
        assert cxport.json("job", "delete", job["id"]) == {"deleted": job["id"]}
    assert cxport("job", "show", made["id"]).code == ExitCode.REFUSED
    assert as_user.job_id


def test_a_run_is_repeated_held_and_revoked(cxport: Cxport, as_user: Served) -> None:
    """The words of the page on control, in their order; a deletion under hold is refused."""
    cxport.done("cert", "upload", as_user.certificate)
    first = cxport.json(*JOB, "first", "--wait")["run"]
    run = cxport.json("run", "rerun", first["id"], "--wait")["run"]
    assert run["parent_id"] == first["parent_id"]
    assert run["id"] in [one["id"] for one in cxport.json("run", "list")["runs"]]

    now = cxport.json("run", "now", run["parent_id"], "--wait")["run"]
    assert now["id"] > run["id"]
    cxport.json("run", "hold", run["id"], "--reason", "case 4711")
    refused = cxport("run", "delete", run["id"])
    assert refused.code == ExitCode.REFUSED
    assert "case 4711" in refused.err
    assert cxport.json("run", "show", run["id"])["hold_reason"] == "case 4711"
    cxport.json("run", "release", run["id"])
    told = cxport.json("run", "revoke", run["id"], "--reason", "in error")
    assert (told["label"], told["revoke_reason"]) == ("Expired", "in error")
    assert cxport.json("run", "delete", run["id"])
    assert cxport("run", "retry", first["id"]).code == ExitCode.USAGE


def test_limits_are_shown_and_set(cxport: Cxport, as_user: Served) -> None:
    """What is not named stays, 0 ends a limit, and what makes no sense is refused."""
    tenant = ("tenant", "limits", "default")
    before = cxport.json(*tenant)
    found = cxport.json(*tenant, "--parallel-parts", 10, "--queued-runs", 500)
    assert found == {**before, "parallel_parts": 10, "queued_runs": 500}
    assert cxport.json(*tenant, "--parallel-parts", 0, "--queued-runs", 0) == before
    for wrong in (("--parallel-runs", 0), ("--parallel-runs", 49), ("--parallel-parts", 7)):
        assert cxport(*tenant, *wrong).code == ExitCode.USAGE
    assert cxport.json(*tenant) == before
    assert as_user.data
