"""Takes the pictures of README and documentation from a demo: `make pictures`.

A picture is a line of PICTURES. They are taken by a real browser, of a demo that is made for it, so
that they show what is there and nothing else.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from cxport.client import Client, ClientError, ClientSecret, JobRequest

FOLDER = Path(__file__).parents[1] / "docs/pictures"
_WINDOW = {"width": 1280, "height": 800}
_SOURCE = "contact-centre"
_START_SECONDS = 60

Profile = dict[str, str]


@dataclass(frozen=True)
class Picture:
    """A page of the console; what is clicked before it is taken is named by its words."""

    name: str
    path: str
    click: str = ""
    theme: str = "light"


PICTURES = (
    Picture("overview", "/"),
    Picture("jobs", "/jobs"),
    Picture("jobs-dark", "/jobs", theme="dark"),
    Picture("job", "/jobs", click="Chats, every hour"),
    Picture("editor", "/jobs", click="New job"),
    Picture("history", "/history"),
    Picture("run", "/history", click="All interactions, nightly"),
    Picture("files", "/files"),
    Picture("source", "/administration/sources", click=_SOURCE),
    Picture("users", "/administration/users"),
    Picture("roles", "/administration/roles"),
    Picture("notices", "/administration/notices"),
    Picture("audit", "/administration/audit"),
    Picture("audit-dark", "/administration/audit", theme="dark"),
)


def main() -> None:
    """Make a demo, fill it, take every picture, and remove it."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder, _demo(Path(folder) / "demo") as (url, profile):
        with _client(url, profile) as client:
            _fill(client)
        with sync_playwright() as playwright:
            browser = _chromium(playwright)
            for theme, pictures in groupby(sorted(PICTURES, key=_theme), _theme):
                _take(browser, url, profile, theme, list(pictures))
            browser.close()


def _theme(picture: Picture) -> str:
    return picture.theme


@contextmanager
def _demo(folder: Path) -> Iterator[tuple[str, Profile]]:
    """Make a demo and serve it on a free port, until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    ours = {name: value for name, value in os.environ.items() if not name.startswith("CXPORT_")}
    cxport = [sys.executable, "-m", "cxport"]
    subprocess.run([*cxport, "demo", str(folder)], env=ours, check=True, stdout=subprocess.DEVNULL)
    serve = [*cxport, "serve", "--data", str(folder / "data"), "--port", str(port)]
    with (folder / "pictures.log").open("wb") as log:
        process = subprocess.Popen(serve, env=ours, stdout=log, stderr=log)
    try:
        yield f"http://127.0.0.1:{port}", json.loads((folder / "profile.json").read_text())
    finally:
        process.terminate()
        process.wait()


@contextmanager
def _client(url: str, profile: Profile) -> Iterator[Client]:
    """Sign in as the demo's client, once the service is ready."""
    credentials = ClientSecret(profile["client_id"], profile["client_secret"])
    deadline = time.monotonic() + _START_SECONDS
    with Client(url, api_key=profile["api_key"], credentials=credentials) as client:
        while True:
            try:
                client.sign_in()
                break
            except ClientError as error:
                if not error.transient or time.monotonic() > deadline:
                    raise
            time.sleep(0.1)
        yield client


def _fill(client: Client) -> None:
    """Add what a contact centre would have beside the demo's one export."""
    hourly = JobRequest(source=_SOURCE, title="Chats, every hour", entities=("Chat",))
    weekly = JobRequest(source=_SOURCE, title="Contacts, weekly", data_type="Contact")
    nightly = JobRequest(source=_SOURCE, title="All interactions, nightly", attachments=True)
    made = [
        client.create_job(_scheduled(hourly, "0 * * * *", "For the dashboard of the team leads")),
        client.create_job(_scheduled(weekly, "30 4 * * 1", "For the data warehouse")),
        client.create_job(_scheduled(nightly, "0 2 * * *", "For the archive")),
    ]
    for job in made:
        client.wait(job.id)
    client.webhooks.add(url="https://operations.example.com/cxport")


def _scheduled(job: JobRequest, cron: str, description: str) -> JobRequest:
    values: dict[str, Any] = {**vars(job), "cron": cron, "description": description}
    return JobRequest(**values)


def _chromium(playwright: Any) -> Browser:
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    browser: Browser = playwright.chromium.launch(
        executable_path=shutil.which("chromium"), args=options
    )
    return browser


def _take(
    browser: Browser, url: str, profile: Profile, theme: str, pictures: list[Picture]
) -> None:
    """Sign in once, and take every picture of one theme."""
    options: dict[str, Any] = {"viewport": _WINDOW, "color_scheme": theme}
    context = browser.new_context(**options, locale="en", timezone_id="UTC")
    page = context.new_page()
    _sign_in(page, url, profile)
    for picture in pictures:
        page.goto(f"{url}/console{picture.path}")
        if picture.click:
            page.get_by_role("link", name=picture.click).click()
            page.wait_for_load_state()
        file = FOLDER / f"{picture.name}.png"
        file.write_bytes(packed(page.screenshot()))
        sys.stdout.write(f"{file.name}: {file.stat().st_size:,} bytes\n")
    context.close()


def _sign_in(page: Page, url: str, profile: Profile) -> None:
    page.goto(f"{url}/console/")
    page.get_by_label("Tenant").fill(profile["tenant"])
    page.get_by_label("User name").fill(profile["username"])
    page.get_by_label("Password").fill(profile["password"])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{url}/console/")


def packed(png: bytes) -> bytes:
    """Compress a PNG (RFC 2083) as far as it goes; browsers do it fast instead."""
    head, place, data, tail = png[:8], 8, b"", b""
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        chunk = png[place : place + length + 12]
        if chunk[4:8] == b"IDAT":
            data += chunk[8:-4]
        elif data:
            tail += chunk
        else:
            head += chunk
        place += length + 12
    body = b"IDAT" + zlib.compress(zlib.decompress(data), 9)
    return (
        head + struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body)) + tail
    )


if __name__ == "__main__":
    main()
