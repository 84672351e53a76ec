"""What a storage of sealed objects promises."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from cxport.domain.errors import StorageError
from cxport.domain.said import Said

#: The longest key, so that key and prefix together fit into the 1,024 bytes that S3 allows.
MAX_KEY = 512

#: A word begins with no dot, so that none is `.` or `..` or a hidden file, and is no longer than
#: the name of a file may be.
_WORD = r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,254}"
_KEY = re.compile(rf"{_WORD}(?:/{_WORD})*")


@dataclass(frozen=True, kw_only=True)
class BlobSettings:
    """Where objects are kept: a folder, or an S3 bucket. Its secrets are left out of its repr."""

    #: `file:///absolute/folder` or `s3://bucket/prefix`.
    url: str
    #: `https://host:port` of an S3 server; empty = Amazon's of the region.
    endpoint: str = ""
    region: str = "us-east-1"
    #: Both empty = the keys that the machine's role or environment gives (Amazon's own chain).
    access_key: str = field(default="", repr=False)
    secret_key: str = field(default="", repr=False)


class Blobs(Protocol):
    """Objects by key. Keys are minted by us: `/`-separated words of letters, digits, `-._`.

    A word does not begin with a dot, a key has at most 512 characters, and no key is the folder
    of another one (`a` and `a/b`). Raises StorageUnavailable (transient), StorageFull,
    ObjectMissing, or StorageError for what a repetition will not mend (a refused access, a key
    that is none); never names a key, a path, a bucket or an address in a message.
    """

    def put(self, key: str, chunks: Iterable[bytes]) -> int:
        """Store an object from chunks in constant memory and return its size in bytes.

        All or nothing: the object appears whole, durable (fsynced where it is a folder), and
        only after the last chunk; when `chunks` raises, that error passes through and nothing
        is left. Chunks are asked for in the caller's thread, and may not come from this storage
        itself. Overwrites an object of the same key.
        """

    def read(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield the bytes `start <= n < end` in chunks, as far as the object goes.

        ObjectMissing is raised by the call itself, before the first chunk is asked for.
        """

    def size(self, key: str) -> int:
        """Give an object's size in bytes, or raise ObjectMissing."""

    def delete(self, key: str) -> None:
        """Remove an object; one that is already gone is no error."""

    def keys(self, prefix: str) -> Iterator[str]:
        """List the keys below a prefix that ends with `/`, in no promised order."""


class Signer(Protocol):
    """Makes links that the storage itself answers, where it can."""

    def link(self, key: str, name: str, lifetime: timedelta, now: datetime) -> str:
        """Give a link that downloads an object under a name in any script, for so long."""


def is_key(key: str) -> bool:
    """Say whether a key is one."""
    return len(key) <= MAX_KEY and _KEY.fullmatch(key) is not None


def check_key(key: str) -> str:
    """Return a key that is one, or raise StorageError: names never become paths."""
    if not is_key(key):
        raise StorageError(
            Said(
                "a key is none: it takes words of letters, digits and -._ (no dot in "
                "front), joined by /, {max_key} characters at most",
                max_key=MAX_KEY,
            )
        )
    return key


def check_prefix(prefix: str) -> str:
    """Return a prefix of keys that is one, or raise StorageError."""
    if not prefix.endswith("/"):
        raise StorageError(Said("a prefix of keys ends with /"))
    return check_key(prefix[:-1]) + "/"
