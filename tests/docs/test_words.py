"""Words that no file of the repository holds."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

#: Places of one machine, and hosts that a reader's own package client chooses. Each is put
#: together here so that this file does not hold it.
WORDS = [
    "/" + "work/",
    "/" + "root/",
    "/" + "home/",
    ".py" + "env/",
    "pypi" + ".org",
    "python" + "hosted.org",
    "deb.debian" + ".org",
    "registry.npm" + "js.org",
]


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """Read every text file that belongs to the repository."""
    ignored = {line.strip("/") for line in (ROOT / ".gitignore").read_text().split()}
    found = {}
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in {".git", *ignored}]
        for path in (Path(folder) / name for name in files if name not in ignored):
            found[str(path.relative_to(ROOT))] = path.read_text("utf-8", errors="ignore")
    return found


@pytest.mark.parametrize("word", WORDS, ids=range(len(WORDS)))
def test_no_file_names_a_machine_or_registry(word: str, texts: dict[str, str]) -> None:
    """What is committed works anywhere and sends nobody anywhere."""
    assert [name for name, text in texts.items() if word in text] == []
