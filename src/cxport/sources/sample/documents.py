"""The documents that e-mails of the sample have attached."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from random import Random

from cxport.sources.sample.clock import moment
from cxport.sources.sample.ids import document_id

Row = tuple[object, ...]
#: What makes the content of a document, from its number and a letter that somebody wrote.
_Make = Callable[[int, str], bytes]

#: A name that must never become a path, and its control characters never reach a terminal.
HOSTILE_NAME = "../../etc/passwd\r\n\x1b[31m\x07"

#: Every so many documents one is large, one has no content, one has no size, and one is empty.
_LARGE_EVERY = 90
_WITHOUT_CONTENT_EVERY = 173
_WITHOUT_SIZE_EVERY = 41
_EMPTY_EVERY = 131
_LARGE_BYTES = range(100_000, 300_000)

_BROCHURES = ("terms.txt", "price list.csv", "Широкий выбор.txt", "営業案内.png", "returns.txt")
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


class Documents:
    """Makes rows of Document; the content follows from the seed and the document's number."""

    def __init__(self, seed: int) -> None:
        self._noise = Random(seed).randbytes(_LARGE_BYTES.stop)  # noqa: S311 - no secret
        self._count = 0
        #: Ids of the brochures, which many answers share.
        self.brochures: tuple[str, ...] = ()

    def make_brochures(self) -> list[Row]:
        """Give the rows of the documents that many attachments share."""
        rows = [
            self._row(name, "brochure", self._content(name, 900 + number, name * 80), 0)
            for number, name in enumerate(_BROCHURES)
        ]
        self.brochures = tuple(str(row[0]) for row in rows)
        return rows

    def make(self, letter: str, created: int, name: str | None = None) -> Row:
        """Give the row of a further document; `letter` is what its text is made from."""
        number = self._count
        if number % _LARGE_EVERY == _LARGE_EVERY // 2:
            size = _LARGE_BYTES[number * 7919 % len(_LARGE_BYTES)]
            return self._row(f"scan {number}.bin", "scan", self._noise[:size], created)
        name = name or _NAMES[number % len(_NAMES)].format(number)
        if number % _WITHOUT_CONTENT_EVERY == _WITHOUT_CONTENT_EVERY - 1:
            return self._row(name, None, None, created)
        if number % _EMPTY_EVERY == _EMPTY_EVERY - 1:
            return self._row(name, "", b"", created)
        return self._row(name, None, self._content(name, number, letter), created)

    def _content(self, name: str, number: int, letter: str) -> bytes:
        """Make what the ending of the name says."""
        if name.endswith(".png"):
            return _image(self._noise[number % 4096 :], 16 + number % 40)
        if name.endswith(".csv"):
            return _csv(number)
        return letter.encode()

    def _row(self, name: str, description: str | None, content: bytes | None, at: int) -> Row:
        number, self._count = self._count, self._count + 1
        unsized = content is None or number % _WITHOUT_SIZE_EVERY == _WITHOUT_SIZE_EVERY - 1
        return (
            document_id(number),
            name,
            description,
            _MIME_TYPES.get(name.rpartition(".")[2], "application/octet-stream"),
            None if unsized or content is None else len(content),
            moment(at),
            content,
        )


_NAMES = (
    "invoice {}.txt",
    "photo {}.png",
    "orders {}.csv",
    "Rechnung für März {}.txt",
    "фото {}.png",
    "发票 {}.csv",
    "فاتورة {}.txt",
    "label 📦 {}.png",
)
_MIME_TYPES = {"txt": "text/plain; charset=utf-8", "png": "image/png", "csv": "text/csv"}


def _csv(number: int) -> bytes:
    """Write an order as a table."""
    lines = (
        f'{place},"part {number * 31 % 977 + place}, boxed",{number % 7 + 1},{place * 3.75:.2f}'
        for place in range(4 + number % 60)
    )
    return ("line,article,pieces,price\r\n" + "\r\n".join(lines) + "\r\n").encode()


def _image(noise: bytes, side: int) -> bytes:
    """Write a square picture of grey noise as PNG (ISO/IEC 15948)."""
    lines = b"".join(b"\0" + noise[row * side : (row + 1) * side] for row in range(side))
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines, 0)), (b"IEND", b""))
    return _PNG_SIGNATURE + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    checked = name + data
    return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))
