"""The lines of a part's `errors.jsonl`: the rows that were left out, each with its reason."""

from __future__ import annotations

import msgspec

from cxport.domain.selection import Key

_encoder = msgspec.json.Encoder()


class _ErrorLine(msgspec.Struct):
    entity: str
    id: Key
    reason: str


def error_line(entity: str, key: Key, reason: str) -> bytes:
    """Give the line of one row that was skipped: `{"entity", "id", "reason"}` and LF."""
    return _encoder.encode_lines([_ErrorLine(entity, key, reason)])
