"""Fetching one sealed file: resumable, checked, and never half there under its own name.

What has arrived is kept in a hidden file beside the target until it is complete and its size and
SHA-256 are those that the service described; only then does it get its name. An interrupted
download goes on where it stopped (RFC 9110, sections 13.1.5 and 14.2), also in another process.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path

import httpx

from cxport.client.errors import ClientError, DownloadRefused
from cxport.client.service import Service, reaching, refusal
from cxport.client.shapes import FileInfo

#: Told after every chunk: bytes so far, bytes in all.
Progress = Callable[[int, int], None]

_CHUNK_BYTES = 256 * 1024
#: A link lives for a minute, and a network comes back: how often, and how long, to try anew.
_TRIES = 5
_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")


def plain_name(name: str) -> str:
    """Return a name that names a file in the folder it is put in, or raise DownloadRefused."""
    if not _PLAIN_NAME.fullmatch(name):
        raise DownloadRefused("the service named a file in a way that is not safe here")
    return name


def download(
    service: Service,
    link: Callable[[], str],
    file: FileInfo,
    target: Path,
    progress: Progress | None = None,
) -> Path:
    """Fetch a file to `target` and return it; `link` gives a fresh link each time.

    Raises DownloadRefused where what came is not what was described (nothing is kept), and
    ClientError where the service cannot be reached or refuses (what came so far is kept for the
    next try, under a hidden name).
    """
    partial = target.with_name(f".{target.name}.{file.sha256[:16]}.part")
    with _opened(partial) as out:
        arrival = _Arrival(out, file, progress)
        try:
            _receive_all(service, link, arrival)
            arrival.check()
        except DownloadRefused:
            partial.unlink()
            raise
        os.fsync(out.fileno())
        partial.replace(target)
    _sync_folder(target.parent)
    return target


@contextmanager
def _opened(partial: Path) -> Iterator[FileIO]:
    """Open the hidden file for us alone, with what is in it already."""
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    with FileIO(os.open(partial, flags, 0o600), "r+") as out:
        try:
            fcntl.flock(out, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ClientError(f"{partial.name} is being written: a download is under way") from None
        yield out


class _Arrival:
    """What has come of a file: its bytes, their count and their digest."""

    def __init__(self, out: FileIO, file: FileInfo, progress: Progress | None) -> None:
        self._out = out
        self._progress = progress
        self.file = file
        self.done = 0
        self._digest = hashlib.sha256()
        self._read_again()

    def _read_again(self) -> None:
        """Take up what an earlier try left."""
        while chunk := self._out.read(_CHUNK_BYTES):
            self._digest.update(chunk)
            self.done += len(chunk)
        if self.done > self.file.size:
            self.restart()

    def restart(self) -> None:
        """Forget what has come."""
        self._out.seek(0)
        self._out.truncate()
        self.done = 0
        self._digest = hashlib.sha256()

    def take(self, chunk: bytes) -> None:
        """Add a chunk; more than was described is refused at once."""
        self.done += len(chunk)
        if self.done > self.file.size:
            raise DownloadRefused(f"{self.file.name} is longer than the service described it")
        self._digest.update(chunk)
        view = memoryview(chunk)
        while view:
            view = view[self._out.write(view) :]
        if self._progress is not None:
            self._progress(self.done, self.file.size)

    @property
    def complete(self) -> bool:
        """Whether every byte has come."""
        return self.done == self.file.size

    def check(self) -> None:
        """Raise DownloadRefused unless the bytes are those that were described."""
        if not self.complete or self._digest.hexdigest() != self.file.sha256:
            raise DownloadRefused(
                f"{self.file.name} is damaged: its SHA-256 is not the one in the service's list"
            )


def _receive_all(service: Service, link: Callable[[], str], arrival: _Arrival) -> None:
    """Receive until complete; try anew, with a new link, as long as it gets on."""
    tries = 0
    while not arrival.complete:
        before = arrival.done
        try:
            _receive(service, link(), arrival)
        except ClientError as error:
            tries = 1 if arrival.done > before else tries + 1
            if not error.transient or tries >= _TRIES:
                raise
            time.sleep(
                min(max(_PAUSE_SECONDS * tries, error.retry_after_seconds), _LONGEST_PAUSE_SECONDS)
            )


def _receive(service: Service, link: str, arrival: _Arrival) -> None:
    """Receive once, from where it stopped."""
    with service.stream(link, _range(arrival)) as response:
        if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise DownloadRefused(f"{arrival.file.name} is shorter than the service described it")
        if response.is_redirect or response.is_error:
            raise refusal(response)
        if not _goes_on(response, arrival.done):
            arrival.restart()
        with reaching(link):
            # as the pieces come: what waits for a chunk to fill is lost when the connection breaks
            for piece in response.iter_raw():
                arrival.take(piece)
    if not arrival.complete:
        raise ClientError(f"the download of {arrival.file.name} broke off")


def _range(arrival: _Arrival) -> dict[str, str]:
    """Ask for the rest, if it is still the rest of the same bytes: their digest is the ETag."""
    if not arrival.done:
        return {}
    return {"Range": f"bytes={arrival.done}-", "If-Range": f'"{arrival.file.sha256}"'}


def _goes_on(response: httpx.Response, at: int) -> bool:
    """Tell whether an answer begins at a place."""
    if response.status_code != httpx.codes.PARTIAL_CONTENT:
        return at == 0
    span: str = response.headers.get("Content-Range", "")
    return span.startswith(f"bytes {at}-")


def _sync_folder(folder: Path) -> None:
    """Make a new name last; a file system that cannot do so for folders has no need of it."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def small(service: Service, link: str, most_bytes: int) -> bytes:
    """Fetch a small file whole; DownloadRefused where it is larger than `most_bytes`."""
    found = bytearray()
    with service.stream(link, {}) as response, reaching(link):
        if response.is_redirect or response.is_error:
            raise refusal(response)
        for piece in response.iter_raw():
            found += piece
            if len(found) > most_bytes:
                raise DownloadRefused("the file is larger than such a file can be")
    return bytes(found)
