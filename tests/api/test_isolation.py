"""Two tenants: neither sees, changes, opens or detects what the other has, in any version."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import httpx2
import pytest

from cxport.domain.access import Role
from cxport.domain.catalogue import Family
from tests.api.belongings import QUERIES, furnish, kinds_of, rows_of, unknown
from tests.api.bodies import PLACES, documents
from tests.api.installation import Account, Installation, error_of
from tests.api.operations import STREAM, request_of

_PLACE = re.compile(r"\{\w+\}")
#: What is told of a caller, and so differs in what it did, not in what it has.
_RECORD = frozenset({"audit", "audit_chains", "request_rates"})


@dataclass(frozen=True)
class Call:
    """A request with a place in braces for each thing that it names, of these kinds."""

    method: str
    path: str
    kinds: tuple[str, ...]
    #: Whether the body names it, in its field `source`.
    in_body: bool = False

    def __str__(self) -> str:
        """Name it as a test does."""
        return f"{self.method} {self.path}{' source' if self.in_body else ''}"

    def made(self, account: Account, names: tuple[str, ...]) -> httpx2.Response:
        """Send it."""
        filled = self.path
        for name in () if self.in_body else names:
            filled = _PLACE.sub(name, filled, count=1)
        request = request_of(self.method, self.path, b"")
        if self.in_body:
            request["json"] = {**request["json"], "source": names[0]}
        return account.installation.client.request(
            **{**request, "url": filled}, headers=account.headers, follow_redirects=False
        )


def calls() -> list[Call]:
    """Give every operation that names something, under each of its paths, ours included."""
    found = [
        Call(method.upper(), path, kinds)
        for method, path in EVERY
        if all(kinds := kinds_of(path)) and kinds
    ]
    found += [
        Call(method.upper(), f"{path}?{parameter}={{named}}", (QUERIES[parameter],))
        for (method, path), parameters in EVERY.items()
        for parameter in parameters
        if parameter in QUERIES
    ]
    found += [
        Call(one.method.upper(), one.path, ("source",), in_body=True)
        for one in PLACES
        if one.words == ("source",) and "{" not in one.path
    ]
    aliases = [
        replace(one, path=one.path.replace("/udm/", "/data-download/"))
        for one in found
        if one.path.startswith(("/udm/v4", "/udm/v3"))
    ]
    return found + aliases


#: Every operation of every API but the stream of events, with its query parameters.
EVERY = {
    (method, path): [one["name"] for one in operation.get("parameters", []) if one["in"] == "query"]
    for document in documents()
    for path, methods in document["paths"].items()
    for method, operation in methods.items()
    if (method, path) != STREAM
}
CALLS = calls()


def _seen(answer: httpx2.Response, names: tuple[str, ...]) -> tuple[int, str, dict[str, str]]:
    """Give all that a caller can tell, but for the name that it sent itself.

    The id of a request is by chance, and every one has its own.
    """

    def unnamed(text: str) -> str:
        for name in names:
            text = text.replace(name, "NAMED")
        return text

    headers = {name: unnamed(value) for name, value in answer.headers.items()}
    assert headers.pop("x-request-id")
    return answer.status_code, unnamed(answer.text), headers


@pytest.fixture
def neighbour(installation: Installation, certificate: bytes) -> Account:
    """Give another tenant."""
    found = installation.new_tenant()
    found.upload(certificate)
    return found


def test_no_operation_that_names_something_is_left_out() -> None:
    """The calls are made from the documents: all that take an id or a name, in every API."""
    called = {(one.method.lower(), one.path) for one in CALLS}
    assert {one for one in EVERY if "{" in one[1] and "/cipher/" not in one[1]} <= called
    counts = {"/udm/v10/": 25, "/udm/v4/": 13, "/udm/v3/": 7, "/cxport/v1/": 26}
    for prefix, count in counts.items():
        assert len([one for one in CALLS if one.path.startswith(prefix)]) == count, prefix
    assert len(CALLS) == sum(counts.values()) + 13 + 7


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_what_another_has_is_as_unknown(tenant: Account, neighbour: Account, call: Call) -> None:
    """Status, headers and body are those of what nobody has; nothing of the other's changes."""
    theirs = furnish(neighbour)
    before = rows_of(neighbour)
    for names in theirs.of(call.kinds):
        found = call.made(tenant, names)
        others = tuple(map(unknown, names))

        assert _seen(found, names) == _seen(call.made(tenant, others), others)
    assert rows_of(neighbour) == before


def test_another_s_delivery_of_one_s_own_webhook_is_unknown(
    tenant: Account, neighbour: Account
) -> None:
    """Where two things are named, it is not enough to own the first."""
    replay = next(one for one in CALLS if one.kinds == ("webhook", "delivery"))
    ((webhook, own),) = furnish(tenant).of(replay.kinds)
    ((_, theirs),) = furnish(neighbour).of(replay.kinds)
    before = rows_of(neighbour)

    assert replay.made(tenant, (webhook, own)).status_code == 202
    found, others = replay.made(tenant, (webhook, theirs)), (webhook, unknown(theirs))
    assert found.status_code == 404
    assert _seen(found, (webhook, theirs)) == _seen(replay.made(tenant, others), others)
    assert rows_of(neighbour) == before


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_what_a_role_does_not_show_is_as_unknown(tenant: Account, call: Call) -> None:
    """The exporter of one family can tell nothing of the other's items, and change none."""
    exporter = tenant.as_role(Role.UCS_EXPORTER)
    hidden = furnish(tenant, Family.DATASYNC)
    before = rows_of(tenant, but=_RECORD)
    for names in hidden.of(call.kinds):
        found = call.made(exporter, names)
        others = tuple(map(unknown, names))

        assert _seen(found, names) == _seen(call.made(exporter, others), others)
    assert rows_of(tenant, but=_RECORD) == before


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_its_owner_can_tell(tenant: Account, call: Call) -> None:
    """The comparison is not empty: to the owner, one's own and an unknown one differ.

    Files alone are deleted alike, whether they are there or not: there, the rows tell.
    """
    told = []
    for names in furnish(tenant).of(call.kinds):
        before = rows_of(tenant, but=_RECORD)
        found = call.made(tenant, names)
        others = tuple(map(unknown, names))
        differs = _seen(found, names) != _seen(call.made(tenant, others), others)
        told.append(differs or rows_of(tenant, but=_RECORD) != before)

    assert any(told)


def test_lists_hold_ones_own(tenant: Account, neighbour: Account) -> None:
    """Jobs, history, files, sources and the certificate are each tenant's own."""
    neighbour.finished_run(b"theirs")
    assert tenant.get("/export/jobs").status_code == 204
    assert tenant.get("/export/history").status_code == 204
    assert tenant.get("/file-metadatas").json()["count"] == 0
    neighbour.upload(b"", "x")
    assert tenant.get("/cipher").json()["ccid"] == tenant.credentials.tenant


@pytest.mark.parametrize(
    ("method", "path"),
    [(one.method, one.path) for one in PLACES if one.words == ("source",)],
)
def test_anothers_source_is_unknown(
    tenant: Account, installation: Installation, certificate: bytes, method: str, path: str
) -> None:
    """A job cannot name it, and the refusal does not list it; nor can a job be changed to it."""
    without = installation.new_tenant(source=False)
    without.upload(certificate)
    request = request_of(method, path, certificate)
    request["json"]["source"] = "History"

    refused = installation.client.request(**request, headers=without.headers)
    if "{id}" in path:
        assert error_of(refused, 404)
    else:
        detail = error_of(refused, 400)["detail"]
        assert detail["field"] == "source"
        assert "History" not in detail["expected"]
    tenant.create_job(suspended=True)
    assert installation.client.request(**request, headers=tenant.headers).is_success


def test_ids_tell_nothing_about_others(tenant: Account, neighbour: Account) -> None:
    """Each tenant's sequence is its own."""
    for _ in range(5):
        neighbour.create_job()
    assert tenant.create_job().json()["id"] == 1
