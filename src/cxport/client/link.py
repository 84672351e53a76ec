"""Reading a download link as a file: whoever holds one needs no client."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx

from cxport.client.service import checked_url, reaching, refusal

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_CHUNK_BYTES = 256 * 1024
_TIMEOUT_SECONDS = 60.0


@contextmanager
def open_link(link: str) -> Iterator[tuple[io.BufferedReader, int]]:
    """Give what a link leads to as a readable stream, and its size in bytes (0: not told).

    Nothing is kept and nothing is sent along. Raises ClientError, also from `read` where the
    connection breaks: a stream that ends without an error was complete.
    """
    headers = {"Accept-Encoding": "identity"}
    with httpx.Client(timeout=_TIMEOUT_SECONDS) as http, reaching(link):
        request = httpx.Request("GET", checked_url(link), headers=headers)
        response = http.send(request, stream=True, follow_redirects=True)
        try:
            if response.is_error:
                raise refusal(response)
            size = response.headers.get("Content-Length", "")
            yield (
                io.BufferedReader(_Body(response), _CHUNK_BYTES),
                int(size) if size.isdecimal() else 0,
            )
        finally:
            response.close()


class _Body(io.RawIOBase):
    """The body of an answer."""

    def __init__(self, response: httpx.Response) -> None:
        self._chunks = response.iter_raw()
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        self._rest = self._rest or next(self._chunks, b"")
        room = memoryview(buffer)
        taken, self._rest = self._rest[: len(room)], self._rest[len(room) :]
        room[: len(taken)] = taken
        return len(taken)
