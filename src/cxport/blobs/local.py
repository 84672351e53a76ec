"""Objects in a folder of this machine.

Plain system calls instead of obstore, whose local storage never fsyncs: after a power cut an
object that counted as stored could be empty.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cxport.blobs.base import check_key, check_prefix
from cxport.domain.errors import ObjectMissing, StorageError, StorageFull, StorageUnavailable
from cxport.domain.said import Said

#: Where objects grow until they are whole: below the same root, so that a rename is atomic. No
#: key can name it.
INCOMING = ".incoming"

#: A file in INCOMING that nobody wrote to for so long was left by a process that was killed.
STALE_SECONDS = 24 * 3600

_READ_BYTES = 1 << 20
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS}


class LocalBlobs:
    """Blobs in a folder: everything in it is readable by its owner alone (0700, 0600)."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, key: str, chunks: Iterable[bytes]) -> int:
        """Write beside, fsync, rename, fsync the folders."""
        target = self._root / check_key(key)
        with _translated():
            draft = self._draft()
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            size = _fill(descriptor, chunks)
            with _translated():
                _publish(draft, target)
                self._fsync_folders(target)
        except BaseException:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            raise
        return size

    def read(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Read a range of the file."""
        size = self.size(key)
        return _chunks(self._root / key, start, min(size, size if end is None else end) - start)

    def size(self, key: str) -> int:
        """Give the size of the file."""
        path = self._root / check_key(key)
        with _translated(), _missing_told():
            found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise ObjectMissing
        return found.st_size

    def delete(self, key: str) -> None:
        """Remove the file, and the folders that it leaves empty."""
        path = self._root / check_key(key)
        with suppress(ObjectMissing), _translated(), _missing_told():
            path.unlink()
            _fsync_folder(path.parent)
            self._prune(path.parent)

    def keys(self, prefix: str) -> Iterator[str]:
        """Walk the folder of the prefix."""
        top = self._root / check_prefix(prefix)
        with suppress(ObjectMissing), _translated(), _missing_told():
            for folder, _, names in os.walk(top, onerror=_raise):
                for name in names:
                    yield (Path(folder) / name).relative_to(self._root).as_posix()

    def _draft(self) -> Path:
        """Name a new draft, and remove those of processes that were killed."""
        incoming = self._root / INCOMING
        _make_folder(incoming)
        oldest = time.time() - STALE_SECONDS
        for draft in incoming.iterdir():
            with suppress(FileNotFoundError):
                if draft.stat().st_mtime < oldest:
                    draft.unlink()
        return incoming / secrets.token_hex(16)

    def _fsync_folders(self, target: Path) -> None:
        """Make the name of an object durable, with each folder on the way to it.

        Also those that were there before: another process may have made them just now.
        """
        for folder in target.parents:
            _fsync_folder(folder)
            if folder == self._root:
                return

    def _prune(self, folder: Path) -> None:
        """Remove a folder and those above it, up to the root, as long as they are empty."""
        with suppress(OSError):
            while folder != self._root:
                folder.rmdir()
                folder = folder.parent


def _fill(descriptor: int, chunks: Iterable[bytes]) -> int:
    """Write chunks to a file, make it durable, close it, and return its size.

    Only what the file system says is translated: errors of `chunks` pass through as they are.
    """
    size = 0
    try:
        for chunk in chunks:
            with _translated():
                _write(descriptor, chunk)
            size += len(chunk)
        with _translated():
            os.fsync(descriptor)
    finally:
        # What closing could complain about, fsync has already told
        with suppress(OSError):
            os.close(descriptor)
    return size


def _write(descriptor: int, chunk: bytes) -> None:
    rest = memoryview(chunk)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _publish(draft: Path, target: Path, attempts: int = 10) -> None:
    """Give a whole and durable file its name."""
    try:
        _make_folder(target.parent)
        draft.replace(target)
    except FileNotFoundError:
        # A deletion in another process found the folder empty and removed it in between
        if not attempts:
            raise
        _publish(draft, target, attempts - 1)


def _make_folder(folder: Path) -> None:
    """Make a folder, and those above it, readable by their owner alone and durable."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return
    except FileNotFoundError:
        _make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
    _fsync_folder(folder.parent)


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _chunks(path: Path, start: int, left: int) -> Iterator[bytes]:
    with _translated(), _missing_told(), path.open("rb", buffering=0) as file:
        file.seek(start)
        while left > 0 and (chunk := file.read(min(left, _READ_BYTES))):
            left -= len(chunk)
            yield chunk


def _raise(error: OSError) -> None:
    raise error


@contextmanager
def _missing_told() -> Iterator[None]:
    """Turn what says that a file is not there into our error."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise ObjectMissing from None


@contextmanager
def _translated() -> Iterator[None]:
    """Turn what the file system says into our errors, which name no path."""
    try:
        yield
    except OSError as error:
        raise _translation(error.errno) from None


def _translation(number: int | None) -> StorageError:
    if number in _FULL:
        return StorageFull()
    if number in _REFUSED:
        return StorageError(Said("the folder of artifacts may not be read or written by this user"))
    if number in {errno.EISDIR, errno.ENOTDIR}:
        return StorageError(Said("something else stands where an object or its folder belongs"))
    return StorageUnavailable()
