"""The console as people have it: a real browser, with and without scripts, light and dark."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.console.browsers import Tab
from tests.console.installation import HOSTILE, Console, Person

OpenTab = Callable[..., AbstractContextManager[Tab]]

NARROW = {"width": 320, "height": 640}
LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "german": {"locale": "de"},
    "narrow": {"viewport": NARROW},
    "narrow-dark": {"viewport": NARROW, "color_scheme": "dark"},
}


@pytest.fixture
def ann(lived: Console) -> Person:
    """Give the administrator of a tenant with jobs in several states."""
    person = lived.person()
    for number in range(1, 4):
        lived.job(person, f"Nightly chats {number}", description="For the data warehouse")
    lived.begun(person, "All of 2025")
    lived.failed(person, "Mails of June", "the source database does not answer")
    lived.job(person, "Weekly calls", suspended=True)
    lived.job(person, HOSTILE)
    return person


def test_many_are_suspended_with_a_few_clicks(open_tab: OpenTab, ann: Person) -> None:
    """Buttons wait for a selection; who cannot be suspended is told by name."""
    with open_tab() as tab:
        tab.sign_in(ann)
        page = tab.page
        page.get_by_role("link", name="Jobs").click()
        suspend = page.get_by_role("button", name="Suspend", exact=True)
        expect(suspend).to_be_disabled()
        page.get_by_label("Select Nightly chats 1").check()
        page.get_by_label("Select Mails of June").check()
        expect(page.get_by_text("2 selected")).to_be_visible()
        suspend.click()

        expect(page.get_by_text("Suspended: 1.")).to_be_visible()
        expect(page.get_by_text("Mails of June: not possible: it is Failed")).to_be_visible()
        tab.picture("jobs-partly-refused")


def test_the_same_without_scripts(open_tab: OpenTab, ann: Person) -> None:
    """Sign in, filter, act on many, be asked, choose a language, sign out."""
    with open_tab(java_script_enabled=False) as tab:
        tab.sign_in(ann)
        page = tab.page
        page.get_by_role("link", name="Jobs").click()
        page.get_by_label("Title", exact=True).fill("nightly")
        page.get_by_role("button", name="Filter").click()
        expect(page.locator("tbody tr")).to_have_count(3)
        for number in (1, 2):
            page.get_by_label(f"Select Nightly chats {number}").check()
        page.get_by_role("button", name="Delete").click()
        expect(page.get_by_role("heading", name="Delete these jobs? (2)")).to_be_visible()
        tab.picture("confirm")
        page.get_by_role("button", name="Delete").click()
        expect(page.get_by_text("Deleted: 2.")).to_be_visible()
        expect(page.locator("tbody tr")).to_have_count(1)
        page.get_by_label("Theme and language").click()
        page.get_by_role("button", name="Deutsch").click()
        expect(page.get_by_role("heading", name="Aufträge")).to_be_visible()
        page.get_by_title("Ihr Konto").click()
        page.get_by_role("button", name="Abmelden").click()
        expect(page.get_by_text("Sie haben sich abgemeldet.")).to_be_visible()


def test_filters_answer_while_typing_and_keep_the_selection(open_tab: OpenTab, ann: Person) -> None:
    """Without a reload: a ticked row that stays in the list stays ticked."""
    with open_tab() as tab:
        tab.sign_in(ann)
        tab.go("/jobs")
        page = tab.page
        page.get_by_label("Select Nightly chats 2").check()
        page.evaluate("window.sameDocument = true")
        page.get_by_label("Title", exact=True).press_sequentially("nightly")
        page.wait_for_url("**title=nightly**")
        page.wait_for_function("document.querySelectorAll('tbody tr').length === 3")

        assert page.evaluate("window.sameDocument")
        assert page.get_by_label("Select Nightly chats 2").is_checked()
        assert page.get_by_label("Title", exact=True).evaluate("e => e === document.activeElement")


def test_times_are_those_of_the_browsers_zone(open_tab: OpenTab, ann: Person) -> None:
    """The first page of a new browser may say UTC; from the next on it is the person's zone."""
    with open_tab() as tab:
        tab.sign_in(ann)
        tab.go("/jobs")
        moment = tab.page.locator("tbody time").first
        shown = moment.evaluate(
            "e => [e.textContent, new Date(e.dateTime).toLocaleString('sv', {timeZone:"
            " 'Europe/Paris'}).slice(0, 16)]"
        )

        assert shown[0] == shown[1]


@pytest.mark.promise("S19")
def test_all_is_reached_by_the_keyboard(open_tab: OpenTab, ann: Person) -> None:
    """From the first key: skip to the content, tick a row, press its button."""
    with open_tab() as tab:
        tab.sign_in(ann)
        tab.go("/jobs")
        page = tab.page
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "content"
        box = page.get_by_label("Select Nightly chats 3")
        for _ in range(60):
            if box.evaluate("e => e === document.activeElement"):
                break
            page.keyboard.press("Tab")
        page.keyboard.press("Space")
        for _ in range(60):
            page.keyboard.press("Shift+Tab")
            if page.evaluate("document.activeElement.getAttribute('formaction')"):
                break
        page.keyboard.press("Enter")
        page.wait_for_url("**/console/jobs/delete")

        expect(page.get_by_text("Nightly chats 3")).to_be_visible()


@pytest.mark.promise("S19")
@pytest.mark.parametrize("look", LOOKS)
def test_every_page_is_readable(open_tab: OpenTab, ann: Person, look: str) -> None:
    """No serious finding of axe-core, and nothing wider than the window; a picture of each."""
    with open_tab(**LOOKS[look]) as tab:
        tab.page.goto(f"{tab.url}/console/sign-in")
        check(tab, "sign-in", look)
        tab.sign_in(ann)
        for name, path in (("overview", "/"), ("jobs", "/jobs"), ("not-found", "/nowhere")):
            tab.go(path)
            check(tab, name, look)
        tab.go("/jobs?title=nothing")
        check(tab, "jobs-empty", look)
        tab.go("/jobs")
        tab.page.locator("summary").first.click()
        check(tab, "menu", look)


def check(tab: Tab, name: str, look: str) -> None:
    """Look at a page as axe-core and as people do."""
    tab.picture(f"{name}-{look}")

    assert tab.findings() == []
    assert not tab.overflows()
