"""The administration: who may open it, and what it does to accounts, sessions and limits."""

from __future__ import annotations

import html
import re

import httpx2
import pytest
from fastapi.testclient import TestClient

from cxport.domain.access import PERMISSIONS, Action, Role
from cxport.domain.job import Schedule
from cxport.domain.tenant import Limits
from cxport.services.labels import LANGUAGES, labels
from tests.console.installation import Console, Person, token_of

ADMIN = "/console/administration"
PAGES = (
    "sources",
    "source",
    "users",
    "user",
    "roles",
    "keys",
    "key",
    "client",
    "sessions",
    "notices",
    "notice",
    "limits",
    "audit",
    "audit.csv",
)


def sent(client: TestClient, path: str, **form: object) -> httpx2.Response:
    """Send a form of the administration, and go on to what is shown once."""
    token = token_of(client.get("/console/jobs"))
    answer = client.post(f"{ADMIN}/{path}", data={"token": token, **form})
    location = answer.headers.get("location", "")
    return client.get(location) if location.startswith(f"{ADMIN}/made/") else answer


def secrets_of(page: httpx2.Response) -> list[str]:
    """Give what a page shows once."""
    return [html.unescape(one) for one in re.findall(r"console-secret\">([^<]+)", page.text)]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.UCS_EXPORTER, Role.DATASYNC_EXPORTER])
def test_it_is_there_for_administrators_alone(served: Console, ann: Person, role: Role) -> None:
    """Others have no tab; who types the address is told whom to ask, and changes nothing."""
    client = served.signed_in(served.person(role, tenant=ann.tenant))
    assert ADMIN not in client.get("/console/jobs").text
    for name in PAGES:
        page = client.get(f"{ADMIN}/{name}")
        assert page.status_code == 403, name
        assert "Ask an administrator of your tenant" in page.text

    for path in ("user", f"users/{ann.name}/remove", f"users/{ann.name}/password", "key", "limits"):
        assert sent(client, path, name="x", confirmed="true", days="1").status_code == 403, path
    assert f'href="{ADMIN}"' in served.signed_in(ann).get("/console/jobs").text


def test_a_user_from_beginning_to_end(served: Console, ann: Person) -> None:
    """Added with a password that is shown once, given a role, a new password, and removed."""
    client = served.signed_in(ann)
    made = sent(client, "user", name="bo", roles=[Role.VIEWER.value])
    tenant, name, password = secrets_of(made)
    assert made.headers["cache-control"] == "no-store"
    assert (tenant, name) == (ann.tenant, "bo")
    assert password not in client.get(f"{ADMIN}/users").text + client.get(f"{ADMIN}/users/bo").text
    bo = served.signed_in(Person(ann.tenant, ann.tenant_id, "bo", password))

    assert ADMIN not in bo.get("/console/jobs").text
    assert sent(client, "users/bo/roles", roles=[Role.ADMINISTRATOR.value]).status_code == 303
    assert ADMIN in bo.get("/console/jobs").text

    fresh = secrets_of(sent(client, "users/bo/password"))[2]
    assert fresh != password
    assert bo.get("/console/jobs").headers["location"].startswith("/console/sign-in")
    bo = served.signed_in(Person(ann.tenant, ann.tenant_id, "bo", fresh))

    assert "Remove the user bo?" in sent(client, "users/bo/remove").text
    assert "bo" in client.get(f"{ADMIN}/users").text
    assert sent(client, "users/bo/remove", confirmed="true").status_code == 303
    assert "Removed bo." in client.get(f"{ADMIN}/users").text
    assert bo.get("/console/jobs").status_code == 303


def test_a_chosen_password_is_not_shown(served: Console, ann: Person) -> None:
    """Whoever typed it knows it."""
    client = served.signed_in(ann)
    answer = sent(client, "user", name="cy", password="a long enough one")

    assert answer.status_code == 303
    assert served.signed_in(Person(ann.tenant, ann.tenant_id, "cy", "a long enough one"))


def test_what_was_typed_stays_where_something_is_wrong(served: Console, ann: Person) -> None:
    """The error stands beside its field; a password is typed again."""
    client = served.signed_in(ann)
    roles = [Role.UCS_EXPORTER.value]
    page = sent(client, "user", name="dee", roles=roles, password="short")

    assert page.status_code == 400
    assert 'value="dee"' in page.text
    assert re.search(rf'value="{roles[0]}" checked', page.text)
    assert 'value="short"' not in page.text
    assert re.search(r'id="password-says">too short', page.text)
    again = sent(client, "user", name=ann.name)
    assert re.search(r'invalid-feedback" id="name-says">', again.text)
    assert ">dee<" not in client.get(f"{ADMIN}/users").text


def test_the_last_administrator_stays(served: Console, ann: Person) -> None:
    """Neither the account nor the role of the only one can be taken away; the page says why."""
    client = served.signed_in(ann)
    for made in served.services.administration.clients(
        served.services.sessions.sign_in(ann.tenant, ann.name, ann.password)[1]
    ):
        sent(client, f"clients/{made.id}/remove", confirmed="true")
    sent(client, "users/admin/remove", confirmed="true")

    for path, form in (
        (f"users/{ann.name}/remove", {"confirmed": "true"}),
        (f"users/{ann.name}/roles", {"roles": Role.VIEWER.value}),
    ):
        answer = sent(client, path, **form)
        assert "last administrator" in client.get(answer.headers["location"]).text
    assert client.get(f"{ADMIN}/users").status_code == 200


def test_a_key_is_shown_once_and_refused_when_removed(served: Console, ann: Person) -> None:
    """Programs use it until it is removed, and not a moment longer."""
    client = served.signed_in(ann)
    (key,) = secrets_of(sent(client, "key", name="nightly", roles=[Role.VIEWER.value]))
    headers = {"x-api-key": key}
    listed = client.get(f"{ADMIN}/keys").text
    assert "nightly" in listed
    assert key not in listed
    assert served.browser().get("/udm/v4/export/jobs", headers=headers).status_code == 204

    (path,) = re.findall(rf'action="{ADMIN}/(keys/[^"]+)"[^>]*>.{{0,200}}Remove nightly', listed)
    assert "Remove the key nightly?" in sent(client, path).text
    assert sent(client, path, confirmed="true").status_code == 303
    assert served.browser().get("/udm/v4/export/jobs", headers=headers).status_code == 401


@pytest.mark.parametrize("path", ["key", "client"])
def test_a_reload_of_what_is_shown_once_makes_nothing(
    served: Console, ann: Person, path: str
) -> None:
    """It is shown no second time, nor to anybody without the browser that made it."""
    client = served.signed_in(ann)
    token = token_of(client.get("/console/jobs"))
    made = client.post(f"{ADMIN}/{path}", data={"token": token, "name": "nightly"})
    shown = client.get(made.headers["location"])
    secret = secrets_of(shown)[-1]
    again = client.get(made.headers["location"])

    assert made.status_code == 303
    assert secret not in made.text + made.headers["location"]
    assert "httponly" in made.headers["set-cookie"].lower()
    assert shown.headers["cache-control"] == "no-store"
    assert again.headers["location"] == f"{ADMIN}/keys"
    listed = client.get(f"{ADMIN}/keys").text
    assert "was shown once" in listed
    assert listed.count(">nightly<") == 1
    assert client.get(f"{ADMIN}/made/nothing").status_code == 404


def test_a_client_and_its_secrets(served: Console, ann: Person) -> None:
    """The old secret serves no longer when there is a new one; the id stays."""
    client = served.signed_in(ann)
    client_id, secret = secrets_of(sent(client, "client", name="etl", roles=[Role.VIEWER.value]))
    renewed = secrets_of(sent(client, f"clients/{client_id}/secret"))
    assert renewed[0] == client_id
    form = {"grant_type": "client_credentials"}

    def signs_in(secret: str) -> bool:
        answer = served.browser().post("/auth/v3/oauth/token", data=form, auth=(client_id, secret))
        return answer.status_code == 200

    assert (signs_in(secret), signs_in(renewed[1])) == (False, True)
    assert sent(client, f"clients/{client_id}/roles", roles=[]).status_code == 303
    assert "No role" in client.get(f"{ADMIN}/keys").text
    sent(client, f"clients/{client_id}/remove", confirmed="true")
    assert not signs_in(renewed[1])


def test_another_tenants_accounts_are_not_there(served: Console, ann: Person) -> None:
    """Their pages are not found, and nothing can be done to them."""
    other = served.person()
    made = served.services.tenants.add_client(other.tenant, "theirs", frozenset())
    client = served.signed_in(ann)

    assert client.get(f"{ADMIN}/users/{other.name}").status_code == 404
    assert sent(client, f"users/{other.name}/password").status_code == 404
    assert client.get(f"{ADMIN}/clients/{made[0]}").status_code == 404
    assert sent(client, f"clients/{made[0]}/remove", confirmed="true").status_code == 404
    assert served.signed_in(other).get(f"{ADMIN}/clients/{made[0]}").status_code == 200


def test_sessions_are_ended(served: Console, ann: Person) -> None:
    """Whose session is ended has to sign in again; one's own is marked and has no button."""
    bo = served.person(Role.VIEWER, tenant=ann.tenant)
    theirs, client = served.signed_in(bo), served.signed_in(ann)
    page = client.get(f"{ADMIN}/sessions").text
    assert "(this one)" in page
    (path,) = re.findall(rf"{ADMIN}/(sessions/\w+/end)", page)
    assert theirs.get("/console/").status_code == 200
    assert sent(client, path).status_code == 303

    assert theirs.get("/console/").status_code == 303
    assert client.get("/console/").status_code == 200
    assert sent(served.signed_in(served.person()), path).status_code == 404


def test_every_role_and_action_is_explained(served: Console, ann: Person) -> None:
    """The table is the one that every surface reads, and each of its actions has words."""
    for language in LANGUAGES:
        words = labels(language)
        assert {f"act.{action}" for action in Action} <= words.keys()
        assert {f"noun.{action.partition('.')[0]}" for action in Action} <= words.keys()
        assert {f"admin.about.{role}" for role in Role} <= words.keys()
    page = served.signed_in(ann).get(f"{ADMIN}/roles").text

    assert page.count('class="console-yes"') == sum(len(one) for one in PERMISSIONS.values())


def test_retention_is_shortened_and_taken_back(served: Console, ann: Person) -> None:
    """More than the installation grants is refused beside the field, what was typed stays."""
    client = served.signed_in(ann)
    assert sent(client, "limits", days="7").status_code == 303
    page = client.get(f"{ADMIN}/limits").text
    assert "kept for 7 days" in page
    for wrong in ("31", "0", "-1", "soon", "9" * 40):
        refused = sent(client, "limits", days=wrong)
        assert refused.status_code == 400, wrong
        assert f'value="{wrong}"' in refused.text
        assert re.search(r'invalid-feedback" id="days-says">', refused.text)
    sent(client, "limits", days="")

    assert "kept for 30 days" in client.get(f"{ADMIN}/limits").text


def test_limits_are_shown_with_what_is_used(served: Console, ann: Person) -> None:
    """Each limit beside what there is of it now; the host sets them, which the page says."""
    limits = Limits(parallel_runs=3, queued_runs=1234, daily_bytes=5_000_000_000)
    served.services.tenants.set_limits(ann.tenant, limits)
    served.begun(ann, "goes on")
    served.job(ann, "waits", run_now=True, schedule=Schedule())
    page = served.signed_in(ann).get(f"{ADMIN}/limits").text
    rows = [re.findall(r"<td[^>]*>([^<]+)", row) for row in page.split("<tr>")[2:]]

    assert [row[1:] for row in rows] == [
        ["1", "3"],
        ["0", "any number"],
        ["1", "1,234"],
        ["0 B", "5.0 GB"],
    ]
    assert "cxport tenant limits" in page
