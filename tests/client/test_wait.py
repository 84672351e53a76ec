"""Waiting for a run."""

from __future__ import annotations

import threading
import time

import pytest

from cxport.client import Client, ClientError, JobInfo, JobRequest, StillRunning
from cxport.client.waiting import pauses
from tests.client.scripted import Answer, Scripted, as_json
from tests.client.served import SOURCE, Served
from tests.client.test_sign_in import JOB

RUN = "/udm/v10/export/history/1"
EVENTS = "/cxport/v1/events"
BEGIN: Answer = (200, {"Content-Type": "text/event-stream"}, b"retry: 2000\n\n")


def test_a_run_is_waited_for(client: Client) -> None:
    """The run is given when it has ended, and every look at it was told."""
    seen: list[JobInfo] = []
    job = client.create_job(JobRequest(source=SOURCE, title="waited", entities=("Chat",)))
    run = client.wait(job.id, progress=seen.append)

    assert run.succeeded
    assert run.parent_id == job.id
    assert seen[-1] == run


def test_a_short_outage_is_waited_through(served: Served, client: Client) -> None:
    """A service that does not answer for a moment ends no waiting."""
    client.sign_in()
    served.proxy.away = True
    threading.Timer(0.5, lambda: setattr(served.proxy, "away", False)).start()

    began = time.monotonic()
    assert client.wait(served.job_id).id == served.run_id
    assert time.monotonic() - began > 0.4


def test_waiting_ends_when_the_time_is_over() -> None:
    """A run that does not end in the time given is StillRunning, and goes on."""
    running = {RUN: lambda _: as_json({**JOB, "status": "In Progress", "progress": 3})}
    with Scripted(running) as server, server.client() as client, pytest.raises(StillRunning):
        client.wait(1, timeout_seconds=0.2)


def test_a_run_is_listened_for(served: Served, client: Client) -> None:
    """Where the service tells events, a run is looked at when that begins and when it ends."""
    client.sign_in()
    looks = 0
    real = client.run

    def counted(run_id: int) -> JobInfo:
        nonlocal looks
        looks += 1
        time.sleep(0.01)
        return real(run_id)

    client.run = counted  # type: ignore[method-assign]
    job = client.create_job(JobRequest(source=SOURCE, title="listened", entities=("Chat",)))

    assert client.wait(job.id).succeeded
    assert looks <= 5
    assert served.run_id


def test_an_end_before_the_first_event_is_seen() -> None:
    """A run that ended between a look and the connection is not told of; the begin says look."""
    answers = iter([as_json({**JOB, "status": "In Progress"}), as_json(JOB)])
    script = {RUN: lambda _: next(answers), EVENTS: lambda _: BEGIN}
    with Scripted(script) as server, server.client() as client:
        assert client.wait(1).ended

    assert server.asked.count(f"GET {EVENTS}") == 1


@pytest.mark.parametrize("status", [403, 404])
def test_where_events_are_refused_it_is_looked(status: int) -> None:
    """A service without them is asked for them once, and its run is looked at."""
    running = [as_json({**JOB, "status": "In Progress"})] * 3
    answers = iter([*running, as_json(JOB)])
    refused = as_json({"status": {"message": "no"}}, status)
    script = {RUN: lambda _: next(answers), EVENTS: lambda _: refused}
    with Scripted(script) as server, server.client() as client:
        assert client.wait(1).ended

    assert server.asked.count(f"GET {EVENTS}") == 1
    assert server.asked.count(f"GET {RUN}") == 4


def test_a_failed_run_is_given_not_raised() -> None:
    """How a run ended is for the caller to judge."""
    failed = {RUN: lambda _: as_json({**JOB, "status": "Failed"})}
    with Scripted(failed) as server, server.client() as client:
        run = client.wait(1)

    assert run.ended
    assert not run.succeeded


def test_a_limit_is_waited_for_as_long_as_the_service_asks() -> None:
    """A 429 is no end: the client comes again after the time that Retry-After names."""
    answers = iter([(429, {"Retry-After": "1"}, b""), as_json(JOB)])

    def answer(_: dict[str, str]) -> Answer:
        return next(answers)

    with Scripted({RUN: answer}) as server, server.client() as client:
        assert client.wait(1).ended


def test_a_refusal_ends_the_waiting() -> None:
    """What will not pass is raised at once."""
    with Scripted({}) as server, server.client() as client, pytest.raises(ClientError) as refused:
        client.wait(1)

    assert refused.value.status == 404
    assert server.asked.count(f"GET {RUN}") == 1


def test_looks_become_less_frequent() -> None:
    """It is looked often at first, and never less often than every five seconds."""
    found = [pause for pause, _ in zip(pauses(), range(40), strict=False)]

    assert found[0] <= 0.2
    assert found == sorted(found)
    assert found[-1] == 5.0
