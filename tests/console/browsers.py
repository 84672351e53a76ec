"""Debian's Chromium over a served console, watched: what a page must not do fails its test."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import uvicorn
from fastapi import FastAPI
from playwright.sync_api import BrowserContext, Page, ViewportSize

from tests.console.installation import Person

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "build" / "screenshots"
AXE = ROOT / "tests/npm/node_modules/axe-core/axe.min.js"
#: What a finding of axe-core must not be. Only such are told: the rest takes seconds to hand over.
#: Colours on their way from one look to the next are waited for.
_FINDINGS = """async () => {
  const ends = (one) => one.effect.getComputedTiming().endTime !== Infinity;
  await Promise.allSettled(document.getAnimations().filter(ends).map((one) => one.finished));
  const told = await axe.run({ resultTypes: ["violations"] });
  return told.violations
    .filter((one) => ["serious", "critical"].includes(one.impact))
    .flatMap((one) => one.nodes.map(
      (node) => `${one.id}: ${one.help}: ${node.html}: ${node.failureSummary}`));
}"""

WIDE, NARROW = ViewportSize(width=1280, height=720), ViewportSize(width=320, height=640)
#: How a page that is open can look; a language is another page.
LOOKS: dict[str, tuple[Literal["light", "dark"], ViewportSize]] = {
    "narrow-dark": ("dark", NARROW),
    "narrow": ("light", NARROW),
    "dark": ("dark", WIDE),
    "light": ("light", WIDE),
}


@contextmanager
def serving(app: FastAPI, port: int) -> Iterator[None]:
    """Serve an application on a loopback port, in a thread."""
    config = uvicorn.Config(app, port=port, log_config=None, access_log=False)
    # a page that is still told of changes keeps no test waiting
    config.timeout_graceful_shutdown = 2
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


@dataclass
class Tab:
    """A page of the browser, with all that it did and should not have done."""

    page: Page
    url: str
    trouble: list[str] = field(default_factory=list)

    def sign_in(self, person: Person) -> None:
        """Sign in by the form, and arrive at the first page."""
        self.page.goto(f"{self.url}/console/")
        self.page.locator("[name=tenant]").fill(person.tenant)
        self.page.locator("[name=user]").fill(person.name)
        self.page.locator("[name=password]").fill(person.password)
        self.page.locator("button.btn-primary").click()
        self.page.wait_for_url(f"{self.url}/console/")

    def go(self, path: str) -> None:
        """Open a page of the console."""
        self.page.goto(f"{self.url}/console{path}")

    def picture(self, name: str) -> None:
        """Keep a picture of the whole page, to be looked at."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        # colours on their way from light to dark are neither
        self.page.screenshot(path=path, full_page=True, animations="disabled")

    def findings(self) -> list[str]:
        """Give what axe-core finds serious or critical on the page."""
        # by the debugger, not by the page: its policy lets nothing in
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text())
        found: list[str] = self.page.evaluate(_FINDINGS)
        return found

    def overflows(self) -> bool:
        """Tell whether the page is wider than its window."""
        width = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        return bool(self.page.evaluate(width))

    def check(self, name: str) -> None:
        """Look at the page as axe-core and as people do; in German once, else in every look."""
        if self.page.locator("html").get_attribute("lang") == "de":
            self._check(f"{name}-german")
            return
        for look, (colours, size) in LOOKS.items():
            self.page.emulate_media(color_scheme=colours)
            self.page.set_viewport_size(size)
            self._check(f"{name}-{look}")

    def _check(self, picture: str) -> None:
        self.picture(picture)

        assert (picture, self.findings()) == (picture, [])
        assert (picture, self.overflows()) == (picture, False)


@contextmanager
def watched(context: BrowserContext, url: str) -> Iterator[Tab]:
    """Give a tab; leaving it fails for a violation, an error of a script or a foreign request."""
    page = context.new_page()
    tab = Tab(page, url)
    page.on("request", lambda one: _note_foreign(tab, one.url))
    page.on("pageerror", lambda error: tab.trouble.append(f"script: {error}"))
    page.on("console", lambda one: _note_message(tab, one.type, one.text))
    try:
        yield tab
    finally:
        context.close()
    assert tab.trouble == []


def _note_foreign(tab: Tab, url: str) -> None:
    if not url.startswith((f"{tab.url}/", "data:")):
        tab.trouble.append(f"request: {url}")


def _note_message(tab: Tab, kind: str, text: str) -> None:
    """Keep errors; violations of the policy are among them. A refused page is none."""
    if kind == "error" and "Failed to load resource: the server responded" not in text:
        tab.trouble.append(text)
