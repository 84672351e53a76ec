"""The list of jobs: what it shows, what its address keeps, and what is done to many at once."""

from __future__ import annotations

import re

import pytest

from cxport.domain.access import Role
from cxport.domain.catalogue import Family
from cxport.domain.run import Status
from cxport.store import jobs
from tests.console.installation import HOSTILE, Console, Person, certify, token_of


def titles(html: str) -> list[str]:
    """Give the titles in the order of the rows."""
    return re.findall(r'<td class="console-title"><a href="[^"]+">([^<]*)', html)


def status_of(served: Console, person: Person, job_id: int) -> Status:
    """Tell where a job stands."""
    caller = served.services.sessions.sign_in(person.tenant, person.name, person.password)[1]
    return served.services.jobs.get(caller, job_id).status


def test_shows_where_each_job_stands(served: Console, ann: Person) -> None:
    """Status in words, why it failed, last and next run with UTC behind them."""
    served.job(ann, "Nightly chats")
    served.failed(ann, "Broken", "the source does not answer")
    page = served.signed_in(ann).get("/console/jobs").text

    assert {"Nightly chats", "Broken"} == set(titles(page))
    assert "the source does not answer" in page
    assert "Scheduled" in page
    assert re.search(r'<time datetime="[^"]+" title="[\d-]+ [\d:]+ UTC">', page)


def test_nothing_from_the_data_is_markup(served: Console, ann: Person) -> None:
    """A title that is a script is shown as text, on the list and where it is asked back."""
    job, _ = served.job(ann, HOSTILE, description=HOSTILE)
    client = served.signed_in(ann)
    page = client.get("/console/jobs")
    asked = client.post("/console/jobs/delete", data={"token": token_of(page), "ids": job})

    for text in (page.text, asked.text):
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert" in text


def test_the_address_keeps_order_filters_and_page(served: Console, ann: Person) -> None:
    """What is seen can be sent to somebody else; nonsense in it counts as not said."""
    for number in range(30):
        served.job(ann, f"Job {number:02}")
    client = served.signed_in(ann)

    assert titles(client.get("/console/jobs?sort=title").text)[0] == "Job 00"
    assert titles(client.get("/console/jobs?sort=-title").text)[0] == "Job 29"
    second = client.get("/console/jobs?sort=title&page=2").text
    assert titles(second) == [f"Job {number}" for number in range(25, 30)]
    assert "Page 2 of 2" in second
    assert titles(client.get("/console/jobs?title=JOB+07").text) == ["Job 07"]
    assert titles(client.get("/console/jobs?status=failed").text) == []
    for nonsense in ("sort=nothing", "page=x", "size=7", "status=%00", "page=99999999999"):
        assert len(titles(client.get(f"/console/jobs?{nonsense}").text)) == 25


@pytest.mark.parametrize("key", ["title", "source", "type", "status", "schedule", "last", "next"])
def test_every_column_orders(served: Console, ann: Person, key: str) -> None:
    """Both ways, on both stores, also where some have not run and others will not again."""
    served.job(ann, "Waiting")
    served.failed(ann, "Broken", "why")
    client = served.signed_in(ann)

    for sign in ("", "-"):
        page = client.get(f"/console/jobs?sort={sign}{key}")
        assert page.status_code == 200
        assert len(titles(page.text)) == 2


def test_the_last_run_comes_first(served: Console, ann: Person) -> None:
    """What never ran stands behind what did; by the next run, what comes soon is found."""
    served.failed(ann, "First", "why")
    served.job(ann, "Never")
    served.failed(ann, "Second", "why")
    client = served.signed_in(ann)

    assert titles(client.get("/console/jobs").text) == ["Second", "First", "Never"]
    assert titles(client.get("/console/jobs?sort=-next").text)[0] == "Never"


def test_many_are_suspended_and_those_that_cannot_are_named(served: Console, ann: Person) -> None:
    """One that refuses stops none of the others, and is told by its name with the reason."""
    first, _ = served.job(ann, "First")
    over = served.failed(ann, "Over", "why").job_id
    second, _ = served.job(ann, "Second")
    client = served.signed_in(ann)
    back = "/console/jobs?sort=title"
    form = {"token": token_of(client.get(back)), "ids": [first, over, second, 999], "back": back}
    answer = client.post("/console/jobs/suspend", data=form)

    assert answer.status_code == 303
    assert answer.headers["location"] == back
    page = client.get(back).text
    assert "Suspended: 2." in page
    assert "<li>Over: cannot be suspended: it is Failed</li>" in page
    assert "<li>#999: This is not there, or no longer.</li>" in page
    assert "Suspended: 2." not in client.get(back).text
    assert status_of(served, ann, first) is Status.SUSPENDED
    assert status_of(served, ann, second) is Status.SUSPENDED


def test_deleting_asks_first(served: Console, ann: Person) -> None:
    """The first form deletes nothing; the page after it names what would go."""
    job, _ = served.job(ann, "Nightly")
    client = served.signed_in(ann)
    form = {"token": token_of(client.get("/console/jobs")), "ids": [job], "back": "/console/jobs"}
    asked = client.post("/console/jobs/delete", data=form)

    assert asked.status_code == 200
    assert "Nightly" in asked.text
    assert "Nightly" in client.get("/console/jobs").text
    client.post("/console/jobs/delete", data={**form, "confirmed": "true"})
    assert "Deleted: 1." in (page := client.get("/console/jobs").text)
    assert titles(page) == []


def test_what_runs_is_suspended_resumed_and_cancelled(served: Console, ann: Person) -> None:
    """Each button does what it says."""
    job, _ = served.job(ann, "Now", run_now=True)
    client = served.signed_in(ann)
    form = {"token": token_of(client.get("/console/jobs")), "ids": [job]}
    for word, status in (
        ("suspend", Status.SUSPENDED),
        ("resume", Status.QUEUED),
        ("cancel", Status.CANCELLED),
    ):
        client.post(f"/console/jobs/{word}", data={**form, "confirmed": "true"})
        assert status_of(served, ann, job) is status


def test_another_tenants_jobs_are_not_there(served: Console, ann: Person) -> None:
    """Neither seen nor touched."""
    job, _ = served.job(ann, "Nightly")
    client = served.signed_in(served.person())
    page = client.get("/console/jobs")
    client.post("/console/jobs/suspend", data={"token": token_of(page), "ids": [job]})

    assert "Nightly" not in page.text
    assert "There are no jobs yet." in page.text
    assert "Nightly" not in client.get("/console/jobs").text
    assert status_of(served, ann, job) is Status.SCHEDULED


def test_a_role_sees_its_own_family(served: Console, ann: Person) -> None:
    """Who exports tables is not shown the contact history."""
    served.job(ann, "Chats")
    served.job(ann, "Tables", family=Family.DATASYNC)
    exporter = served.person(Role.DATASYNC_EXPORTER, tenant=ann.tenant)

    assert titles(served.signed_in(exporter).get("/console/jobs").text) == ["Tables"]


def test_nothing_ticked_is_said(served: Console, ann: Person) -> None:
    """A button pressed too early is no error page."""
    client = served.signed_in(ann)
    form = {"token": token_of(client.get("/console/jobs"))}

    assert client.post("/console/jobs/suspend", data=form).status_code == 303
    assert "Nothing was selected" in client.get("/console/jobs").text
    assert client.post("/console/jobs/explode", data=form).status_code == 404


def test_the_overview_tells_what_goes_on(served: Console, ann: Person) -> None:
    """What runs, and what failed and why; no longer after a day."""
    served.begun(ann, "Going")
    served.failed(ann, "Broken", "the source does not answer")
    page = served.signed_in(ann).get("/console/").text

    assert "Going" in page
    assert "the source does not answer" in page


def test_a_job_is_run_between_its_ticks(served: Console, ann: Person) -> None:
    """Once, however often it is asked; its schedule goes on, and one that is suspended refuses."""
    job, _ = served.job(ann, "Nightly")
    held, _ = served.job(ann, "Weekly", suspended=True)
    certify(served, ann)
    client = served.signed_in(ann)
    form = {"token": token_of(client.get("/console/jobs")), "ids": [job, held]}
    before = next_tick(served, ann, job)
    for _ in range(2):
        client.post("/console/jobs/run", data={**form, "back": "/console/jobs"})
        page = client.get("/console/jobs").text
        assert "Queued to run now: 1." in page
        assert "<li>Weekly: a job that is suspended runs nothing: resume it</li>" in page

    assert status_of(served, ann, job) is Status.QUEUED
    assert next_tick(served, ann, job) == before
    assert len(re.findall(r'<tr id="run-', client.get(f"/console/history?job={job}").text)) == 1


def next_tick(served: Console, person: Person, job_id: int) -> object:
    """Tell when a job runs next by its schedule."""
    return jobs.get(served.db, person.tenant_id, job_id).next_tick_at
