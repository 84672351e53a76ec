"""Domain dataclasses to JSON and back, for the columns that hold them whole.

A field that the JSON lacks takes its default, and one that the dataclass lacks is passed over,
so that two versions may work on one store. Times are written ISO 8601 in UTC.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

Record = TypeVar("Record")


def to_json(value: object) -> Any:
    """Give what `json` can write for a dataclass or anything that is a field of one."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_json(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Mapping):
        return {key: to_json(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [to_json(item) for item in value]
    return value


def from_json(kind: type[Record], value: Any) -> Record:
    """Give the `kind` that `to_json` was given."""
    return cast("Record", _read(kind, value))


def _read(kind: Any, value: Any) -> Any:
    if get_origin(kind) in {Union, types.UnionType}:
        return _read_union(kind, value)
    if get_origin(kind) is tuple:
        return tuple(_read(get_args(kind)[0], item) for item in value)
    if isinstance(kind, type) and is_dataclass(kind):
        return _read_fields(kind, value)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    return datetime.fromisoformat(value) if kind is datetime else value


def _read_fields(kind: type, value: Mapping[str, Any]) -> Any:
    known = _hints(kind)
    return kind(**{name: _read(known[name], value[name]) for name in known if name in value})


def _read_union(kind: Any, value: Any) -> Any:
    """Read an optional value; one of several kinds (a key) is JSON's own text or number."""
    kinds = [each for each in get_args(kind) if each is not types.NoneType]
    return value if value is None or len(kinds) > 1 else _read(kinds[0], value)


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)
