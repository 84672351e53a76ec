"""S/MIME text by itself: any message comes back, and nothing but S/MIME text is taken."""

from __future__ import annotations

import email

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxport.domain.errors import Damaged
from cxport.sealing.smime import HEADER, TextEncoder, decode_text


def _encode(chunks: list[bytes]) -> bytes:
    encoder = TextEncoder()
    return b"".join(encoder.update(chunk) for chunk in chunks) + encoder.finalize()


@given(st.lists(st.binary(max_size=200), max_size=8), st.integers(1, 300), st.booleans())
def test_any_message_comes_back(chunks: list[bytes], size: int, crlf: bool) -> None:  # noqa: FBT001 - drawn
    """In any chunks and with either line end, what was encoded is decoded; the size is told."""
    message = b"".join(chunks)
    text = _encode(chunks)
    assert len(text) == TextEncoder.size(len(message))

    text = text.replace(b"\n", b"\r\n") if crlf else text
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    assert b"".join(decode_text(pieces)) == message


def test_an_independent_parser_reads_it() -> None:
    """The standard library's e-mail parser finds the message as an attachment."""
    message = email.message_from_bytes(_encode([bytes(range(256)) * 3]))

    assert message.get_payload(decode=True) == bytes(range(256)) * 3
    assert message.get_filename() == "smime.p7m"
    assert message.get_param("smime-type") == "enveloped-data"


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"no header",
        b"x" * 100_000,
        b"\n\nQUJD\n",
        HEADER.replace(b"base64", b"binary") + b"QUJD\n",
        HEADER.replace(b"pkcs7-mime", b"zip") + b"QUJD\n",
        HEADER + b"QUJ\n",
        HEADER + b"QU!D\n",
        HEADER + b"QU JD\n",
        HEADER + b"QUI=\nQUJD\n",
        HEADER + b"QUI=\n-- \n",
    ],
)
def test_anything_else_is_refused(text: bytes) -> None:
    """Other headers, other characters, other lengths, and what follows the padding."""
    with pytest.raises(Damaged):
        list(decode_text([text]))
    with pytest.raises(Damaged):
        list(decode_text([text[:10], text[10:], b"\n"]))


def test_the_end_may_come_in_a_chunk_of_its_own() -> None:
    """What follows the padding is found, also when it comes later."""
    with pytest.raises(Damaged, match="after its end"):
        list(decode_text([HEADER, b"QUI=\n", b"\n", b"QUJD\n"]))
