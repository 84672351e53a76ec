"""The pages: what they link to exists, and the generator builds them without complaint."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest

from tools.pictures import PICTURES

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "deploy").rglob("*.md")])

_CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)\s]*pictures/[^)\s]+)\)")


def name(page: Path) -> str:
    """Name a page in the list of tests."""
    return str(page.relative_to(ROOT))


def anchors(page: Path) -> set[str]:
    """Give the anchors of a page: its headings as the generator and GitHub spell them."""
    headings = re.findall(r"^#+ (.+)$", _CODE.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    """A relative link names a file that is there, and a heading that is in it."""
    for link in _LINK.findall(_CODE.sub("", page.read_text())):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page

        assert target.is_file(), link
        assert not anchor or anchor in anchors(target), link


def test_every_picture_is_shown_and_can_be_taken_anew() -> None:
    """None is unused or made by hand, and each says what it shows to whoever cannot see it."""
    shown = [found for page in PAGES for found in _PICTURE.findall(page.read_text())]
    named = {Path(path).stem for _, path in shown}

    assert named == {file.stem for file in (DOCS / "pictures").iterdir()}
    assert named == {picture.name for picture in PICTURES}
    assert all(len(text) > 10 for text, _ in shown)


def test_every_page_is_in_the_navigation() -> None:
    """A page that cannot be reached from the menu is not written for anybody."""
    menu = (ROOT / "zensical.toml").read_text()
    pages = {str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")}

    assert pages == set(re.findall(r'"([\w/-]+\.md)"', menu))


def test_the_site_builds_and_asks_no_other_host(tmp_path: Path) -> None:
    """The site is complete in itself: whoever reads it is not told to anybody."""
    shutil.copytree(DOCS, tmp_path / "docs")
    shutil.copyfile(ROOT / "zensical.toml", tmp_path / "zensical.toml")
    command = [sys.executable, "-m", "zensical", "build", "--strict"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    fetched = re.compile(r'<(?:script|link|img|iframe)[^>]+(?:src|href)="?(?:https?:)?//')
    for page in (tmp_path / "site").rglob("*.html"):
        assert not fetched.search(page.read_text()), page.name
