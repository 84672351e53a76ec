"""What a sealer promises, and the bytes that the transforms of this folder take."""

from __future__ import annotations

from typing import Protocol

#: What a transform takes: it is read before the call returns, and never kept.
Octets = bytes | bytearray | memoryview


class Sealer(Protocol):
    """One archive on its way into its sealed form: bytes in, bytes out, constant memory."""

    def update(self, data: Octets) -> bytes:
        """Take more of the archive and give what is ready of the sealed form, perhaps nothing."""

    def finalize(self) -> bytes:
        """Give the rest of the sealed form; nothing may be sealed after it."""

    def bound(self, n: int) -> int:
        """Tell the whole sealed size in bytes if `n` bytes more were sealed and it ended then.

        No file of that many further bytes, nor of fewer, becomes larger.
        """
