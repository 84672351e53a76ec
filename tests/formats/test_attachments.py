"""Lines of attachments, streamed in constant memory."""

from __future__ import annotations

import base64
import hashlib
import json
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxport.formats.attachments import AttachmentEncoder

VALUES = ("A1", "I1", "bill.pdf", None, "application/pdf", 5, "2024-01-01T00:00:00.000Z")
UNSIZED = (*VALUES[:5], None, VALUES[6])
EVERY_KEY = [
    "id",
    "entityid",
    "name",
    "description",
    "mimeType",
    "size",
    "createdDate",
    "content",
    "sha256",
]


@given(st.lists(st.binary(max_size=20), max_size=12))
def test_any_chunking_gives_the_content(chunks: list[bytes]) -> None:
    """However the content is cut, the line holds its base64, its length and its digest."""
    content = b"".join(chunks)

    line = AttachmentEncoder().encode(VALUES, chunks)
    found = b"".join(line)

    parsed = json.loads(found)
    assert found.endswith(b"}\n")
    assert found.count(b"\n") == 1
    assert list(parsed) == EVERY_KEY
    assert tuple(parsed.values())[:7] == VALUES
    assert base64.b64decode(parsed["content"], validate=True) == content
    assert parsed["sha256"] == hashlib.sha256(content).hexdigest()
    assert (line.content_bytes, line.declared_bytes) == (len(content), 5)
    assert line.differs == (len(content) != 5)


def test_a_large_chunk_is_cut() -> None:
    """A chunk far larger than a piece comes through whole, in bounded pieces."""
    content = bytes(range(256)) * 10_000
    pieces = list(AttachmentEncoder().encode(VALUES, [content[:1], content[1:]]))

    assert base64.b64decode(json.loads(b"".join(pieces))["content"]) == content
    assert max(map(len, pieces)) <= 512 * 1024


def test_an_undeclared_size_is_counted() -> None:
    """Where the source knows no size, the line holds the counted one, and nothing differs."""
    line = AttachmentEncoder().encode(UNSIZED, [b"abcd"])
    parsed = json.loads(b"".join(line))

    assert parsed.pop("size") == 4
    assert list(parsed) == [key for key in EVERY_KEY if key != "size"]
    assert not line.differs


@pytest.mark.parametrize(("values", "size"), [(VALUES, 5), (UNSIZED, None)])
def test_no_content_is_null(values: tuple[object, ...], size: int | None) -> None:
    """An attachment whose content the database lacks has null for it, which is not empty."""
    line = AttachmentEncoder().encode(values, None)
    parsed = json.loads(b"".join(line))

    assert list(parsed) == EVERY_KEY
    assert (parsed["size"], parsed["content"], parsed["sha256"]) == (size, None, None)
    assert (line.content_bytes, line.differs) == (0, False)


def test_hostile_names_are_data() -> None:
    """A name with control characters, quotes and lone surrogates cannot break the line."""
    name = '../../etc/passwd\x00\r\n"},{"\ud800'
    found = b"".join(AttachmentEncoder().encode((*VALUES[:2], name, *VALUES[3:]), [b"x"]))

    assert found.count(b"\n") == 1
    assert json.loads(found)["name"] == '../../etc/passwd\x00\r\n"},{"\ufffd'


def test_an_error_of_the_content_goes_through() -> None:
    """A content that breaks off is an error to who writes the line, never its end."""

    def breaks() -> Iterator[bytes]:
        yield b"abc"
        raise ConnectionError

    pieces: list[bytes] = []
    with pytest.raises(ConnectionError):
        pieces.extend(AttachmentEncoder().encode(VALUES, breaks()))
    assert not b"".join(pieces).endswith(b"\n")


def test_values_that_json_cannot_hold_are_refused() -> None:
    """A value of no JSON type is refused before any piece is given."""
    with pytest.raises(TypeError, match="description"):
        AttachmentEncoder().encode((*VALUES[:3], object(), *VALUES[4:]), [b"x"])


def test_memory_does_not_grow_with_the_content() -> None:
    """200 MB go through in a few pieces' worth of memory."""
    chunk = bytes(1_000_000)
    tracemalloc.start()
    try:
        line = AttachmentEncoder().encode(UNSIZED, (chunk for _ in range(200)))
        written = sum(len(piece) for piece in line)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert line.content_bytes == 200_000_000
    assert written > 266_000_000
    assert peak < 4_000_000
