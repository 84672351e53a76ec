"""A first-time user in a real browser, from sign-in to a file opened with OpenSSL alone."""

from __future__ import annotations

import os
import re
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.console.browsers import Tab, watched
from tests.scenarios.opening import KeyPair
from tests.scenarios.running import RunningService, kept_in
from tests.scenarios.test_interrupted import assert_complete, wait_for
from tests.scenarios.test_many_workers import states
from tests.scenarios.workers import Workers
from tests.servers import PostgresServer, S3Server

#: A run of these sizes, with a take-over in it, on a slow machine.
RUN_MS = 180_000


def test_a_first_day_on_sqlite_and_a_folder(
    browser: Browser,
    running_service: Callable[..., RunningService],
    slow_dsn: str,
    keys: KeyPair,
    tmp_path: Path,
) -> None:
    """Nothing but the browser is used; the script for a set of files does what it says."""
    service = running_service(part_rows="1000")
    service.add_source("history", slow_dsn)
    with browser.new_context(locale="en") as context, watched(context, service.url) as tab:
        begin(tab, service, keys)
        follow_to_the_end(tab.page)
        open_files(tab, service, keys, slow_dsn, tmp_path)


def test_a_first_day_on_postgresql_and_s3_while_a_worker_is_killed(  # noqa: PLR0913, PLR0917 - fixtures
    browser: Browser,
    running_service: Callable[..., RunningService],
    postgres: PostgresServer,
    s3: S3Server,
    slow_dsn: str,
    keys: KeyPair,
    tmp_path: Path,
) -> None:
    """The page goes on to the end, though the worker that began the run was killed."""
    store = postgres.new_database()
    settings = {"database": store, **kept_in(s3.settings()), "part_rows": "1000", "workers": "1"}
    service = running_service(**settings)
    service.stop()
    service.start("--no-worker")
    service.add_source("history", slow_dsn)
    with (
        Workers(service, tmp_path, **settings) as workers,
        browser.new_context(locale="en") as context,
        watched(context, service.url) as tab,
    ):
        workers.start(1)
        begin(tab, service, keys)

        def kill() -> None:
            wait_for(lambda: ("running", 1) in states(store))
            workers.start(2)
            workers.kill(1)

        follow_to_the_end(tab.page, kill)
        assert any(starts > 1 for _, starts in states(store))
        open_files(tab, service, keys, slow_dsn, tmp_path)


def begin(tab: Tab, service: RunningService, keys: KeyPair) -> None:
    """Sign in, put a certificate in force, and make a job that runs at once."""
    page, known = tab.page, service.credentials
    page.goto(service.url)
    page.locator("[name=tenant]").fill(known["tenant"])
    page.locator("[name=user]").fill(known["username"])
    page.locator("[name=password]").fill(known["password"])
    page.get_by_role("button", name="Sign in").click()
    tab.go("/certificate")
    page.locator("#file").set_input_files(keys.certificate)
    page.locator("[data-drop] ~ button").click()
    page.get_by_role("button", name="Put in force").click()
    expect(page.get_by_text("In force now")).to_be_visible()
    page.get_by_role("link", name="Jobs").click()
    page.get_by_role("link", name="New job").first.click()
    page.locator("#source").select_option("history")
    page.wait_for_selector("[name=data_type]")
    page.get_by_label("Title").fill("Everything")
    page.get_by_label("Now", exact=True).check()
    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_text("Saved: Everything")).to_be_visible()
    tab.go("/jobs")


def follow_to_the_end(page: Page, meanwhile: Callable[[], None] = lambda: None) -> None:
    """Watch the list until the run has ended: no reload, and the ticked row stays ticked."""
    page.evaluate("window.sameDocument = true")
    box = page.get_by_label(re.compile("Select Everything"))
    box.check()
    expect(page.locator("tbody progress")).to_be_visible(timeout=RUN_MS)
    meanwhile()
    row = page.locator("tbody tr").first
    expect(row).to_contain_text(re.compile(r"[1-9]\d?\s%"), timeout=RUN_MS)
    expect(row).to_contain_text("Completed", timeout=RUN_MS)

    assert page.evaluate("window.sameDocument")
    assert box.is_checked()


def open_files(tab: Tab, service: RunningService, keys: KeyPair, dsn: str, folder: Path) -> None:
    """Download each file by a click and open it; then the whole set by the script for OpenSSL."""
    page, sealed = tab.page, dict[str, bytes]()
    tab.go("/files")
    for link in page.locator("tbody a[href$='.smime']").all():
        with page.expect_download() as download:
            link.click()
        sealed[download.value.suggested_filename] = download.value.path().read_bytes()
    assert sealed
    assert_complete(keys.lines(*sealed.values()), dsn)

    page.locator("[data-select-all]").check()
    page.locator("[formaction$='/script']").click()
    script = page.locator("code").filter(has_text="openssl").text_content() or ""
    fetched = folder / "fetched"
    fetched.mkdir()
    assert run_script(script, service, keys, fetched) == 0
    assert {path.name: path.read_bytes() for path in fetched.glob("*.smime")} == sealed
    assert {path.with_suffix(".smime").name for path in fetched.glob("*.zip")} == set(sealed)
    for name, content in sealed.items():
        with zipfile.ZipFile((fetched / name).with_suffix(".zip")) as opened:
            assert opened.testzip() is None
            assert opened.namelist() == keys.unzip(content).namelist()
    damaged = script.replace(script.split("FILES'\n")[1][:8], "00000000")
    assert run_script(damaged, service, keys, fetched) != 0


def run_script(script: str, service: RunningService, keys: KeyPair, folder: Path) -> int:
    """Run what the page shows, as its first lines want it, and give its exit code."""
    known = service.credentials
    environment = {
        **os.environ,
        "CXPORT_API_KEY": known["api_key"],
        "CXPORT_CLIENT_ID": known["client_id"],
        "CXPORT_CLIENT_SECRET": known["client_secret"],
        "KEY": str(keys.key),
    }
    done = subprocess.run(
        ["sh"],
        input=script,
        text=True,
        cwd=folder,
        env=environment,
        capture_output=True,
        check=False,
    )
    return done.returncode
