"""Whatever the API offers can be asked for by the client, and what it answers is typed."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

import pytest

from cxport.api import ApiSettings, create_app
from cxport.api.documents import describe
from cxport.client import Client, ClientError, ClientSecret, JobRequest
from cxport.services import Services
from tests.api.bodies import PLACES, at
from tests.client.scripted import Scripted, as_json
from tests.client.served import SOURCE, Served

JOB = JobRequest(source=SOURCE, title="one")
#: A call of everything that the client can do.
CALLS: tuple[Callable[[Client], object], ...] = (
    lambda c: c.upload_certificate("x.pem", b""),
    lambda c: c.certificate(),
    lambda c: c.certificates(),
    lambda c: c.create_job(JOB),
    lambda c: c.update_job(1, JOB),
    lambda c: c.job(1),
    lambda c: list(c.jobs()),
    lambda c: c.delete_job(1),
    lambda c: c.delete_jobs([1]),
    lambda c: c.cancel(1),
    lambda c: c.suspend(1),
    lambda c: c.resume(1),
    lambda c: c.clone(1),
    lambda c: c.run(1),
    lambda c: list(c.history()),
    lambda c: c.delete_run(1),
    lambda c: c.delete_runs([1]),
    lambda c: c.run_detail(1),
    lambda c: c.run_now(1),
    lambda c: c.retry(1),
    lambda c: c.rerun(1),
    lambda c: c.hold(1, "x"),
    lambda c: c.release(1),
    lambda c: c.revoke(1, "x"),
    lambda c: list(c.ticks(1)),
    lambda c: c.estimate(JOB),
    lambda c: next(iter(c.watch())),
    lambda c: list(c.files()),
    lambda c: c.link("x"),
    lambda c: c.links(["x"]),
    lambda c: c.delete_file("x"),
    lambda c: c.delete_files(["x"]),
    lambda c: c.manifest_of(1),
    lambda c: c.change_password("x", "y"),
    lambda c: list(c.audit()),
    lambda c: c.catalogue.statuses(),
    lambda c: c.catalogue.sources(),
    lambda c: c.catalogue.types(),
    lambda c: c.catalogue.sub_types(),
    lambda c: c.catalogue.attributes(),
    lambda c: c.catalogue.labels(),
    lambda c: c.catalogue.version(),
    lambda c: c.webhooks.add(url="x"),
    lambda c: c.webhooks.list(),
    lambda c: c.webhooks.get("x"),
    lambda c: c.webhooks.update("x", active=False),
    lambda c: c.webhooks.remove("x"),
    lambda c: c.webhooks.rotate("x"),
    lambda c: c.webhooks.test("x"),
    lambda c: list(c.webhooks.deliveries("x")),
    lambda c: c.webhooks.replay("x", "y"),
    lambda c: c.administration.users(),
    lambda c: c.administration.create_user("x", []),
    lambda c: c.administration.update_user("x", roles=[]),
    lambda c: c.administration.remove_user("x"),
    lambda c: c.administration.keys(),
    lambda c: c.administration.create_key("x"),
    lambda c: c.administration.remove_key("x"),
    lambda c: c.administration.clients(),
    lambda c: c.administration.create_client("x", []),
    lambda c: c.administration.update_client("x", []),
    lambda c: c.administration.remove_client("x"),
    lambda c: c.administration.sources(),
    lambda c: c.administration.add_source("x", "y"),
    lambda c: c.administration.check_source("x"),
    lambda c: c.administration.remove_source("x"),
    lambda c: c.administration.retention(),
    lambda c: c.administration.change_retention(1),
)
#: What `run` tells with all else.
_TOLD_BESIDES = {("get", "/udm/v10/export/history/{id}/progress")}


def _operations() -> set[tuple[str, str]]:
    app = create_app(cast("Services", None), ApiSettings())
    return {
        (method, path)
        for prefix in ("/udm/v10", "/cxport/v1")
        for path, methods in describe(app, prefix, "")["paths"].items()
        for method in methods
    }


def test_every_operation_can_be_asked_for() -> None:
    """Of version 10, and of the API that is ours: as their documents list them."""
    with Scripted({}) as server:
        client = Client(server.url, credentials=ClientSecret("id", "secret"))
        for call in CALLS:
            with suppress(ClientError):
                call(client)
        client.close()

    asked = {line.partition("?")[0] for line in server.asked}
    missing = {
        (method, path)
        for method, path in _operations()
        if not any(
            re.fullmatch(f"{method.upper()} {re.sub(r'{.*?}', '[^/]+', path)}", one)
            for one in asked
        )
    }
    assert missing == _TOLD_BESIDES


def test_every_field_of_a_job_can_be_said() -> None:
    """Each place of version 10's body, by one of the ways in which a time frame is said."""
    full = {
        "profile": "strict",
        "format": "jsonl",
        "filter": (("status", "eq", 1),),
        "split_size": "1GB",
        "media": ("chat",),
        "entities": ("Chat",),
        "priority": 1,
        "missed_ticks": "all",
        "runs": "daily",
        "start_date": "2030-01-01",
        "timezone": "UTC",
        "spreadsheet_safe": True,
    }
    bodies = [
        JobRequest(source=SOURCE, title="x", **full, **frame).to_json()  # type: ignore[arg-type] # of each type
        for frame in (
            {},
            {"relative": "P1D"},
            {"incremental": True},
            {"date_from": "2026-01-01", "date_to": "2026-02-01"},
        )
    ]

    places = {one.words for one in PLACES if one.path == "/udm/v10/export/jobs" if one.words}
    assert places
    said = {words for words in places if any(at(body, words) is not None for body in bodies)}
    assert said == places


def test_lists_are_narrowed(served: Served, client: Client) -> None:
    """By family, by whether a job is suspended, and by the time of upload."""
    held = client.create_job(JobRequest(source=SOURCE, title="held", suspended=True)).id

    assert held in [job.id for job in client.jobs(suspended=True, type="UCS")]
    assert held not in [job.id for job in client.jobs(suspended=False)]
    assert list(client.jobs(type="DataSync")) == []
    assert served.file.name in [one.name for one in client.files(date_from="2020-01-01")]
    assert list(client.files(date_to="2020-01-01")) == []
    client.delete_job(held)


def test_what_there_is_to_choose_from(client: Client) -> None:
    """Sources, types, entity types, attributes, states and labels of a real service."""
    catalogue = client.catalogue

    assert [one.value for one in catalogue.sources()] == [SOURCE]
    assert (SOURCE, "Interaction") in catalogue.types(SOURCE)
    assert catalogue.types("no source is called this") == []
    assert {one.name for one in catalogue.sub_types(SOURCE) if one.enabled} >= {"Chat", "EmailIn"}
    assert list(catalogue.attributes("Chat")) == ["Chat"]
    assert all(one.operators for one in catalogue.attributes()["Contact"])
    assert "In Progress" in {one.label for one in catalogue.statuses()}
    assert catalogue.labels("de") != catalogue.labels() != {}
    assert catalogue.version().name == "CXPort"


def test_a_job_is_changed_and_several_deleted(served: Served, client: Client) -> None:
    """What could not be deleted is named; what could is gone."""
    later = JobRequest(source=SOURCE, title="later", immediately=False, start_date="2030-01-01")
    first, second = client.create_job(later).id, client.create_job(later).id

    changed = JobRequest(source=SOURCE, title="new", immediately=False, start_date="2030-01-01")
    assert client.update_job(first, changed).title == "new"
    assert client.delete_jobs([first, 999_999, second]) == [999_999]
    assert client.delete_runs([999_998]) == [999_998]
    assert first not in [job.id for job in client.jobs()]
    assert served.job_id in [job.id for job in client.jobs()]


def test_files_are_linked_and_deleted_together(served: Served, client: Client) -> None:
    """One link a name, which gives the file; a name that is none gives no link at all."""
    run = client.wait(client.create_job(JOB).id)
    (file,) = client.files(run_id=run.id)

    links = client.links([file.name, served.file.name])
    assert links.keys() == {file.name, served.file.name}
    assert links[file.name] != links[served.file.name]
    with pytest.raises(ClientError) as refused:
        client.links([file.name, "export-none.smime"])
    assert refused.value.status == 404

    assert client.delete_files([file.name]) == []
    assert list(client.files(run_id=run.id)) == []
    client.delete_file(file.name)


def test_a_refusal_of_a_bulk_delete_is_raised() -> None:
    """The array of what was not deleted is told, any other 500 is an error."""
    answers: list[Any] = [as_json({"status": {"message": "our side"}}, 500), as_json(["a"], 500)]
    with Scripted({"/udm/v10/files": lambda _: answers.pop()}) as server:
        client = Client(server.url, credentials=ClientSecret("id", "secret"))
        assert client.delete_files(["a", "b"]) == ["a"]
        with pytest.raises(ClientError, match="our side"):
            client.delete_files(["a"])
        client.close()


def test_a_subscription_is_changed(client: Client) -> None:
    """What is not given stays."""
    made = client.webhooks.add(url="https://receiver.example/hook", events=["run.failed"])

    changed = client.webhooks.update(made.id, active=False)

    assert (changed.active, changed.events) == (False, ("run.failed",))
    assert client.webhooks.get(made.id) == changed
    client.webhooks.remove(made.id)
