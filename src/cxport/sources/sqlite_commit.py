"""Which commit of an SQLite file is the newest, so that two processes can see the same one.

Read from what SQLite documents: the change counter in the header of the file ("Database File
Format", 1.3.7), or in WAL mode the header of the wal-index ("WAL-mode File Format", 2.1).
"""

from __future__ import annotations

import os
from pathlib import Path

#: Where each says it: a counter that every commit changes, while it has the file for itself; and
#: the wal-index's header, which has counter, last frame, salts and checksums of the newest commit.
_FILE_COUNTER = (24, 4)
_WAL_HEADER = (0, 48)


class NewestCommit:
    """Tells the newest commit of a file, in either journal mode.

    What it says after a transaction has begun, and said before, is what the transaction sees:
    every commit changes it. Its descriptors stay open until the process ends, and each file has
    one: closing any would end the locks that this process holds on the file (POSIX, fcntl).
    """

    _descriptors: dict[tuple[int, int], int] = {}  # noqa: RUF012 - of the process, by design

    def __init__(self, path: Path, *, wal: bool) -> None:
        self._path = path.with_name(f"{path.name}-shm") if wal else path
        self._at, self._length = _WAL_HEADER if wal else _FILE_COUNTER
        self._kind = "wal" if wal else "file"

    def told(self) -> str | None:
        """Give its mark; None where there is none that could be trusted."""
        try:
            found = os.pread(self._descriptor(), self._length, self._at)
        except OSError:
            return None
        whole = len(found) == self._length and any(found)
        return f"{self._kind} {found.hex()}" if whole else None

    def _descriptor(self) -> int:
        known = self._path.stat()
        key = (known.st_dev, known.st_ino)
        if key not in self._descriptors:
            self._descriptors[key] = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        return self._descriptors[key]
