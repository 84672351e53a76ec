"""Every sensitive act leaves one entry on record, also where it is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cxport.domain.access import Action, Role
from cxport.domain.audit import INSTALLATION, Act
from cxport.domain.errors import GrantRefused
from cxport.domain.listing import Query
from cxport.store import audit
from tests.api.installation import Account, Installation, error_of
from tests.api.operations import STREAM, action_of, request_of
from tests.api.test_auth import OPERATIONS

#: What only looks at things.
READS = {action for action in Action if action.endswith(".read")}


def entries(account: Account, tenant_id: str | None = None) -> list[tuple[str, str, str, str]]:
    """Give actor, act, outcome and object of every entry of a tenant."""
    chain = account.tenant_id if tenant_id is None else tenant_id
    found = audit.page(account.installation.db, chain, Query()).items
    return [(e.entry.actor, e.entry.act, e.entry.outcome, e.entry.object) for e in found]


def new_entries(account: Account, before: int) -> list[tuple[str, str, str]]:
    """Give act, outcome and object of the entries behind the first so many."""
    return [entry[1:] for entry in entries(account)[before:]]


def own(account: Account, method: str, path: str, **given: Any) -> Any:
    """Call one of our own operations."""
    url = f"/cxport/v1{path}"
    return account.installation.client.request(method, url, headers=account.headers, **given)


def test_every_action_has_its_act() -> None:
    """An action that is added without an entry in the vocabulary fails here."""
    assert {action.value for action in Action} <= {act.value for act in Act}


@pytest.mark.promise("S14")
def test_every_refusal_is_on_record(bare: Account, certificate: bytes) -> None:
    """Each operation of each version that is 403 leaves exactly one entry, of its own act."""
    account = bare.as_role()
    actor = entries(account)[-1][0]
    for method, path in [*OPERATIONS, STREAM]:
        before = len(entries(account))
        request = request_of(method, path, certificate)
        answer = account.installation.client.request(headers=account.headers, **request)
        assert answer.status_code == 403

        action = action_of(method, path)
        assert entries(account)[before:] == [(actor, action, "refused", "")], path


@pytest.mark.promise("S14")
def test_every_act_is_on_record_once(tenant: Account, certificate: bytes) -> None:
    """What callers do to jobs, runs, files and certificates: one entry each, naming the object."""
    run, (file, further) = tenant.finished_run(b"sealed", b"more")
    before = len(entries(tenant))
    waits = {"schedulerParam__immediately": False, "schedulerParam__cron": "0 3 * * *"}

    job = tenant.create_job(**waits).json()["id"]
    tenant.call("PUT", f"/export/jobs/{job}", json=_body(**waits))
    tenant.call("POST", f"/export/jobs/suspend/{job}")
    tenant.call("POST", f"/export/jobs/resume/{job}")
    tenant.call("POST", f"/export/jobs/cancel/{job}")
    tenant.call("DELETE", f"/export/jobs/{job}")
    link = tenant.get(f"/files/{file.name}").headers["location"]
    tenant.installation.client.get(link)
    tenant.installation.client.head(link)
    tenant.get(f"/files?filename={file.name},{further.name}")
    tenant.call("DELETE", f"/files/{further.name}")
    tenant.call("DELETE", f"/export/history/{run.id}")
    tenant.upload(certificate)

    made = new_entries(tenant, before)
    assert [(act, named) for act, _, named in made[:-1]] == [
        *((f"job.{act}", str(job)) for act in ("create", "update", "suspend", "resume")),
        *((f"job.{act}", str(job)) for act in ("cancel", "delete")),
        ("file.download", file.name),
        ("link.follow", file.name),
        ("file.download", file.name),
        ("file.download", further.name),
        ("file.delete", further.name),
        ("run.delete", str(run.id)),
    ]
    assert made[-1][0] == "certificate.upload"
    assert {outcome for _, outcome, _ in made} == {"done"}
    assert tenant.installation.services.audit.verify(tenant.tenant_id).fault == ""


def _body(**changed: Any) -> dict[str, Any]:
    from tests.api.installation import job_body

    return job_body(**changed)


def test_what_fails_leaves_nothing(tenant: Account) -> None:
    """A request that is wrong, or names nothing, changes nothing and is no act."""
    before = entries(tenant)

    assert tenant.create_job(source="Nowhere").status_code == 400
    assert tenant.call("POST", "/export/jobs/cancel/999999").status_code == 404
    assert tenant.upload(b"no certificate").status_code == 400

    assert entries(tenant) == before


@pytest.mark.promise("S14")
def test_looking_leaves_nothing(tenant: Account, certificate: bytes) -> None:
    """Reads that are allowed write no entry, with `bgUpdate=true` or without."""
    tenant.finished_run(b"sealed")
    before = entries(tenant)
    for method, path in OPERATIONS:
        if action_of(method, path) in READS:
            request = request_of(method, path, certificate)
            for query in ("", "?bgUpdate=true"):
                url = {**request, "url": request["url"] + query}
                answer = tenant.installation.client.request(headers=tenant.headers, **url)
                assert answer.status_code in {200, 204, 400, 404}

    assert entries(tenant) == before


@pytest.mark.promise("S14")
def test_signing_in_is_on_record(bare: Account) -> None:
    """With a secret, a password or a refresh token, done and refused; and signing out."""
    client = f"client:{bare.credentials.client_id}"
    before = len(entries(bare))
    unknown = len(entries(bare, INSTALLATION))

    pair = bare.sign_in(grant_type="client_credentials").json()
    bare.sign_in(grant_type="password", username="admin", password=bare.credentials.password)
    bare.sign_in(grant_type="password", username="admin", password="wrong")
    bare.sign_in(grant_type="password", username="a secret typed as a name", password="wrong")
    bare.sign_in(grant_type="refresh_token", refresh_token=pair["refresh_token"])
    bare.sign_in(grant_type="refresh_token", refresh_token=pair["refresh_token"])
    post = bare.installation.client.post
    form = {"grant_type": "client_credentials"}
    post("/auth/v3/oauth/token", data=form, auth=(bare.credentials.client_id, "wrong"))
    post("/auth/v3/oauth/token", data=form, auth=("nobody's", "wrong"))
    own_client = (bare.credentials.client_id, bare.credentials.client_secret)
    post("/auth/v3/oauth/token", data=form, auth=own_client, headers={"x-api-key": "wrong"})
    post("/auth/v3/oauth/revoke", data={"token": pair["access_token"]}, auth=own_client)
    post("/auth/v3/sign-out", headers=bare.headers)

    assert [entry[:3] for entry in entries(bare)[before:]] == [
        (client, "sign-in", "done"),
        ("user:admin", "sign-in", "done"),
        ("user:admin", "sign-in", "refused"),
        ("unknown", "sign-in", "refused"),
        (client, "token.refresh", "done"),
        (client, "token.refresh", "refused"),
        (client, "sign-in", "refused"),
        (client, "sign-in", "refused"),
        (client, "token.revoke", "done"),
        (client, "sign-out", "done"),
    ]
    assert entries(bare, INSTALLATION)[unknown:] == [("unknown", "sign-in", "refused", "")]


def test_a_key_of_another_tenant_is_on_record(bare: Account, installation: Installation) -> None:
    """Under the tenant of the token."""
    other = installation.new_tenant()
    before = len(entries(bare))
    error_of(bare.get("/version-less", headers={"x-api-key": "x"}), 404)
    error_of(bare.get("/cipher", headers={"x-api-key": other.credentials.api_key}), 403)

    assert new_entries(bare, before) == [("sign-in", "refused", "")]


def test_acts_on_the_host_are_on_record(installation: Installation) -> None:
    """Tenants, keys, clients, users and sources that are made or removed there."""
    account = installation.new_tenant()
    name = account.credentials.tenant
    before = len(entries(account))
    tenants = installation.services.tenants

    tenants.add_key(name, "nightly")
    tenants.add_client(name, "script", frozenset({Role.VIEWER}))
    tenants.add_user(name, "ann", frozenset({Role.VIEWER}))
    installation.services.source_setup.remove(account.tenant_id, "History")

    found = entries(account)[before:]
    assert [entry[:3] for entry in found] == [
        ("host", act, "done") for act in ("key.add", "client.add", "user.add", "source.remove")
    ]
    assert [entry[3] for entry in found[2:]] == ["ann", "History"]
    assert ("host", "tenant.create", "done", account.tenant_id) in entries(account, INSTALLATION)


def test_the_record_is_listed_and_filtered(bare: Account) -> None:
    """By actor, act, object and time, in pages; nothing of another tenant's."""
    bare.as_role(Role.VIEWER)
    every = own(bare, "GET", "/audit").json()
    assert every["count"] == len(every["items"]) == len(entries(bare))
    assert [item["id"] for item in every["items"]] == list(range(1, every["count"] + 1))

    def count(query: str) -> int:
        found: int = own(bare, "GET", f"/audit?{query}").json()["count"]
        return found

    added = every["items"][-2]
    assert added["act"] == "client.add"
    assert count("act=client.add") == 1
    assert count(f"object={added['object']}") >= 1
    assert count("actor=host") == sum(item["actor"] == "host" for item in every["items"])
    assert count("dateFrom=2000-01-01") == every["count"]
    assert count("dateTo=2000-01-01") == 0
    page = own(bare, "GET", "/audit?from=1&size=1&descAsc=true").json()
    assert [item["id"] for item in page["items"]] == [every["count"] - 1]
    error_of(own(bare, "GET", "/audit?act=nonsense"), 400)


def test_no_secret_is_on_record(own_installation: Installation) -> None:
    """Keys, secrets, passwords, tokens and what people typed by mistake stay out."""
    account = own_installation.new_tenant()
    credentials = account.credentials
    account.sign_in(grant_type="password", username="canary-name", password="canary-word")
    listed = own(account, "GET", "/audit").text

    for secret in (credentials.api_key, credentials.client_secret, credentials.password):
        assert secret not in listed
    assert account.token not in listed
    assert "canary" not in listed


@pytest.fixture(name="own_installation")
def _own_installation(own: Installation) -> Installation:
    """Give an installation of one's own."""
    assert own.clock.offset == timedelta()
    return own


def test_sessions_are_on_record(bare: Account) -> None:
    """Signing in at the console and out again, and a password that was wrong."""
    sessions, tenant = bare.installation.services.sessions, bare.credentials.tenant
    before = len(entries(bare))

    session_id, _ = sessions.sign_in(tenant, "admin", bare.credentials.password)
    sessions.end(session_id)
    sessions.end(session_id)
    with pytest.raises(GrantRefused):
        sessions.sign_in(tenant, "admin", "wrong")

    assert [entry[:3] for entry in entries(bare)[before:]] == [
        ("user:admin", "sign-in", "done"),
        ("user:admin", "sign-out", "done"),
        ("user:admin", "sign-in", "refused"),
    ]


@pytest.mark.promise("S14")
def test_administration_is_on_record(bare: Account) -> None:
    """Users, keys, clients and sources that an administrator changes over the network."""
    actor = f"client:{bare.credentials.client_id}"
    before = len(entries(bare))

    own(bare, "POST", "/users", json={"name": "ann", "roles": ["viewer"]})
    own(bare, "PUT", "/users/ann", json={"roles": []})
    own(bare, "DELETE", "/users/ann")
    key = own(bare, "POST", "/keys", json={"name": "nightly"}).json()["id"]
    own(bare, "DELETE", f"/keys/{key}")
    client = own(bare, "POST", "/clients", json={"name": "script", "roles": []}).json()["id"]
    own(bare, "PUT", f"/clients/{client}", json={"roles": ["viewer"]})
    own(bare, "DELETE", f"/clients/{client}")
    own(bare, "DELETE", "/sources/History")
    assert own(bare, "DELETE", "/users/nobody").status_code == 404

    assert entries(bare)[before:] == [
        (actor, act, "done", named)
        for act, named in (
            *((f"user.{what}", "ann") for what in ("add", "update", "remove")),
            *((f"key.{what}", key) for what in ("add", "remove")),
            *((f"client.{what}", client) for what in ("add", "update", "remove")),
            ("source.remove", "History"),
        )
    ]
