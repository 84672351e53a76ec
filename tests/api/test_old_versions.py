"""Versions 4 and 3: their own words over the same services, and that they are deprecated."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from cxport.domain.access import Role
from cxport.store import runs
from tests.api.installation import Account, Installation, error_of, job_body

BASES = ("/udm", "/data-download")


def _call(account: Account, method: str, path: str, **given: Any) -> httpx2.Response:
    headers = {**account.headers, **given.pop("headers", {})}
    client = account.installation.client
    return client.request(method, path, headers=headers, follow_redirects=False, **given)


def _v4_body(**changed: Any) -> dict[str, Any]:
    body = {**job_body(**changed)}
    del body["type"]
    return {"suspended": "false", **{k: v for k, v in body.items() if k != "suspended"}}


@pytest.mark.parametrize("base", BASES)
def test_every_answer_says_that_the_version_is_deprecated(tenant: Account, base: str) -> None:
    """On success, on an error of ours and of the framework's; version 10 says nothing."""
    for method, path, successor in (
        ("GET", "/v3/version", "/udm/v10/version"),
        ("GET", "/v4/export/jobs", "/udm/v10/export/jobs"),
        ("GET", "/v4/export/history/77", "/udm/v10/export/history/77"),
        ("DELETE", "/v4/export/history", "/udm/v10/export/history"),
        ("PATCH", "/v3/files/a%20%3E", "/udm/v10/files/a%20%3E"),
    ):
        answer = _call(tenant, method, f"{base}{path}")
        assert answer.headers["deprecation"] == "@1769904000"
        assert answer.headers["link"] == f'<{successor}>; rel="successor-version"'
    assert "deprecation" not in tenant.get("/version").headers


@pytest.mark.parametrize("base", BASES)
def test_version_4_lists_once_more_under_data(tenant: Account, base: str) -> None:
    """The printed keys, and the same object again; the type is what is exported; 204 for none."""
    run, _ = tenant.finished_run(b"x", title="Weekly")
    for path, item_id in (("jobs", run.job_id), ("history", run.id)):
        page = _call(tenant, "GET", f"{base}/v4/export/{path}").json()
        assert page["data"] == {key: page[key] for key in ("count", "from", "items", "size")}
        assert (page["count"], page["items"][0]["id"]) == (1, item_id)
        assert page["items"][0]["type"] == "Interaction"
        assert "exportAttachments" not in page["items"][0]
        query = f"{base}/v4/export/{path}?title=WEEK&type=action&from=0&size=5&descAsc=true"
        assert _call(tenant, "GET", query).json()["data"]["size"] == 5
        assert _call(tenant, "GET", f"{base}/v4/export/{path}?type=UCS").status_code == 204


@pytest.mark.parametrize("suspended", ["true", "TRUE", True])
def test_version_4_makes_and_gives_back_a_job(tenant: Account, suspended: object) -> None:
    """What was asked for comes back in the words of this version: texts for id and truth."""
    body = _v4_body(
        timeFrame={"dateFrom": "2026-01-01", "dateTo": "2026-02-01"},
        jobParams__media=["chat"],
        description="d",
    )
    body |= {"suspended": suspended, "fileSplitSize": "100MB"}
    created = _call(tenant, "POST", "/udm/v4/export/jobs", json=body)

    assert created.status_code == 202
    assert (created.json()["status"], created.json()["type"]) == ("Suspended", "Interaction")
    job_id = created.json()["id"]
    assert _call(tenant, "GET", f"/udm/v4/export/jobs/{job_id}").json() == {
        "id": str(job_id),
        "source": "History",
        "title": "Weekly chats",
        "timeFrame": {
            "all": False,
            "dateFrom": "2026-01-01T00:00:00.000Z",
            "dateTo": "2026-02-01T00:00:00.000Z",
        },
        "fileSplitSize": "100MB",
        "description": "d",
        "schedulerParam": {"immediately": True, "cron": "", "runs": "", "startDate": ""},
        "jobParams": {"fileSplitSize": "100MB", "type": "Interaction", "media": ["chat"]},
        "suspended": "true",
    }
    assert tenant.get(f"/export/jobs/{job_id}").json()["type"] == "UCS"


def test_version_4_changes_a_job(tenant: Account) -> None:
    """With or without a type: what was stored stays; what a list printed may be sent back."""
    job_id = tenant.create_job().json()["id"]
    for number, given in enumerate(({}, {"type": "UCS"}, {"type": "Interaction"})):
        body = {**_v4_body(title=f"Changed {number}"), **given}
        answer = _call(tenant, "PUT", f"/udm/v4/export/jobs/{job_id}", json=body)
        assert answer.json()["title"] == f"Changed {number}"
    error = error_of(
        _call(tenant, "PUT", f"/udm/v4/export/jobs/{job_id}", json={**_v4_body(), "type": "x"}), 400
    )
    assert error["detail"]["field"] == "type"


def test_version_4_answers_control_with_an_envelope(tenant: Account) -> None:
    """Suspend, resume and cancel: code 0, successful."""
    job_id = tenant.create_job().json()["id"]
    for word in ("suspend", "resume", "cancel"):
        answer = _call(tenant, "POST", f"/udm/v4/export/jobs/{word}/{job_id}")
        assert answer.status_code == 200
        assert answer.json() == {"status": {"code": 0, "detail": {}, "message": "successful"}}
    assert tenant.get(f"/export/jobs/{job_id}").json()["status"] == "Cancelled"
    answer = _call(tenant, "GET", f"/udm/v4/export/history/{job_id}/progress")
    assert answer.json() == {"progress": 0, "status": "Cancelled"}


def test_version_4_deletes(tenant: Account) -> None:
    """One and several, with the array of what was not deleted."""
    run, _ = tenant.finished_run(b"x")
    other, _ = tenant.finished_run(b"x")
    busy = tenant.create_job().json()["id"]

    def delete(path: str) -> tuple[int, bytes]:
        answer = _call(tenant, "DELETE", f"/udm/v4/export/{path}")
        return answer.status_code, answer.content

    assert delete(f"history/{run.id}") == (204, b"")
    assert delete(f"jobs/{run.job_id}") == (204, b"")
    assert delete(f"history?jobIDs={other.id},{busy + 1}") == (500, f"[{busy + 1}]".encode())
    assert delete(f"jobs?jobIDs={busy},{other.job_id}") == (500, f"[{busy}]".encode())
    assert tenant.get("/export/jobs").json()["count"] == 1


def test_errors_name_each_fault_and_the_path(tenant: Account) -> None:
    """The one shape and, in these versions, `errors` and `path` besides."""
    path = "/udm/v4/export/jobs"
    answer = _call(tenant, "POST", path, json={"title": 1})
    error = error_of(answer, 400)
    assert answer.json()["path"] == path
    assert answer.json()["errors"] == error["detail"]["errors"]
    assert len(answer.json()["errors"]) > 2
    answer = _call(tenant, "GET", "/data-download/v4/export/jobs/x")
    assert error_of(answer, 400)["detail"]["field"] == "id"
    assert answer.json()["errors"] == [{"field": "id", "message": "id: not a whole number"}]
    error_of(_call(tenant, "GET", "/udm/v3/nothing"), 404)
    error_of(_call(tenant, "PATCH", "/udm/v3/version"), 405)
    error_of(_call(tenant, "POST", "/udm/v4/export/jobs", content=b"x" * 2_000_000), 413)


@pytest.mark.parametrize("name", ["descAsc", "suspend", "from", "size"])
def test_typed_parameters_are_refused_by_name(tenant: Account, name: str) -> None:
    """A truth that is none, and a number that is none."""
    error = error_of(_call(tenant, "GET", f"/udm/v4/export/jobs?{name}=maybe"), 400)
    assert error["detail"]["field"] == name


def test_version_3_serves_files(tenant: Account) -> None:
    """The list with the type of what is exported, links, the redirect, and deletion."""
    _, (file, other) = tenant.finished_run(b"first", b"second", title="Weekly")
    page = _call(tenant, "GET", "/udm/v3/file-metadatas?jobTitle=week&type=INTER").json()
    assert page.keys() == {"count", "from", "items", "size"}
    assert (page["count"], page["items"][0]["type"]) == (2, "Interaction")
    by_type = _call(tenant, "GET", "/udm/v3/file-metadatas?orderField=type&descAsc=true")
    assert by_type.json()["count"] == 2
    location = _call(tenant, "GET", f"/udm/v3/files/{file.name}").headers["location"]
    # scripts send their headers along
    assert _call(tenant, "GET", location).content == b"first"
    links = _call(tenant, "GET", f"/udm/v3/files?filename={file.name},{other.name}").json()
    assert [_call(tenant, "GET", one["path"]).content for one in links] == [b"first", b"second"]
    assert _call(tenant, "DELETE", f"/udm/v3/files/{file.name}").status_code == 204
    assert _call(tenant, "DELETE", f"/udm/v3/files?filename={other.name},x").status_code == 204
    assert _call(tenant, "GET", "/udm/v3/file-metadatas").json()["items"] == []


def test_version_3_serves_certificates_and_the_catalogue(bare: Account, certificate: bytes) -> None:
    """As version 10 does."""
    upload = {"files": {"file": ("any", certificate)}}
    assert _call(bare, "POST", "/udm/v3/cipher/c.pem", **upload).json() == "c.pem"
    for path in (
        *("/cipher", "/data/job-statuses", "/data/sources", "/data/types"),
        *("/data/sub-types", "/data/sub-types?dataType=Contact", "/version"),
    ):
        old, new = _call(bare, "GET", f"/udm/v3{path}"), bare.get(path)
        assert (old.status_code, old.content) == (new.status_code, new.content), path


def test_a_key_may_stand_alone_where_it_was_made_for_that(
    tenant: Account, installation: Installation
) -> None:
    """In versions 4 and 3 with the key's own roles; never in version 10."""
    tenants = installation.services.tenants
    name = tenant.credentials.tenant
    viewer = tenants.add_key(name, "old script", frozenset({Role.VIEWER}))
    exporter = tenants.add_key(name, "old script", frozenset({Role.UCS_EXPORTER}))

    def ask(key: str, method: str, path: str, **given: Any) -> httpx2.Response:
        headers = {"x-api-key": key}
        return installation.client.request(method, path, headers=headers, **given)

    for base in BASES:
        assert ask(viewer, "GET", f"{base}/v3/data/sources").status_code == 200
        assert ask(viewer, "GET", f"{base}/v4/export/jobs").status_code == 204
    error_of(ask(viewer, "POST", "/udm/v4/export/jobs", json=_v4_body()), 403)
    made = ask(exporter, "POST", "/udm/v4/export/jobs", json=_v4_body())
    assert made.status_code == 202
    run = runs.get(installation.db, tenant.tenant_id, made.json()["id"] + 1)
    assert run.created_by.startswith("key:")
    error_of(ask(viewer, "GET", "/udm/v10/data/sources"), 401)
    ordinary = ask(tenant.credentials.api_key, "GET", "/udm/v3/data/sources")
    assert "--legacy-key-only" in error_of(ordinary, 401)["message"]
    error_of(ask("cxp_unknown", "GET", "/udm/v3/data/sources"), 401)


def test_a_token_counts_more_than_a_key(tenant: Account, installation: Installation) -> None:
    """A wrong token is refused though the key could stand alone; tenants must be the same."""
    other = installation.new_tenant()
    key = installation.services.tenants.add_key(
        other.credentials.tenant, "old", frozenset({Role.VIEWER})
    )
    path = "/udm/v3/data/sources"
    error_of(_call(tenant, "GET", path, headers={"x-api-key": key}), 403)
    wrong = {"x-api-key": key, "Authorization": "Bearer no"}
    error_of(_call(tenant, "GET", path, headers=wrong), 401)
