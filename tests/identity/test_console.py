"""People come to the console through the organisation's identity provider."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient

from cxport.api import ApiSettings
from cxport.bootstrap.application import make_application
from cxport.domain.audit import INSTALLATION, Entry
from cxport.domain.listing import Query
from cxport.services import ServiceSettings
from cxport.store import audit
from tests.api.installation import PUBLIC_URL, Installation
from tests.identity.provider import CONSOLE, IdentityProvider

START = "/console/sign-in/corporate"


@pytest.fixture
def browser(own: Installation) -> TestClient:
    """Give a browser that keeps cookies, at the console."""
    app = make_application(own.services, ApiSettings(), PUBLIC_URL)
    return TestClient(app, base_url=PUBLIC_URL, follow_redirects=False)


def test_the_sign_in_page_offers_it(browser: TestClient) -> None:
    """A way there that keeps where they wanted to go; the form for passwords stays."""
    page = browser.get("/console/sign-in?next=/console/jobs?status=failed").text

    assert f'href="{START}?next=/console/jobs%3Fstatus%3Dfailed"' in page
    assert 'name="password"' in page


def test_somebody_signs_in_and_arrives(browser: TestClient, provider: IdentityProvider) -> None:
    """With the roles of their claims, where they wanted; what was kept on the way is gone."""
    sent = browser.get(START, params={"next": "/console/jobs?status=failed"})
    assert sent.status_code == 303
    assert "code_challenge_method=S256" in sent.headers["location"]
    assert {"HttpOnly", "Secure", "SameSite=lax"} <= set(sent.headers["set-cookie"].split("; "))

    back = browser.get(CONSOLE, params=provider.sign_in(sent.headers["location"], "ann"))
    assert back.status_code == 303
    assert back.headers["location"] == "/console/jobs?status=failed"
    assert "__Host-cxport-provider" not in browser.cookies
    page = browser.get("/console/jobs")
    assert page.status_code == 200
    assert "/console/jobs/new" not in page.text  # a viewer


@pytest.mark.parametrize("person", ["stranger", "elsewhere"])
def test_who_is_nobody_here_is_told(
    browser: TestClient, provider: IdentityProvider, person: str
) -> None:
    """On the sign-in page, and without a session."""
    sent = browser.get(START)
    page = browser.get(CONSOLE, params=provider.sign_in(sent.headers["location"], person))

    assert page.status_code == 403
    assert "account did not work" in page.text
    assert "__Host-cxport-session" not in browser.cookies


def test_who_is_refused_is_on_record(
    own: Installation, browser: TestClient, provider: IdentityProvider
) -> None:
    """In the tenant's record by name where the claims name one of its people, else the host's."""
    acme = own.services.tenants.named("Acme").id
    for person, chain in (("stranger", acme), ("elsewhere", INSTALLATION)):
        before = refusals(own, chain)
        sent = browser.get(START)
        browser.get(CONSOLE, params=provider.sign_in(sent.headers["location"], person))
        (entry,) = refusals(own, chain)[len(before) :]

        assert entry.act == "sign-in"
        named = ("provider:corporate:stranger", "") if chain else ("unknown", "corporate")
        assert (entry.actor, entry.object) == named


def test_too_many_refusals_shut_the_address_out(own: Installation, browser: TestClient) -> None:
    """As wrong passwords do, and together with them: the record cannot be filled at will."""
    sent = browser.get(START).headers["location"]
    kept = browser.cookies["__Host-cxport-provider"]
    answer = {"state": parse_qs(urlsplit(sent).query)["state"][0], "error": "access_denied"}
    settings = ServiceSettings(public_url=PUBLIC_URL)
    for _ in range(settings.failures_per_address + 3):
        browser.cookies.set("__Host-cxport-provider", kept, domain="export.example")
        page = browser.get(CONSOLE, params=answer)

    assert "too many" in page.text
    assert len(refusals(own, INSTALLATION)) == settings.failures_per_address


def refusals(own: Installation, chain: str) -> list[Entry]:
    """Give the refused acts of a record."""
    found = audit.page(own.db, chain, Query()).items
    return [one.entry for one in found if one.entry.outcome == "refused"]


def test_an_answer_to_another_question_is_refused(
    browser: TestClient, provider: IdentityProvider
) -> None:
    """One that somebody else began, one that comes twice, one that was never asked."""
    first = browser.get(START).headers["location"]
    foreign = provider.sign_in(first, "ann")
    browser.get(START)
    for params in (foreign, {}, {"code": "x", "state": "y"}):
        assert browser.get(CONSOLE, params=params).status_code == 403
    sent = browser.get(START).headers["location"]
    params = provider.sign_in(sent, "ann")
    assert browser.get(CONSOLE, params=params).status_code == 303
    assert browser.get(CONSOLE, params=params).status_code == 403


def test_it_leads_nowhere_else(browser: TestClient, provider: IdentityProvider) -> None:
    """An address of another site that was slipped in is not followed."""
    sent = browser.get(START, params={"next": "https://evil.example/"})
    back = browser.get(CONSOLE, params=provider.sign_in(sent.headers["location"], "ann"))

    assert back.headers["location"] == "/console/"
    assert browser.get("/console/sign-in/other").status_code == 404
