"""Signing in and out, and what stands around every page."""

from __future__ import annotations

import pytest

from cxport.domain.access import Role
from tests.console.installation import Console, Person, token_of


def test_whoever_is_not_signed_in_is_sent_to_sign_in_and_back(served: Console, ann: Person) -> None:
    """A link to a page works after sign-in, with what its address holds."""
    client = served.browser()
    sent = client.get("/console/jobs?status=failed")

    assert sent.status_code == 303
    assert sent.headers["location"] == "/console/sign-in?next=%2Fconsole%2Fjobs%3Fstatus%3Dfailed"
    form = {"tenant": ann.tenant, "user": ann.name, "password": ann.password}
    back = client.post("/console/sign-in", data={**form, "next": "/console/jobs?status=failed"})
    assert back.headers["location"] == "/console/jobs?status=failed"
    assert client.get(back.headers["location"]).status_code == 200


@pytest.mark.parametrize("together", [True, False])
def test_the_tenant_may_stand_before_the_user(
    served: Console, ann: Person, *, together: bool
) -> None:
    r"""`tenant\\user` in one field is what people of the original type."""
    user = f"{ann.tenant}\\{ann.name}" if together else ann.name
    tenant = "" if together else ann.tenant
    form = {"tenant": tenant, "user": user, "password": ann.password}

    assert served.browser().post("/console/sign-in", data=form).status_code == 303


def test_a_wrong_password_says_so_and_keeps_what_was_typed(served: Console, ann: Person) -> None:
    """The same words for a wrong name and a wrong password, which is not sent back."""
    for user in (ann.name, "nobody"):
        form = {"tenant": ann.tenant, "user": user, "password": "wrong-secret"}
        page = served.browser().post("/console/sign-in", data=form)

        assert page.status_code == 403
        assert "The user name or password is wrong." in page.text
        assert f'value="{user}"' in page.text
        assert "wrong-secret" not in page.text


@pytest.mark.promise("S19")
def test_the_cookie_is_out_of_reach(served: Console, ann: Person) -> None:
    """Bound to this host, over TLS only, hidden from scripts; for 30 days only where asked."""
    form = {"tenant": ann.tenant, "user": ann.name, "password": ann.password}
    cookie = served.browser().post("/console/sign-in", data=form).headers["set-cookie"]

    assert cookie.startswith("__Host-cxport-session=")
    assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    assert "Max-Age" not in cookie
    kept = served.browser().post("/console/sign-in", data={**form, "remember": "true"})
    assert "Max-Age=2592000" in kept.headers["set-cookie"]


def test_signing_out_ends_the_session_for_good(served: Console, ann: Person) -> None:
    """A copy of the cookie is worth nothing afterwards."""
    client = served.signed_in(ann)
    copied = dict(client.cookies)
    token = token_of(client.get("/console/jobs"))
    assert client.post("/console/sign-out", data={"token": token}).status_code == 303

    thief = served.browser()
    thief.cookies.update(copied)
    assert thief.get("/console/jobs").headers["location"].startswith("/console/sign-in")


@pytest.mark.parametrize(
    "path", ["//evil.example/", "https://evil.example/", "/console//evil", "/udm", "/console/\\x"]
)
def test_signing_in_leads_nowhere_else(served: Console, ann: Person, path: str) -> None:
    """An address that somebody slipped in is not followed."""
    form = {"tenant": ann.tenant, "user": ann.name, "password": ann.password, "next": path}

    assert served.browser().post("/console/sign-in", data=form).headers["location"] == "/console/"


@pytest.mark.promise("S19")
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://console.example"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "", "Origin": "null"},
        {"Sec-Fetch-Site": ""},
    ],
)
def test_a_form_of_another_site_is_refused(
    served: Console, ann: Person, headers: dict[str, str]
) -> None:
    """Whatever it carries: also the token, and also at sign-in."""
    client = served.signed_in(ann)
    token = token_of(client.get("/console/jobs"))

    assert (
        client.post("/console/sign-out", data={"token": token}, headers=headers).status_code == 403
    )
    assert client.get("/console/jobs").status_code == 200
    form = {"tenant": ann.tenant, "user": ann.name, "password": ann.password}
    assert client.post("/console/sign-in", data=form, headers=headers).status_code == 403


def test_an_older_browser_is_known_by_its_origin(served: Console, ann: Person) -> None:
    """Without `Sec-Fetch-Site` the origin must be ours."""
    form = {"tenant": ann.tenant, "user": ann.name, "password": ann.password}
    headers = {"Sec-Fetch-Site": "", "Origin": "https://console.example"}

    assert served.browser().post("/console/sign-in", data=form, headers=headers).status_code == 303


def test_a_form_without_the_sessions_token_is_refused(served: Console, ann: Person) -> None:
    """Another person's token does not fit either."""
    client = served.signed_in(ann)
    other = token_of(served.signed_in(served.person()).get("/console/jobs"))

    for token in ("", other, "é"):
        assert client.post("/console/sign-out", data={"token": token}).status_code == 403


@pytest.mark.promise("S19")
def test_every_answer_is_guarded(served: Console, ann: Person) -> None:
    """Pages, redirects, errors and assets alike: nothing inline, no frame, no guessed type."""
    client = served.signed_in(ann)
    for path in ("/console/", "/console", "/console/nowhere", "/console/static/0/x.js", "/"):
        headers = client.get(path).headers

        assert "default-src 'none'" in headers["content-security-policy"], path
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


def test_tabs_are_those_that_the_roles_allow(served: Console, ann: Person) -> None:
    """A viewer sees the pages, and no button that would be refused."""
    viewer = served.person(Role.VIEWER, tenant=ann.tenant)
    served.job(ann, "Nightly")
    page = served.signed_in(viewer).get("/console/jobs").text

    assert "Nightly" in page
    assert "/console/jobs/delete" not in page
    assert "/console/jobs/delete" in served.signed_in(ann).get("/console/jobs").text


def test_who_may_not_is_told_whom_to_ask(served: Console, ann: Person) -> None:
    """A refused act is a page with the reason and a way on."""
    viewer = served.person(Role.VIEWER, tenant=ann.tenant)
    job, _ = served.job(ann, "Nightly")
    client = served.signed_in(viewer)
    token = token_of(client.get("/console/jobs"))
    client.post("/console/jobs/suspend", data={"token": token, "ids": job})

    assert "do not allow" in client.get("/console/jobs").text


def test_what_is_not_there_is_a_page_too(served: Console, ann: Person) -> None:
    """For people; the API beside it goes on to speak JSON."""
    client = served.signed_in(ann)
    page = client.get("/console/nowhere")

    assert page.status_code == 404
    assert "This page is not there" in page.text
    assert client.get("/nowhere").json()["status"]["code"] == 404


def test_a_fault_of_ours_tells_nothing(
    served: Console, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page says that it happened, and no word of what."""

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    client = served.signed_in(ann)
    monkeypatch.setattr(type(served.services.jobs), "page", broken)
    page = client.get("/console/jobs")

    assert page.status_code == 500
    assert "Something went wrong on our side" in page.text
    assert "secret" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_language_and_theme_are_kept(served: Console) -> None:
    """Chosen once, they hold, signed in or not; the browser's language is the start."""
    client = served.browser()
    page = client.get("/console/sign-in", headers={"Accept-Language": "de"})
    assert '<html lang="de"' in page.text
    chosen = client.post("/console/look", data={"language": "de", "back": "/console/jobs"})
    client.post("/console/look", data={"theme": "dark"})

    assert chosen.headers["location"] == "/console/jobs"
    assert (
        'lang="de" dir="ltr" data-theme="dark" data-bs-theme="dark"'
        in client.get("/console/sign-in").text
    )
