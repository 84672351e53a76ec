"""What must be nowhere but in sealed archives: words of the sample, and a zip in the clear."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Collection
from contextlib import closing
from pathlib import Path

from tests.scenarios.running import Process, RunningService

#: Some words are taken from each of these.
_TEXTS = (
    "SELECT Subject FROM Interaction",
    "SELECT Text FROM Interaction",
    "SELECT FromAddress FROM EmailIn",
    "SELECT FromPersonal FROM EmailIn",
    "SELECT ToAddresses FROM EmailOut",
    "SELECT PhoneNumber FROM PhoneCall",
    "SELECT StrValue FROM ContactAttribute",
)
#: What each member of a zip begins with, whose content is compressed.
ZIP = b"PK\x03\x04"
_FEWEST_LETTERS = 10
_OF_EACH = 5

#: Lets a program write into one folder and nowhere else on this machine, not even for a moment.
_CONFINE = """
mount --make-rprivate /
for place in / /tmp /var/tmp; do mount --bind "$place" "$place"; done
mount --bind "$0" "$0"
for place in / /tmp /var/tmp; do mount -o remount,bind,ro "$place"; done
cd "$0"
! touch /tmp/probe 2> /dev/null && ! touch /var/tmp/probe 2> /dev/null
exec "$@"
"""


def canaries(source: Path) -> frozenset[bytes]:
    """Give words of a sample in SQLite, some of each kind, and what a zip begins with."""
    found: set[bytes] = set()
    with closing(sqlite3.connect(source)) as database:
        for text in _TEXTS:
            rows = {str(value) for (value,) in database.execute(text) if value}
            long = sorted(word for word in rows if len(word) >= _FEWEST_LETTERS)
            assert len(long) >= _OF_EACH, text
            found.update(word[:40].encode() for word in long[:: len(long) // _OF_EACH])
    return frozenset({ZIP, *found})


def readable_in(folder: Path, words: Collection[bytes]) -> list[tuple[str, bytes]]:
    """Give which files below a folder hold which of these words, as they are."""
    files = [(file, _content(file)) for file in folder.rglob("*") if file.is_file()]
    return [(file.name, word) for file, content in files for word in words if word in content]


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:  # a draft that has got its name meanwhile
        return b""


class ConfinedService(RunningService):
    """A service that can write into its own folder alone; who runs it has to be root."""

    def _launched(self, *words: str) -> Process:
        command = [sys.executable, *self.program, *words]
        with self.log.open("ab") as log:
            return subprocess.Popen(
                ["unshare", "--mount", "sh", "-ec", _CONFINE, self.folder, *command],
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
