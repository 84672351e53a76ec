"""Watching changes as they happen."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cxport.client import Client, ClientError, JobEvent, JobRequest, RunEvent
from tests.client.scripted import Answer, Scripted, as_json
from tests.client.served import SOURCE, Served, serving

EVENTS = "/cxport/v1/events"


def until_ended(events: Iterator[JobEvent | RunEvent], job_id: int) -> list[RunEvent]:
    """Give what is told of a job's run until it has ended."""
    told: list[RunEvent] = []
    for event in events:
        if isinstance(event, RunEvent) and event.job_id == job_id:
            told.append(event)
            if event.ended:
                break
    return told


def test_a_run_is_watched_to_its_end(served: Served, client: Client) -> None:
    """What is told last is that it has ended; the job was told, too."""
    events = client.watch()
    with served.client() as other:
        job = other.create_job(JobRequest(source=SOURCE, title="watched", entities=("Chat",)))
    told = until_ended(events, job.id)

    assert told[-1].status == "Completed"
    assert told[-1].progress == 100
    assert told[-1].title == "watched"


def test_a_connection_that_breaks_is_made_again(served: Served, client: Client) -> None:
    """What happened meanwhile is told on the next one."""
    client.sign_in()
    served.proxy.after_bytes, served.proxy.cuts = 400, 1
    events = client.watch()
    next(events)
    with served.service.client() as other:
        job_id = served.service.create_job(other, title="cut")
    told = until_ended(events, job_id)
    served.proxy.cuts, served.proxy.after_bytes = 0, 100_000

    assert told[-1].ended


def test_a_service_with_watchers_ends_at_once(tmp_path: Path) -> None:
    """Answers that go on hold up no stop."""
    with serving(tmp_path) as found, found.client() as client:
        events = client.watch()
        next(events)
        began = time.monotonic()

        assert found.service.stop() == 0
        assert time.monotonic() - began < 10


def test_a_stream_that_makes_no_sense_is_said() -> None:
    """Neither an event that is no JSON nor a refusal is waited out."""

    def answering(answer: Answer) -> Scripted:
        return Scripted({EVENTS: lambda _: answer})

    broken = (200, {"Content-Type": "text/event-stream"}, b"event: run\ndata: {\n\n")
    for answer, status in ((broken, 200), (as_json({"status": {"message": "no"}}, 403), 403)):
        with answering(answer) as server, server.client() as client:
            with pytest.raises(ClientError) as refused:
                next(client.watch())
            assert refused.value.status == status


def test_the_next_connection_names_the_last_event() -> None:
    """So the service can tell what was missed, whichever process answers."""
    asked: list[str] = []
    job = (
        b'id: 17\nevent: job\ndata: {"id":1,"type":"UCS","title":"t","source":"s",'
        b'"suspended":false,"nextRunDate":"","updatedDate":""}\n\n'
    )

    def answer(headers: dict[str, str]) -> Answer:
        asked.append({k.lower(): v for k, v in headers.items()}.get("last-event-id", ""))
        return 200, {"Content-Type": "text/event-stream"}, job

    with Scripted({EVENTS: answer}) as server, server.client() as client:
        events = client.watch()
        assert [next(events).id for _ in range(2)] == [1, 1]
    assert asked == ["", "17"]
