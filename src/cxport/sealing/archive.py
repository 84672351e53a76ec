"""A zip archive written as a stream: bytes in, bytes out, nothing kept but the directory.

Follows PKWARE's APPNOTE 6.3.10. A member's size is not known when it begins, so sizes and CRC
follow it in a data descriptor (4.3.9) and stand again in the central directory. The descriptor's
sizes have 8 bytes only where they need them, and no local header has a zip64 field: readers that
take an archive as a stream (java.util.zip) know exactly this form.
"""

from __future__ import annotations

import struct
from datetime import UTC, datetime

from isal import isal_zlib

from cxport.domain.errors import CxportError, InvalidInput
from cxport.domain.said import Said
from cxport.sealing.base import Octets
from cxport.sealing.names import fault_of

_LOCAL = struct.Struct("<IHHHHHIIIHH")
_DESCRIPTOR = struct.Struct("<IIII")
_DESCRIPTOR64 = struct.Struct("<IIQQ")
_CENTRAL = struct.Struct("<IHHHHHHIIIHHHHHII")
_END64 = struct.Struct("<IQHHIIQQQQ")
_LOCATOR64 = struct.Struct("<IIQI")
_END = struct.Struct("<IHHHHIIH")

_STREAMED_UTF8 = 0x0808  # bit 3: sizes follow in a descriptor; bit 11: the name is UTF-8
_DEFLATED = 8
_VERSION, _VERSION64 = 20, 45
_UNIX = 3 << 8
_OWNER_ONLY = 0o100600 << 16  # a regular file that only who unpacks it may read
_FULL16, _FULL32 = 0xFFFF, 0xFFFFFFFF
_EXTRA64_MOST = 28  # header and three sizes of 8 bytes
_ENDS_MOST = _END64.size + _LOCATOR64.size + _END.size
_DEFLATE_END = 16  # isal ends a flushed stream with 2 bytes


class ZipEncoder:
    """Writes the members of one archive, one after the other.

    `level` is isal's, 1 to 3. `modified` (aware) is the time that every member carries, in UTC.
    Each method returns the bytes that come next in the archive, perhaps none.
    """

    def __init__(self, *, level: int = 1, modified: datetime) -> None:
        self._level = level
        self._time, self._date = _dos(modified)
        self._directory = bytearray()
        self._names: set[str] = set()
        self._position = 0
        self._member: _Member | None = None

    def begin(self, name: str) -> bytes:
        """Begin a member; InvalidInput for a name that is taken or could leave the folder."""
        if self._member is not None:
            raise CxportError(Said("the member before has not ended"))
        if fault := fault_of(name) or ("is there already" if name in self._names else ""):
            raise InvalidInput(
                "member",
                Said("the member name {name} {fault}", name=repr(name), fault=fault),
                Said("a relative path"),
            )
        self._names.add(name)
        self._member = _Member(name.encode(), self._position, self._level)
        return self._give(self._member.local_header(self._time, self._date))

    def write(self, data: Octets) -> bytes:
        """Add to the member."""
        return self._give(self._open_member().write(data))

    def write_deflated(self, data: Octets, deflated: bytes) -> bytes:
        """Add data to the member that is in deflate's form already (RFC 1951).

        Those must be whole blocks, none of them the last, from one byte to another, that refer to
        nothing before them, and they must be shorter than the data.
        """
        return self._give(self._open_member().write_deflated(data, deflated))

    def flush(self) -> bytes:
        """Give everything written so far, decodable as it stands (costs about 6 bytes)."""
        return self._give(self._open_member().flush())

    def end(self) -> bytes:
        """End the member."""
        member = self._open_member()
        data = member.end()
        self._directory += member.central_header(self._time, self._date)
        self._member = None
        return self._give(data)

    def finish(self) -> bytes:
        """Give the central directory, which ends the archive."""
        if self._member is not None:
            raise CxportError(Said("a member has not ended"))
        directory = bytes(self._directory)
        return directory + _end_records(len(self._names), len(directory), self._position)

    def bound(self, n: int = 0) -> int:
        """Tell how many bytes would still come, at most, until the archive's end.

        If `n` bytes more were written to the member that is open, it ended, and the archive was
        finished. Right after `flush` the answer for 0 is good to a few dozen bytes.
        """
        rest = 0 if self._member is None else self._member.bound(n)
        return rest + len(self._directory) + _ENDS_MOST

    @staticmethod
    def member_bound(name: str, n: int) -> int:
        """Tell how many bytes a further member of `n` bytes adds to the archive, at most."""
        encoded = name.encode()
        return _LOCAL.size + len(encoded) + _deflated_most(n) + _tail_most(encoded)

    def _open_member(self) -> _Member:
        if self._member is None:
            raise CxportError(Said("no member has begun"))
        return self._member

    def _give(self, data: bytes) -> bytes:
        self._position += len(data)
        return data


class _Member:
    """One member: its deflate stream and its counts."""

    def __init__(self, name: bytes, offset: int, level: int) -> None:
        self._name = name
        self._offset = offset
        self._deflate = isal_zlib.compressobj(level, isal_zlib.DEFLATED, -isal_zlib.MAX_WBITS)
        self._crc = 0
        self._size = 0
        self._compressed = 0
        self._flushed_size = 0
        self._flushed_compressed = 0

    def local_header(self, time: int, date: int) -> bytes:
        form = (_VERSION, _STREAMED_UTF8, _DEFLATED, time, date)
        return _LOCAL.pack(0x04034B50, *form, 0, 0, 0, len(self._name), 0) + self._name

    def write(self, data: Octets) -> bytes:
        self._take(data)
        return self._count(self._deflate.compress(data))

    def write_deflated(self, data: Octets, deflated: bytes) -> bytes:
        waiting = self.flush() if self._size > self._flushed_size else b""
        self._take(data)
        self._count(deflated)
        self._flushed_size, self._flushed_compressed = self._size, self._compressed
        return waiting + deflated

    def flush(self) -> bytes:
        # fully, so that what comes later never refers back beyond what others have deflated
        data = self._count(self._deflate.flush(isal_zlib.Z_FULL_FLUSH))
        self._flushed_size, self._flushed_compressed = self._size, self._compressed
        return data

    def end(self) -> bytes:
        data = self._count(self._deflate.flush())
        large = max(self._size, self._compressed) > _FULL32
        descriptor = _DESCRIPTOR64 if large else _DESCRIPTOR
        return data + descriptor.pack(0x08074B50, self._crc, self._compressed, self._size)

    def central_header(self, time: int, date: int) -> bytes:
        extra = _extra64(self._size, self._compressed, self._offset)
        version = _VERSION64 if extra else _VERSION
        form = (_UNIX | version, version, _STREAMED_UTF8, _DEFLATED, time, date)
        sizes = (self._crc, min(self._compressed, _FULL32), min(self._size, _FULL32))
        lengths = (len(self._name), len(extra), 0)
        place = (0, 0, _OWNER_ONLY, min(self._offset, _FULL32))
        return _CENTRAL.pack(0x02014B50, *form, *sizes, *lengths, *place) + self._name + extra

    def bound(self, n: int) -> int:
        given = self._compressed - self._flushed_compressed
        deflated = max(0, _deflated_most(self._size + n - self._flushed_size) - given)
        return deflated + _tail_most(self._name)

    def _take(self, data: Octets) -> None:
        self._crc = isal_zlib.crc32(data, self._crc)
        self._size += len(data)

    def _count(self, data: bytes) -> bytes:
        self._compressed += len(data)
        return data


def _deflated_most(n: int) -> int:
    """Bound what isal makes of `n` bytes: it stores what does not shrink, block by block."""
    return n + n // 16 + 256 if n else 0


def _tail_most(name: bytes) -> int:
    """Bound what follows a flushed member: deflate's end, its descriptor, its directory entry."""
    entry = _CENTRAL.size + len(name) + _EXTRA64_MOST
    return _DEFLATE_END + _DESCRIPTOR64.size + entry


def _extra64(size: int, compressed: int, offset: int) -> bytes:
    """Encode the zip64 field (4.5.3): the values, in this order, that 32 bits cannot hold."""
    values = [value for value in (size, compressed, offset) if value >= _FULL32]
    if not values:
        return b""
    return struct.pack(f"<HH{len(values)}Q", 0x0001, 8 * len(values), *values)


def _end_records(entries: int, size: int, offset: int) -> bytes:
    """Encode what ends the directory of `entries` that has `size` bytes and begins at `offset`."""
    end = _END.pack(
        *(0x06054B50, 0, 0, min(entries, _FULL16), min(entries, _FULL16)),
        *(min(size, _FULL32), min(offset, _FULL32), 0),
    )
    if entries < _FULL16 and size < _FULL32 and offset < _FULL32:
        return end
    form = (_END64.size - 12, _UNIX | _VERSION64, _VERSION64, 0, 0)
    end64 = _END64.pack(0x06064B50, *form, entries, entries, size, offset)
    return end64 + _LOCATOR64.pack(0x07064B50, 0, offset + size, 1) + end


def _dos(moment: datetime) -> tuple[int, int]:
    """Encode a moment as DOS time and date, in UTC; the form begins with the year 1980."""
    utc = moment.astimezone(UTC)
    time = utc.hour << 11 | utc.minute << 5 | utc.second // 2
    return time, max(0, utc.year - 1980) << 9 | utc.month << 5 | utc.day
