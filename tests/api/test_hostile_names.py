"""Whatever stands in a path, in any version: a documented answer, and nothing outside the root."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.api.installation import Installation
from tests.api.operations import OWN, request_of
from tests.api.test_contract import PRINTED

NAMES = (
    "../../outside",
    "..",
    "\0",
    "a\0b",
    "CON",
    "nul.pem",
    "a/b",
    "..\\outside",
    "\u202egpj.exe",
    "\u200f",
    "\ud7ff\U0010ffff",
    "a\r\nSet-Cookie: x=y",
    "x" * 4096,
    "%2e%2e%2f",
    "\U0001f600\u200d\U0001f468",
    "\x01\x1b[2J\x7f\x85\u2028",
    "-1",
    "9" * 40,
)
#: Every operation with something in its path, under each of its base paths.
OPERATIONS = sorted(
    {
        (method, base + path.removeprefix("/udm"))
        for method, path in [*((m, p) for p, m, _ in PRINTED), *OWN]
        if "{" in path
        for base in (
            ("/udm", "/data-download")
            if path.startswith(("/udm/v4", "/udm/v3"))
            else ("/udm" if path.startswith("/udm") else "",)
        )
    }
)


def _everything(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_a_hostile_name_is_refused(
    on_each_store: Installation, certificate: bytes, method: str, path: str
) -> None:
    """400, 404 or 413, never 5xx; a certificate may be called anything that is kept as a text."""
    tenant = on_each_store.new_tenant()
    tenant.upload(certificate)
    _, files = tenant.finished_run(b"sealed")
    objects = tenant.installation.objects
    outside = _everything(objects.parent) - _everything(objects)
    request = request_of(method, path, certificate)
    for name in NAMES:
        for written in (quote(name, safe=""), quote(name, safe="/.")):
            url = written.join(re.split(r"\{\w+\}", path))
            call = {**request, "url": url}
            answer = tenant.installation.client.request(headers=tenant.headers, **call)

            assert answer.status_code < 500, (name, answer.text)
            assert "set-cookie" not in answer.headers
            harmless = method.lower() == "delete" or "/cipher/" in path
            assert harmless or answer.status_code in {400, 404, 405, 413}, (name, answer.text)

    now = _everything(objects.parent) - _everything(objects)
    assert {one for one in now - outside if not one.name.startswith("store.sqlite")} == set()
    assert tenant.get(f"/files/{files[0].name}").status_code == 303
