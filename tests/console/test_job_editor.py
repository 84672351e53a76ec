"""The job editor without a browser: what is typed becomes a job, and a job what can be typed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from cxport.domain.access import Role
from cxport.domain.filter import Filter, Operator
from cxport.domain.job import JobSpec, MissedTicks, Schedule
from cxport.domain.selection import Window
from cxport.domain.tick import DueJob, TickPlan
from cxport.store import ticks
from tests.console.forms import sent_back, shown, text_of, wrong
from tests.console.installation import HOSTILE, Console, Person, token_of
from tests.console.materials import equip, job_of

FORM = {
    "source": "History",
    "data_type": "Interaction",
    "title": "Nightly chats",
    "period": "all",
    "when": "daily",
    "timezone": "Europe/Paris",
    "missed_ticks": "one",
    "profile": "compat",
}


@pytest.fixture
def client(served: Console, ann: Person) -> TestClient:
    """Give the browser of somebody whose tenant has sources and a certificate."""
    equip(served, ann)
    return served.signed_in(ann)


def send(
    client: TestClient, path: str = "/new", do: str = "save", **fields: object
) -> httpx2.Response:
    """Press a button of the form; a field of None is not sent."""
    token = token_of(client.get("/console/jobs"))
    form = {**FORM, **fields, "token": token, "do": do}
    sent = {name: value for name, value in form.items() if value is not None}
    return client.post(f"/console/jobs{path}", data=sent)


def made(answer: httpx2.Response) -> int:
    """Give the id of the job that was saved."""
    assert answer.status_code == 303, wrong(answer)
    return int(answer.headers["location"].rpartition("/")[2])


def spec_of(served: Console, ann: Person, answer: httpx2.Response) -> JobSpec:
    """Give what was saved, as it is stored."""
    return job_of(served, ann, made(answer)).spec


def test_what_is_typed_becomes_the_job(served: Console, ann: Person, client: TestClient) -> None:
    """Every field of contact history; dates are those of the clock in the job's zone."""
    answer = send(
        client,
        description="For the data warehouse\r\nand nobody else",
        entities=["Chat", "EmailIn"],
        media=["chat"],
        filter_attribute=["status", "", "subject"],
        filter_operator=["ge", "eq", "in"],
        filter_value=["3", "", "one\r\ntwo, three"],
        attachments="true",
        period="dates",
        date_from="2026-07-01T00:00",
        date_to="2026-08-01T00:00",
        when="cron",
        cron="30 6 * * MON-FRI",
        limit="7",
        missed_ticks="none",
        also_now="true",
        split_size="100MB",
        priority="-3",
        profile="strict",
        suspended="true",
    )
    spec = spec_of(served, ann, answer)

    assert spec.description == "For the data warehouse\nand nobody else"
    assert spec.entities == ("EmailIn", "Chat")
    assert spec.media == ("chat",)
    assert spec.filters == (
        Filter(attribute="status", operator=Operator.AT_LEAST, values=(3,)),
        Filter(attribute="subject", operator=Operator.IN, values=("one", "two, three")),
    )
    assert spec.attachments
    assert spec.window == Window(
        start=datetime(2026, 6, 30, 22, tzinfo=UTC), end=datetime(2026, 7, 31, 22, tzinfo=UTC)
    )
    assert spec.schedule == Schedule(
        immediately=True,
        cron="30 6 * * MON-FRI",
        runs="7",
        timezone="Europe/Paris",
        missed_ticks=MissedTicks.NONE,
    )
    assert (spec.split_bytes, spec.split_text) == (100_000_000, "100MB")
    assert spec.profile == "strict"
    assert spec.priority == -3
    assert spec.suspended


def test_tables_have_fields_of_their_own(served: Console, ann: Person, client: TestClient) -> None:
    """Their sets are the types; what only contact history has is neither shown nor sent on."""
    page = send(client, do="continue", source="Warehouse", media="chat").text
    assert 'value="Orders" checked' in page
    assert 'name="media"' not in page
    assert 'name="filter_attribute"' not in page
    assert 'name="spreadsheet_safe"' in page
    assert 'value="relative"' not in page

    fields = {"source": "Warehouse", "data_type": "Orders", "media": "chat"}
    answer = send(client, **fields, period="incremental", spreadsheet_safe="true")
    spec = spec_of(served, ann, answer)
    assert spec.tables is not None
    assert spec.incremental
    assert spec.spreadsheet_safe


def test_contacts_are_without_media(served: Console, ann: Person, client: TestClient) -> None:
    """Choosing the type takes its fields away, and what was ticked in them is not sent on."""
    answer = send(client, data_type="Contact", entities="Chat", media="chat", attachments="true")
    spec = spec_of(served, ann, answer)

    assert spec.entities == ("Contact",)
    assert spec.media == ()
    assert not spec.attachments


SCHEDULES = [
    Schedule(),
    Schedule(runs="1", timezone="Asia/Tokyo"),
    Schedule(runs="once"),
    Schedule(start_at=datetime(2020, 1, 1, tzinfo=UTC)),
    Schedule(immediately=False, runs="once"),
    Schedule(immediately=False, start_at=datetime(2031, 3, 30, 1, 30, 7, 123000, tzinfo=UTC)),
    Schedule(
        immediately=False, runs="1", start_at=datetime(2031, 10, 26, 1, 30, tzinfo=UTC),
        timezone="Europe/Paris",
    ),
    Schedule(immediately=False, runs="monthly", start_at=datetime(2031, 1, 31, 7, tzinfo=UTC)),
    Schedule(runs="weekly", missed_ticks=MissedTicks.ALL),
    Schedule(immediately=False, cron="0 0 8 ? * 6L 2031", runs="12", timezone="America/Lima"),
    Schedule(cron="@daily"),
]  # fmt: skip
FRAMES: list[dict[str, object]] = [
    {},
    {"relative": "P1M"},
    {"window": Window(start=datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC))},
    {"window": Window(end=datetime(2026, 10, 25, 1, 30, tzinfo=UTC))},
    {"incremental": True},
    {"incremental": True, "window": Window(start=datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC))},
]


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("frame", FRAMES)
def test_saving_without_a_change_changes_nothing(
    served: Console, ann: Person, client: TestClient, schedule: Schedule, frame: dict[str, object]
) -> None:
    """What a form cannot show to the letter stays as it is stored, to the letter."""
    filters = (
        Filter(attribute="isSpam", operator=Operator.EQUAL, values=(True,)),
        Filter(attribute="subject", operator=Operator.EQUAL, values=("\n a\nb ",)),
        Filter(
            attribute="startDate", operator=Operator.LESS, values=("2026-01-01T00:00:00+00:00",)
        ),
    )
    job_id, _ = served.job(
        ann,
        " A title ",
        schedule=schedule,
        filters=filters,
        description="\nbegins late",
        priority=7,
        **frame,
    )
    before = job_of(served, ann, job_id).spec
    made(sent_back(client, f"/{job_id}/edit"))

    assert job_of(served, ann, job_id).spec == before


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"title": " "}, "title"),
        ({"source": "Gone"}, "source"),
        ({"data_type": "Order"}, "data_type"),
        ({"media": "telex"}, "media"),
        ({"entities": "Contact"}, "entities"),
        ({"period": "dates"}, "period"),
        ({"period": "dates", "date_from": "soon"}, "date_from"),
        (
            {"period": "dates", "date_from": "2026-02-01T00:00", "date_to": "2026-01-01T00:00"},
            "date_to",
        ),
        ({"period": "relative"}, "relative"),
        ({"period": "relative", "relative": "P1S"}, "relative"),
        ({"when": "cron"}, "cron"),
        ({"when": "cron", "cron": "99 * * * *"}, "cron"),
        ({"when": "cron", "cron": "@daily", "limit": "some"}, "limit"),
        ({"when": "once", "start": "2199-01-01T00:00"}, "start"),
        ({"timezone": "Europe/Atlantis"}, "timezone"),
        ({"missed_ticks": "some"}, "missed_ticks"),
        ({"split_size": "1KB"}, "split_size"),
        ({"priority": "high"}, "priority"),
        ({"priority": "10"}, "priority"),
        ({"profile": "none"}, "profile"),
        (
            {"filter_attribute": "status", "filter_operator": "eq", "filter_value": "many"},
            "filter_value_0",
        ),
        (
            {"filter_attribute": "status", "filter_operator": "contains", "filter_value": "1"},
            "filter_operator_0",
        ),
        (
            {"filter_attribute": "colour", "filter_operator": "eq", "filter_value": "1"},
            "filter_attribute_0",
        ),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    client: TestClient, changed: dict[str, str], field: str
) -> None:
    """The page begins there, and everything that was typed is still in the form."""
    answer = send(client, **changed)
    form = shown(answer.text)

    assert answer.status_code == 400
    assert [*wrong(answer)] == [field]
    assert answer.text.count("autofocus") == 1
    assert form["title"] == [changed.get("title", FORM["title"])]
    kept = {"source", "data_type", "missed_ticks", "profile", "media"}
    for name, value in changed.items():
        if name not in kept:  # choices: what is not there cannot be chosen
            assert value in form[name], name  # type: ignore[operator]  # lists


def test_wrong_texts_are_told_in_the_readers_language(served: Console, ann: Person) -> None:
    """What to put right is German in German, and so is the detail behind it."""
    equip(served, ann)
    client = served.signed_in(ann)
    client.headers["Accept-Language"] = "de"
    answer = send(client, title="")

    assert wrong(answer)["title"].startswith("Geben Sie ihm einen Titel")
    assert re.search(r'<span class="text-secondary">leer \(1 bis 255 Zeichen\)', answer.text)


def test_hostile_words_stay_text(served: Console, ann: Person, client: TestClient) -> None:
    """Wherever a form shows them again, and on the job's own page."""
    hostile = {"description": HOSTILE, "filter_attribute": HOSTILE, "filter_value": HOSTILE}
    refused = send(client, title=HOSTILE, filter_operator="eq", relative=f'"{HOSTILE}', **hostile)
    assert refused.status_code == 400
    job_id, _ = served.job(ann, HOSTILE, description=HOSTILE, media=(HOSTILE,))
    pages = [client.get(f"/console/jobs/{job_id}{path}") for path in ("", "/edit", "/clone")]

    for page in (refused, *pages):
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;alert" in page.text


def test_conditions_come_and_go_without_a_script(client: TestClient) -> None:
    """A button adds a row, another takes one out; what else was typed stays."""
    rows: dict[str, Any] = {
        "filter_attribute": ["status", "subject"],
        "filter_operator": ["eq", "contains"],
        "filter_value": ["3", "bill"],
    }
    more = shown(send(client, **rows, title="Kept", do="add").text)
    fewer = shown(send(client, do="remove-0", title="Kept", **rows).text)
    same = shown(send(client, do="remove-x", **rows).text)

    assert more["filter_attribute"] == ["status", "subject", ""]
    assert fewer["filter_attribute"] == ["subject"]
    assert fewer["filter_value"] == ["bill"]
    assert same["filter_attribute"] == ["status", "subject"]
    assert more["title"] == fewer["title"] == ["Kept"]


def test_the_next_runs_are_told_before_saving(client: TestClient) -> None:
    """In words and on the clock of the job's zone, with what each will export."""
    fields = {"when": "cron", "cron": "30 6 * * MON-TUE", "timezone": "Asia/Tokyo"}
    whole = send(client, do="preview", period="relative", relative="P1D", **fields)
    part = send(client, path="/upcoming", period="relative", relative="P1D", **fields)

    for answer in (whole, part):
        said = text_of(answer.text)
        assert "Every week on Monday, Tuesday at 06:30 (Asia/Tokyo)" in said
        runs = re.findall(r"day, ([\d-]{10}) 06:30 exports [\d-]{10} 00:00 . \1 00:00", said)
        assert len(runs) == 5
    assert "<html" not in part.text
    wrong_part = text_of(send(client, path="/upcoming", when="cron", cron="99 * * * *").text)
    assert "This is no cron expression that works." in wrong_part


def test_a_clone_is_a_job_of_its_own(served: Console, ann: Person, client: TestClient) -> None:
    """It says what the job, or the job as a run had it, says, but for its title."""
    run = served.failed(ann, "Mails of June", "broken")
    for item in (run.job_id, run.id):
        job_id = made(sent_back(client, f"/{item}/clone"))
        assert job_id != run.job_id
        spec = job_of(served, ann, job_id).spec
        assert replace(spec, title="Mails of June") == run.spec
        assert spec.title == "Copy of Mails of June"


def test_a_job_that_has_run_is_saved_as_a_new_one(
    served: Console, ann: Person, client: TestClient
) -> None:
    """The form says that it cannot be changed any more, and offers that; nothing is lost."""
    run = served.failed(ann, "Mails of June", "broken")
    answer = sent_back(client, f"/{run.job_id}/edit", title="Changed")

    assert answer.status_code == 400
    assert "A run of this job has begun" in answer.text
    assert shown(answer.text)["title"] == ["Changed"]
    assert 'formaction="/console/jobs/new"' in answer.text
    assert f"/console/jobs/{run.job_id}/edit" not in client.get(f"/console/jobs/{run.job_id}").text


def test_without_a_certificate_it_says_where_to_go(served: Console, ann: Person) -> None:
    """A job is not saved that nothing could be sealed to."""
    equip(served, ann, certified=False)
    answer = send(served.signed_in(ann))

    assert answer.status_code == 400
    assert 'href="/console/certificate"' in answer.text


def test_without_a_source_it_says_what_to_do(served: Console, ann: Person) -> None:
    """No form that cannot be filled in."""
    page = served.signed_in(ann).get("/console/jobs/new").text

    assert "There is no source to export from." in page
    assert "<form class" not in page.partition("<main")[2]


def test_who_may_only_look_gets_no_form(served: Console, ann: Person, client: TestClient) -> None:
    """The job's page without buttons; the editor's addresses are refused as pages and as posts."""
    viewer = served.signed_in(served.person(Role.VIEWER, tenant=ann.tenant))
    job_id = made(send(client))
    page = viewer.get(f"/console/jobs/{job_id}").text
    assert "Nightly chats" in page
    assert "<form" not in page.partition("<main")[2]
    assert "/console/jobs/new" not in viewer.get("/console/jobs").text

    for path in ("/new", f"/{job_id}/clone", f"/{job_id}/edit"):
        assert viewer.get(f"/console/jobs{path}").status_code == 403
        assert send(viewer, path).status_code == 403


def test_other_families_and_tenants_are_not_there(
    served: Console, ann: Person, client: TestClient
) -> None:
    """A job that somebody may not see has no page and no form."""
    job_id = made(send(client))
    exporter = served.person(Role.DATASYNC_EXPORTER, tenant=ann.tenant)

    for stranger in (served.person(), exporter):
        for path in ("", "/clone", "/edit"):
            assert (
                served.signed_in(stranger).get(f"/console/jobs/{job_id}{path}").status_code == 404
            )


def test_a_job_is_told_in_words(served: Console, ann: Person, client: TestClient) -> None:
    """What it exports, when it runs next, how its runs went; a run's id leads there."""
    rows = {"filter_attribute": "status", "filter_operator": "ge", "filter_value": "3"}
    job_id = made(send(client, period="relative", relative="P7D", media="chat", **rows))
    said = text_of(client.get(f"/console/jobs/{job_id}").text)
    assert "Every day at 00:00 (Europe/Paris)" in said
    assert "The 7 days before each run" in said
    assert "status is at least 3" in said
    assert len(re.findall(r"day, [\d-]{10} 00:00 exports", said)) == 5
    assert "It has not run yet." in said

    run = served.failed(ann, "Mails of June", "the source does not answer")
    assert (
        client.get(f"/console/jobs/{run.id}").headers["location"] == f"/console/jobs/{run.job_id}"
    )
    said = text_of(client.get(f"/console/jobs/{run.job_id}").text)
    assert "The last run failed." in said
    assert "the source does not answer" in said


def test_an_estimate_is_told_before_saving(client: TestClient) -> None:
    """Rows, bytes, files and time as far as known; no title is needed, and nothing is stored."""
    answer = send(client, do="estimate", title="")
    said = text_of(answer.text)

    assert "Rows about 5,000" in said
    assert "Sealed 6.2 MB at most" in said or "Sealed 6.3 MB at most" in said
    assert "Files about 2" in said
    assert "not known before the first run" in said
    assert "There are no jobs yet." in client.get("/console/jobs").text


def test_an_estimate_that_fails_says_why(client: TestClient) -> None:
    """The source, too many askers, or a field that is wrong: in the form, which stays."""
    silent = send(client, do="estimate", media="voice")
    broken = send(client, do="estimate", media="chat")
    wrong_size = send(client, do="estimate", split_size="1KB")

    assert "The source does not answer." in text_of(silent.text)
    assert "the database lacks what the mapping names: Interaction" in wrong(broken)["source"]
    assert [*wrong(wrong_size)] == ["split_size"]
    for answer in (silent, broken, wrong_size):
        assert shown(answer.text)["title"] == ["Nightly chats"]


def test_what_became_of_ticks_is_named(served: Console, ann: Person, client: TestClient) -> None:
    """Those with a run, those that a later run made up for, and those that were left out."""
    job_id, _ = served.job(ann, "Nightly")
    job = job_of(served, ann, job_id)
    now = served.clock()
    at = [now - timedelta(hours=hours) for hours in (3, 2, 1)]
    due = DueJob(
        tenant_id=ann.tenant_id,
        job_id=job_id,
        schedule=job.spec.schedule,
        relative="",
        next_tick_at=job.next_tick_at or now,
        updated_at=job.updated_at,
    )
    plan = TickPlan(covered=(at[1], at[2]), skipped=(at[0],), next_tick_at=None)
    assert ticks.take(served.db, ann.tenant_id, due, plan, now)
    said = text_of(client.get(f"/console/jobs/{job_id}").text)

    assert "has its run" in said
    assert "was made up for by a later run" in said
    assert "was missed and left out" in said
