"""Attachments to JSON Lines, each streamed: no content is ever held whole."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import pybase64

from cxport.domain.catalogue import ATTACHMENT_FIELDS, Field, Kind
from cxport.formats.jsonl import LineEncoder

try:
    from cxport.formats._transcoder import deflated_base64
except ImportError:
    #: Whether the compiled code is there: without it, all is left to the compressor.
    COMPILED = False
else:
    COMPILED = True

#: Bytes that base64 encodes together (RFC 4648 section 4): a piece of whole groups has no padding.
_GROUP_BYTES = 3

#: Bytes of content that are encoded at once: what a source reads together, and a group.
_PIECE_BYTES = _GROUP_BYTES * (256 * 1024 // _GROUP_BYTES + 1)


class Piece(NamedTuple):
    """A piece of a line."""

    text: bytes
    #: The same in deflate's form (RFC 1951), where a compressor would gain nothing: whole blocks
    #: that refer to nothing before them, shorter than the text.
    deflated: bytes | None = None


class AttachmentEncoder:
    """Writes attachment lines: the attachment's own keys, `content` in base64, `sha256`.

    `sha256` (of the content's bytes, hexadecimal) stands last because it is known only when the
    content has gone by; the order of keys means nothing in JSON. For the same reason `size` is
    written after the content where the source does not know it. An attachment without content
    has null for both `content` and `sha256`.
    """

    def __init__(self) -> None:
        self._sized = LineEncoder(ATTACHMENT_FIELDS)
        self._unsized = LineEncoder([field for field in ATTACHMENT_FIELDS if field.name != "size"])

    def encode(self, values: tuple[object, ...], content: Iterable[bytes] | None) -> AttachmentLine:
        """Give the line of one attachment; `values` in the order of ATTACHMENT_FIELDS.

        Raises TypeError where a value is none that JSON can hold.
        """
        declared = values[_SIZE]
        if declared is None and content is not None:
            head = _head(self._unsized, (*values[:_SIZE], *values[_SIZE + 1 :]))
        else:
            head = _head(self._sized, values)
        return AttachmentLine(head, declared if isinstance(declared, int) else None, content)


class AttachmentLine:
    """One line, as an iterable of its pieces, to be gone through once.

    An error of the content goes through to who iterates: the pieces given until then are no
    whole line, so that what was written with them must be thrown away.
    """

    def __init__(self, head: bytes, declared: int | None, content: Iterable[bytes] | None) -> None:
        self._head = head
        self._content = content
        #: Bytes of content that the source declares, None where it does not know.
        self.declared_bytes = declared
        #: Bytes of content that have gone by; all of them once the line is at its end.
        self.content_bytes = 0

    @property
    def differs(self) -> bool:
        """Whether the content (once it has gone by) is not as long as was declared.

        The line then holds the declared size, as the source has it, and the content as it came.
        """
        return (
            self._content is not None
            and self.declared_bytes is not None
            and self.declared_bytes != self.content_bytes
        )

    def __iter__(self) -> Iterator[Piece]:
        """Yield the pieces of the line, the last of which ends it."""
        if self._content is None:
            yield Piece(self._head + b',"content":null,"sha256":null}\n')
            return
        yield Piece(self._head + b',"content":"')
        digest = hashlib.sha256()
        for piece in _in_whole_groups(self._content):
            digest.update(piece)
            self.content_bytes += len(piece)
            yield _encoded(piece)
        size = b"" if self.declared_bytes is not None else b',"size":%d' % self.content_bytes
        yield Piece(b'"%b,"sha256":"%b"}\n' % (size, digest.hexdigest().encode()))


_SIZE = ATTACHMENT_FIELDS.index(Field("size", Kind.INTEGER))


def _head(encoder: LineEncoder, values: tuple[object, ...]) -> bytes:
    """Encode the keys before the content, without the brace that would close them."""
    encoded = encoder.encode([values])
    if encoded.refused:
        raise TypeError(encoded.refused[0].reason)
    return encoded.data[: -len(b"}\n")]


def _encoded(piece: bytes | memoryview) -> Piece:
    text = pybase64.b64encode(piece)
    if not COMPILED or len(piece) % _GROUP_BYTES:
        return Piece(text)
    return Piece(text, deflated_base64(piece))


def _in_whole_groups(content: Iterable[bytes]) -> Iterator[bytes | memoryview]:
    """Cut chunks of any length into pieces of whole groups, but for the last."""
    carry = b""
    for chunk in content:
        view = memoryview(chunk)
        if carry:
            missing = _GROUP_BYTES - len(carry)
            carry += view[:missing]
            view = view[missing:]
            if len(carry) < _GROUP_BYTES:
                continue
            yield carry
        whole = len(view) - len(view) % _GROUP_BYTES
        for start in range(0, whole, _PIECE_BYTES):
            yield view[start : min(start + _PIECE_BYTES, whole)]
        carry = bytes(view[whole:])
    if carry:
        yield carry
