"""Objects in an S3 bucket, through obstore.

An upload is a multipart upload, so that nothing is visible before it is complete, and obstore
aborts it when the producer or a part of it fails. A process that is killed leaves its upload
pending (invisible, but paid for): give the bucket a lifecycle rule that aborts incomplete uploads
after a day.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Self

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from cxport.blobs.base import BlobSettings, check_key, check_prefix, is_key
from cxport.blobs.presign import Presigner
from cxport.domain.errors import (
    ObjectMissing,
    SetupError,
    StorageError,
    StorageFull,
    StorageUnavailable,
)
from cxport.domain.said import Said

if TYPE_CHECKING:
    # Only obstore's stubs have these names
    from obstore import GetOptions, GetResult
    from obstore.store import ClientConfig, S3Config, S3Credential

#: An upload holds at most one part that fills and IN_FLIGHT that travel: 40 MiB. S3 takes 10,000
#: parts, so an object has at most 80 GB.
PART_BYTES = 8 << 20
IN_FLIGHT = 4

#: How long a connection may take, one part may travel (so a link must carry about 280 kB/s), and
#: a reply or the next bytes of an object may stay away.
CONNECT_TIMEOUT = timedelta(seconds=5)
PART_TIMEOUT = timedelta(seconds=120)
SILENCE_TIMEOUT = timedelta(seconds=30)

#: Tries after the first one, over about ten seconds; whoever needs more patience than that
#: repeats the whole act (StorageUnavailable is transient).
RETRIES = 8
RETRY_TIMEOUT = timedelta(seconds=60)
FIRST_PAUSE = timedelta(seconds=0.5)
LONGEST_PAUSE = timedelta(seconds=3)

_READ_BYTES = 1 << 20
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,62}")
_REGION = re.compile(r"[A-Za-z0-9-]+")
_ENDPOINT = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>\d{1,5}))?/?")
_VISIBLE = re.compile(r"[!-~]*")
_STATUS = re.compile(r"status code: (\d{3})")
_CODE = re.compile(r"<Code>(\w+)</Code>")
#: What servers (MinIO, Ceph) answer in place of status 507.
_FULL_CODES = {"XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "QuotaExceeded"}
#: Refusals that another try may mend.
_PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS}


class S3Blobs:
    """Blobs in a bucket, below a prefix. Raises SetupError for settings that are none."""

    def __init__(self, settings: BlobSettings) -> None:
        # One limit for the whole request suits a part, whose size is known, but no download
        self._uploads = _store(settings, {"timeout": PART_TIMEOUT})
        day = timedelta(days=1)
        self._store = _store(settings, {"timeout": day, "read_timeout": SILENCE_TIMEOUT})

    def put(self, key: str, chunks: Iterable[bytes]) -> int:
        """Upload parts while the producer makes the next ones.

        obstore calls the producer from within its runtime, where it cannot be called again.
        """
        producer = _Producer(chunks)
        try:
            obstore.put(
                self._uploads,
                check_key(key),
                producer,
                chunk_size=PART_BYTES,
                max_concurrency=IN_FLIGHT,
            )
        except (BaseError, OSError) as error:
            if producer.error is None:
                # What is missing here is the upload, which a repetition makes anew
                raise _translation(error, missing=StorageUnavailable()) from None
        # Where aborting failed as well, obstore told of that: the first cause is the one to tell
        if producer.error is not None:
            raise producer.error
        return producer.size

    def read(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Stream a range; a connection that breaks is taken up where it broke."""
        if end is not None and end <= start:
            self.size(key)
            return iter(())
        part: GetOptions = {"range": {"offset": start} if end is None else (start, end)}
        whole = not start and end is None
        try:
            found = obstore.get(self._store, check_key(key), options=None if whole else part)
        except (BaseError, OSError) as error:
            if _status(str(error)) == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                return iter(())
            raise _translation(error) from None
        return _chunks(found)

    def size(self, key: str) -> int:
        """Ask for an object's size."""
        with _translated():
            return obstore.head(self._store, check_key(key))["size"]

    def delete(self, key: str) -> None:
        """Delete an object."""
        with suppress(ObjectMissing), _translated():
            obstore.delete(self._store, check_key(key))

    def keys(self, prefix: str) -> Iterator[str]:
        """List objects page by page."""
        with _translated():
            for page in obstore.list(self._store, check_prefix(prefix), chunk_size=1000):
                for found in page:
                    yield found["path"]


def presigner(settings: BlobSettings) -> Presigner:
    """Give what signs the storage's own links.

    Raises SetupError for settings that are none, and without keys among them: those that a
    machine's role gives are obstore's alone.
    """
    bucket, prefix = _place(settings.url)
    if not (settings.access_key and settings.secret_key):
        raise SetupError("links of the storage need s3_access_key and s3_secret_key")
    return Presigner(
        endpoint=_endpoint(settings.endpoint) or f"https://s3.{settings.region}.amazonaws.com",
        bucket=bucket,
        prefix=prefix,
        region=settings.region,
        access_key=settings.access_key,
        secret_key=settings.secret_key,
    )


class _Producer:
    """Hands chunks on, counts their bytes, and remembers the error that ended them."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self.size = 0
        self.error: BaseException | None = None

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        try:
            chunk = next(self._chunks)
        except StopIteration:
            raise
        except BaseException as error:
            self.error = error
            raise
        self.size += len(chunk)
        return chunk


def _store(settings: BlobSettings, timeouts: ClientConfig) -> S3Store:
    bucket, prefix = _place(settings.url)
    if not _REGION.fullmatch(settings.region):
        raise SetupError("the region of the storage is not of the form us-east-1")
    endpoint = _endpoint(settings.endpoint)
    # Not every server has the bulk deletion that would be used for a single object too
    config: S3Config = {"region": settings.region, "disable_bulk_delete": True}
    if endpoint:
        # Said twice, as the second name, when the environment has it, goes before the first
        config = {**config, "endpoint": endpoint, "aws_endpoint_url_s3": endpoint}
    return S3Store(
        bucket,
        prefix=prefix or None,
        config=config,
        client_options={
            "connect_timeout": CONNECT_TIMEOUT,
            "allow_http": endpoint.startswith("http:"),
            **timeouts,
        },
        retry_config={
            "max_retries": RETRIES,
            "retry_timeout": RETRY_TIMEOUT,
            "backoff": {"init_backoff": FIRST_PAUSE, "max_backoff": LONGEST_PAUSE, "base": 2},
        },
        credential_provider=_credentials(settings),
    )


def _place(url: str) -> tuple[str, str]:
    """Take bucket and prefix out of `s3://bucket/prefix`."""
    bucket, _, prefix = url.removeprefix("s3://").rstrip("/").partition("/")
    if not _BUCKET.fullmatch(bucket) or (prefix and not is_key(prefix)):
        raise SetupError("the URL of the storage is not of the form s3://bucket/prefix")
    return bucket, prefix


def _endpoint(url: str) -> str:
    """Return the address of an S3 server: obstore would crash on one that is none."""
    found = _ENDPOINT.fullmatch(url)
    if url and (found is None or int(found["port"] or 1) not in range(1, 65536)):
        raise SetupError("the endpoint of the storage is not of the form https://host:port")
    return url.rstrip("/")


def _credentials(settings: BlobSettings) -> Callable[[], S3Credential] | None:
    """Give the keys of the settings and nothing else, such as a token of the environment's."""
    keys = settings.access_key, settings.secret_key
    if not any(keys):
        return None
    if not all(keys) or not all(map(_VISIBLE.fullmatch, keys)):
        raise SetupError("the storage takes an access key and a secret key, or neither")
    found: S3Credential = {
        "access_key_id": settings.access_key,
        "secret_access_key": settings.secret_key,
        "token": None,
        "expires_at": None,
    }
    return lambda: found


def _chunks(found: GetResult) -> Iterator[bytes]:
    with _translated():
        for chunk in found.stream(_READ_BYTES):
            yield bytes(chunk)


@contextmanager
def _translated() -> Iterator[None]:
    """Turn what obstore says into our errors, which name no address and no key."""
    try:
        yield
    except (BaseError, OSError) as error:
        raise _translation(error) from None


def _translation(error: Exception, missing: StorageError | None = None) -> StorageError:
    """Read the server's answer out of an error, whose type alone does not tell it."""
    text = str(error)
    status, code = _status(text), "".join(_CODE.findall(text)[:1])
    if status == HTTPStatus.INSUFFICIENT_STORAGE or code in _FULL_CODES:
        return StorageFull()
    if code == "NoSuchBucket":
        return StorageError(Said("the bucket of the storage does not exist"))
    if isinstance(error, FileNotFoundError):
        return missing or ObjectMissing()
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return StorageError(
            Said("the storage refuses access: check the access key, its rights and the clock")
        )
    if status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in {0, *_PASSING}:
        return StorageError(Said("the storage refuses the request ({value})", value=code or status))
    return StorageUnavailable()


def _status(text: str) -> int:
    """Give the HTTP status that an error tells of; 0 where no answer came."""
    found = _STATUS.search(text)
    return int(found[1]) if found else 0
