"""Two tenants: neither sees, changes, opens or detects what the other has, in any version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from sqlalchemy import update

from cxport.domain.access import Role
from cxport.domain.catalogue import Family
from cxport.store.tables import tenants
from tests.api.installation import Account, Installation, job_body
from tests.api.operations import OWN
from tests.api.test_contract import PRINTED

#: Query parameters that name one object or several.
QUERIES = {"jobIDs": "id", "jobId": "id", "historyId": "id", "filename": "name"}
#: Ids of the owner begin here, so that one is found in an answer, and no other text is.
_FIRST = 4_000_000


_OF_RUNS_AND_JOBS = ("/cxport/v1/runs/{id}", "/cxport/v1/jobs/{id}")


@dataclass(frozen=True)
class Call:
    """A request with a place for what it names; `kind` is `id` or `name`."""

    method: str
    path: str
    kind: str

    def made(self, account: Account, named: str) -> httpx2.Response:
        """Send it."""
        body: dict[str, Any] = {}
        if self.path.endswith(("/hold", "/revoke")):
            body["json"] = {"reason": "a lawsuit"}
        if self.method == "PUT":
            body["json"] = {**job_body(), "suspended": "false" if "/v4/" in self.path else False}
        return account.installation.client.request(
            self.method,
            self.path.replace("{}", named),
            headers=account.headers,
            follow_redirects=False,
            **body,
        )


def calls() -> list[Call]:
    """Give every operation that names something, under each of its paths, ours included."""
    found = []
    for path, method, operation in PRINTED:
        if path.endswith(("{id}", "{id}/progress")):
            found.append(Call(method.upper(), path.replace("{id}", "{}"), "id"))
        elif path.endswith("{filename}"):
            found.append(Call(method.upper(), path.replace("{filename}", "{}"), "name"))
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "query" and parameter["name"] in QUERIES:
                query = f"{path}?{parameter['name']}={{}}"
                found.append(Call(method.upper(), query, QUERIES[parameter["name"]]))
    aliases = [
        Call(one.method, one.path.replace("/udm/", "/data-download/"), one.kind)
        for one in found
        if not one.path.startswith("/udm/v10/")
    ]
    ours = [
        Call(method.upper(), path.replace("{id}", "{}"), "id")
        for method, path in OWN
        if path.startswith(_OF_RUNS_AND_JOBS)
    ]
    return found + aliases + ours


CALLS = calls()


def _named(call: Call, account: Account, family: Family = Family.UCS) -> list[str]:
    """Let a tenant have a job, a run, files and a manifest, and name each in turn."""
    of_tenant = update(tenants).where(tenants.c.id == account.tenant_id)
    with account.installation.db.write() as connection:
        connection.execute(of_tenant.values(last_id=_FIRST))
    run, files = account.finished_run(b"theirs", family=family)
    if call.kind == "id":
        return [str(run.id), str(run.job_id)]
    return [files[0].name, f"export-{run.archive_id}.manifest.json"]


def _unknown(named: str) -> str:
    """Give what nobody has, as long as what somebody has."""
    if named.isdigit():
        return str(int(named) + 1_000_000)
    return f"export-{uuid4()}{named[len('export-') + 36 :]}"


def _seen(answer: httpx2.Response, named: str) -> tuple[int, bytes, dict[str, str]]:
    """Give all that a caller can tell, but for the name that it sent itself.

    The id of a request is by chance, and every one has its own.
    """

    def unnamed(text: str) -> str:
        return text.replace(named, "NAMED")

    headers = {name: unnamed(value) for name, value in answer.headers.items()}
    assert headers.pop("x-request-id")
    return answer.status_code, unnamed(answer.text).encode(), headers


def _state(account: Account) -> list[bytes]:
    lists = ("/export/jobs", "/export/history", "/file-metadatas")
    return [account.get(path).content for path in lists]


@pytest.fixture
def neighbour(installation: Installation, certificate: bytes) -> Account:
    """Give another tenant."""
    found = installation.new_tenant()
    found.upload(certificate)
    return found


def test_no_operation_that_names_something_is_left_out() -> None:
    """The calls are made from the contract: all that take an id or a name, in three versions."""
    assert len([one for one in CALLS if one.path.startswith("/udm/v10/")]) == 17
    assert len([one for one in CALLS if one.path.startswith("/udm/v4/")]) == 11
    assert len([one for one in CALLS if one.path.startswith("/udm/v3/")]) == 4
    assert len(CALLS) == 32 + 15 + 10


@pytest.mark.parametrize("call", CALLS, ids=[f"{one.method} {one.path}" for one in CALLS])
def test_what_another_has_is_as_unknown(tenant: Account, neighbour: Account, call: Call) -> None:
    """Status, headers and body are those of what nobody has; nothing of the other's changes."""
    for named in _named(call, neighbour):
        before = _state(neighbour)
        found = call.made(tenant, named)
        unknown = _unknown(named)
        expected = call.made(tenant, unknown)

        assert _seen(found, named) == _seen(expected, unknown)
        assert _state(neighbour) == before


@pytest.mark.parametrize("call", CALLS, ids=[f"{one.method} {one.path}" for one in CALLS])
def test_what_a_role_does_not_show_is_as_unknown(tenant: Account, call: Call) -> None:
    """The exporter of one family can tell nothing of the other's items, and change none."""
    exporter = tenant.as_role(Role.UCS_EXPORTER)
    for named in _named(call, tenant, Family.DATASYNC):
        before = _state(tenant)
        found = call.made(exporter, named)
        unknown = _unknown(named)
        expected = call.made(exporter, unknown)

        assert _seen(found, named) == _seen(expected, unknown)
        assert _state(tenant) == before


@pytest.mark.parametrize("call", CALLS, ids=[f"{one.method} {one.path}" for one in CALLS])
def test_its_owner_can_tell(tenant: Account, call: Call) -> None:
    """The comparison is not empty: to the owner, one's own and an unknown one differ.

    Files alone are deleted alike, whether they are there or not: there, the list tells.
    """
    told = []
    for named in _named(call, tenant):
        before = _state(tenant)
        found = call.made(tenant, named)
        unknown = _unknown(named)
        differs = _seen(found, named) != _seen(call.made(tenant, unknown), unknown)
        told.append(differs or _state(tenant) != before)

    assert any(told)


def test_lists_hold_ones_own(tenant: Account, neighbour: Account) -> None:
    """Jobs, history, files, sources and the certificate are each tenant's own."""
    neighbour.finished_run(b"theirs")
    assert tenant.get("/export/jobs").status_code == 204
    assert tenant.get("/export/history").status_code == 204
    assert tenant.get("/file-metadatas").json()["count"] == 0
    neighbour.upload(b"", "x")
    assert tenant.get("/cipher").json()["ccid"] == tenant.credentials.tenant


def test_anothers_source_is_unknown(
    tenant: Account, installation: Installation, certificate: bytes
) -> None:
    """A job cannot name it, and the refusal does not list it."""
    without = installation.new_tenant(source=False)
    without.upload(certificate)
    answer = without.create_job(source="History")
    assert answer.json()["status"]["detail"]["field"] == "source"
    assert "History" not in answer.json()["status"]["detail"]["expected"]
    assert tenant.create_job(source="History").status_code == 202


def test_ids_tell_nothing_about_others(tenant: Account, neighbour: Account) -> None:
    """Each tenant's sequence is its own."""
    for _ in range(5):
        neighbour.create_job()
    assert tenant.create_job().json()["id"] == 1
