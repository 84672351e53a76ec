"""A zip archive read back: its directory held against every byte around it, its members checked.

Read is what `archive` writes and what other zip programs write alike: deflated or stored members,
one right behind the other, in the order of the directory. Encrypted or split archives are not,
nor are comments, nor anything between the members. Memory is constant but for the directory.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from isal import isal_zlib

from cxport.domain.errors import Damaged
from cxport.sealing.names import fault_of

# The fields that a local header and a directory entry share: version, flags, method, time, date,
# CRC, compressed size, size, length of the name, length of the extra field.
_SHARED = "HHHHHIIIHH"
_LOCAL = struct.Struct("<I" + _SHARED)
_CENTRAL = struct.Struct("<IH" + _SHARED + "HHHII")
_DESCRIPTOR = struct.Struct("<IIII")
_DESCRIPTOR64 = struct.Struct("<IIQQ")
_END = struct.Struct("<IHHHHIIH")
_END64 = struct.Struct("<IQHHIIQQQQ")
_FIELD = struct.Struct("<HH")
_LOCATOR64 = struct.Struct("<IIQI")

_LOCAL_MARK, _CENTRAL_MARK, _DESCRIPTOR_MARK = 0x04034B50, 0x02014B50, 0x08074B50
_END_MARK, _END64_MARK, _LOCATOR64_MARK = 0x06054B50, 0x06064B50, 0x07064B50

_STREAMED, _UTF8 = 0x0008, 0x0800
_VERSIONS = {10, 20, 45}  # needed to read: stored, deflated, zip64
_KNOWN_FLAGS = _STREAMED | _UTF8 | 0x0006  # and the two that tell how hard deflate tried
_STORED, _DEFLATED = 0, 8
_FULL16, _FULL32 = 0xFFFF, 0xFFFFFFFF
_ZIP64_FIELD = 0x0001
_CHUNK = 256 * 1024


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A member as the directory tells of it; sizes and `offset` (of its header) in bytes."""

    name: str
    size: int
    compressed: int
    crc: int
    offset: int
    flags: int
    method: int
    time: tuple[int, int]
    encoded_name: bytes


def read_directory(file: BinaryIO) -> tuple[Entry, ...]:
    """Read the directory and hold it against the archive, from its first byte to its last.

    Raises Damaged where anything does not fit or a name is not safe; the members' own bytes are
    not looked at (see `contents`).
    """
    count, at, end = _find_directory(file)
    start = at
    entries = []
    for _ in range(count):
        entry, length = _read_entry(file, at)
        entries.append(entry)
        at += length
    if at != end:
        raise _damaged()
    _check_names([entry.name for entry in entries])
    _check_places(file, entries, start)
    return tuple(entries)


def contents(file: BinaryIO, entry: Entry) -> Iterator[bytes]:
    """Yield a member's bytes; raises Damaged, at the latest after the last, if they are wrong."""
    size, crc = 0, 0
    for piece in _inflated(file, entry) if entry.method == _DEFLATED else _raw(file, entry):
        size += len(piece)
        if size > entry.size:
            break
        crc = isal_zlib.crc32(piece, crc)
        yield piece
    if (size, crc) != (entry.size, entry.crc):
        raise Damaged(f"the archive is damaged: {entry.name} is not what its checksum says")


def _find_directory(file: BinaryIO) -> tuple[int, int, int]:
    """Give the number of members, and where the directory begins and ends."""
    length = file.seek(0, os.SEEK_END)
    end = length - _END.size
    mark, disk, first_disk, here, count, size, offset, comment = _unpack(file, _END, end)
    if mark != _END_MARK or disk or first_disk or here != count or comment:
        raise _damaged()
    if count == _FULL16 or _FULL32 in {size, offset}:
        end, count, size, offset = _find_directory64(file, end)
    if offset + size != end:
        raise _damaged()
    return count, offset, end


def _find_directory64(file: BinaryIO, end: int) -> tuple[int, int, int, int]:
    locator = end - _LOCATOR64.size
    at = locator - _END64.size
    if _unpack(file, _LOCATOR64, locator) != (_LOCATOR64_MARK, 0, at, 1):
        raise _damaged()
    mark, length, _, _, disk, first_disk, here, count, size, offset = _unpack(file, _END64, at)
    if mark != _END64_MARK or length != _END64.size - 12 or disk or first_disk or here != count:
        raise _damaged()
    return at, count, size, offset


def _read_entry(file: BinaryIO, at: int) -> tuple[Entry, int]:
    """Read the directory's entry at a position; give it and its length."""
    fields = _unpack(file, _CENTRAL, at)
    mark, _, version, flags, method, time, date, crc, compressed, size = fields[:10]
    name_length, extra_length, comment, disk, _, _, offset = fields[10:]
    if mark != _CENTRAL_MARK or version not in _VERSIONS or comment or disk:
        raise _damaged()
    name, extra = _read(file, name_length), _read(file, extra_length)
    size, compressed, offset = _widened(extra, (size, compressed, offset))
    if flags & ~_KNOWN_FLAGS or method not in {_STORED, _DEFLATED}:
        raise Damaged("the archive has a member that is encrypted or packed in an unknown way")
    entry = Entry(
        name=_decoded(name, flags),
        size=size,
        compressed=compressed,
        crc=crc,
        offset=offset,
        flags=flags,
        method=method,
        time=(time, date),
        encoded_name=name,
    )
    return entry, _CENTRAL.size + name_length + extra_length


def _widened(extra: bytes, values: tuple[int, int, int]) -> tuple[int, int, int]:
    """Put in the values that stand in the zip64 field (APPNOTE 4.5.3), in its order."""
    wide = iter(_zip64_values(extra))
    size, compressed, offset = (
        next(wide, value) if value == _FULL32 else value for value in values
    )
    return size, compressed, offset


def _zip64_values(extra: bytes) -> tuple[int, ...]:
    while len(extra) >= _FIELD.size:
        kind, length = _FIELD.unpack_from(extra)
        field, extra = extra[_FIELD.size :][:length], extra[_FIELD.size + length :]
        if kind == _ZIP64_FIELD:
            return struct.unpack_from(f"<{len(field) // 8}Q", field)
    return ()


def _decoded(name: bytes, flags: int) -> str:
    try:
        return name.decode("utf-8" if flags & _UTF8 else "cp437")
    except UnicodeDecodeError:
        raise _damaged() from None


def _check_names(names: list[str]) -> None:
    """Refuse names that could leave the folder or would be in each other's place."""
    for name in names:
        if fault := fault_of(name):
            raise Damaged(f"the archive has a member whose name {fault}")
    folders = {name[:at] for name in names for at, letter in enumerate(name) if letter == "/"}
    if len(set(names)) != len(names) or folders & set(names):
        raise Damaged("the archive has two members in the same place")


def _check_places(file: BinaryIO, entries: list[Entry], directory: int) -> None:
    """See that members with their headers fill the archive up to its directory, without a gap."""
    offsets = [*(entry.offset for entry in entries), directory]
    if offsets[0] != 0:
        raise _damaged()
    for entry, following in zip(entries, offsets[1:], strict=True):
        end = _data_start(file, entry) + entry.compressed
        if entry.flags & _STREAMED:
            _check_descriptor(file, entry, end, following - end)
        elif end != following:
            raise _damaged()


def _data_start(file: BinaryIO, entry: Entry) -> int:
    """Hold a member's local header against its entry; give where its bytes begin."""
    fields = _unpack(file, _LOCAL, entry.offset)
    mark, version, flags, method, time, date, *counts, name_length, extra_length = fields
    name, extra = _read(file, name_length), _read(file, extra_length)
    told = (flags, method, (time, date), name)
    if mark != _LOCAL_MARK or version not in _VERSIONS:
        raise _damaged()
    if told != (entry.flags, entry.method, entry.time, entry.encoded_name):
        raise _damaged()
    crc, compressed, size = counts
    size, compressed, _ = _widened(extra, (size, compressed, 0))
    told_sizes = (crc, compressed, size)
    known = (entry.crc, entry.compressed, entry.size)
    if told_sizes != known and not (flags & _STREAMED and told_sizes == (0, 0, 0)):
        raise _damaged()
    return entry.offset + _LOCAL.size + name_length + extra_length


def _check_descriptor(file: BinaryIO, entry: Entry, at: int, length: int) -> None:
    """See that what lies between a member's bytes and what follows is its data descriptor."""
    form = _DESCRIPTOR64 if length == _DESCRIPTOR64.size else _DESCRIPTOR
    told = (_DESCRIPTOR_MARK, entry.crc, entry.compressed, entry.size)
    if length != form.size or _unpack(file, form, at) != told:
        raise _damaged()


def _raw(file: BinaryIO, entry: Entry) -> Iterator[bytes]:
    file.seek(_data_start(file, entry))
    left = entry.compressed
    while left:
        piece = _read(file, min(left, _CHUNK))
        left -= len(piece)
        yield piece


def _inflated(file: BinaryIO, entry: Entry) -> Iterator[bytes]:
    inflate = isal_zlib.decompressobj(-isal_zlib.MAX_WBITS)
    try:
        for piece in _raw(file, entry):
            inflated = inflate.decompress(piece, _CHUNK)
            yield inflated
            while inflate.unconsumed_tail or len(inflated) == _CHUNK:
                inflated = inflate.decompress(inflate.unconsumed_tail, _CHUNK)
                yield inflated
    except isal_zlib.IsalError:  # type: ignore[misc]  # the stub has it as an instance
        raise _damaged() from None
    if not inflate.eof or inflate.unused_data:
        raise _damaged()


def _unpack(file: BinaryIO, form: struct.Struct, at: int) -> tuple[int, ...]:
    if at < 0:
        raise _damaged()
    file.seek(at)
    return form.unpack(_read(file, form.size))


def _read(file: BinaryIO, n: int) -> bytes:
    if len(data := file.read(n)) != n:
        raise _damaged()
    return data


def _damaged() -> Damaged:
    return Damaged("the archive inside is damaged: its directory and its members do not fit")
