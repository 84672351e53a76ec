"""S3: what becomes of an upload when anything on the way fails."""

from __future__ import annotations

import os
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

import pytest

from cxport.blobs import BlobSettings, connect
from cxport.blobs.s3 import IN_FLIGHT, PART_BYTES
from cxport.domain.errors import SetupError, StorageError, StorageFull, StorageUnavailable
from tests.blobs.raw_s3 import faulty, pending_uploads, signed
from tests.servers import S3Server

MIB = 1 << 20
#: Three upload parts: the requests are one to begin, three for parts, one to complete.
REQUESTS = 5
CHUNKS = [os.urandom(6 * MIB)] * 3


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an upload give up at once, so that a test need not wait for it."""
    monkeypatch.setattr("cxport.blobs.s3.RETRIES", 1)
    monkeypatch.setattr("cxport.blobs.s3.FIRST_PAUSE", timedelta(milliseconds=10))
    monkeypatch.setattr("cxport.blobs.s3.LONGEST_PAUSE", timedelta(milliseconds=50))


def pending(server: S3Server, settings: BlobSettings) -> list[str]:
    """Give the keys of a storage's uploads that were neither completed nor aborted."""
    prefix = settings.url.removeprefix(f"s3://{server.bucket}/") + "/"
    found = [key for key in pending_uploads(server) if key.startswith(prefix)]
    return [key.removeprefix(prefix) for key in found]


def test_a_pending_upload_can_be_seen(s3: S3Server, s3_settings: BlobSettings) -> None:
    """The listing that the other tests rely on shows an upload that was begun and left."""
    signed(s3, "POST", f"/{s3_settings.url.removeprefix('s3://')}/t/left", "uploads=")

    assert pending(s3, s3_settings) == ["t/left"]


@pytest.mark.parametrize("count", range(5))
def test_a_producer_that_fails_leaves_no_upload(
    s3: S3Server, s3_settings: BlobSettings, count: int
) -> None:
    """Also the hidden parts of an upload are gone, whichever chunk fails."""

    def chunks() -> Iterator[bytes]:
        yield from [CHUNKS[0]] * count
        assert pending(s3, s3_settings) == ["t/x"]
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        connect(s3_settings).put("t/x", chunks())

    assert pending(s3, s3_settings) == []


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("nth", range(REQUESTS))
def test_a_refused_request_leaves_nothing(
    s3: S3Server, s3_settings: BlobSettings, nth: int
) -> None:
    """Whichever request of an upload is refused: an error, no object, no upload, no address."""
    with faulty(s3, lambda number, *_: 403 if number == nth else 0) as between:
        settings = replace(s3_settings, endpoint=between.endpoint)
        with pytest.raises(StorageError, match="refuses access") as raised:
            connect(settings).put("t/x", iter(CHUNKS))

    assert not raised.value.transient
    assert "127.0.0.1" not in "".join(traceback.format_exception(raised.value))
    assert list(connect(s3_settings).keys("t/")) == []
    assert pending(s3, s3_settings) == []


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("nth", range(REQUESTS))
def test_a_hiccup_is_ridden_out(s3: S3Server, s3_settings: BlobSettings, nth: int) -> None:
    """Whichever request is answered with 503 once: it is tried again, and the object is whole."""
    with faulty(s3, lambda number, *_: 503 if number == nth else 0) as between:
        settings = replace(s3_settings, endpoint=between.endpoint)
        connect(settings).put("t/x", iter(CHUNKS))

    assert len(between.seen) == REQUESTS + 1
    assert b"".join(connect(s3_settings).read("t/x")) == b"".join(CHUNKS)
    assert pending(s3, s3_settings) == []


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_full_storage_is_told(s3: S3Server, s3_settings: BlobSettings, method: str) -> None:
    """Status 507, with which servers say that they are full, is StorageFull."""
    with faulty(s3, lambda _, asked, __: 507 if asked == method else 0) as between:
        settings = replace(s3_settings, endpoint=between.endpoint)
        with pytest.raises(StorageFull):
            connect(settings).put("t/x", iter(CHUNKS))

    assert list(connect(s3_settings).keys("t/")) == []
    assert pending(s3, s3_settings) == []


@pytest.mark.usefixtures("impatient")
def test_the_first_cause_is_the_one_told(s3: S3Server, s3_settings: BlobSettings) -> None:
    """When the producer fails and the upload cannot even be aborted, its error is raised."""
    error = ZeroDivisionError("mine")

    def chunks() -> Iterator[bytes]:
        yield CHUNKS[0]
        raise error

    with faulty(s3, lambda _, method, __: 403 if method == "DELETE" else 0) as between:
        settings = replace(s3_settings, endpoint=between.endpoint)
        with pytest.raises(ZeroDivisionError) as raised:
            connect(settings).put("t/x", chunks())

    assert raised.value is error
    assert "127.0.0.1" not in "".join(traceback.format_exception(raised.value))


Found = TypeVar("Found")


def when_back(act: Callable[[], Found]) -> Found:
    """Do something once a server that was away has found itself again."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return act()
        except StorageUnavailable:
            assert time.monotonic() < deadline
            time.sleep(0.2)


@pytest.mark.usefixtures("impatient")
def test_a_server_that_goes_away(s3: S3Server, s3_settings: BlobSettings) -> None:
    """A server that dies in the middle is StorageUnavailable, soon, for every method.

    When it is back, the same storage works, and the object that was there before is the old one.
    """
    blobs = connect(s3_settings)
    blobs.put("t/x", [b"old"])
    blobs.put("t/large", iter(CHUNKS * 3))
    reading = blobs.read("t/large")
    next(reading)

    def chunks() -> Iterator[bytes]:
        yield from CHUNKS
        s3.kill()
        yield from CHUNKS

    began = time.monotonic()
    try:
        for act in (
            lambda: blobs.put("t/x", chunks()),
            lambda: blobs.put("t/y", [b"y"]),
            lambda: list(reading),
            lambda: blobs.read("t/x"),
            lambda: blobs.size("t/x"),
            lambda: blobs.delete("t/x"),
            lambda: list(blobs.keys("t/")),
        ):
            with pytest.raises(StorageUnavailable) as raised:
                act()
            assert raised.value.transient
            assert "127.0.0.1" not in "".join(traceback.format_exception(raised.value))
        took = time.monotonic() - began
    finally:
        s3.start()

    assert took < 20
    assert when_back(lambda: b"".join(blobs.read("t/x"))) == b"old"
    assert blobs.put("t/x", iter(CHUNKS)) == 18 * MIB


@pytest.mark.usefixtures("impatient")
def test_a_server_that_falls_silent(
    s3: S3Server, s3_settings: BlobSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that takes requests and never answers is given up after the time limits."""
    when_back(lambda: connect(s3_settings).put("t/x", [b"old"]))
    monkeypatch.setattr("cxport.blobs.s3.PART_TIMEOUT", timedelta(seconds=0.5))
    monkeypatch.setattr("cxport.blobs.s3.SILENCE_TIMEOUT", timedelta(seconds=0.5))
    blobs = connect(s3_settings)
    began = time.monotonic()
    with s3.frozen():
        with pytest.raises(StorageUnavailable):
            blobs.put("t/x", iter(CHUNKS))
        with pytest.raises(StorageUnavailable):
            blobs.size("t/x")
    took = time.monotonic() - began

    assert took < 20
    assert when_back(lambda: b"".join(blobs.read("t/x"))) == b"old"


def test_a_slow_link_holds_the_producer_back(s3: S3Server, s3_settings: BlobSettings) -> None:
    """While nothing gets through, no more than the parts in flight is asked of the producer.

    When it gets through again, the object is whole.
    """
    begun, stopped, taken = threading.Event(), threading.Event(), [0]

    def chunks() -> Iterator[bytes]:
        begun.set()
        stopped.wait()
        for _ in range(100):
            taken[0] += MIB
            yield CHUNKS[0][:MIB]

    upload = threading.Thread(target=connect(s3_settings).put, args=("t/x", chunks()))
    upload.start()
    begun.wait()
    with s3.frozen():
        stopped.set()
        before = -1
        while before < taken[0]:
            before = taken[0]
            time.sleep(0.5)
    upload.join()

    assert 0 < before <= (IN_FLIGHT + 1) * PART_BYTES + MIB
    assert connect(s3_settings).size("t/x") == 100 * MIB


def test_the_environment_has_no_say(
    s3_settings: BlobSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the settings say is not mixed with what an operator's shell happens to hold."""
    monkeypatch.setenv("AWS_SESSION_TOKEN", "another-account")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "another-account")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ALLOW_HTTP", "false")
    blobs = connect(s3_settings)
    blobs.put("t/x", [b"x"])

    assert list(blobs.keys("t/")) == ["t/x"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"access_key": "unknown"}, "refuses access"),
        ({"secret_key": "wrong"}, "refuses access"),
        ({"url": "s3://no-such-bucket/x"}, "bucket of the storage does not exist"),
    ],
)
def test_a_storage_that_is_set_up_wrongly(
    s3_settings: BlobSettings, change: dict[str, str], message: str
) -> None:
    """A wrong key or bucket is said as such, and not called transient."""
    blobs = connect(replace(s3_settings, **change))
    for act in (
        lambda: blobs.put("t/x", [b"x"]),
        lambda: blobs.read("t/x"),
        lambda: list(blobs.keys("t/")),
    ):
        with pytest.raises(StorageError, match=message) as raised:
            act()
        assert not raised.value.transient


@pytest.mark.parametrize(
    "change",
    [
        {"url": "s3://"},
        {"url": "s3:///x"},
        {"url": "s3://b/x"},
        {"url": "s3://bucket/../x"},
        {"url": "s3://bucket//x"},
        {"url": "s3://bucket/x?y=1"},
        {"url": "s3://user@bucket/x"},
        {"endpoint": "host:9000"},
        {"endpoint": "ftp://host"},
        {"endpoint": "http://"},
        {"endpoint": "http://host:99999"},
        {"endpoint": "http://[::1"},
        {"endpoint": "http://user:password@host"},
        {"endpoint": "http://host/?x=1"},
        {"endpoint": "http://host name"},
        {"access_key": ""},
        {"secret_key": ""},
        {"secret_key": "line\nbreak"},
        {"region": "eu west"},
    ],
)
def test_settings_that_are_none_are_refused(change: dict[str, str]) -> None:
    """Settings that could never work are a fault of the setup, told before anything is tried."""
    right = BlobSettings(
        url="s3://bucket/x", endpoint="http://host:9000", access_key="a", secret_key="b"
    )
    connect(right)

    with pytest.raises(SetupError):
        connect(replace(right, **change))
