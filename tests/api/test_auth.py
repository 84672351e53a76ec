"""Keys, tokens and roles in front of every operation."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, update

from cxport.domain.access import PERMISSIONS, Action, Role
from cxport.domain.catalogue import Family
from cxport.store.tables import clients
from tests.api.installation import V10, Account, Installation, error_of, names_of
from tests.api.operations import OWN, action_of, request_of
from tests.api.test_contract import PRINTED, operations

#: Every operation of a signed-in caller.
OPERATIONS = [
    *((method, path) for path, method, _ in PRINTED if action_of(method, path) is not None),
    *OWN,
]


def _status(account: Account, method: str, path: str, certificate: bytes) -> int:
    request = request_of(method, path, certificate)
    client = account.installation.client
    return client.request(headers=account.headers, follow_redirects=False, **request).status_code


def test_every_route_has_its_action(installation: Installation) -> None:
    """A route that is added without an entry in the table of operations fails here."""
    for version in ("/udm/v10", "/udm/v4", "/udm/v3", "/cxport/v1"):
        document = installation.client.get(f"{version}/openapi.json").json()
    for base in ("/udm/v10", "/udm/v4", "/udm/v3", "/cxport/v1"):
        document = installation.client.get(f"{base}/openapi.json").json()
        for path, method, operation in operations(document):
            signed_in = action_of(method, path) is not None
            assert signed_in == ("security" in operation), (method, path)


def test_every_action_is_somebodys() -> None:
    """No action stands in the table of roles that no operation takes."""
    assert {action_of(method, path) for method, path in OPERATIONS} == set(Action)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_no_operation_without_a_token(
    installation: Installation, bare: Account, method: str, path: str
) -> None:
    """A key alone opens nothing, in any version, unless it was made for that."""
    key = {"x-api-key": bare.credentials.api_key}
    request = request_of(method, path, b"x")
    for headers in ({}, key, {**key, "Authorization": "Basic eDp5"}):
        answer = installation.client.request(headers=headers, **request)
        error_of(answer, 401)
        assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("role", list(Role))
def test_roles_are_the_one_table(bare: Account, certificate: bytes, role: Role) -> None:
    """Each operation is 403 for exactly the roles that lack its action."""
    account = bare.as_role(role)
    for method, path in OPERATIONS:
        refused = _status(account, method, path, certificate) == 403
        assert refused == (action_of(method, path) not in PERMISSIONS[role]), (method, path, role)


def test_nobody_has_no_rights(bare: Account, certificate: bytes) -> None:
    """An account without a role is signed in and may do nothing."""
    account = bare.as_role()
    for method, path in OPERATIONS:
        assert _status(account, method, path, certificate) == 403, path


def test_the_key_may_be_left_out(bare: Account, installation: Installation) -> None:
    """The token names the tenant too."""
    headers = {"Authorization": f"Bearer {bare.token}"}
    answer = installation.client.get(f"{V10}/data/sources", headers=headers)
    assert answer.status_code == 200


def test_key_and_token_of_different_tenants_are_refused(
    bare: Account, installation: Installation
) -> None:
    """403, whoever is right."""
    other = installation.new_tenant()
    answer = bare.get("/data/sources", headers={"x-api-key": other.credentials.api_key})
    error_of(answer, 403)


def test_an_unknown_key_is_refused(bare: Account) -> None:
    """A key that nobody has is 401, also beside a good token."""
    error_of(bare.get("/data/sources", headers={"x-api-key": "cxp_unknown"}), 401)
    error_of(bare.get("/data/sources", headers={"x-api-key": b"\xff\xfe"}), 401)


def test_the_query_key_is_for_file_metadatas_only(
    bare: Account, installation: Installation
) -> None:
    """There it is the key, where no header is; everywhere else it is not looked at."""
    other = installation.new_tenant().credentials.api_key
    headers = {"Authorization": f"Bearer {bare.token}"}

    def ask(path: str, key: str) -> int:
        return installation.client.get(f"{V10}{path}?x-api-key={key}", headers=headers).status_code

    assert ask("/file-metadatas", bare.credentials.api_key) == 200
    assert ask("/file-metadatas", other) == 403
    assert ask("/file-metadatas", "cxp_unknown") == 401
    assert ask("/data/sources", other) == 200
    assert bare.get(f"/file-metadatas?x-api-key={other}").status_code == 200


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "a.b.c",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c2VyOmFkbWluIn0.",
        "\xff",
        "." * 100,
        "x" * 5000,
        "eyJhbGciOiJIUzI1NiJ9.W10.eA",
    ],
)
def test_what_is_no_token_is_401(bare: Account, token: str) -> None:
    """Garbage, an unsigned token and one that is too long are all nobody's."""
    error_of(bare.get("/data/sources", headers={"Authorization": f"Bearer {token}".encode()}), 401)


def test_exporters_see_their_own_family(tenant: Account) -> None:
    """The roles of one family see neither the other's jobs, runs and files nor that they exist."""
    ucs, ucs_files = tenant.finished_run(b"ucs", title="u")
    sync, sync_files = tenant.finished_run(b"sync", title="d", family=Family.DATASYNC)
    for role, seen, hidden, file in (
        (Role.UCS_EXPORTER, ucs, sync, sync_files[0]),
        (Role.DATASYNC_EXPORTER, sync, ucs, ucs_files[0]),
    ):
        account = tenant.as_role(role)
        for path in ("/export/jobs", "/export/history"):
            page = account.get(path).json()
            assert (page["count"], names_of(page["items"], "title")) == (1, [seen.spec.title])
            for item_id in (hidden.id, hidden.job_id):
                unknown = account.get(f"{path}/99999999")
                assert account.get(f"{path}/{item_id}").content == unknown.content
        assert names_of(account.get("/file-metadatas").json()["items"], "historyId") == [seen.id]
        manifest = file.name.replace(".smime", ".manifest.json")
        for name in (file.name, manifest):
            error_of(account.get(f"/files/{name}"), 404)
    assert tenant.get("/export/jobs").json()["count"] == 2


def test_a_role_that_was_taken_away_is_gone_at_once(bare: Account) -> None:
    """What counts is what the account may do now, not when its token was issued."""
    account = bare.as_role(Role.VIEWER)
    assert account.get("/data/sources").status_code == 200
    with bare.installation.db.write() as connection:
        connection.execute(update(clients).where(clients.c.name == "further").values(roles=[]))
    error_of(account.get("/data/sources"), 403)


def test_a_removed_account_is_signed_out(bare: Account) -> None:
    """A token outlives its account by nothing."""
    account = bare.as_role(Role.VIEWER)
    with bare.installation.db.write() as connection:
        connection.execute(delete(clients).where(clients.c.name == "further"))
    error_of(account.get("/data/sources"), 401)
