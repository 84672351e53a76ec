"""The administration in a real browser: by the keyboard alone, readable, and secrets shown once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from playwright.sync_api import Page, expect

from cxport.services.source_setup import SourceDraft
from cxport.services.webhooks import SubscriptionDraft
from cxport.sources.sample import write_sample
from tests.console.browsers import Tab
from tests.console.installation import HOSTILE, Console, Person

OpenTab = Callable[..., AbstractContextManager[Tab]]

ADMIN = "/administration"
SECTIONS = (
    *("sources", "source", "users", "user", "users/admin", "roles", "keys", "key", "client"),
    *("sessions", "notices", "notice", "limits", "audit"),
)


@pytest.fixture
def ann(lived: Console) -> Person:
    """Give the administrator of a tenant with sources, users, keys and clients."""
    person = lived.person()
    dsn = f"sqlite:///{lived.sources.resolve()}/{person.name.replace(' ', '-')}.db"
    write_sample(dsn, interactions=20, seed=1)
    lived.services.source_setup.add(person.tenant_id, SourceDraft(name="Contact centre", dsn=dsn))
    lived.services.source_setup.add(
        person.tenant_id, SourceDraft(name=HOSTILE, dsn="sqlite:////nowhere.db")
    )
    lived.services.tenants.add_key(person.tenant, HOSTILE)
    lived.services.tenants.add_client(person.tenant, "Nightly export", frozenset())
    caller = lived.services.sessions.sign_in(person.tenant, person.name, person.password)[1]
    webhook = lived.services.webhooks.create(
        caller, SubscriptionDraft(address="https://receiver.example/hook")
    )
    lived.services.webhooks.test(caller, webhook.subscription.id)
    return person


def reach(page: Page, name: str, role: str = "link") -> None:
    """Press Tab until something has the focus that is called so."""
    wanted = page.get_by_role(role, name=name, exact=True)  # type: ignore[arg-type]  # ARIA's words
    for _ in range(80):
        if wanted.evaluate("e => e === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(name)


def test_a_user_is_added_by_the_keyboard(open_tab: OpenTab, ann: Person) -> None:
    """From the tab to the password that is shown once; a reload does not add another one."""
    with open_tab() as tab:
        tab.sign_in(ann)
        page = tab.page
        for name in ("Administration", "Users", "Add a user"):
            reach(page, name)
            page.keyboard.press("Enter")
            page.wait_for_load_state()
        page.wait_for_url("**/user")
        expect(page.get_by_label("User name")).to_be_focused()
        page.keyboard.type("bo")
        reach(page, "Exporter of contact history", "checkbox")
        page.keyboard.press("Space")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="The user bo was added")).to_be_visible()
        tab.check("administration-secret")
        password = page.locator(".console-secret").last.text_content()
        page.reload()

        expect(page.get_by_role("heading", name="Users")).to_be_visible()
        expect(page.locator("tbody tr")).to_have_count(3)
        assert password
        assert password not in page.content()
        page.go_back()
        assert password not in page.content()


def test_a_secret_is_copied(open_tab: OpenTab, ann: Person) -> None:
    """With one click, whole."""
    with open_tab(permissions=["clipboard-read", "clipboard-write"]) as tab:
        tab.sign_in(ann)
        tab.go(f"{ADMIN}/key")
        page = tab.page
        page.get_by_label("Name").fill("nightly")
        page.get_by_role("button", name="Add").click()
        page.get_by_role("button", name="Copy: API key").click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()

        shown = page.locator(".console-secret").text_content()
        assert page.evaluate("navigator.clipboard.readText()") == shown


def test_a_source_is_checked_and_slowed_down_without_scripts(
    open_tab: OpenTab, ann: Person
) -> None:
    """All of it is forms and links."""
    with open_tab(java_script_enabled=False) as tab:
        tab.sign_in(ann)
        page = tab.page
        page.get_by_role("link", name="Administration").click()
        page.get_by_role("link", name="Contact centre").click()
        page.get_by_role("button", name="Check it").click()
        expect(page.get_by_text("all that the mapping names is there")).to_be_visible()
        tab.picture("administration-source-checked-light")
        page.get_by_label("Rows a second at most").fill("1000")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("From the next run on")).to_be_visible()

        expect(page.get_by_label("Rows a second at most")).to_have_value("1000")


@pytest.mark.promise("S19")
@pytest.mark.parametrize("locale", ["en", "de"])
def test_every_section_is_readable(open_tab: OpenTab, ann: Person, locale: str) -> None:
    """No serious finding of axe-core, and nothing wider than the window; a picture of each."""
    with open_tab(locale=locale) as tab:
        tab.sign_in(ann)
        for name in SECTIONS:
            tab.go(f"{ADMIN}/{name}")
            tab.check(f"administration-{name.replace('/', '-')}")
        tab.go(f"{ADMIN}/sources")
        tab.page.locator("tbody a").last.click()
        tab.page.wait_for_load_state()
        tab.check("administration-source-one")
        tab.page.locator("form[action$=check] button").click()
        tab.page.wait_for_load_state()
        tab.check("administration-source-found")
        tab.go(f"{ADMIN}/notices")
        tab.page.locator("tbody a").first.click()
        tab.page.wait_for_load_state()
        tab.check("administration-notice-one")
