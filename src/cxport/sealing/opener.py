"""Opening a sealed file: in constant memory, checked to its last byte, or nothing at all."""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from cxport.domain.errors import Damaged, InvalidInput, NotForThisKey
from cxport.domain.said import Said
from cxport.domain.sealing import Profile
from cxport.sealing import ber
from cxport.sealing.directory import contents, read_directory
from cxport.sealing.envelope import Envelope
from cxport.sealing.files import appearing
from cxport.sealing.smime import decode_text
from cxport.sealing.unpack import unpack

__all__ = [
    "Expected",
    "Opened",
    "PrivateKey",
    "load_private_key",
    "open_sealed",
    "unpack",
    "verify_sealed",
]

PrivateKey = RSAPrivateKey

_CHUNK = 512 * 1024
_BATCH = 1024 * 1024  # bytes handed over to a digest's thread together: each time costs time
_BATCHES_AHEAD = 2  # bounds what waits for its digest
_KEPT = 16 * 1024 * 1024  # bytes: more than is in hand at any time


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What a manifest says of a file: SHA-256 in lower-case hex, empty where it is not known."""

    sealed_sha256: str = ""
    zip_sha256: str = ""


@dataclass(frozen=True, kw_only=True)
class Opened:
    """What was opened. Sizes are bytes, digests SHA-256 in lower-case hex."""

    profile: Profile
    sealed_bytes: int
    sealed_sha256: str
    zip_bytes: int
    zip_sha256: str
    #: The names of the archive's members, in its order.
    members: tuple[str, ...]
    #: Whether a digest was expected, and met.
    verified: bool


def load_private_key(pem: bytes, password: bytes | None = None) -> PrivateKey:
    """Read an RSA private key, PEM; InvalidInput says what is wrong with it or its password."""
    try:
        key = load_pem_private_key(pem, password)
    except TypeError:
        needed = Said("takes none") if password else Said("needs one")
        raise InvalidInput("password", Said("the private key {needed}", needed=needed)) from None
    except (ValueError, UnsupportedAlgorithm):
        raise InvalidInput(
            "key", Said("not a private key, or not its password"), Said("an RSA private key, PEM")
        ) from None
    if not isinstance(key, RSAPrivateKey):
        raise InvalidInput(
            "key", Said("the private key is not RSA"), Said("an RSA private key, PEM")
        )
    return key


def open_sealed(
    stream: BinaryIO, key: PrivateKey, destination: Path, *, expected: Expected | None = None
) -> Opened:
    """Open a sealed file, read from `stream` to its end, into the archive `destination`.

    The archive takes its name, replacing what had it, only when everything held; otherwise
    nothing is left behind. It may be S/MIME text or binary CMS, of either profile. Checked are
    the message to its very end, the padding or the tag, and the directory against all of the
    archive. With a digest expected, every change of the file is refused. Without one, the CRC of
    every member is checked instead; but nothing authenticates what AES-256-CBC encrypts, so that
    this is no protection from somebody who knows how to change a file.

    Raises NotForThisKey, Damaged, and OSError where the disk or the stream fails.
    """
    expected = expected or Expected()
    _keep_freed_memory()
    with closing(_Digest()) as sealed, closing(_Digest()) as opened:
        source = _Source(stream, sealed)
        try:
            envelope = Envelope(_message(source), key)
            with appearing(destination) as file:
                return _write_checked(envelope, source, file, opened, expected)
        except NotForThisKey:
            _compare(expected.sealed_sha256, source.drained_sha256())
            raise


def verify_sealed(stream: BinaryIO, sha256: str) -> bool:
    """Tell whether a sealed file, read to its end, has this digest (hex); it needs no key."""
    digest = hashlib.sha256()
    for chunk in _chunks(stream):
        digest.update(chunk)
    return digest.hexdigest() == sha256.lower()


def _keep_freed_memory() -> None:
    """Let glibc keep what is freed, in place of giving each piece back and paging it in anew.

    It does so, for blocks of up to a size, once one of that size was freed (mallopt(3),
    M_MMAP_THRESHOLD). The block is not touched, so that it takes no memory.
    """
    bytes(_KEPT)


def _write_checked(
    envelope: Envelope, source: _Source, file: BinaryIO, digest: _Digest, expected: Expected
) -> Opened:
    """Write the archive and check everything there is to check; it stands only if this returns."""
    for piece in envelope.archive():
        digest.update(piece)
        file.write(piece)
    sealed_sha256, zip_sha256 = source.drained_sha256(), digest.hexdigest()
    _compare(expected.sealed_sha256, sealed_sha256)
    _compare(expected.zip_sha256, zip_sha256)
    verified = expected != Expected()
    return Opened(
        profile=envelope.profile,
        members=_check_archive(file, inflate=not verified),
        sealed_bytes=source.size,
        sealed_sha256=sealed_sha256,
        zip_bytes=file.seek(0, os.SEEK_END),
        zip_sha256=zip_sha256,
        verified=verified,
    )


class _Digest:
    """A SHA-256 that is counted in a thread of its own, a few batches behind.

    Also what is short waits for its batch: pieces of segments cut by the reading are, and to have
    waited for each would have kept the threads from working side by side.
    """

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._thread = ThreadPoolExecutor(1, "digest")
        self._waiting: deque[Future[None]] = deque()
        self._batch: list[bytes] = []
        self._batch_bytes = 0

    def update(self, data: bytes) -> None:
        """Count bytes, which may not change any more."""
        self._batch.append(data)
        self._batch_bytes += len(data)
        if self._batch_bytes >= _BATCH:
            self._waiting.append(self._thread.submit(self._count, self._taken()))
            self._wait(_BATCHES_AHEAD)

    def hexdigest(self) -> str:
        """Give the digest of everything so far."""
        self._wait(0)
        self._count(self._taken())
        return self._digest.hexdigest()

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown()

    def _taken(self) -> list[bytes]:
        batch, self._batch, self._batch_bytes = self._batch, [], 0
        return batch

    def _count(self, batch: list[bytes]) -> None:
        for data in batch:
            self._digest.update(data)

    def _wait(self, most: int) -> None:
        """Wait until no more than so many batches wait."""
        while len(self._waiting) > most:
            self._waiting.popleft().result()


class _Source:
    """The sealed bytes as they come, counted and digested."""

    def __init__(self, stream: BinaryIO, digest: _Digest) -> None:
        self._chunks = _chunks(stream)
        self._digest = digest
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self.size += len(chunk)
            self._digest.update(chunk)
            yield chunk

    def drained_sha256(self) -> str:
        """Read what is left, and give the digest of everything."""
        for _ in self:
            pass
        return self._digest.hexdigest()


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    return iter(lambda: stream.read(_CHUNK), b"")


def _message(source: _Source) -> Iterator[bytes]:
    """Give the CMS message, whichever of the two forms the file has."""
    chunks = iter(source)
    first = next(chunks, b"")
    together = chain((first,), chunks)
    return together if first.startswith(bytes((ber.SEQUENCE,))) else decode_text(together)


def _compare(expected: str, found: str) -> None:
    if expected and expected.lower() != found:
        raise Damaged("the file is damaged or was changed: its digest is not the manifest's")


def _check_archive(file: BinaryIO, *, inflate: bool) -> tuple[str, ...]:
    """Check the directory; and each member's bytes, where no digest has vouched for them."""
    entries = read_directory(file)
    if inflate:
        for entry in entries:
            for _ in contents(file, entry):
                pass
    return tuple(entry.name for entry in entries)
