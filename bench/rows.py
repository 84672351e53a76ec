"""What a side wrote, as far as it can be compared: ids of all rows, and values of many."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

_TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?Z?")

#: All values are compared of one row in so many: the ids of all.
_ONE_IN = 10


@dataclass(frozen=True)
class Rows:
    """The number of rows, digests that do not tell their order, and the bytes of their lines."""

    count: int
    identities: int
    values: int
    raw_bytes: int


class _Identity(msgspec.Struct):
    id: str | int


def read_rows(lines: Iterable[bytes], *, whole: bool = True) -> Rows:
    """Read every line; values are looked at where they have a form that can be compared."""
    decode = msgspec.json.Decoder(_Identity).decode
    count = identities = values = size = 0
    for line in lines:
        if not line.strip():
            continue
        identity = str(decode(line).id).encode()
        identities += _number(identity)
        if whole and zlib.crc32(identity) % _ONE_IN == 0:
            row = normal(json.loads(line))
            values += _number(json.dumps(row, sort_keys=True).encode())
        count += 1
        size += len(line)
    return Rows(count, identities % (1 << 256), values % (1 << 256), size)


def _number(data: bytes) -> int:
    return int.from_bytes(hashlib.sha256(data).digest(), "big")


def normal(row: dict[str, object]) -> dict[str, object]:
    """Give a row as every side has it: each database writes times and truth in its own way."""
    if "content" in row:
        return {key: row[key] for key in ("id", "entityid", "content")}
    found = {name: _normal(value) for name, value in row.items()}
    if isinstance(letters := found["allAttributes"], str):
        found["allAttributes"] = _octets(letters).hex()
    return found


def _octets(letters: str) -> bytes:
    """Read what one side writes in base64 and another in hexadecimal."""
    try:
        return bytes.fromhex(letters)
    except ValueError:
        return base64.b64decode(letters)


def _normal(value: object) -> object:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str) and _TIME.fullmatch(value):
        seconds, _, fraction = value.rstrip("Z").replace("T", " ").partition(".")
        return f"{seconds}.{fraction[:3]:0<3}"
    return value
