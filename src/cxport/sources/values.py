"""Turns the values that drivers give into those that `Kind` describes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from types import NoneType
from typing import Any

from cxport.domain.catalogue import Kind
from cxport.domain.errors import SourceError
from cxport.domain.said import Said

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

#: The ends of what ISO 8601 with four digits can tell. A time beyond them, and PostgreSQL's
#: `infinity`, is written as the nearer one: null would say that there is no time at all.
EARLIEST = "0001-01-01T00:00:00.000Z"
LATEST = "9999-12-31T23:59:59.999Z"

#: 2024-05-06 07:08:09
_SECONDS_LENGTH = 19
#: 2024-05-06 07:08:09.123
_MILLISECONDS_LENGTH = 23


class UnfitValue(SourceError):
    """A column holds a value that is not of the kind its key is of."""


@dataclass(frozen=True)
class Converter:
    """Makes one column's values fit; values of the `native` types (and None) fit as they are."""

    native: frozenset[type]
    convert: Callable[[Any], object]
    #: The column, and what its values should be, for the error of one that is not.
    label: Said

    def column(self, values: Sequence[object]) -> Sequence[object]:
        """Convert the values of a column, at the price of a glance where all of them fit.

        Raises UnfitValue, which does not tell the value: it may be personal.
        """
        if self.native.issuperset(set(map(type, values))):
            return values
        convert = self.convert
        try:
            return [None if value is None else convert(value) for value in values]
        except (ValueError, ArithmeticError, TypeError):
            raise UnfitValue(
                Said("{label}: the database holds one that is not", label=self.label)
            ) from None

    def value(self, value: object) -> object:
        """Convert one value."""
        return self.column((value,))[0]


def converter(kind: Kind, encoding: str, column: str) -> Converter:
    """Give the converter for a kind; `column` is the name for the error of an unfit value."""
    natives, convert = _CONVERTERS[kind]
    if kind is Kind.TIME and encoding == "milliseconds":
        convert = partial(to_time, milliseconds=True)
    label = Said("the values of {column} must be of the kind {kind}", column=column, kind=kind)
    return Converter(frozenset({NoneType, *natives}), convert, label)


def to_text(value: object) -> str:
    """Give text; bytes that are not UTF-8 become U+FFFD."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return str(value, "utf-8", "replace")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def to_integer(value: Any) -> int | None:
    """Give an integer of a number or a text; an empty text is None."""
    if isinstance(value, str):
        if not value.strip():
            return None
        value = Decimal(value)
    whole = int(value)
    if whole != value:
        raise ValueError
    return whole


def to_number(value: Any) -> object:
    """Give a number of a text."""
    return value if isinstance(value, int | float | Decimal) else Decimal(str(value))


_TRUTH = {"1": True, "t": True, "true": True, "y": True, "yes": True}
_FALSE = {"0": False, "f": False, "false": False, "n": False, "no": False}
_WORDS: dict[str, bool | None] = {**_TRUTH, **_FALSE, "": None}


def to_boolean(value: Any) -> bool | None:
    """Give a truth value of a number, a bit field, or a word for it."""
    if isinstance(value, int | float | Decimal):
        return value != 0
    if isinstance(value, bytes):
        if value in (b"\0", b"\1"):
            return value == b"\1"
        value = value.decode("ascii")
    try:
        return _WORDS[value.strip().lower()]
    except KeyError:
        raise ValueError from None


def to_time(value: Any, *, milliseconds: bool = False) -> str | None:
    """Give ISO 8601 in UTC of ISO text, a date, or a number counted from 1970.

    A value without a zone is UTC; MariaDB's zero date, and a zero month or day, mean none.
    """
    if type(value) is str:
        return _wire_of_text(value)
    if isinstance(value, int | float | Decimal):
        return _wire_of_number(value, 1_000 if milliseconds else 1_000_000)
    if isinstance(value, datetime):
        return wire_time(value)
    if isinstance(value, date):
        return f"{value.isoformat()}T00:00:00.000Z"
    return _wire_of_text(to_text(value))


def _wire_of_text(text: str) -> str | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        text = text.strip()
        if not text or "00" in (text[5:7], text[8:10]):
            return None
        moment = datetime.fromisoformat(text)
    if moment.tzinfo is None and text[7:8] == "-" and text[10:11] in " T":
        # cutting the text is quicker than writing the moment
        if len(text) == _SECONDS_LENGTH:
            return f"{text[:10]}T{text[11:]}.000Z"
        if len(text) == _MILLISECONDS_LENGTH and text[_SECONDS_LENGTH] == ".":
            return f"{text[:10]}T{text[11:]}Z"
    return wire_time(moment)


def _wire_of_number(count: float | Decimal, microseconds: int) -> str:
    """Count from 1970 in units of some microseconds, with none of a float's losses."""
    try:
        return wire_time(EPOCH + timedelta(microseconds=round(Decimal(count) * microseconds)))
    except OverflowError:
        return LATEST if count > 0 else EARLIEST


def wire_time(moment: datetime) -> str:
    """Write a time as the files carry it; a naive one is UTC. Below a millisecond it is cut."""
    if moment.tzinfo is not None and moment.utcoffset():
        try:
            moment = moment.astimezone(UTC)
        except OverflowError:
            return EARLIEST if moment.year == 1 else LATEST
    return f"{moment.isoformat('T', 'milliseconds')[:23]}Z"


def to_bytes(value: Any) -> bytes:
    """Give bytes; text, and a number as its digits, in UTF-8."""
    if isinstance(value, str | int | float | Decimal):
        return str(value).encode()
    return bytes(value)


_CONVERTERS: dict[Kind, tuple[tuple[type, ...], Callable[[Any], object]]] = {
    Kind.TEXT: ((str,), to_text),
    Kind.INTEGER: ((int,), to_integer),
    Kind.NUMBER: ((int, float, Decimal), to_number),
    Kind.BOOLEAN: ((bool,), to_boolean),
    Kind.TIME: ((), to_time),
    Kind.BYTES: ((bytes,), to_bytes),
    # whether it is one is seen when it is written
    Kind.OBJECT: ((str, bytes), to_bytes),
}
