"""The console as people have it: a real browser, with and without scripts, light and dark."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from playwright.sync_api import Request, expect

from cxport.domain.listing import Query
from cxport.domain.run import Counts
from cxport.store import runs
from tests.console.browsers import Tab
from tests.console.installation import HOSTILE, Console, Person

OpenTab = Callable[..., AbstractContextManager[Tab]]

SKIPPING = Counts(selected=16012, exported=16010, skipped=2, warnings=3)


@pytest.fixture
def ann(lived: Console) -> Person:
    """Give the administrator of a tenant with jobs in several states."""
    person = lived.person()
    for number in range(1, 4):
        lived.job(person, f"Nightly chats {number}", description="For the data warehouse")
    going = lived.planned(lived.begun(person, "All of 2025"), 3)
    lived.clock.advance(seconds=8)
    lived.read(going, 1234)
    lived.clock.advance(seconds=-8)
    lived.failed(person, "Mails of June", "the source database does not answer")
    lived.job(person, "Weekly calls", suspended=True)
    lived.job(person, HOSTILE)
    past = lived.clock() + timedelta(hours=40)
    lived.finished(person, "Chats of May", b"sealed" * 9000, b"sealed" * 7000, counts=SKIPPING)
    lived.finished(person, "Calls of May", b"sealed" * 1200, expires_at=past)
    return person


def paths(lived: Console, person: Person) -> dict[str, str]:
    """Give the pages that are looked at, by the name of their pictures."""
    caller = lived.services.sessions.sign_in(person.tenant, person.name, person.password)[1]
    found = lived.services.history.page(caller, Query(order="created_at")).items
    by_title = {run.spec.title: run.id for run in found}
    return {
        "overview": "/",
        "jobs": "/jobs",
        "jobs-empty": "/jobs?title=nothing",
        "history": "/history",
        "history-empty": "/history?title=nothing",
        "run-done": f"/history/{by_title['Chats of May']}",
        "run-going": f"/history/{by_title['All of 2025']}",
        "run-failed": f"/history/{by_title['Mails of June']}",
        "files": "/files",
        "files-empty": "/files?title=nothing",
        "not-found": "/nowhere",
    }


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
        expect(page.get_by_text("Mails of June: cannot be suspended: it is Failed")).to_be_visible()
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
@pytest.mark.parametrize("locale", ["en", "de"])
def test_every_page_is_readable(
    open_tab: OpenTab, lived: Console, ann: Person, locale: str
) -> None:
    """No serious finding of axe-core, and nothing wider than the window; a picture of each."""
    with open_tab(locale=locale) as tab:
        tab.page.goto(f"{tab.url}/console/sign-in")
        tab.check("sign-in")
        tab.sign_in(ann)
        for name, path in paths(lived, ann).items():
            tab.go(path)
            tab.check(name)
        tab.go("/files")
        for word in ("download", "script", "delete"):
            tab.go("/files")
            tab.page.locator("tbody [name=ids]").first.check()
            tab.page.locator(f"[formaction$='/{word}']").click()
            tab.check(f"files-{word}")
        tab.go("/")
        tab.page.locator("details:not(.console-menu) summary").first.click()
        tab.check("overview-numbers")
        tab.go("/jobs")
        tab.page.locator("summary").first.click()
        tab.check("menu")


@pytest.mark.parametrize("path", ["/jobs", "/history", "/"])
def test_what_changes_is_shown_where_it_stands(
    open_tab: OpenTab, lived: Console, path: str
) -> None:
    """Without a reload; what is ticked stays ticked, the focus stays, and so does what is typed."""
    person = lived.person()
    run = lived.planned(lived.begun(person, "All of 2025"), 1)
    with open_tab() as tab:
        tab.sign_in(person)
        page = tab.page
        tab.go(path)
        page.evaluate("window.sameDocument = true")
        unasked = list[bool]()
        page.on("request", lambda one: note_unasked(one, unasked))
        box = page.locator("tbody [name=ids]")
        if path != "/":
            box.check()
            box.focus()
        lived.read(run, 370)
        expect(page.get_by_text("37 %").first).to_be_visible(timeout=20_000)
        lived.failed(person, "Mails of June", "the source database does not answer")
        expect(page.get_by_text("the source database does not answer")).to_be_visible(
            timeout=20_000
        )

        assert page.evaluate("window.sameDocument")
        assert unasked == [True]
        if path != "/":
            ticked = page.get_by_label(re.compile("Select All of 2025"))
            expect(ticked).to_be_checked()
            expect(ticked).to_be_focused()


def note_unasked(request: Request, unasked: list[bool]) -> None:
    """Note whether a page that is asked for again says that nobody asked for it."""
    if "/static/" not in request.url:
        unasked.append("cxport-unasked" in request.headers)


def test_a_runs_page_follows_it_to_its_end(open_tab: OpenTab, lived: Console) -> None:
    """Rows and parts as they come, then the reason, and the buttons that make sense then."""
    person = lived.person()
    run = lived.planned(lived.begun(person, "All of 2025"), 3)
    with open_tab() as tab:
        tab.sign_in(person)
        tab.go(f"/history/{run.id}")
        page = tab.page
        page.evaluate("window.sameDocument = true")
        expect(page.locator(".part-running")).to_have_count(1)
        lived.read(run, 600)
        expect(page.get_by_text("600 of about 3,000 rows read")).to_be_visible(timeout=20_000)
        runs.fail(lived.db, run.tenant_id, run.id, run.attempt, "the disk is full")
        expect(page.get_by_text("the disk is full")).to_be_visible(timeout=20_000)
        expect(page.get_by_role("button", name="Delete")).to_be_visible(timeout=20_000)

        assert page.evaluate("window.sameDocument")


def test_files_start_one_after_the_other(open_tab: OpenTab, ann: Person) -> None:
    """Each as a download of its own, and no window opens."""
    with open_tab(accept_downloads=True) as tab:
        tab.sign_in(ann)
        tab.go("/files")
        page, got = tab.page, list[str]()
        page.on("download", lambda one: got.append(one.suggested_filename))
        page.locator("[data-select-all]").check()
        page.get_by_role("button", name="Download").click()
        expect(page.get_by_text("5 of 5 started")).to_be_visible(timeout=20_000)
        page.wait_for_timeout(500)

        assert len(set(got)) == 5
        assert len(page.context.pages) == 1
