"""Rows to JSON Lines: one object a line, UTF-8, keys in the order of the fields, LF at its end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import starmap
from typing import Any

import msgspec

from cxport.domain.catalogue import Field, Kind
from cxport.domain.selection import Key

_encoder = msgspec.json.Encoder(decimal_format="number")


class _AnyObject(msgspec.Struct):
    """Decoding into it checks that a text is one JSON object, and builds nothing."""


_object_check = msgspec.json.Decoder(_AnyObject)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that could not be written, by its key, and why (types and fields, never values)."""

    key: Key
    reason: str


@dataclass(frozen=True, slots=True)
class Encoded:
    """The lines of a batch; every row given is either one of `rows` or among `refused`."""

    data: bytes
    rows: int
    refused: tuple[Refusal, ...] = ()


class LineEncoder:
    """Turns rows, whose values stand in the order of the given fields, into JSON Lines.

    What `Kind` calls bytes becomes base64 text; so does an object that cannot be decoded. A
    number that JSON has no word for (not a number, infinity) becomes null, and half of a
    surrogate pair, which UTF-8 has no bytes for, becomes U+FFFD.
    """

    def __init__(self, fields: Sequence[Field]) -> None:
        self._fields = tuple(fields)
        attributes = [f"f{index}" for index in range(len(self._fields))]
        self._line: Callable[..., msgspec.Struct] = msgspec.defstruct(
            "Line",
            [(attribute, Any) for attribute in attributes],
            rename=dict(zip(attributes, (field.name for field in self._fields), strict=True)),
            gc=False,
        )
        self._conversions = tuple(
            (attribute, _CONVERSIONS[field.kind])
            for attribute, field in zip(attributes, self._fields, strict=True)
            if field.kind in _CONVERSIONS
        )

    def encode(self, rows: Sequence[tuple[object, ...]]) -> Encoded:
        """Encode a batch; the first value of a row is its key.

        A row with a value that has no place in JSON is refused, and the others are written.
        Raises TypeError for a row of the wrong width: that is no row of these fields.
        """
        try:
            return Encoded(self._lines(rows), len(rows))
        except (UnicodeEncodeError, TypeError, ValueError, RecursionError):
            return self._one_by_one(rows)

    def _lines(self, rows: Iterable[tuple[object, ...]]) -> bytes:
        lines = list(starmap(self._line, rows))
        for attribute, convert in self._conversions:
            for line in lines:
                value = getattr(line, attribute)
                if value is not None:
                    setattr(line, attribute, convert(value))
        return _encoder.encode_lines(lines)

    def _one_by_one(self, rows: Sequence[tuple[object, ...]]) -> Encoded:
        """Encode with repairs that are too slow for every row."""
        lines: list[bytes] = []
        refused: list[Refusal] = []
        for row in rows:
            self._line(*row)
            try:
                lines.append(self._lines([tuple(map(_without_surrogates, row))]))
            except (TypeError, ValueError, RecursionError):
                refused.append(Refusal(_key(row[0]), self._reason(row)))
        return Encoded(b"".join(lines), len(lines), tuple(refused))

    def _reason(self, row: tuple[object, ...]) -> str:
        """Name the first field whose value cannot be encoded by itself."""
        for field, value in zip(self._fields, row, strict=True):
            try:
                _encoder.encode(_without_surrogates(value))
            except (TypeError, ValueError, RecursionError):
                return f"{field.name}: a {type(value).__name__} that JSON cannot hold"
        return "JSON cannot hold it"


def _object(value: object) -> object:
    """Embed the JSON text of an object as it is; leave what is none to become base64."""
    if not isinstance(value, str | bytes):
        return value
    try:
        _object_check.decode(value)
        text = value if isinstance(value, str) else str(value, "utf-8")
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
    text = text.strip()
    if "\n" in text or "\r" in text:
        # valid JSON has raw line breaks between its tokens only, where a blank means the same
        text = text.replace("\n", " ").replace("\r", " ")
    return msgspec.Raw(text)


def _number(value: object) -> object:
    """Give null for a decimal that JSON has no word for (of a float, msgspec sees to it)."""
    return None if isinstance(value, Decimal) and not value.is_finite() else value


_CONVERSIONS: dict[Kind, Callable[[object], object]] = {
    Kind.OBJECT: _object,
    Kind.NUMBER: _number,
}


def _without_surrogates(value: object) -> object:
    """Replace lone surrogates in a text, and in the texts of a list or dict, by U+FFFD."""
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    return value


def _key(value: object) -> Key:
    return value if isinstance(value, int) else str(_without_surrogates(value))
