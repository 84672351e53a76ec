"""Vendored and own files: what they are, and how they are served."""

from __future__ import annotations

import gzip
import hashlib
import re
import tomllib
from pathlib import Path
from typing import Any

from cxport.console.assets import address, assets
from cxport.services.labels import LANGUAGES, labels
from tests.console.installation import Console, Person

STATIC = Path(__file__).parents[2] / "src/cxport/console/static"
TEMPLATES = STATIC.parent / "templates"
LIST: dict[str, dict[str, Any]] = tomllib.loads((STATIC / "vendor/vendor.toml").read_text())


def test_vendored_files_are_those_that_were_released() -> None:
    """Each is listed with its digest and its licence, and nothing else lies there."""
    listed = {name: digest for one in LIST.values() for name, digest in one["sha256"].items()}
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (STATIC / "vendor").iterdir()
        if path.name != "vendor.toml"
    }

    assert listed == found
    for one in LIST.values():
        assert one["version"]
        assert any(name.endswith(".LICENSE") for name in one["sha256"])


def test_the_first_paint_is_small(served: Console, ann: Person) -> None:
    """A page with all that it loads, as it travels: below 250 KB."""
    client = served.signed_in(ann)
    page = client.get("/console/jobs")
    loaded = set(re.findall(r'(?:src|href)="(/console/static/[^"#]+)', page.text))
    names = [path.rpartition("/")[2] for path in loaded]

    assert "tabler.min.css" in names
    travelling = sum(len(assets()[name].compressed) for name in names)
    assert travelling + len(gzip.compress(page.content)) < 250_000


def test_assets_are_kept_for_a_year_under_their_digest(served: Console) -> None:
    """Compressed where the browser can; another digest is not there."""
    path = address("console.css")
    for coding in ("gzip", "identity"):
        answer = served.browser().get(path, headers={"Accept-Encoding": coding})

        assert answer.content == (STATIC / "console.css").read_bytes()
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers.get("content-encoding", "identity") == coding
    wrong = re.sub("static/[0-9a-f]+", "static/0123456789abcdef", path)
    assert served.browser().get(wrong).status_code == 404


def test_templates_name_labels_and_icons_that_are_there() -> None:
    """A text or picture that is missing is found here, not by a reader."""
    texts = "".join(path.read_text() for path in TEMPLATES.rglob("*.html"))
    symbols = set(re.findall(r'id="([\w-]+)"', (STATIC / "vendor/icons.svg").read_text()))
    keys = set(re.findall(r"""\bt\(["']([\w.]+)["'][,)]""", texts))

    assert len(keys) > 30
    for language in LANGUAGES:
        assert keys <= labels(language).keys()
    assert set(re.findall(r'icon\.of\("([\w-]+)"', texts)) <= symbols


def test_no_template_has_scripts_or_styles_inside() -> None:
    """What the policy would refuse is not written."""
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text()

        assert not re.search(r"\sstyle=|\son\w+=|<style|<script(?! src=)|\|\s*safe|hx-on", text), (
            path
        )
        assert "http://" not in text
        assert "https://" not in text
