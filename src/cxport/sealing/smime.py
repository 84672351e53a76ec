"""S/MIME text (RFC 8551, 3.3) around a CMS message: MIME headers, then lines of base64."""

from __future__ import annotations

import email
import re
from binascii import Error as NotBase64
from collections.abc import Iterable, Iterator
from itertools import chain

import pybase64

from cxport.domain.errors import Damaged
from cxport.sealing.base import Octets

#: What `openssl smime` writes, with the registered media type.
HEADER = (
    b"MIME-Version: 1.0\n"
    b'Content-Disposition: attachment; filename="smime.p7m"\n'
    b'Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"\n'
    b"Content-Transfer-Encoding: base64\n"
    b"\n"
)
_LINE = 57  # bytes that become one line of 76 characters, the most that MIME allows
_HEADER_MOST = 8192
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_TYPES = {"application/pkcs7-mime", "application/x-pkcs7-mime"}


class TextEncoder:
    """Writes a CMS message as S/MIME text: bytes in, bytes out."""

    def __init__(self) -> None:
        self._pending = bytearray()
        self._head = HEADER

    def update(self, data: Octets) -> bytes:
        """Take more of the message and give its whole lines."""
        self._pending += data
        whole = len(self._pending) // _LINE * _LINE
        with memoryview(self._pending) as view:
            text = self._after_head(pybase64.encodebytes(view[:whole]))
        del self._pending[:whole]
        return text

    def finalize(self) -> bytes:
        """Give the last line."""
        return self._after_head(pybase64.encodebytes(self._pending))

    @staticmethod
    def size(n: int) -> int:
        """Tell how many bytes the text of a message of `n` bytes has."""
        lines, rest = divmod(n, _LINE)
        last = (rest + 2) // 3 * 4 + 1 if rest else 0
        return len(HEADER) + lines * (_LINE // 3 * 4 + 1) + last

    def _after_head(self, text: bytes) -> bytes:
        head, self._head = self._head, b""
        return head + text if head else text


def decode_text(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the CMS message inside an S/MIME text whose lines end in LF or CRLF.

    Raises Damaged for anything that is not exactly that, down to the last byte.
    """
    source = iter(chunks)
    text = b""
    ended = False
    for lines in chain((_after_header(source),), source):
        text += _joined(lines)
        if ended and text:
            raise Damaged("the sealed file goes on after its end")
        whole = len(text) // 4 * 4
        ended = ended or text.endswith(b"=", 0, whole)
        yield _decoded(text[:whole])
        text = text[whole:]
    if text:
        raise Damaged("the sealed file ends too early")


def _after_header(source: Iterator[bytes]) -> bytes:
    """Read and check the MIME headers; give what was read behind them."""
    text = b""
    while not (blank := _BLANK_LINE.search(text)):
        chunk = next(source, b"")
        text += chunk
        if not chunk or len(text) > _HEADER_MOST + len(chunk):
            raise Damaged("this is no sealed file: it is neither CMS nor S/MIME text")
    headers = email.message_from_bytes(text[: blank.end()])
    encoding = str(headers["Content-Transfer-Encoding"]).strip().lower()
    if headers.get_content_type() not in _TYPES or encoding != "base64":
        raise Damaged("this is no sealed file: its MIME headers name another type or encoding")
    return text[blank.end() :]


def _joined(lines: bytes) -> bytes:
    text = lines.replace(b"\n", b"")
    return text.replace(b"\r", b"") if b"\r" in text else text


def _decoded(text: bytes) -> bytes:
    try:
        return pybase64.b64decode(text, validate=True)
    except NotBase64:
        raise Damaged("the sealed file has something that is not base64") from None
