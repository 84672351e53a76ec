"""The history and the page of one run: what they show, and what can be done from them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from cxport.domain.access import Role
from cxport.domain.run import Counts, Run, Status
from cxport.store import runs
from tests.console.installation import HOSTILE, Console, Person, certify, token_of

SKIPPING = Counts(selected=12, exported=10, skipped=2, warnings=0)


def titles(html: str) -> list[str]:
    """Give the titles in the order of the rows."""
    return re.findall(r'<td class="console-title"><a [^>]*>([^<]*)', html)


def facts(html: str) -> dict[str, str]:
    """Give what is said of a run, by its label, without markup."""
    found = re.findall(r"<dt>([^<]*)</dt>\s*<dd>(.*?)</dd>", html, re.DOTALL)
    return {label: re.sub(r"<[^>]+>|\s+", " ", text).strip() for label, text in found}


def stored(served: Console, run: Run) -> Run:
    """Give a run as it stands."""
    return runs.get(served.db, run.tenant_id, run.id)


def test_every_run_is_there_with_how_it_went(served: Console, ann: Person) -> None:
    """Also those of one job, or of a day; each leads to its own page."""
    served.failed(ann, "Broken", "the source does not answer")
    run, _ = served.finished(ann, "Nightly", b"sealed", counts=SKIPPING)
    client = served.signed_in(ann)
    page = client.get("/console/history").text
    today = served.clock().date()

    assert titles(page) == ["Nightly", "Broken"]
    assert "the source does not answer" in page
    assert f'href="/console/history/{run.id}"' in page
    assert titles(client.get(f"/console/history?job={run.job_id}").text) == ["Nightly"]
    assert titles(client.get("/console/history?status=failed").text) == ["Broken"]
    assert len(titles(client.get(f"/console/history?created={today}").text)) == 2
    past = today - timedelta(days=3)
    assert "Nothing fits" in client.get(f"/console/history?created={past}").text
    for nonsense in ("job=x", "job=0", "created=yesterday", "created=9999-12-31", "sort=job_id"):
        assert len(titles(client.get(f"/console/history?{nonsense}").text)) == 2


def test_a_day_is_that_of_the_readers_zone(served: Console, ann: Person) -> None:
    """Not that of UTC: what somebody sees under a date, the filter for this date finds."""
    served.begun(ann, "Now")
    client = served.signed_in(ann)
    for zone in ("Pacific/Kiritimati", "Pacific/Niue"):
        client.cookies.set("cxport-zone", zone)
        page = client.get("/console/history").text
        shown = re.findall(r"<td><time [^>]*>([\d-]+) [\d:]+</time>", page)[0]

        assert titles(client.get(f"/console/history?created={shown}").text) == ["Now"]


@pytest.mark.parametrize("key", ["title", "source", "type", "status", "created", "rows", "size"])
def test_every_column_orders(served: Console, ann: Person, key: str) -> None:
    """Both ways, on both stores."""
    served.begun(ann, "Going")
    served.finished(ann, "Nightly", b"sealed")
    client = served.signed_in(ann)

    for sign in ("", "-"):
        assert len(titles(client.get(f"/console/history?sort={sign}{key}").text)) == 2


def test_a_run_tells_all_that_is_known_of_it(served: Console, ann: Person) -> None:
    """Counts, why rows were skipped, period, certificate, profile, and each part."""
    run, _ = served.finished(ann, "Nightly", b"one", b"two", counts=SKIPPING)
    page = served.signed_in(ann).get(f"/console/history/{run.id}").text
    told = facts(page)

    assert told["Selected"] == "12"
    assert told["Exported"] == "10"
    assert told["Skipped"] == "2"
    assert "2 rows skipped" in page
    assert "errors-*.jsonl" in page
    assert told["Certificate"] == "f" * 64
    assert told["Period"] == "Everything"
    assert told["Sealed as"] == "compat"
    assert told["Asked for by"] == "ann"
    assert "2 of 2 done" in page
    assert page.count('<svg class="console-bar-line part-done"') == 2
    assert f'href="/console/files?run={run.id}"' in page


def test_a_run_that_goes_on_tells_how_fast_and_how_long(served: Console, ann: Person) -> None:
    """The rate of late, and the time that it leaves; its parts as they are in hand."""
    run = served.planned(served.begun(ann, "Going"), 2)
    served.clock.advance(seconds=10)
    served.read(run, 500)
    page = served.signed_in(ann).get(f"/console/history/{run.id}").text
    served.clock.advance(seconds=-10)

    assert "500 of about 2,000 rows read" in page
    assert re.search(r"\d+ rows a second", page)
    assert re.search(r"about \d+ s left|about 0 min", page)
    assert page.count("part-running") == 1
    assert page.count("part-waiting") == 1


def test_many_parts_come_in_pages(served: Console, ann: Person) -> None:
    """A run of thousands of parts is a page like any other."""
    run = served.planned(served.begun(ann, "Going"), 130)
    client = served.signed_in(ann)
    first = client.get(f"/console/history/{run.id}").text
    last = client.get(f"/console/history/{run.id}?size=100&page=2").text

    assert first.count("console-bar-line") == 25
    assert "Page 1 of 6" in first
    assert last.count("console-bar-line") == 30
    assert "0 of 130 done" in last


def test_the_manifest_is_fetched_from_the_runs_page(served: Console, ann: Person) -> None:
    """By a link of a minute, as a file; a run without one has no such page."""
    run, _ = served.finished(ann, "Nightly", b"sealed")
    failed = served.failed(ann, "Broken", "why")
    client = served.signed_in(ann)
    sent = client.get(f"/console/history/{run.id}/manifest")

    assert sent.status_code == 303
    got = client.get(sent.headers["location"])
    assert got.json() == {"parts": []}
    assert "attachment" in got.headers["content-disposition"]
    assert client.get(f"/console/history/{failed.id}/manifest").status_code == 404


def test_only_what_makes_sense_is_offered(served: Console, ann: Person) -> None:
    """By how the run stands, and by the reader's roles."""
    going, done = served.begun(ann, "Going"), served.failed(ann, "Broken", "why")
    client = served.signed_in(ann)
    viewer = served.signed_in(served.person(Role.VIEWER, tenant=ann.tenant))

    def offered(page: str) -> set[str]:
        return set(re.findall(r'action="/console/history/(\w+)"', page))

    assert {"suspend", "cancel"} <= offered(client.get(f"/console/history/{going.id}").text)
    assert "delete" not in offered(client.get(f"/console/history/{going.id}").text)
    assert "delete" in offered(client.get(f"/console/history/{done.id}").text)
    assert "cancel" not in offered(client.get(f"/console/history/{done.id}").text)
    assert offered(viewer.get(f"/console/history/{going.id}").text) == set()


def test_a_run_is_suspended_resumed_cancelled_and_deleted(served: Console, ann: Person) -> None:
    """Each button does what it says to that very run; the last two ask first."""
    run = served.begun(ann, "Going")
    client = served.signed_in(ann)
    back = f"/console/history/{run.id}"
    form = {"token": token_of(client.get(back)), "ids": [run.id], "back": back}
    for word, status in (
        ("suspend", Status.SUSPENDED),
        ("resume", Status.QUEUED),
        ("cancel", Status.CANCELLED),
    ):
        if word == "cancel":
            asked = client.post("/console/history/cancel", data=form)
            assert "Cancel these runs? (1)" in asked.text
        sent = client.post(f"/console/history/{word}", data={**form, "confirmed": "true"})
        assert sent.headers["location"] == back
        assert stored(served, run).status is status
    client.post("/console/history/delete", data={**form, "confirmed": "true"})
    assert client.get(back).status_code == 404


def test_many_are_deleted_and_those_that_cannot_are_named(served: Console, ann: Person) -> None:
    """One that goes on stops none of the others; files go with their run."""
    done, files = served.finished(ann, "Nightly", b"sealed")
    going = served.begun(ann, "Going")
    client = served.signed_in(ann)
    form = {
        "token": token_of(client.get("/console/history")),
        "ids": [done.id, going.id, 999],
        "back": "/console/history",
    }
    asked = client.post("/console/history/delete", data=form).text
    assert "Delete these runs and their files? (3)" in asked
    assert "This is not there, or no longer." in asked
    client.post("/console/history/delete", data={**form, "confirmed": "true"})
    page = client.get("/console/history").text

    assert "Deleted: 1." in page
    assert "<li>Going: cancel it first: it is In Progress</li>" in page
    assert "<li>#999: This is not there, or no longer.</li>" in page
    assert titles(page) == ["Going"]
    assert client.get(f"/console/files/{files[0].name}").status_code == 404


def test_nothing_from_the_data_is_markup(served: Console, ann: Person) -> None:
    """Title and reason are text wherever they stand."""
    run = served.failed(ann, HOSTILE, HOSTILE)
    client = served.signed_in(ann)
    form = {"token": token_of(client.get("/console/history")), "ids": [run.id]}
    asked = client.post("/console/history/delete", data=form).text

    for path in ("/console/history", f"/console/history/{run.id}", "/console/", "/console/jobs"):
        assert "<script>alert" not in client.get(path).text
        assert "&lt;script&gt;alert" in client.get(path).text
    assert "<script>alert" not in asked


def test_another_tenants_run_is_not_there(served: Console, ann: Person) -> None:
    """Neither its page, nor its manifest, nor any act on it."""
    run, _ = served.finished(ann, "Nightly", b"sealed")
    other = served.signed_in(served.person())
    form = {"token": token_of(other.get("/console/history")), "ids": [run.id], "confirmed": "true"}

    assert titles(other.get("/console/history").text) == []
    assert other.get(f"/console/history/{run.id}").status_code == 404
    assert other.get(f"/console/history/{run.id}/manifest").status_code == 404
    other.post("/console/history/delete", data=form)
    assert stored(served, run).status is Status.COMPLETED


def test_a_failed_run_is_retried_run_again_and_cloned(served: Console, ann: Person) -> None:
    """That very run goes on, another one is queued, and a suspended copy of it is a job."""
    certify(served, ann)
    run = served.failed(ann, "Broken", "why")
    client = served.signed_in(ann)
    back = f"/console/history/{run.id}"
    form = {"token": token_of(client.get(back)), "ids": [run.id], "back": back}
    client.post("/console/history/rerun", data=form)
    page = client.get(back).text
    assert "Queued once more: 1." in page
    again = client.get("/console/history?status=queued").text
    assert titles(again) == ["Broken"]
    client.post("/console/history/retry", data=form)
    assert stored(served, run).status is Status.QUEUED
    client.post("/console/history/clone", data={**form, "back": "/console/jobs"})
    assert "Broken (copy)" in client.get("/console/jobs").text


def test_holding_and_revoking_ask_why(served: Console, ann: Person) -> None:
    """The reason is kept with the run; what is held is not deleted, and told by name."""
    run, (file,) = served.finished(ann, "Nightly", b"sealed")
    client = served.signed_in(ann)
    back = f"/console/history/{run.id}"
    form = {"token": token_of(client.get(back)), "ids": [run.id], "back": back, "confirmed": "true"}
    assert "Say why." in client.post("/console/history/hold", data={**form, "reason": " "}).text
    client.post("/console/history/hold", data={**form, "reason": "court order 7"})
    held = client.get(back).text
    assert "court order 7" in held
    assert 'action="/console/history/delete"' not in held
    client.post("/console/history/delete", data=form)
    assert stored(served, run).hold is not None
    client.post("/console/history/release", data=form)
    ticked = {**form, "ids": [file.name], "confirmed": ""}
    asked = client.post("/console/files/revoke", data=ticked).text
    assert 'action="/console/history/revoke"' in asked
    assert "Revoke all files of these runs?" in asked
    client.post("/console/history/revoke", data={**form, "reason": "wrong recipient"})

    assert stored(served, run).status is Status.EXPIRED
    assert client.get(f"/console/files/{file.name}").status_code == 404
    assert "wrong recipient" in client.get(back).text
