"""`/export/jobs`: what is accepted, what is refused and by which name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cxport.domain.access import Role
from cxport.domain.catalogue import Entity, Family
from cxport.domain.run import Status
from cxport.domain.sealing import DEFAULT_SPLIT_BYTES, Profile
from cxport.sealing.certificate import make_certificate
from cxport.services.source_setup import SourceDraft
from cxport.store import jobs, runs, work
from tests.api.installation import (
    Account,
    EntityReport,
    Installation,
    SourceReport,
    error_of,
    job_body,
    names_of,
)


def test_creating_a_job_queues_its_first_run(tenant: Account, installation: Installation) -> None:
    """A job is answered with 202 and as JobInfo; its run waits in the store for the engine."""
    before = len(installation.queued)
    answer = tenant.create_job(description="all of them")

    assert answer.status_code == 202
    created = answer.json()
    assert {
        "id": created["id"],
        "type": "UCS",
        "source": "History",
        "title": "Weekly chats",
        "fileSplitSize": "",
        "fileName": "",
        "fileSize": 0,
        "status": "Queued",
        "createdDate": created["createdDate"],
        "dateFrom": "",
        "dateTo": "",
        "description": "all of them",
        "media": [],
        "progress": 0,
        "parentId": None,
        "exportAttachments": False,
    } == created
    run = jobs.newest_run(installation.db, tenant.tenant_id, created["id"])
    assert run is not None
    assert run.status is Status.QUEUED
    assert (tenant.tenant_id, run.id, 0) in work.queued(installation.db)
    assert len(installation.queued) == before + 1


def test_what_was_asked_for_is_what_the_run_will_do(
    tenant: Account, installation: Installation
) -> None:
    """Every field of the body reaches the run's specification, spelled as the source does."""
    answer = tenant.create_job(
        source="HISTORY",
        timeFrame={"dateFrom": "2026-01-01", "dateTo": "2026-02-01T00:00:00+01:00"},
        jobParams={
            "type": "interaction",
            "media": ["CHAT", "email", "chat"],
            "exportAttachments": True,
            "fileSplitSize": "100MB",
            "entities": ["emailout", "Chat"],
            "profile": "STRICT",
        },
    )

    assert answer.status_code == 202, answer.text
    spec = runs.get(installation.db, tenant.tenant_id, answer.json()["id"] + 1).spec
    assert spec.source == "History"
    assert spec.window.start == datetime(2026, 1, 1, tzinfo=UTC)
    assert spec.window.end == datetime(2026, 1, 31, 23, tzinfo=UTC)
    assert spec.media == ("chat", "email")
    assert spec.entities == (Entity.EMAIL_OUT, Entity.CHAT)
    assert spec.attachments
    assert (spec.split_bytes, spec.split_text) == (100_000_000, "100MB")
    assert spec.profile is Profile.STRICT
    shown = answer.json()
    assert shown["dateFrom"] == "2026-01-01T00:00:00.000Z"
    assert shown["dateTo"] == "2026-01-31T23:00:00.000Z"
    assert shown["fileSplitSize"] == "100MB"


def test_what_is_left_out_takes_its_default(tenant: Account, installation: Installation) -> None:
    """Without entities a job takes all that the source holds; without a size, the server's."""
    answer = tenant.create_job(
        description=None, timeFrame={"dateFrom": None, "dateTo": "2026-01-01T12:00:00Z"}
    )

    spec = runs.get(installation.db, tenant.tenant_id, answer.json()["id"] + 1).spec
    assert spec.entities == tuple(entity for entity in Entity if entity is not Entity.CONTACT)
    assert spec.split_bytes == DEFAULT_SPLIT_BYTES
    assert spec.window.start is None
    assert spec.profile is Profile.COMPAT


def test_a_contact_job_takes_no_attachments(tenant: Account, installation: Installation) -> None:
    """Scripts always send `exportAttachments`; a contact has none, so nothing is lost."""
    answer = tenant.create_job(
        jobParams={"type": "Contact", "media": [], "exportAttachments": True}
    )

    spec = runs.get(installation.db, tenant.tenant_id, answer.json()["id"] + 1).spec
    assert spec.entities == (Entity.CONTACT,)
    assert not spec.attachments


FUTURE = (datetime.now(UTC) + timedelta(days=1)).isoformat()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"source": "elsewhere"}, "source"),
        ({"type": "DataSync"}, "type"),
        ({"type": "other"}, "type"),
        ({"title": "  "}, "title"),
        ({"title": "x" * 256}, "title"),
        ({"description": "x" * 4001}, "description"),
        ({"jobParams__type": "Interactions"}, "jobParams.type"),
        ({"jobParams__media": ["chat", "telegraph"]}, "jobParams.media"),
        ({"jobParams__type": "Contact", "jobParams__media": ["chat"]}, "jobParams.media"),
        ({"jobParams__entities": ["Contact"]}, "jobParams.entities"),
        ({"jobParams__profile": "open"}, "jobParams.profile"),
        ({"jobParams__fileSplitSize": "much"}, "jobParams.fileSplitSize"),
        ({"jobParams__fileSplitSize": "1023KiB"}, "jobParams.fileSplitSize"),
        ({"jobParams__fileSplitSize": "2GB"}, "jobParams.fileSplitSize"),
        ({"jobParams__fileSplitSize": "-1"}, "jobParams.fileSplitSize"),
        ({"timeFrame": {}}, "timeFrame"),
        ({"timeFrame": {"all": False}}, "timeFrame"),
        ({"timeFrame__dateFrom": "2026-01-01"}, "timeFrame"),
        ({"timeFrame": {"dateFrom": "yesterday"}}, "timeFrame.dateFrom"),
        ({"timeFrame": {"dateFrom": "0001-01-01T00:00:00+14:00"}}, "timeFrame.dateFrom"),
        (
            {"timeFrame": {"dateFrom": "2026-02-01", "dateTo": "2026-01-01"}},
            "timeFrame.dateTo",
        ),
        ({"schedulerParam": {}}, "schedulerParam"),
        ({"schedulerParam__cron": "0 3 30 2 *"}, "schedulerParam.cron"),
        ({"schedulerParam__runs": "2"}, "schedulerParam.runs"),
        ({"schedulerParam__runs": "often"}, "schedulerParam.runs"),
        ({"schedulerParam__startDate": FUTURE}, "schedulerParam.startDate"),
        ({"schedulerParam__startDate": "soon"}, "schedulerParam.startDate"),
        ({"jobParams__filter": [{"attribute": "status"}]}, "jobParams.filter.0.operator"),
        ({"jobParams__format": "parquet"}, "jobParams.format"),
        ({"jobParams__priority": 10}, "jobParams.priority"),
        ({"jobParams__missedTicks": "some"}, "jobParams.missedTicks"),
        ({"jobParams__spreadsheetSafe": True}, "jobParams.spreadsheetSafe"),
        ({"timeFrame__incremental": True}, "timeFrame"),
        ({"timeFrame": {"incremental": True, "dateTo": "2026-01-01"}}, "timeFrame"),
        ({"timeFrame": {"incremental": True, "relative": "P1D"}}, "timeFrame"),
        ({"timeFrame": {"relative": "P1S"}}, "timeFrame.relative"),
        ({"schedulerParam__timezone": "Europe/Rom"}, "schedulerParam.timezone"),
        ({"source": ...}, "source"),
        ({"title": ...}, "title"),
        ({"timeFrame": ...}, "timeFrame"),
        ({"schedulerParam": ...}, "schedulerParam"),
        ({"jobParams": ...}, "jobParams"),
        ({"jobParams__media": ...}, "jobParams.media"),
        ({"suspended": ...}, "suspended"),
        ({"suspended": "false"}, "suspended"),
        ({"title": 7}, "title"),
        ({"jobParams__media": "chat"}, "jobParams.media"),
        ({"jobParams__media": ["chat", 1]}, "jobParams.media.1"),
        ({"jobParams__fileSplitSize": 100}, "jobParams.fileSplitSize"),
        ({"timeFrame__all": 1}, "timeFrame.all"),
    ],
)
def test_a_wrong_field_is_refused_by_name(
    tenant: Account, changed: dict[str, Any], field: str
) -> None:
    """What is missing, wrong or not in this release is a 400 that names it; nothing is stored."""
    error = error_of(tenant.create_job(**changed), 400)

    assert field == error["detail"]["field"]
    assert field in error["message"]
    assert tenant.get("/export/jobs").status_code == 204


@pytest.mark.parametrize(
    "changed",
    [
        {"schedulerParam": {"immediately": True, "cron": "", "runs": "", "startDate": ""}},
        {"schedulerParam": {"immediately": True, "cron": None, "runs": None, "startDate": None}},
        {"schedulerParam__startDate": "2020-01-01"},
        {"jobParams__format": "JSONL", "jobParams__filter": [], "timeFrame__incremental": False},
        {"timeFrame__dateFrom": "", "timeFrame__dateTo": ""},
        {"timeFrame": {"incremental": True}},
        {"timeFrame": {"incremental": True, "dateFrom": "2026-01-01"}},
        {"jobParams__fileSplitSize": ""},
        {"jobParams__fileSplitSize": "1048576"},
        {"jobParams__fileSplitSize": "1.4 gib"},
        {"type": "ucs"},
    ],
)
def test_what_says_nothing_or_the_same_is_accepted(
    tenant: Account, changed: dict[str, Any]
) -> None:
    """Empty texts, nulls and a start that has passed ask for nothing beyond one run now."""
    assert tenant.create_job(**changed).status_code == 202


def test_the_refusal_says_what_would_be_right(tenant: Account) -> None:
    """An unknown medium is quoted, and those that the source knows are listed."""
    error = error_of(tenant.create_job(jobParams__media=["telegraph"]), 400)

    assert "'telegraph'" in error["message"]
    assert error["detail"]["expected"] == "email, chat, voice"


def test_a_source_that_lacks_an_entity_refuses_it(tenant: Account) -> None:
    """What the last check did not find cannot be asked for, alone or as a type."""
    report = SourceReport((EntityReport(Entity.CHAT), EntityReport(Entity.CONTACT, present=False)))
    setup = tenant.installation.services.source_setup
    setup.checked(tenant.tenant_id, "history", report)

    error = error_of(tenant.create_job(jobParams__entities=["EmailIn"]), 400)
    assert error["detail"] == {"field": "jobParams.entities", "expected": "Chat"}
    error = error_of(tenant.create_job(jobParams__type="Contact"), 400)
    assert error["detail"]["field"] == "jobParams.type"


def test_unknown_fields_are_ignored_and_named(tenant: Account, installation: Installation) -> None:
    """A caller cannot set the server's own fields, and is told of every name it got wrong."""
    answer = tenant.create_job(
        id=99, status="Completed", progress=100, tenant="x", jobParams__medias=[], ünknown=1
    )

    assert answer.status_code == 202
    assert answer.headers["warning"] == (
        '299 cxport "unknown fields were ignored: '
        'id, status, progress, tenant, %C3%BCnknown, jobParams.medias"'
    )
    assert answer.json()["id"] != 99
    job = jobs.get(installation.db, tenant.tenant_id, answer.json()["id"])
    assert job.tenant_id == tenant.tenant_id
    assert answer.json()["status"] == "Queued"


def test_no_job_without_a_certificate(bare: Account) -> None:
    """There is no unencrypted mode: a job needs a certificate first, and says so."""
    error = error_of(bare.create_job(), 400)

    assert error["detail"]["field"] == "certificate"
    assert "upload one first" in error["message"]


def test_no_job_with_an_expired_certificate(own: Installation) -> None:
    """A certificate that has run out since is as good as none."""
    account = own.new_tenant()
    assert account.upload(make_certificate("brief", 2, 2048)[1]).status_code == 201
    own.clock.advance(days=3)
    account.token = account.sign_in(grant_type="client_credentials").json()["access_token"]

    error = error_of(account.create_job(), 400)
    assert error["detail"]["field"] == "certificate"
    assert "expired" in error["message"]


def test_get_takes_a_job_or_a_record(tenant: Account) -> None:
    """Every id names one thing: a job has no parent, a record's parent is its job."""
    job_id = tenant.create_job().json()["id"]
    record = tenant.get("/export/history").json()["items"][0]

    assert tenant.get(f"/export/jobs/{job_id}").json()["parentId"] is None
    assert record == tenant.get(f"/export/jobs/{record['id']}").json()
    assert record["parentId"] == job_id


@pytest.mark.parametrize("path", ["/export/jobs/{}", "/export/history/{}"])
@pytest.mark.parametrize("unknown", ["999", "9" * 60])
def test_an_unknown_id_is_404(tenant: Account, path: str, unknown: str) -> None:
    """An id that names nothing is 404, however long."""
    error_of(tenant.get(path.format(unknown)), 404)


@pytest.mark.parametrize("path", ["/export/jobs/{}", "/export/history/{}"])
@pytest.mark.parametrize("wrong", ["x", "-1", "1.5", "%D9%A3", "1%00", "+1"])
def test_an_id_that_is_no_number_is_400(tenant: Account, path: str, wrong: str) -> None:
    """An id is a whole number; anything else is a 400 that says so."""
    assert error_of(tenant.get(path.format(wrong)), 400)["detail"]["field"] == "id"


def test_no_jobs_are_204(tenant: Account) -> None:
    """An empty list is 204, as printed."""
    assert tenant.get("/export/jobs").status_code == 204
    tenant.create_job()
    assert tenant.get("/export/jobs?title=nothing").status_code == 204


def test_the_list_filters_without_regard_to_case(tenant: Account) -> None:
    """Filters are `contains`, folded as Unicode folds, and all of them must hold."""
    tenant.create_job(title="Straße eins")
    tenant.create_job(title="Other")

    def titles(query: str) -> list[Any]:
        answer = tenant.get(f"/export/jobs?{query}")
        return names_of(answer.json()["items"], "title") if answer.status_code == 200 else []

    assert titles("title=STRASSE") == ["Straße eins"]
    assert titles("title=e&source=hist&type=ucs&scheduleType=immediate&suspend=FALSE") == [
        "Straße eins",
        "Other",
    ]
    assert titles("type=datasync") == []
    assert titles("suspend=true") == []
    assert titles("title=%25") == []


def test_the_list_is_ordered_and_paged(tenant: Account) -> None:
    """Pages walk through the whole in the order asked for; the count is of all that match."""
    for title in ("b", "C", "a"):
        tenant.create_job(title=title)

    page = tenant.get("/export/jobs?orderField=title&descAsc=True&from=1&size=1").json()
    assert (page["count"], page["from"], page["size"]) == (3, 1, 1)
    assert names_of(page["items"], "title") == ["b"]
    beyond = tenant.get("/export/jobs?from=7")
    assert (beyond.status_code, beyond.json()["items"]) == (200, [])
    everything = tenant.get("/export/jobs?size=999999999").json()
    assert everything["size"] == 10_000
    assert names_of(everything["items"], "title") == ["b", "C", "a"]


@pytest.mark.parametrize("path", ["/export/jobs", "/export/history", "/file-metadatas"])
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("descAsc=yes", "descAsc"),
        ("bgUpdate=1", "bgUpdate"),
        ("from=-1", "from"),
        ("size=ten", "size"),
        ("size=%D9%A3", "size"),
        ("orderField=password", "orderField"),
        ("type=%00", "type"),
    ],
)
def test_a_wrong_list_parameter_is_refused(
    tenant: Account, path: str, query: str, field: str
) -> None:
    """String booleans, whole numbers and fields: anything else is 400, by name."""
    error = error_of(tenant.get(f"{path}?{query}"), 400)

    assert field == error["detail"]["field"]
    if field == "orderField":
        assert "id" in error["detail"]["expected"] or "name" in error["detail"]["expected"]


def test_any_field_that_can_be_ordered_by_is_taken(tenant: Account) -> None:
    """Each field that the refusal names is one that works."""
    tenant.create_job()
    tenant.finished_run(b"sealed")
    for path in ("/export/jobs", "/export/history", "/file-metadatas"):
        fields = error_of(tenant.get(f"{path}?orderField=x"), 400)["detail"]["expected"]
        for name in fields.split(", "):
            answer = tenant.get(f"{path}?orderField={name}&descAsc=true")
            assert answer.status_code == 200, (path, name)
            assert name in answer.json()["items"][0]


def test_a_source_of_another_family_is_unknown_to_who_may_not_see_it(tenant: Account) -> None:
    """A DataSync source is answered like none to an exporter of UCS data."""
    setup = tenant.installation.services.source_setup
    draft = SourceDraft(name="Mart", family=Family.DATASYNC, dsn_variable="MART_DSN")
    setup.add(tenant.tenant_id, draft)
    exporter = tenant.as_role(Role.UCS_EXPORTER)

    unknown = error_of(exporter.create_job(source="nope"), 400)
    hidden = error_of(exporter.create_job(source="Mart"), 400)
    assert unknown["message"].replace("nope", "Mart") == hidden["message"]
    assert unknown["detail"] == hidden["detail"] == {"field": "source", "expected": "History"}


def test_the_body_is_what_the_tests_think(tenant: Account) -> None:
    """The body that the refusals are built from is accepted as it is."""
    assert tenant.call("POST", "/export/jobs", json=job_body()).status_code == 202
