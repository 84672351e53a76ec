"""Users, keys, clients and sources over the API: what an administrator may do, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from cxport.bootstrap.probe import Probe
from cxport.domain.access import Role
from cxport.domain.errors import GrantRefused
from cxport.domain.places import AllowedPlaces, Place
from cxport.sealing.vault import Vault, new_master_key
from cxport.services import ServiceSettings
from cxport.services.accounts import Accounts
from cxport.sources.sample import write_sample
from cxport.store.database import connect
from tests.api.installation import PUBLIC_URL, Account, Installation, error_of, installed

OURS = "/cxport/v1"


def ask(account: Account, method: str, path: str, **given: Any) -> httpx2.Response:
    """Call an operation of our own API."""
    client = account.installation.client
    return client.request(method, OURS + path, headers=account.headers, **given)


def made(account: Account, path: str, **body: Any) -> dict[str, Any]:
    """Make something and give the answer."""
    answer = ask(account, "POST", path, json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def names(account: Account, path: str) -> list[str]:
    """List what there is, by name."""
    return [one["name"] for one in ask(account, "GET", path).json()["items"]]


def signs_in(account: Account, user: str, password: str) -> bool:
    """Tell whether a password is good."""
    form = {"grant_type": "password", "username": user, "password": password}
    return account.sign_in(**form).status_code == 200


def token_status(account: Account, token: str) -> int:
    """Give the status with which a token is answered."""
    headers = {"Authorization": f"Bearer {token}"}
    return account.installation.client.get("/auth/v3/userinfo", headers=headers).status_code


def test_a_user_from_beginning_to_end(bare: Account) -> None:
    """Made with a password told once, given another role and password, and removed."""
    user = made(bare, "/users", name="ann", roles=["viewer"])
    assert signs_in(bare, "ann", user["password"])
    assert names(bare, "/users") == ["admin", "ann"]
    assert "password" not in str(ask(bare, "GET", "/users").json()).replace("'password': ''", "")

    changed = {"roles": [Role.UCS_EXPORTER.value], "password": "a better password"}
    answer = ask(bare, "PUT", "/users/ANN", json=changed)

    assert answer.json()["roles"] == [Role.UCS_EXPORTER.value]
    assert not signs_in(bare, "ann", user["password"])
    assert signs_in(bare, "ann", "a better password")
    assert ask(bare, "DELETE", "/users/ann").status_code == 204
    assert not signs_in(bare, "ann", "a better password")
    error_of(ask(bare, "DELETE", "/users/ann"), 404)


def test_a_new_password_ends_what_the_old_one_began(bare: Account) -> None:
    """Sessions and tokens of that user, and of nobody else."""
    services, tenant = bare.installation.services, bare.credentials.tenant
    made(bare, "/users", name="ann", roles=["viewer"], password="the first password")
    session, _ = services.sessions.sign_in(tenant, "ann", "the first password")
    other, _ = services.sessions.sign_in(tenant, "admin", bare.credentials.password)
    form = {"grant_type": "password", "username": "ann", "password": "the first password"}
    pair = bare.sign_in(**form).json()
    refresh = pair["refresh_token"]
    assert token_status(bare, pair["access_token"]) == 200

    ask(bare, "PUT", "/users/ann", json={"password": "the second password"})

    assert services.sessions.resume(session, touch=True) is None
    assert services.sessions.resume(other, touch=True)
    again = bare.sign_in(grant_type="refresh_token", refresh_token=refresh)
    assert again.status_code == 400
    assert token_status(bare, pair["access_token"]) == 401
    assert token_status(bare, bare.token) == 200


def test_a_token_serves_one_account(bare: Account) -> None:
    """It ends with its account, and another one of the same name does not bring it back."""
    form = {"grant_type": "password", "username": "ann", "password": "the one password"}
    new = {"name": "ann", "roles": ["viewer"], "password": "the one password"}
    made(bare, "/users", **new)
    token = bare.sign_in(**form).json()["access_token"]
    assert ask(bare, "PUT", "/users/ann", json={"roles": ["administrator"]}).status_code == 200
    assert token_status(bare, token) == 200

    assert ask(bare, "DELETE", "/users/ann").status_code == 204
    assert token_status(bare, token) == 401
    made(bare, "/users", **new)
    assert token_status(bare, token) == 401
    assert token_status(bare, bare.sign_in(**form).json()["access_token"]) == 200


def test_a_client_s_new_secret_ends_its_tokens(bare: Account) -> None:
    """Whoever holds the old secret's token holds nothing."""
    client = made(bare, "/clients", name="reporting", roles=["viewer"])
    http, form = bare.installation.client, {"grant_type": "client_credentials"}
    answer = http.post("/auth/v3/oauth/token", data=form, auth=(client["id"], client["secret"]))
    token = answer.json()["access_token"]
    assert token_status(bare, token) == 200

    ask(bare, "PUT", f"/clients/{client['id']}", json={"newSecret": True})

    assert token_status(bare, token) == 401


def test_a_password_that_changes_during_a_sign_in_ends_it(
    bare: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever typed the old one at that moment has neither a session nor tokens."""
    services, tenant = bare.installation.services, bare.credentials.tenant
    form = {"grant_type": "password", "username": "ann", "password": "the first password"}
    made(bare, "/users", name="ann", roles=["viewer"], password="the first password")
    verify, begun = Accounts.user, []

    def overtaken(*given: Any) -> Any:
        found = verify(*given)
        begun.append(found)
        ask(bare, "PUT", "/users/ann", json={"password": "the second password"})
        return found

    monkeypatch.setattr(Accounts, "user", overtaken)
    with pytest.raises(GrantRefused):
        services.sessions.sign_in(tenant, "ann", "the first password")
    ask(bare, "PUT", "/users/ann", json={"password": "the first password"})
    assert bare.sign_in(**form).status_code == 400
    assert len([one for one in begun if one]) == 2


def test_keys_and_clients_are_shown_once(bare: Account) -> None:
    """In the answer that makes them; both end when they are removed."""
    key = made(bare, "/keys", name="nightly", legacyRoles=["viewer"])
    client = made(bare, "/clients", name="reporting", roles=["viewer"])
    listed = ask(bare, "GET", "/keys").text + ask(bare, "GET", "/clients").text
    assert key["key"] not in listed
    assert client["secret"] not in listed

    http = bare.installation.client
    alone = {"x-api-key": key["key"]}
    token = {"grant_type": "client_credentials"}
    assert http.get("/udm/v4/export/history", headers=alone).status_code in {200, 204}
    renewed = ask(bare, "PUT", f"/clients/{client['id']}", json={"newSecret": True}).json()
    for secret, status in ((client["secret"], 401), (renewed["secret"], 200)):
        answer = http.post("/auth/v3/oauth/token", data=token, auth=(client["id"], secret))
        assert answer.status_code == status

    assert ask(bare, "DELETE", f"/keys/{key['id']}").status_code == 204
    assert ask(bare, "DELETE", f"/clients/{client['id']}").status_code == 204
    assert http.get("/udm/v4/export/history", headers=alone).status_code == 401
    answer = http.post("/auth/v3/oauth/token", data=token, auth=(client["id"], renewed["secret"]))
    assert answer.status_code == 401


def test_the_last_administrator_stays(bare: Account) -> None:
    """Neither removed nor made something else, whether it is a user or a client."""
    client = bare.credentials.client_id
    assert ask(bare, "DELETE", "/users/admin").status_code == 204
    error_of(ask(bare, "DELETE", f"/clients/{client}"), 400)
    error_of(ask(bare, "PUT", f"/clients/{client}", json={"roles": ["viewer"]}), 400)
    made(bare, "/users", name="boss", roles=["administrator"])

    assert ask(bare, "DELETE", f"/clients/{client}").status_code == 204


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/users", {"name": "a/b", "roles": []}),
        ("POST", "/users", {"name": "admin", "roles": []}),
        ("POST", "/users", {"name": "ann", "roles": ["root"]}),
        ("POST", "/users", {"name": "ann", "roles": [], "password": "short"}),
        ("POST", "/users", {"name": "ann", "roles": [], "tenant": "other"}),
        ("PUT", "/users/admin", {"password": ""}),
        ("PUT", "/users/admin", {"name": "root"}),
        ("POST", "/keys", {"name": ""}),
        ("POST", "/clients", {"name": "x", "roles": "administrator"}),
        ("POST", "/sources", {"name": "x", "dsn": "nothing"}),
        ("POST", "/sources", {"name": "x", "dsn": "sqlite:////x.db", "kind": "none"}),
        ("POST", "/sources", {"name": "x", "dsn": "", "dsnVariable": "CXPORT_DATABASE"}),
    ],
)
def test_what_is_wrong_is_400(bare: Account, method: str, path: str, body: Any) -> None:
    """And nothing is changed."""
    error_of(ask(bare, method, path, json=body), 400)

    assert names(bare, "/users") == ["admin"]


def test_another_tenant_s_accounts_are_as_unknown(bare: Account, own: Installation) -> None:
    """Same status, same words."""
    del own
    other = bare.installation.new_tenant()
    key = made(other, "/keys", name="theirs")["id"]
    for path in (f"/keys/{key}", f"/clients/{other.credentials.client_id}"):
        theirs = error_of(ask(bare, "DELETE", path), 404)
        assert theirs == error_of(ask(bare, "DELETE", "/keys/nobody"), 404)


@pytest.fixture
def places(empty_store: Path, tmp_path: Path) -> Iterator[Account]:
    """Give a tenant of an installation whose operator allows a host and a folder."""
    import shutil

    data, allowed = tmp_path / "data", tmp_path / "allowed"
    for folder in (data, allowed, tmp_path / "other"):
        folder.mkdir()
    file = Path(shutil.copy(empty_store, data))
    vault, db = Vault([new_master_key()]), connect(f"sqlite:///{file}")
    settings = ServiceSettings(
        public_url=PUBLIC_URL,
        allowed_places=AllowedPlaces(
            hosts=("db.example", "other.example:3307"),
            folders=(allowed, data),
            own_folder=data,
            own_database=Place(host="db.example", port=5432, database="cxport"),
        ),
    )
    write_sample(f"sqlite:///{allowed}/good.db", interactions=20, seed=1)
    shutil.copy(allowed / "good.db", tmp_path / "other" / "secret.db")
    (allowed / "link.db").symlink_to(tmp_path / "other" / "secret.db")
    (allowed / "store.db").hardlink_to(file)
    (allowed / "folder").symlink_to(tmp_path / "other")
    with installed(file, data, settings, vault=vault, probe=Probe(db, vault)) as found:
        yield found.new_tenant(source=False)
    db.close()


def test_a_source_within_the_allow_list(places: Account, tmp_path: Path) -> None:
    """It is added, checked with a sample of which nothing can be read, and removed."""
    made(places, "/sources", name="History", dsn=f"sqlite:///{tmp_path}/allowed/good.db")
    found = ask(places, "POST", "/sources/history/check").json()

    assert "Chat" in str(found["entities"])
    assert found["missing"] == []
    values = [value for sample in found["samples"] for value in sample["values"].values()]
    assert values
    assert {str(value).split(",")[0] for value in values} <= {
        *("text", "bytes", "number", "time", "None")
    }
    assert names(places, "/sources") == ["History"]
    assert "allowed" not in ask(places, "GET", "/sources").text
    assert ask(places, "DELETE", "/sources/History").status_code == 204
    assert names(places, "/sources") == []


@pytest.mark.parametrize("swapped", ["good.db", "history/good.db"])
def test_a_file_that_becomes_a_link_is_not_followed(
    places: Account, tmp_path: Path, swapped: str
) -> None:
    """What was allowed when it was added leads nowhere else later, by file or folder."""
    allowed, other = tmp_path / "allowed", tmp_path / "other"
    (allowed / "history").mkdir()
    (allowed / "history" / "good.db").write_bytes((allowed / "good.db").read_bytes())
    (other / "good.db").write_bytes((allowed / "good.db").read_bytes())
    made(places, "/sources", name="History", dsn=f"sqlite:///{allowed}/{swapped}")
    assert ask(places, "POST", "/sources/history/check").status_code == 200

    moved = (allowed / swapped).parent if "/" in swapped else allowed / swapped
    moved.rename(tmp_path / "was there")
    moved.symlink_to(other if "/" in swapped else other / "good.db")

    refused = error_of(ask(places, "POST", "/sources/history/check"), 400)
    assert refused["detail"]["state"] == "refused"
    assert "link" in refused["message"]
    moved.unlink()
    (tmp_path / "was there").rename(moved)
    assert ask(places, "POST", "/sources/history/check").status_code == 200


def test_a_file_is_the_one_that_was_allowed(places: Account, tmp_path: Path) -> None:
    """A name that looks quoted is no other name when the file is opened."""
    allowed = tmp_path / "allowed"
    odd = allowed / "%2e%2e" / "other"
    odd.mkdir(parents=True)
    (odd / "secret.db").write_bytes(b"nothing")
    dsn = f"sqlite:///{allowed}/%252e%252e/other/secret.db"
    made(places, "/sources", name="Odd", dsn=dsn)

    refused = error_of(ask(places, "POST", "/sources/odd/check"), 400)
    assert "not an SQLite database" in refused["message"]


def test_a_server_within_the_allow_list(places: Account) -> None:
    """By its name, or name and port; one that does not answer is told as such."""
    for number, dsn in enumerate(
        (
            "postgresql://user:p%40ss@db.example/history",
            "postgresql://user@DB.Example:6543/history",
            "mysql://user:pass@other.example:3307/history",
        )
    ):
        made(places, "/sources", name=f"source {number}", dsn=dsn)


#: `{data}`, `{allowed}` and `{other}` are folders; only `{allowed}/good.db` may be added.
HOSTILE = [
    "sqlite:///{data}/store.sqlite",
    "sqlite:///{data}/../data/store.sqlite",
    "sqlite:///{allowed}/../data/store.sqlite",
    "sqlite:///{allowed}/../other/secret.db",
    "sqlite:///{allowed}/%2e%2e/other/secret.db",
    "sqlite:///{allowed}/link.db",
    "sqlite:///{allowed}/store.db",
    "sqlite:///{allowed}/folder/secret.db",
    "sqlite:///{allowed}",
    "sqlite:///{allowed}/missing.db",
    "sqlite:///{allowed}/good.db?mode=rw",
    "sqlite:///{allowed}/good.db%00.txt",
    "sqlite:///{other}/secret.db",
    "sqlite:///file:{allowed}/good.db",
    "sqlite://file:{other}/secret.db?mode=ro",
    "sqlite:///:memory:",
    "sqlite:///good.db",
    "sqlite:////etc/passwd",
    "sqlite:////proc/self/environ",
    "sqlite:////dev/zero",
    "file:{allowed}/good.db",
    "file:///{allowed}/good.db",
    "postgresql://db.example/cxport",
    "postgresql://db.example:5432/cxport",
    "postgresql://elsewhere.example/history",
    "postgresql://127.0.0.1/history",
    "postgresql://[::1]/history",
    "postgresql://localhost/history",
    "postgresql://db.example,elsewhere.example/history",
    "postgresql://db.example@elsewhere.example/history",
    "postgresql://elsewhere.example#@db.example/history",
    "postgresql://elsewhere.example/x@db.example/history",
    "postgresql://db.example/history?host=elsewhere.example",
    "postgresql://db.example/history?hostaddr=169.254.169.254",
    "postgresql://db.example/history?service=x",
    "postgresql://db.example/history?passfile=/etc/passwd",
    "postgresql:///history?host=/var/run/postgresql",
    "postgresql://%2Fvar%2Frun/history",
    "postgresql://db.example/host%3Delsewhere.example",
    "postgresql://db.example.evil.example/history",
    "postgresql://evil-db.example/history",
    "host=elsewhere.example dbname=history",
    "mysql://other.example:3306/history",
    "mysql://other.example:3307/history?ssl_ca=/etc/passwd",
    "mysql://user:pa@ss@other.example:3307/history",
    " mysql://other.example:3307/history",
    "mysql://other.example:3307\\@db.example/history",
    "http://db.example/history",
    "",
]


@pytest.mark.promise("S5")
@pytest.mark.parametrize("dsn", HOSTILE)
def test_hostile_dsns_are_refused(places: Account, tmp_path: Path, dsn: str) -> None:
    """Paths, links, other names of our own store, options, other hosts: 400, nothing is kept."""
    given = dsn.format(
        data=tmp_path / "data", allowed=tmp_path / "allowed", other=tmp_path / "other"
    )
    answer = ask(places, "POST", "/sources", json={"name": "x", "dsn": given})
    refused = error_of(answer, 400)

    assert names(places, "/sources") == []
    assert str(tmp_path) not in str(refused)


@pytest.mark.promise("S5")
def test_nothing_may_be_added_unless_the_operator_says_so(bare: Account, tmp_path: Path) -> None:
    """The allow-list is empty at first."""
    write_sample(f"sqlite:///{tmp_path}/good.db", interactions=20, seed=1)
    body = {"name": "x", "dsn": f"sqlite:///{tmp_path}/good.db"}

    error_of(ask(bare, "POST", "/sources", json=body), 400)
    assert ServiceSettings(public_url="").allowed_places == AllowedPlaces()
