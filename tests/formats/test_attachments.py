"""Lines of attachments, streamed in constant memory."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import string
import tracemalloc
import zlib
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxport.formats import attachments
from cxport.formats._transcoder import deflated_base64
from cxport.formats.attachments import AttachmentEncoder, Piece

VALUES = ("A1", "I1", "bill.pdf", None, "application/pdf", 5, "2024-01-01T00:00:00.000Z")
UNSIZED = (*VALUES[:5], None, VALUES[6])
LETTERS = (string.ascii_letters + string.digits + "+/").encode()
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


def joined(pieces: Iterable[Piece]) -> bytes:
    """Give the text of a line."""
    return b"".join(piece.text for piece in pieces)


def inflated(piece: Piece) -> bytes:
    """Inflate what is in deflate's form, with nothing before it; it must not be the end."""
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    text = inflate.decompress(piece.deflated or b"")
    assert not inflate.eof
    return text


@given(st.lists(st.binary(max_size=20), max_size=12))
def test_any_chunking_gives_the_content(chunks: list[bytes]) -> None:
    """However the content is cut, the line holds its base64, its length and its digest."""
    content = b"".join(chunks)

    line = AttachmentEncoder().encode(VALUES, chunks)
    found = joined(line)

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

    assert base64.b64decode(json.loads(joined(pieces))["content"]) == content
    assert max(len(piece.text) for piece in pieces) <= 512 * 1024


def test_an_undeclared_size_is_counted() -> None:
    """Where the source knows no size, the line holds the counted one, and nothing differs."""
    line = AttachmentEncoder().encode(UNSIZED, [b"abcd"])
    parsed = json.loads(joined(line))

    assert parsed.pop("size") == 4
    assert list(parsed) == [key for key in EVERY_KEY if key != "size"]
    assert not line.differs


@pytest.mark.parametrize(("values", "size"), [(VALUES, 5), (UNSIZED, None)])
def test_no_content_is_null(values: tuple[object, ...], size: int | None) -> None:
    """An attachment whose content the database lacks has null for it, which is not empty."""
    line = AttachmentEncoder().encode(values, None)
    parsed = json.loads(joined(line))

    assert list(parsed) == EVERY_KEY
    assert (parsed["size"], parsed["content"], parsed["sha256"]) == (size, None, None)
    assert (line.content_bytes, line.differs) == (0, False)


def test_hostile_names_are_data() -> None:
    """A name with control characters, quotes and lone surrogates cannot break the line."""
    name = '../../etc/passwd\x00\r\n"},{"\ud800'
    found = joined(AttachmentEncoder().encode((*VALUES[:2], name, *VALUES[3:]), [b"x"]))

    assert found.count(b"\n") == 1
    assert json.loads(found)["name"] == '../../etc/passwd\x00\r\n"},{"\ufffd'


def test_an_error_of_the_content_goes_through() -> None:
    """A content that breaks off is an error to who writes the line, never its end."""

    def breaks() -> Iterator[bytes]:
        yield b"abc"
        raise ConnectionError

    pieces: list[Piece] = []
    with pytest.raises(ConnectionError):
        pieces.extend(AttachmentEncoder().encode(VALUES, breaks()))
    assert not joined(pieces).endswith(b"\n")


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
        written = sum(len(piece.text) for piece in line)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert line.content_bytes == 200_000_000
    assert written > 266_000_000
    assert peak < 4_000_000


@settings(deadline=None)
@given(st.integers(0, 2**32), st.integers(12_288, 700_000), st.integers(1, 300_000))
def test_what_does_not_compress_is_deflated_already(seed: int, size: int, chunk: int) -> None:
    """A piece in deflate's form is the same text, from one byte to another, and shorter."""
    content = random.Random(seed).randbytes(size)
    pieces = list(AttachmentEncoder().encode(UNSIZED, cut(content, chunk)))

    deflated = [piece for piece in pieces if piece.deflated]
    assert [inflated(piece) for piece in deflated] == [piece.text for piece in deflated]
    assert all(len(piece.deflated or b"") < 0.76 * len(piece.text) for piece in deflated)
    assert base64.b64decode(json.loads(joined(pieces))["content"]) == content
    if chunk > 20_000:
        assert sum(len(piece.text) for piece in deflated) > len(content) * 0.9


def test_deflated_pieces_stand_behind_each_other() -> None:
    """Blocks of several pieces are one stream, which an end can follow."""
    content = random.Random(1).randbytes(900_000)
    pieces = list(AttachmentEncoder().encode(UNSIZED, [content]))[1:-1]
    end = zlib.compressobj(wbits=-zlib.MAX_WBITS).flush()

    assert len(pieces) > 2
    found = zlib.decompress(b"".join(one.deflated or b"" for one in pieces) + end, -zlib.MAX_WBITS)
    assert found == joined(pieces)


def test_every_character_has_its_code() -> None:
    """All pairs of characters, the one with a longer code among them, come back."""
    every = base64.b64decode(b"".join(b"%c%c" % (a, b) for a in LETTERS for b in LETTERS))
    chance = random.Random(5)
    noise = chance.randbytes(30_000)
    for content in (every + noise, noise + every, chance.randbytes(3 * 5000) + b"\xcf<\xf3" * 20):
        text, deflated = base64.b64encode(content), deflated_base64(content)
        assert deflated
        assert inflated(Piece(text, deflated)) == text


@pytest.mark.parametrize("kind", ["text", "zeros", "skewed", "half", "again", "short"])
def test_what_compresses_is_left_to_the_compressor(kind: str) -> None:
    """Contents that deflate shortens, also such with a part that it does, come as text alone."""
    chance = random.Random(kind)
    noise = chance.randbytes(200_000)
    content = {
        "text": b"some words, and then others; " * 7_000,
        "zeros": bytes(200_000),
        "skewed": bytes(min(byte, chance.randrange(256)) for byte in noise),
        "half": noise[:180_000] + b"a line of text\n" * 2_000,
        "again": noise[:3_000] * 60,
        "short": noise[:12_000],
    }[kind]

    pieces = list(AttachmentEncoder().encode(UNSIZED, [content]))
    assert not any(piece.deflated for piece in pieces)


def test_lines_are_the_same_without_the_compiled_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python writes the text that the compiled code writes."""
    content = random.Random(2).randbytes(500_000)
    compiled = list(AttachmentEncoder().encode(VALUES, [content]))
    monkeypatch.setattr(attachments, "COMPILED", False)
    python = list(AttachmentEncoder().encode(VALUES, [content]))

    assert joined(python) == joined(compiled)
    assert any(piece.deflated for piece in compiled)
    assert not any(piece.deflated for piece in python)


def test_half_a_group_is_refused() -> None:
    """The compiled code takes no bytes whose base64 would have to be padded."""
    with pytest.raises(ValueError, match="groups of 3"):
        deflated_base64(bytes(12_289))


def cut(content: bytes, size: int) -> list[bytes]:
    """Cut a content into chunks."""
    return [content[at : at + size] for at in range(0, len(content), size)]
