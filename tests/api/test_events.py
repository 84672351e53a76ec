"""`/cxport/v1/events`: changes of jobs and runs as server-sent events."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import httpx2
import pytest

from cxport.api import ApiSettings
from cxport.domain.access import Role
from cxport.store import runs
from tests.api.installation import Account, Installation, error_of
from tests.store.samples import PLAN

EVENTS = "/cxport/v1/events"


@pytest.fixture
def served(
    install: Callable[..., AbstractContextManager[Installation]],
) -> Iterator[Installation]:
    """Serve an installation whose streams end soon."""
    with install(api=ApiSettings(stream_seconds=1.0)) as found:
        yield found


def watch(account: Account, **headers: str) -> httpx2.Response:
    """Read a stream to its end."""
    sent = {**account.headers, **headers}
    return account.installation.client.get(EVENTS, headers=sent)


def events(answer: httpx2.Response) -> list[dict[str, str]]:
    """Read events by the standard's rules, as far as they are used."""
    found = []
    for block in answer.text.split("\n\n"):
        fields = [line.partition(": ")[::2] for line in block.splitlines()]
        if any(name == "data" for name, _ in fields):
            found.append(dict(fields))
    return found


def data(answer: httpx2.Response, kind: str) -> list[dict[str, Any]]:
    """Read the data of the events of a kind."""
    return [json.loads(one["data"]) for one in events(answer) if one["event"] == kind]


def test_jobs_and_runs_are_told(served: Installation, certificate: bytes) -> None:
    """What a list shows of a run, with how fast it goes, and what was made."""
    account = served.new_tenant()
    account.upload(certificate)
    job_id = account.create_job(title="line\nend").json()["id"]
    answer = watch(account)

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.text.startswith("retry: ")
    (job,) = data(answer, "job")
    (run,) = data(answer, "run")
    assert (job["id"], job["title"], job["suspended"]) == (job_id, "line\nend", False)
    assert (run["jobId"], run["status"], run["progress"]) == (job_id, "queued", 0)
    assert run["rowsPerSecond"] is run["remainingSeconds"] is None


def test_pace_is_told_of_a_run_in_progress(served: Installation, certificate: bytes) -> None:
    """Rows a second since its start, and what is left by the estimate."""
    account = served.new_tenant()
    account.upload(certificate)
    account.create_job()
    db, run_id = served.db, 2
    runs.begin(db, account.tenant_id, run_id, archive_id="a", certificate_fingerprint="f")
    runs.save_plan(db, account.tenant_id, run_id, 1, PLAN, 1000, True)
    part = runs.start_part(db, account.tenant_id, run_id, 1, 1)
    runs.part_progress(db, account.tenant_id, run_id, 1, 1, part.starts, 500)
    served.clock.advance(seconds=10)
    run = data(watch(account), "run")[-1]

    assert run["progress"] == 50
    assert 45 <= run["rowsPerSecond"] <= 50
    assert 10 <= run["remainingSeconds"] <= 11


def test_who_comes_back_hears_what_it_missed(served: Installation) -> None:
    """`Last-Event-ID` names the moment from which on it is told; another text is passed over."""
    account = served.new_tenant()
    account.finished_run(b"x")
    first = events(watch(account))
    served.clock.advance(minutes=10)

    assert [one["event"] for one in first] == ["job", "run"]
    assert len(events(watch(account, **{"Last-Event-ID": first[-1]["id"]}))) == 2
    for nothing in ("", "x", "9" * 40, "-1"):
        assert events(watch(account, **{"Last-Event-ID": nothing})) == []


def test_a_revoked_run_is_told_as_such(served: Installation) -> None:
    """However long after its end: with who, when and why, and in the reason that lists show."""
    account = served.new_tenant()
    run, _ = account.finished_run(b"x")
    served.clock.advance(minutes=10)
    assert data(watch(account), "run") == []

    answer = served.client.post(
        f"/cxport/v1/runs/{run.id}/revoke", headers=account.headers, json={"reason": "in error"}
    )
    (told,) = data(watch(account), "run")

    assert answer.json()["revoked"] == told["revoked"]
    assert told["revoked"]["reason"] == "in error"
    assert told["expiredDate"] == told["revoked"]["date"]
    assert (told["status"], told["reason"]) == ("expired", "its files were revoked: in error")
    assert data(watch(served.new_tenant()), "run") == []


def test_roles_decide_what_is_told(served: Installation) -> None:
    """Another tenant's is not told, nor what a role does not show; without a role, nothing."""
    account, other = served.new_tenant(), served.new_tenant()
    account.finished_run(b"x")

    assert events(watch(other)) == []
    assert events(watch(account.as_role(Role.DATASYNC_EXPORTER))) == []
    assert len(events(watch(account.as_role(Role.VIEWER)))) == 2
    error_of(watch(account.as_role()), 403)
    error_of(served.client.get(EVENTS), 401)
