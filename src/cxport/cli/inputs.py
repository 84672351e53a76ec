"""The sealed files that a command is given: paths, or links to download them by."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from cxport.cli.progress import Report, bar

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
_CHUNK_BYTES = 256 * 1024


def is_link(file: str) -> bool:
    """Tell whether a file is to be read over the network."""
    return file.startswith(("http://", "https://"))


def name_of(file: str) -> str:
    """Give a file's name, for a link one that names nothing but a file; never the link itself.

    A link is a key to its file: whoever sees it can use it.
    """
    if not is_link(file):
        return Path(file).name
    name = unquote(urlsplit(file).path).rpartition("/")[2]
    return name if _PLAIN_NAME.fullmatch(name) else "download"


@contextmanager
def reading(file: str, *, quiet: bool) -> Iterator[io.BufferedReader]:
    """Read a file or follow a link, with a progress bar."""
    with bar(name_of(file), "bytes", quiet=quiet) as report, _source(file) as (stream, size):
        yield io.BufferedReader(_Watched(stream, size, report), _CHUNK_BYTES)


@contextmanager
def _source(file: str) -> Iterator[tuple[io.BufferedReader, int]]:
    if is_link(file):
        from cxport.cli.connection import refused_as_stop
        from cxport.client import open_link

        with refused_as_stop(), open_link(file) as found:
            yield found
        return
    path = Path(file)
    with path.open("rb") as stream:
        yield stream, path.stat().st_size


class _Watched(io.RawIOBase):
    """A stream that tells how much of it was read."""

    def __init__(self, stream: io.BufferedReader, size: int, report: Report) -> None:
        self._stream = stream
        self._size = size
        self._report = report
        self._done = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        count = self._stream.readinto(buffer)
        self._done += count
        self._report(self._done, self._size)
        return count
