"""The interactive page of each document, in a real browser."""

from __future__ import annotations

import hashlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from playwright.sync_api import Browser, Page

from tests.api.installation import Installation
from tests.programs import HOST
from tools.vendor_swagger import FILES, STATIC

PREFIXES = ("/udm/v10", "/udm/v4", "/udm/v3", "/cxport/v1")


@pytest.fixture(scope="module")
def url(installation: Installation) -> Iterator[str]:
    """Serve the installation on a port, as the browser needs it."""
    with socket.create_server((HOST, 0)) as listener:
        app = installation.client.app
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield f"http://{HOST}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


class Watched:
    """A page, and what it asked for and complained of."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda message: self._heard(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _heard(self, kind: str, text: str) -> None:
        if kind == "error" or "Content Security Policy" in text:
            self.complaints.append(text)


@pytest.mark.parametrize("prefix", PREFIXES)
def test_the_page_shows_the_operations(url: str, browser: Browser, prefix: str) -> None:
    """All of them; no request leaves the host, and the policy is not broken."""
    watched = Watched(browser.new_page())
    document = watched.page.request.get(f"{url}{prefix}/openapi.json").json()
    expected = sum(len(one) for one in document["paths"].values())
    watched.page.goto(f"{url}{prefix}/docs")
    watched.page.wait_for_selector(".opblock")

    assert watched.page.locator(".opblock").count() == expected
    watched.page.locator(".opblock-summary").first.click()
    watched.page.wait_for_selector(".opblock-body .try-out__btn")
    watched.page.close()
    assert [one for one in watched.asked if not one.startswith((url, "data:"))] == []
    assert watched.complaints == []


def test_an_operation_can_be_tried(url: str, browser: Browser) -> None:
    """The page sends the request and shows the answer."""
    watched = Watched(browser.new_page())
    watched.page.goto(f"{url}/udm/v10/docs")
    watched.page.click("text=/version")
    watched.page.click(".try-out__btn")
    watched.page.click("button.execute")
    watched.page.wait_for_selector(".live-responses-table .response-col_status")

    status = watched.page.inner_text(".live-responses-table .response .response-col_status")
    watched.page.close()
    assert status.startswith("200")
    assert watched.complaints == []


def test_the_address_names_no_other_document(url: str, browser: Browser) -> None:
    """A link to our page cannot make it show, and send tokens to, somebody else's API."""
    watched = Watched(browser.new_page())
    watched.page.goto(f"{url}/udm/v10/docs?url=https://elsewhere.example/openapi.json")
    watched.page.wait_for_selector(".opblock")
    watched.page.close()

    assert [one for one in watched.asked if "elsewhere" in one and not one.startswith(url)] == []


def test_a_script_that_is_not_ours_does_not_run(url: str, browser: Browser) -> None:
    """Neither inline nor evaluated."""
    page = browser.new_page()
    page.goto(f"{url}/udm/v10/docs")
    page.evaluate(
        "() => { const s = document.createElement('script');"
        " s.textContent = 'window.ran = 1'; document.body.append(s); }"
    )

    assert page.evaluate("() => window.ran") is None
    policy = page.request.get(f"{url}/udm/v10/docs").headers["content-security-policy"]
    page.close()
    assert "unsafe" not in policy


def test_the_files_are_the_release_s() -> None:
    """Byte for byte, with its licence."""
    for name, digest in FILES.items():
        assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == digest, name
    assert {"LICENSE", "NOTICE"} < set(FILES)
