"""Making and changing jobs as people do it: with keys, with and without scripts, in German."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from playwright.sync_api import FilePayload, expect

from tests.console.browsers import NARROW, Tab
from tests.console.installation import HOSTILE, Console, Person
from tests.console.materials import certificate, equip, job_of

OpenTab = Callable[..., AbstractContextManager[Tab]]

#: Lets each request of a script be a second on its way.
SLOWLY = """() => {
  const now = window.fetch;
  window.fetch = async (...given) => {
    await new Promise((done) => setTimeout(done, 1000));
    return now(...given);
  };
}"""

#: Drops a file with a text on its place.
DROP = """(text) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([text], "dropped.pem"));
  const drop = new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true });
  document.querySelector("[data-drop] label").dispatchEvent(drop);
}"""


@pytest.fixture
def ann(lived: Console) -> Person:
    """Give somebody whose tenant has sources, a certificate and a job."""
    person = lived.person()
    equip(lived, person)
    return person


@pytest.mark.promise("S19")
@pytest.mark.parametrize("locale", ["en", "de"])
def test_the_editor_is_readable(
    open_tab: OpenTab, lived: Console, ann: Person, locale: str
) -> None:
    """New, filled in, refused, and a job's own page: no serious finding, nothing too wide."""
    run = lived.failed(ann, "Mails of June", "the source database does not answer")
    with open_tab(locale=locale) as tab:
        tab.sign_in(ann)
        tab.go("/jobs/new")
        tab.check("job-new")
        tab.page.locator("#source").select_option("History")
        tab.page.locator("[name=title]").fill("Nightly chats")
        tab.page.locator("[name=when][value=cron]").check()
        tab.page.locator("[name=cron]").fill("*/7 6-9 * * MON-FRI")
        tab.page.locator("[name=period][value=relative]").check()
        tab.page.locator("[name=relative]").fill("P1D")
        tab.page.locator("button[value=add]").click()
        tab.page.wait_for_selector("#filter_value_0")
        tab.page.locator("#ask").click()
        tab.page.wait_for_selector("#estimate dl")
        tab.check("job-filled")
        tab.page.locator("[name=filter_attribute]").select_option("status")
        tab.page.locator("[name=filter_value]").fill("many")
        tab.page.locator("button.btn-primary").click()
        tab.page.wait_for_selector(".invalid-feedback")
        tab.check("job-refused")
        tab.go(f"/jobs/{run.job_id}")
        tab.check("job")


@pytest.mark.promise("S19")
def test_a_job_is_made_with_the_keyboard_alone(
    open_tab: OpenTab, lived: Console, ann: Person
) -> None:
    """From the list to the saved job: fields are filled as the focus comes to them."""
    with open_tab() as tab:
        tab.sign_in(ann)
        tab.go("/jobs")
        keys, page = tab.page.keyboard, tab.page
        to(tab, "a[href$='/jobs/new']")
        keys.press("Enter")
        page.wait_for_url("**/jobs/new")
        to(tab, "#title")
        keys.type("Nightly chats")
        to(tab, "#source")
        keys.press("H")  # the first letter chooses
        page.wait_for_selector("[name=data_type]")
        to(tab, "[name=when]")
        for _ in range(6):
            keys.press("ArrowRight")
        to(tab, "#cron")
        keys.type("30 6 * * 1")
        expect(page.locator("#upcoming")).to_contain_text("Every week on Monday at 06:30")
        to(tab, "button.btn-primary")
        keys.press("Enter")
        page.wait_for_url(re.compile(r"/jobs/\d+$"))

        expect(page.get_by_text("Saved: Nightly chats")).to_be_visible()
        job_id = int(page.url.rpartition("/")[2])
        assert job_of(lived, ann, job_id).spec.schedule.cron == "30 6 * * 1"
        assert job_of(lived, ann, job_id).spec.schedule.timezone == "Europe/Paris"


def to(tab: Tab, selector: str) -> None:
    """Go on with the Tab key until the focus is there."""
    for _ in range(80):
        tab.page.keyboard.press("Tab")
        if tab.page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"the keyboard does not come to {selector}")


def test_the_next_runs_follow_what_is_typed(open_tab: OpenTab, ann: Person) -> None:
    """Without a reload, and the focus stays; what the server does not word, a script does."""
    with open_tab() as tab:
        tab.sign_in(ann)
        tab.go("/jobs/new")
        page, told = tab.page, tab.page.locator("#upcoming")
        page.locator("#source").select_option("History")
        page.get_by_label("By cron expression").check()
        page.get_by_label("Cron expression", exact=True).press_sequentially("*/7 6-9 * * 1-5")
        expect(told).to_contain_text("By cron expression: */7 6-9 * * 1-5")
        expect(told).to_contain_text("Every 7 minutes, between 06:00 and 09:59")
        expect(told.locator("li")).to_have_count(5)
        page.get_by_label("Time zone").fill("Asia/Tokyo")
        expect(told).to_contain_text("On the clock of Asia/Tokyo.")
        page.get_by_label("Cron expression", exact=True).fill("99 * * * *")
        expect(told).to_contain_text("This is no cron expression that works.")

        assert page.evaluate("document.activeElement.id") == "cron"
        assert page.get_by_label("Number of runs").is_visible()
        page.get_by_label("Now", exact=True).check()
        assert not page.get_by_label("Number of runs").is_visible()


def test_choosing_a_source_keeps_what_was_typed(open_tab: OpenTab, ann: Person) -> None:
    """The fields follow the source; the rest stays, also what is typed until the answer is here."""
    with open_tab() as tab:
        tab.sign_in(ann)
        tab.go("/jobs/new")
        page = tab.page
        page.evaluate(SLOWLY)
        page.get_by_label("Title").fill("Stock")
        page.locator("#source").select_option("History")
        page.get_by_label("Description").press_sequentially("For the shop")
        page.get_by_text("Contacts").click()
        expect(page.get_by_text("Entities")).to_have_count(0)
        page.locator("#source").select_option("Warehouse")
        expect(page.get_by_label("Orders")).to_be_checked()
        expect(page.get_by_label("Title")).to_have_value("Stock")
        expect(page.get_by_label("Description")).to_have_value("For the shop")
        page.get_by_label("What is new since the last run").check()
        tab.picture("job-tables")
        page.get_by_role("button", name="Save").last.click()

        expect(page.get_by_role("heading", name="Stock")).to_be_visible()
        expect(page.get_by_text("What is new since the last run")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_refused_change_loses_nothing(
    open_tab: OpenTab, lived: Console, ann: Person, *, scripts: bool
) -> None:
    """The focus is in the field that is wrong; put right, the rest is saved with it."""
    job_id, _ = lived.job(ann, "Nightly chats", description="Old")
    with open_tab(java_script_enabled=scripts) as tab:
        tab.sign_in(ann)
        tab.go(f"/jobs/{job_id}")
        page = tab.page
        page.get_by_role("link", name="Change").click()
        page.get_by_label("Description").fill("New")
        page.get_by_role("button", name="Add a condition").click()
        page.get_by_label("Attribute").select_option("subject")
        page.get_by_label("Value").fill("bill")
        page.get_by_label("Split size").fill("1KB")
        page.get_by_role("button", name="Save").last.click()
        expect(page.get_by_text("This is no size that is possible")).to_be_visible()
        expect(page.get_by_label("Split size")).to_be_focused()
        expect(page.get_by_label("Description")).to_have_value("New")
        page.get_by_label("Split size").fill("100MB")
        page.keyboard.press("Enter")

        expect(page.get_by_text("Saved: Nightly chats")).to_be_visible()
        spec = job_of(lived, ann, job_id).spec
        assert (spec.description, spec.split_text) == ("New", "100MB")
        assert spec.filters[0].values == ("bill",)


def test_a_job_is_made_without_scripts_in_german_on_a_phone(
    open_tab: OpenTab, lived: Console, ann: Person
) -> None:
    """Buttons stand for what scripts do by themselves."""
    options = {"java_script_enabled": False, "locale": "de", "viewport": NARROW}
    with open_tab(**options) as tab:
        tab.sign_in(ann)
        tab.go("/jobs")
        page = tab.page
        page.get_by_role("link", name="Neuer Auftrag").click()
        page.get_by_label("Titel").fill("Anrufe")
        page.get_by_label("Quelle").select_option("History")
        page.get_by_role("button", name="Weiter").first.click()
        page.get_by_label("Anruf", exact=True).check()
        page.get_by_label("Wöchentlich").check()
        page.get_by_label("Beginnt am").fill("2031-01-06T07:15")
        page.get_by_label("Zeitzone").fill("Europe/Berlin")
        page.get_by_role("button", name="Vorschau").click()
        expect(page.get_by_text("Jede Woche am Montag um 07:15")).to_be_visible()
        expect(page.get_by_text("Montag, 13.01.2031 07:15")).to_be_visible()
        assert not tab.overflows()
        page.get_by_role("button", name="Speichern").last.click()

        expect(page.get_by_text("Gespeichert: Anrufe")).to_be_visible()
        assert not tab.overflows()
        assert job_of(lived, ann, int(page.url.rpartition("/")[2])).spec.entities == ("PhoneCall",)


def test_a_job_is_cloned(open_tab: OpenTab, lived: Console, ann: Person) -> None:
    """From the job's page, with a change on the way."""
    job_id, _ = lived.job(ann, HOSTILE)
    with open_tab() as tab:
        tab.sign_in(ann)
        tab.go("/jobs")
        page = tab.page
        page.get_by_role("link", name=HOSTILE).click()
        page.get_by_role("link", name="Clone").click()
        expect(page.get_by_label("Title")).to_have_value(f"Copy of {HOSTILE}")
        page.get_by_label("E-mail in").check()
        page.get_by_role("button", name="Save").last.click()

        expect(page.get_by_role("heading", name=f"Copy of {HOSTILE}")).to_be_visible()
        made = int(page.url.rpartition("/")[2])
        assert job_of(lived, ann, made).spec.entities == ("EmailIn", "Chat")
        assert job_of(lived, ann, job_id).spec.entities == ("Chat",)


@pytest.mark.promise("S19")
@pytest.mark.parametrize("locale", ["en", "de"])
def test_certificate_and_preferences_are_readable(
    open_tab: OpenTab, ann: Person, locale: str
) -> None:
    """With one in force, and with another one that is offered."""
    with open_tab(locale=locale) as tab:
        tab.sign_in(ann)
        tab.go("/preferences")
        tab.check("preferences")
        tab.go("/certificate")
        tab.check("certificate")
        file: FilePayload = {"name": "new.pem", "mimeType": "", "buffer": certificate()}
        tab.page.locator("#file").set_input_files(file)
        tab.page.locator("[data-drop] ~ button").click()
        tab.page.wait_for_selector(".console-offer")
        tab.check("certificate-offered")


def test_a_certificate_is_dropped_and_put_in_force(open_tab: OpenTab, ann: Person) -> None:
    """A file that falls on its place is shown at once; a yes puts it in force."""
    with open_tab() as tab:
        tab.sign_in(ann)
        tab.go("/certificate")
        page = tab.page
        page.evaluate(DROP, certificate().decode())
        expect(page.get_by_text("This is in dropped.pem")).to_be_visible()
        page.get_by_role("button", name="Put in force").click()

        expect(page.get_by_text("In force now: dropped.pem")).to_be_visible()
