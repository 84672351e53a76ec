"""Column types that hold the same values, in the same order, on both databases."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from unicodedata import normalize

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Dialect,
    Integer,
    Text,
    cast,
    literal,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

from cxport.domain.errors import InvalidInput
from cxport.domain.said import Said

_LARGEST = 2**63 - 1


def fold(text: str) -> str:
    """Fold text for comparing without regard to case.

    Two texts fold alike where they are a canonical caseless match (The Unicode Standard,
    section 3.13, definition D145), so composed and decomposed letters are the same.
    """
    return normalize("NFC", normalize("NFD", text).casefold())


class Words(TypeDecorator[str]):
    """Text, ordered by code point.

    Text that PostgreSQL cannot hold (NUL) or that is no Unicode (lone surrogates) is refused
    on both databases, with InvalidInput.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Text:
        """Order by code point on PostgreSQL too, whatever the database's locale."""
        return Text(collation="C" if dialect.name == "postgresql" else None)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Refuse what one of the databases would not store."""
        del dialect
        if value is not None and any(c == "\0" or "\ud800" <= c <= "\udfff" for c in value):
            raise InvalidInput("text", Said("text must not contain NUL or lone surrogates"))
        return None if value is None else str(value)


class Number(TypeDecorator[int]):
    """A whole number of 64 bits.

    A larger one in a condition is taken for the largest: no row has it, and bounds still hold.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        """Keep within 64 bits."""
        del dialect
        return None if value is None else max(-_LARGEST, min(_LARGEST, value))


class UtcTime(TypeDecorator[datetime]):
    """A moment to the microsecond: aware datetimes in, aware ones in UTC out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn into UTC, so that SQLite's text orders by time."""
        del dialect
        if value is not None and value.tzinfo is None:
            raise TypeError("a moment needs its time zone")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Say UTC where SQLite's text does not, and instead of PostgreSQL's session zone."""
        if value is None or dialect.name == "postgresql":
            return value and value.astimezone(UTC)
        return value.replace(tzinfo=UTC)


def holds(text: ColumnElement[str], part: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether the first text holds the second; no wildcards, and no limit on its length."""
    return _position(text, part) > 0


class _position(FunctionElement[int]):  # noqa: N801 - written like an SQL function
    """Where the first text holds the second, from 1; 0 where it does not."""

    name = "position"
    type = Integer()
    inherit_cache = True


@compiles(_position, "sqlite")
def _position_sqlite(element: _position, compiler: SQLCompiler, **options: Any) -> str:
    return f"instr({compiler.process(element.clauses, **options)})"


@compiles(_position, "postgresql")
def _position_postgresql(element: _position, compiler: SQLCompiler, **options: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **options)})"


def among(column: ColumnElement[Any], values: Sequence[int] | Sequence[str]) -> ColumnElement[bool]:
    """Whether a column has one of the values: one parameter, where a list would be thousands."""
    elements = _elements(literal(json.dumps(list(values)), Text)).table_valued("value")
    return column.in_(select(cast(elements.c.value, column.type)))


class _elements(FunctionElement[str]):  # noqa: N801 - written like an SQL function
    """The elements of a JSON array, a row each."""

    name = "elements"
    inherit_cache = True


@compiles(_elements, "sqlite")
def _elements_sqlite(element: _elements, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **options)})"


@compiles(_elements, "postgresql")
def _elements_postgresql(element: _elements, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_array_elements_text(CAST({compiler.process(element.clauses, **options)} AS json))"
