"""ASN.1 BER (X.690) as far as CMS needs it: encoding, and decoding of a stream.

Only tags of one byte occur in CMS. A length may be definite or indefinite.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cxport.domain.errors import Damaged
from cxport.sealing.base import Octets

INTEGER = 0x02
OCTET_STRING = 0x04
NULL = 0x05
OID = 0x06
SEQUENCE = 0x30
SET = 0x31
#: Context-specific tag 0, primitive and constructed.
CONTEXT_0 = 0x80
CONTEXT_0_CONSTRUCTED = 0xA0
CONTEXT_1_CONSTRUCTED = 0xA1

#: The length that announces that an end-of-contents follows.
INDEFINITE = b"\x80"
END_OF_CONTENTS = b"\x00\x00"

_CONSTRUCTED = 0x20
_LONGEST_ELEMENT = 1024 * 1024  # bytes: what is read whole is small
_DEEPEST = 16


def encode(tag: int, *parts: bytes) -> bytes:
    """Encode one element of definite length from the parts of its content."""
    content = b"".join(parts)
    return header(tag, len(content)) + content


def header(tag: int, length: int) -> bytes:
    """Encode what stands before a content of `length` bytes."""
    if length < INDEFINITE[0]:
        return bytes((tag, length))
    size = (length.bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + length.to_bytes(size, "big")


def integer(value: int) -> bytes:
    """Encode a non-negative INTEGER."""
    return encode(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def oid(dotted: str) -> bytes:
    """Encode an OBJECT IDENTIFIER."""
    first, second, *rest = (int(word) for word in dotted.split("."))
    return encode(OID, *(_base128(arc) for arc in (first * 40 + second, *rest)))


def _base128(arc: int) -> bytes:
    septets = [arc & 0x7F]
    while arc := arc >> 7:
        septets.append(0x80 | arc & 0x7F)
    return bytes(reversed(septets))


class Reader:
    """Reads elements from chunks of bytes, in constant memory; Damaged for what is not BER."""

    def __init__(self, chunks: Iterable[Octets]) -> None:
        self._chunks = iter(chunks)
        self._chunk = memoryview(b"")
        self._before = 0  # bytes of the stream before the chunk at hand
        self._at = 0
        self._ends: list[int | None] = []  # of the elements entered; None: indefinite

    def enter(self, tag: int) -> None:
        """Go into a constructed element with this tag."""
        length = self._header(tag)
        self._ends.append(None if length is None else self._position + length)

    def leave(self) -> None:
        """Go out of the element that was entered last, which must have nothing more in it."""
        if self.more():
            raise Damaged("the sealed file has something that does not belong there")
        if self._ends.pop() is None:
            self._take(len(END_OF_CONTENTS))

    def more(self) -> bool:
        """Tell whether the element entered last, or else the stream, has another element."""
        end = self._ends[-1] if self._ends else None
        if end is not None:
            if self._position > end:
                raise Damaged("the sealed file has an element longer than the one around it")
            return self._position < end
        return self._fill() and (not self._ends or self.next_tag() != 0)

    def next_tag(self) -> int:
        """Tell the tag of the element that comes next."""
        if not self._fill():
            raise Damaged("the sealed file ends too early")
        return self._chunk[self._at]

    def element(self, tag: int) -> bytes:
        """Read a small element whole, its tag and length included (made definite)."""
        return encode(tag, self.content(tag))

    def content(self, tag: int) -> bytes:
        """Read the content of a small element whole."""
        return self._content(tag, _DEEPEST)

    def octets(self, tag: int) -> Iterator[memoryview]:
        """Yield the content of a string with this primitive tag, in pieces as they come.

        It may be in one piece, or constructed of a row of OCTET STRINGs, as a writer does that
        does not know the length ahead.
        """
        if self.next_tag() == tag:
            yield from self._pieces(self._definite(tag))
            return
        self.enter(tag | _CONSTRUCTED)
        while self.more():
            yield from self._pieces(self._definite(OCTET_STRING))
        self.leave()

    def _content(self, tag: int, depth: int) -> bytes:
        length = self._header(tag)
        if length is not None:
            return self._take(length)
        if not depth:
            raise Damaged("the sealed file has elements nested too deep")
        self._ends.append(None)
        content = bytearray()
        while self.more():
            inner = self.next_tag()
            content += encode(inner, self._content(inner, depth - 1))
            if len(content) > _LONGEST_ELEMENT:
                raise Damaged("the sealed file has an element that is too long")
        self.leave()
        return bytes(content)

    @property
    def _position(self) -> int:
        return self._before + self._at

    def _definite(self, tag: int) -> int:
        length = self._header(tag)
        if length is None:
            raise Damaged("the sealed file has a string of unknown length")
        return length

    def _header(self, tag: int) -> int | None:
        """Read a tag and a length; None where the length is indefinite."""
        if (found := self._byte()) != tag:
            raise Damaged(f"the sealed file has {found:#04x} where {tag:#04x} should be")
        length = self._byte()
        if length < INDEFINITE[0]:
            return length
        if length == INDEFINITE[0]:
            if not tag & _CONSTRUCTED:
                raise Damaged("the sealed file has a length that BER does not allow")
            return None
        size = length & 0x7F
        if size > 8:  # noqa: PLR2004 - no file has 2**64 bytes
            raise Damaged("the sealed file has a length that is too long")
        return int.from_bytes(self._take(size), "big")

    def _byte(self) -> int:
        byte = self.next_tag()
        self._at += 1
        return byte

    def _take(self, n: int) -> bytes:
        if n > _LONGEST_ELEMENT:
            raise Damaged("the sealed file has an element that is too long")
        return b"".join(self._pieces(n))

    def _pieces(self, n: int) -> Iterator[memoryview]:
        """Yield the next `n` bytes, as they lie in the chunks."""
        while n:
            if not self._fill():
                raise Damaged("the sealed file ends too early")
            piece = self._chunk[self._at : self._at + n]
            self._at += len(piece)
            n -= len(piece)
            yield piece

    def _fill(self) -> bool:
        """See to it that a byte is at hand; False at the end of the stream."""
        while self._at == len(self._chunk):
            self._before += self._at
            self._at = 0
            if (chunk := next(self._chunks, None)) is None:
                self._chunk = memoryview(b"")
                return False
            self._chunk = memoryview(chunk)
        return True
