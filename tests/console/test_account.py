"""The certificate, understood before it is in force; preferences, and one's own sessions."""

from __future__ import annotations

import re
from dataclasses import replace

import httpx2
import pytest
from fastapi.testclient import TestClient

from cxport.domain.access import Role
from cxport.sealing.certificate import make_certificate
from tests.console.forms import text_of
from tests.console.installation import Console, Person, token_of
from tests.console.materials import caller_of, certificate, certify

PATH = "/console/certificate"


def offered(client: TestClient, content: bytes, name: str = "company.pem") -> httpx2.Response:
    """Choose a file and look at it."""
    form = {"token": token_of(client.get(PATH))}
    return client.post(PATH, data=form, files={"file": (name, content)})


def confirmed(client: TestClient, page: httpx2.Response) -> httpx2.Response:
    """Say yes to what is shown."""
    found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    return client.post(f"{PATH}/confirm", data=found)


def names(served: Console, person: Person) -> list[str]:
    """Give the names of what was uploaded, the newest first."""
    caller = caller_of(served, person)
    return [one.name for one in served.services.certificates.history(caller)]


def test_what_was_understood_is_shown_before_it_is_in_force(served: Console, ann: Person) -> None:
    """Subject, key, fingerprint, validity; nothing is kept before the yes."""
    client = served.signed_in(ann)
    page = offered(client, certificate(), r"C:\keys\company.pem")
    said = text_of(page.text)

    assert "This is in company.pem" in said
    assert "Subject CN=Company export" in said
    assert "Issuer itself" in said
    assert "RSA, 2,048 bits" in said
    assert re.search(r"Fingerprint \(SHA-256\) [0-9a-f]{64}", said)
    assert "more days" not in said
    assert names(served, ann) == []

    assert confirmed(client, page).status_code == 303
    assert names(served, ann) == ["company.pem"]
    said = text_of(client.get(PATH).text)
    assert "In force now: company.pem" in said
    assert "already" in text_of(offered(client, certificate()).text)


@pytest.mark.parametrize("days", [7, 59])
def test_what_expires_soon_is_warned_of(served: Console, ann: Person, days: int) -> None:
    """Before it is put in force, and on the page as long as it is."""
    client = served.signed_in(ann)
    page = offered(client, make_certificate("Short", days=days, bits=2048)[1])
    assert f"It is valid for only {days - 1} more days." in text_of(page.text)
    confirmed(client, page)

    assert f"expires in {days - 1} days" in text_of(client.get(PATH).text)


def test_the_history_says_which_is_in_force(served: Console, ann: Person) -> None:
    """The newest; the others stay to be seen."""
    certify(served, ann)
    client = served.signed_in(ann)
    confirmed(client, offered(client, make_certificate("New", 400, 2048)[1], "new.pem"))
    rows = re.findall(r"<tr><td.*?</tr>", client.get(PATH).text, re.DOTALL)

    assert names(served, ann) == ["new.pem", "company.pem"]
    assert ["In force" in row for row in rows] == [True, False]


def test_a_file_that_will_not_do_is_refused(served: Console, ann: Person) -> None:
    """Beside its field, with the reason; a private key is neither kept nor sent back."""
    client = served.signed_in(ann)
    key, _ = make_certificate("Key", 400, 2048)
    for content, reason in ((b"nothing", "not an X.509 certificate"), (key, "private key")):
        page = offered(client, content)

        assert page.status_code == 400
        assert "This file cannot be used." in page.text
        assert reason in page.text
        assert "PRIVATE" not in page.text
        assert 'name="content"' not in page.text
    assert offered(client, b"x" * 70_000).status_code == 400
    forged = {"token": token_of(client.get(PATH)), "name": "a.pem", "content": "bm90aGluZw=="}
    assert client.post(f"{PATH}/confirm", data=forged).status_code == 400
    assert client.post(f"{PATH}/confirm", data={**forged, "content": "?"}).status_code == 400
    assert names(served, ann) == []


def test_who_may_only_look_sees_no_upload(served: Console, ann: Person) -> None:
    """Nor can they send one."""
    certify(served, ann)
    viewer = served.signed_in(served.person(Role.VIEWER, tenant=ann.tenant))
    page = viewer.get(PATH).text

    assert "company.pem" in page
    assert 'type="file"' not in page
    assert offered(viewer, certificate()).status_code == 403


def test_zone_language_and_theme_are_chosen_on_one_page(served: Console, ann: Person) -> None:
    """They hold from then on; a zone that is none changes nothing, and is told."""
    client = served.signed_in(ann)
    page = client.get("/console/preferences").text
    assert 'value="UTC" autocomplete' in page
    choice = {"zone": "Asia/Tokyo", "language": "de", "theme": "dark", "back": "/console/jobs"}
    assert client.post("/console/look", data=choice).status_code == 303
    page = client.get("/console/preferences").text
    assert 'lang="de"' in page
    assert 'data-theme="dark"' in page
    assert 'value="Asia/Tokyo" autocomplete' in page

    client.post("/console/look", data={"zone": "Europe/Atlantis"})
    page = client.get("/console/preferences").text
    assert "Diese Zeitzone gibt es nicht." in page
    assert 'value="Asia/Tokyo" autocomplete' in page


def test_other_sessions_are_ended(served: Console, ann: Person) -> None:
    """One's own, but for this one; nobody else's."""
    here, elsewhere = served.signed_in(ann), served.signed_in(ann)
    somebody = served.signed_in(served.person(tenant=ann.tenant))
    page = here.get("/console/preferences")
    assert "Other sessions of yours: 1." in page.text
    form = {"token": token_of(page)}
    assert here.post("/console/preferences/sign-out-others", data=form).status_code == 303

    text = here.get("/console/preferences").text
    assert "Signed out elsewhere: 1." in text
    assert "Only here." in text
    assert elsewhere.get("/console/jobs").status_code == 303
    assert somebody.get("/console/jobs").status_code == 200


def test_the_own_password_is_changed(served: Console, ann: Person) -> None:
    """Errors stand beside their field, no password comes back; sessions elsewhere end, not this."""
    here, elsewhere = served.signed_in(ann), served.signed_in(ann)
    path = "/console/preferences/password"
    form = {"token": token_of(here.get("/console/preferences"))}
    new = "a long enough new one"
    for field, current, wanted in (
        ("currentPassword", "wrong wrong wrong", new),
        ("newPassword", ann.password, "short"),
    ):
        page = here.post(path, data={**form, "currentPassword": current, "newPassword": wanted})
        assert page.status_code == 400
        assert re.findall(r'invalid-feedback" id="([^"]+)"', page.text) == [f"{field}-says"]
        assert current not in page.text
        assert wanted not in text_of(page.text).split()
    sent = {**form, "currentPassword": ann.password, "newPassword": new}
    assert here.post(path, data=sent).status_code == 303

    assert "Your password was changed" in here.get("/console/preferences").text
    assert elsewhere.get("/console/jobs").status_code == 303
    assert served.signed_in(replace(ann, password=new)).get("/console/jobs").status_code == 200
