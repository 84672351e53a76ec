"""What each storage promises, tried on every one of them."""

from __future__ import annotations

import os
import threading
import traceback
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tries
from hypothesis import strategies as st

from cxport.blobs import Blobs, BlobSettings, connect
from cxport.domain.errors import ObjectMissing, StorageError
from cxport.domain.said import Said

MIB = 1 << 20

# A storage may keep what an earlier example left: each writes the same key anew
few = tries(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

HOSTILE = [
    "",
    "/",
    "/etc/passwd",
    "a/",
    "a//b",
    ".",
    "..",
    "../a",
    "a/../b",
    "a/./b",
    "a/..",
    ".incoming/a",
    "a/.hidden",
    "a\\b",
    "a\0b",
    "a\n",
    "a b",
    "a%2fb",
    "ä",
    "a/\u202eb",
    "C:a",
    "a?x=1",
    "a#b",
    "a" * 256,
    "a/" * 300 + "a",
]


def content(blobs: Blobs, key: str) -> bytes:
    """Read a whole object."""
    return b"".join(blobs.read(key))


def broken_after(chunks: Iterable[bytes], error: BaseException) -> Iterator[bytes]:
    """Produce chunks, then fail."""
    yield from chunks
    raise error


@few
@given(chunks=st.lists(st.binary(max_size=3000), max_size=12))
def test_what_is_put_is_read(blobs: Blobs, chunks: list[bytes]) -> None:
    """Any bytes in any chunks, also none, come back as they were, and their size is told."""
    whole = b"".join(chunks)

    assert blobs.put("t1/r1/x", iter(chunks)) == len(whole)
    assert content(blobs, "t1/r1/x") == whole
    assert blobs.size("t1/r1/x") == len(whole)


@few
@given(
    size=st.integers(0, 40),
    start=st.integers(0, 45),
    end=st.one_of(st.none(), st.integers(0, 45)),
)
def test_ranges_are_those_of_slices(blobs: Blobs, size: int, start: int, end: int | None) -> None:
    """A range is what a slice of the whole would be, also where it goes past the end."""
    whole = bytes(range(size))
    blobs.put("x", [whole])

    assert b"".join(blobs.read("x", start, end)) == whole[start:end]


@pytest.mark.parametrize("chunk_bytes", [64_007, MIB, 9 * MIB, 21 * MIB])
def test_large_objects_of_any_chunk_size(blobs: Blobs, chunk_bytes: int) -> None:
    """An object of several upload parts is whole, whether a part is many chunks or less than one.

    It is read in chunks of bounded size.
    """
    whole = os.urandom(21 * MIB)
    pieces = (whole[at : at + chunk_bytes] for at in range(0, len(whole), chunk_bytes))
    blobs.put("x", pieces)
    read = list(blobs.read("x"))

    assert b"".join(read) == whole
    assert max(map(len, read)) <= 2 * MIB
    assert {type(chunk) for chunk in read} == {bytes}
    assert b"".join(blobs.read("x", 8 * MIB - 3, 16 * MIB + 5)) == whole[8 * MIB - 3 : 16 * MIB + 5]


def test_an_object_is_overwritten(blobs: Blobs) -> None:
    """The same key put again holds the new bytes only."""
    blobs.put("a/b", [b"old and long"])
    blobs.put("a/b", [b"new"])

    assert content(blobs, "a/b") == b"new"
    assert list(blobs.keys("a/")) == ["a/b"]


def test_an_object_appears_only_when_it_is_whole(blobs: Blobs) -> None:
    """While chunks are still coming, there is nothing to see of the object."""
    seen: list[str] = []

    def look() -> None:
        seen.extend(blobs.keys("a/"))
        with pytest.raises(ObjectMissing):
            blobs.size("a/b")

    def chunks() -> Iterator[bytes]:
        for _ in range(3):
            yield os.urandom(5 * MIB)
            reader.submit(look).result()

    with ThreadPoolExecutor(1) as reader:
        blobs.put("a/b", chunks())

    assert seen == []
    assert list(blobs.keys("a/")) == ["a/b"]


def test_chunks_are_asked_for_in_the_callers_thread(blobs: Blobs) -> None:
    """A producer may use what is bound to its thread, such as a SQLite connection."""
    threads: set[threading.Thread] = set()

    def chunks() -> Iterator[bytes]:
        threads.add(threading.current_thread())
        yield b"x"

    blobs.put("x", chunks())

    assert threads == {threading.current_thread()}


@pytest.mark.parametrize("count", range(5))
@pytest.mark.parametrize("overwriting", [False, True])
def test_a_producer_that_fails_leaves_nothing(
    blobs: Blobs, count: int, *, overwriting: bool
) -> None:
    """Whichever chunk fails, also after whole upload parts: what was there before is there."""
    if overwriting:
        blobs.put("a/b", [b"old"])
    error = ZeroDivisionError("mine")
    with pytest.raises(ZeroDivisionError) as raised:
        blobs.put("a/b", broken_after([os.urandom(6 * MIB)] * count, error))

    assert raised.value is error
    assert [content(blobs, key) for key in blobs.keys("a/")] == [b"old"] * overwriting


@pytest.mark.parametrize(
    "error",
    [
        KeyboardInterrupt(),
        SystemExit(3),
        FileNotFoundError(2, "mine"),
        OSError(28, "mine"),
        ObjectMissing(Said("mine")),
    ],
    ids=repr,
)
def test_errors_of_the_producer_pass_through_unchanged(blobs: Blobs, error: BaseException) -> None:
    """Not even an error that looks like the storage's own is taken for one."""
    with pytest.raises(BaseException) as raised:  # noqa: PT011 - of any type: it is compared
        blobs.put("a/b", broken_after([b"x"], error))

    assert raised.value is error
    assert raised.value.__cause__ is None
    assert list(blobs.keys("a/")) == []


def test_missing_objects_are_told_at_once(blobs: Blobs) -> None:
    """Reading one raises before the first chunk is asked for; deleting one is no error."""
    blobs.put("a/b", [b"x"])
    for key in ("a/c", "a", "c/d"):
        with pytest.raises(ObjectMissing):
            blobs.size(key)
        with pytest.raises(ObjectMissing):
            blobs.read(key)
        with pytest.raises(ObjectMissing):
            blobs.read(key, 0, 5)
        with pytest.raises(ObjectMissing):
            blobs.read(key, 5, 5)
        blobs.delete(key)

    assert content(blobs, "a/b") == b"x"


def test_deleted_objects_are_gone(blobs: Blobs) -> None:
    """Only the named object is deleted, and deleting it again is no error."""
    for key in ("a/b/1", "a/b/2", "a/c"):
        blobs.put(key, [b"x"])
    blobs.delete("a/b/1")
    blobs.delete("a/b/1")

    assert sorted(blobs.keys("a/")) == ["a/b/2", "a/c"]
    with pytest.raises(ObjectMissing):
        blobs.read("a/b/1")


def test_keys_are_those_below_a_folder(blobs: Blobs) -> None:
    """A prefix is a folder, not the beginning of a name; an unknown one holds nothing."""
    keys = ["a/b/c/d", "a/b/x", "a/b-2/x", "ab/x", "x"]
    for key in keys:
        blobs.put(key, [b"x"])

    assert sorted(blobs.keys("a/")) == ["a/b-2/x", "a/b/c/d", "a/b/x"]
    assert sorted(blobs.keys("a/b/")) == ["a/b/c/d", "a/b/x"]
    assert list(blobs.keys("b/")) == []
    with pytest.raises(StorageError):
        list(blobs.keys("a"))


def test_storages_of_other_settings_see_nothing(blobs: Blobs, settings: BlobSettings) -> None:
    """A folder or prefix of its own is a storage of its own."""
    blobs.put("x", [b"x"])
    other = connect(
        BlobSettings(
            url=f"{settings.url}-2",
            endpoint=settings.endpoint,
            access_key=settings.access_key,
            secret_key=settings.secret_key,
        )
    )

    assert content(connect(settings), "x") == b"x"
    with pytest.raises(ObjectMissing):
        other.size("x")


@pytest.mark.parametrize("key", HOSTILE)
def test_names_never_become_paths(blobs: Blobs, key: str) -> None:
    """A key that is none is refused by every method, before anything is read or written."""
    asked: list[bytes] = []

    def chunks() -> Iterator[bytes]:
        asked.append(b"")
        yield b"x"

    for refused in (
        lambda: blobs.put(key, chunks()),
        lambda: blobs.read(key),
        lambda: blobs.read(key, 1, 1),
        lambda: blobs.size(key),
        lambda: blobs.delete(key),
        lambda: list(blobs.keys(f"{key}/")),
    ):
        with pytest.raises(StorageError) as raised:
            refused()
        assert not isinstance(raised.value, ObjectMissing)
        assert key not in str(raised.value) or len(key) < 2
    assert asked == []


def test_the_longest_key_is_taken(blobs: Blobs) -> None:
    """A key of 512 characters with words of up to 255 is one."""
    key = f"{'a' * 255}/{'b' * 200}/{'c' * 55}"
    blobs.put(key, [b"x"])

    assert content(blobs, key) == b"x"


def test_messages_name_no_place(blobs: Blobs, settings: BlobSettings) -> None:
    """An error tells neither path nor bucket nor address nor key, not even in its trace."""
    with pytest.raises(ObjectMissing) as raised:
        blobs.read("secret-tenant/x")
    told = "".join(traceback.format_exception(raised.value))

    for place in ("secret-tenant/x\n", settings.url.partition("//")[2], settings.endpoint or "//"):
        assert place not in told
