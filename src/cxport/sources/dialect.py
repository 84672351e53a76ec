"""What differs between databases: how SQL is written, and what a connection can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from math import ceil
from typing import Any, Protocol

from cxport.domain.catalogue import Kind
from cxport.domain.row_form import RowForm
from cxport.domain.selection import Key, Snapshot
from cxport.sources.values import EPOCH, Converter, converter

Values = tuple[Any, ...]

#: Rows as they come; closing it early ends the query.
Rows = Generator[Values, None, None]


@dataclass(frozen=True)
class Sql:
    """A piece of SQL with the values that its markers stand for."""

    text: str
    params: Values = ()


def sql(template: str, *parts: Sql) -> Sql:
    """Fill each `{}` of a template with a piece, in order."""
    text = template.format(*(part.text for part in parts))
    return Sql(text, tuple(value for part in parts for value in part.params))


def number(value: float) -> Sql:
    """Write a number of our own into SQL."""
    return Sql(f"{value:.9f}" if isinstance(value, float) else str(value))


def joined(separator: str, parts: Sequence[Sql]) -> Sql:
    """Join pieces of SQL."""
    return sql(separator.join(["{}"] * len(parts)), *parts)


class Family(StrEnum):
    """The types of columns, as far as reading differs."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    BOOLEAN = "boolean"
    TIME = "time"
    JSON = "json"
    BYTES = "bytes"
    OTHER = "other"


NUMBERS = frozenset({Family.INTEGER, Family.DECIMAL, Family.FLOAT})


@dataclass(frozen=True, kw_only=True)
class DbColumn:
    """A column as the database describes it."""

    name: str
    #: The database's own name of its type.
    type: str
    family: Family
    nullable: bool = True
    #: Whether the user may read it.
    readable: bool = True
    #: Whether a value may be longer than a few thousand characters.
    wide: bool = False


@dataclass(frozen=True, kw_only=True)
class DbTable:
    """A table as the database describes it."""

    name: str
    schema: str
    columns: Mapping[str, DbColumn]
    #: Columns that an index begins with, and those that are unique by themselves.
    indexed: frozenset[str] = frozenset()
    unique: frozenset[str] = frozenset()
    view: bool = False
    #: Whether a transaction sees one state of it throughout.
    steady: bool = True
    #: Whether a row can be found by SQLite's number of it.
    rowid: bool = False

    def find(self, name: str) -> DbColumn | None:
        """Find a column by its name or, where that fails, without regard to case."""
        return self.columns.get(name) or next(
            (c for c in self.columns.values() if c.name.lower() == name.lower()), None
        )


@dataclass(frozen=True, kw_only=True)
class Expected:
    """How many rows a condition will give, by the statistics."""

    rows: int
    #: Whether the estimate took the filters into account, or the window alone.
    filtered: bool


@dataclass(frozen=True, kw_only=True)
class StoredContent:
    """Where the content of one attachment lies: a column of the row with a key."""

    table: DbTable
    key_column: DbColumn
    column: DbColumn
    key: Key
    #: Length in bytes, where the database told it.
    size: int | None


class Copied(Protocol):
    """The answer to a query in the form in which the database gives it: see CopiedRecords."""

    form: RowForm

    @property
    def types(self) -> tuple[int, ...]:
        """The type of each column."""

    def __iter__(self) -> Iterator[bytes]:
        """Yield rows as they come; may be closed before their end."""

    def values(self, data: bytes) -> list[Values]:
        """Read rows that were yielded, into the values that `Connection.stream` gives."""


class Unreadable(Exception):
    """A text that the driver cannot decode; reading again with `tolerant` gets past it."""


class Dialect:
    """How one database wants its SQL."""

    #: Stands for a bound value.
    mark = "%s"
    #: Follows a SELECT that reads no table.
    nowhere = ""
    #: Whether every value of a column is of the column's type.
    typed = True
    #: What LIKE takes for something else than itself.
    wildcards = "%_"
    #: How many values one list may bind.
    max_values = 4_000

    def quote(self, name: str) -> str:
        """Quote an identifier."""
        doubled = name.replace('"', '""')
        return f'"{self.escape(doubled)}"'

    def escape(self, name: str) -> str:
        """Escape what the driver would take for a marker."""
        return name.replace("%", "%%") if self.mark == "%s" else name

    def table(self, table: DbTable, alias: str = "") -> Sql:
        """Name a table, with its schema."""
        schema = f"{self.quote(table.schema)}." if table.schema else ""
        return Sql(f"{schema}{self.quote(table.name)} {alias}".rstrip())

    def column(self, alias: str, column: DbColumn) -> Sql:
        """Name a column."""
        return Sql(f"{alias}.{self.quote(column.name)}")

    def bind(self, value: object) -> Sql:
        """Bind a value."""
        return Sql(self.mark, (value,))

    def bind_key(self, column: DbColumn, key: Key) -> Sql:
        """Bind a key; one that was read as text of a numeric column becomes a number again."""
        return self.bind(int(key) if column.family in NUMBERS else key)

    def limit(self, query: Sql, rows: int) -> Sql:
        """Limit an ordered query to its first rows."""
        return sql(f"{{}} LIMIT {rows}", query)

    def select(self, name: Sql, kind: Kind, column: DbColumn) -> Sql:  # noqa: ARG002 - overridden
        """Select a column for a kind."""
        return name

    def converter(
        self, kind: Kind, column: DbColumn, encoding: str, label: str
    ) -> Converter | None:
        """Give what makes the selected values fit; None where they always do."""
        del column
        return converter(kind, encoding, label)

    def holds_time(self, column: DbColumn) -> bool:
        """Tell whether a column can be compared with a time."""
        return column.family is Family.TIME or column.family in NUMBERS

    def compare_time(
        self, name: Sql, column: DbColumn, encoding: str, operator: str, moment: datetime
    ) -> Sql:
        """Compare a time column with a moment; `operator` is `>=` or `<`, null is neither."""
        if column.family not in NUMBERS:
            return sql(f"{{}} {operator} {{}}", name, self.moment(column, moment))
        return sql(f"{{}} {operator} {{}}", name, self.bind(_number(column, encoding, moment)))

    def time_from(self, name: Sql, column: DbColumn, encoding: str, moment: datetime) -> Sql:
        """Compare like `>=`, roughly, in the form that an index answers at once."""
        return self.compare_time(name, column, encoding, ">=", moment)

    def moment(self, column: DbColumn, moment: datetime) -> Sql:  # noqa: ARG002 - overridden
        """Bind a moment for a column of times."""
        return self.bind(moment.astimezone(UTC).replace(tzinfo=None).isoformat(" "))

    def undated(self, name: Sql, column: DbColumn, encoding: str) -> Sql:  # noqa: ARG002 - overridden
        """Tell the rows that no comparison with a moment can find."""
        return sql("{} IS NULL", name)

    def length(self, name: Sql, column: DbColumn) -> Sql:  # noqa: ARG002 - overridden
        """Give the length of a value in bytes, roughly for a value that is not text."""
        return sql("OCTET_LENGTH({})", name)


def _number(column: DbColumn, encoding: str, moment: datetime) -> int | Decimal:
    """Count a moment from 1970; whole numbers compare with the next whole one."""
    span = moment - EPOCH
    microseconds = (span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds
    counted = Decimal(microseconds) / (1_000 if encoding == "milliseconds" else 1_000_000)
    return ceil(counted) if column.family is Family.INTEGER else counted


class Connection(ABC):
    """One connection in one read-only transaction; one stream is read at a time.

    Everything raises the errors of `SourceError`.
    """

    dialect: Dialect
    product: str
    #: Whether `rows` and `chunks` work while a `side_stream` is being read.
    interleaves: bool
    #: Whether its driver's values are as `values` converts them, so that compiled code may.
    plain_values: bool = False

    @abstractmethod
    def begin(self, token: str | None) -> Snapshot:
        """Begin the transaction and fix what it sees."""

    def share(self, snapshot: Snapshot) -> Snapshot:
        """Give what was begun a token, so that others can begin with it, where that can be.

        To be called right after `begin`; it may begin anew, and see a later moment.
        """
        return snapshot

    @abstractmethod
    def describe(self, schema: str, names: Sequence[str]) -> dict[str, DbTable]:
        """Describe the tables that are there, by the names they were asked for."""

    @abstractmethod
    def rows(self, query: Sql) -> list[Values]:
        """Give all rows of a small answer."""

    @abstractmethod
    def rows_within(self, query: Sql, seconds: int) -> list[Values] | None:
        """Give all rows, or None where that would take longer."""

    @abstractmethod
    def stream(self, query: Sql, *, tolerant: bool = False) -> Rows:
        """Read the rows of an answer of any size; may be closed before its end.

        Raises Unreadable, unless `tolerant`, where a text cannot be decoded.
        """

    def copied(self, query: Sql) -> Copied | None:
        """Give the answer as the database gives it, or None where it has no such form."""
        del query
        return None

    @abstractmethod
    def side_stream(self, query: Sql) -> Rows:
        """Read like `stream`, slower; other queries may run meanwhile where `interleaves`."""

    @abstractmethod
    def chunks(self, content: StoredContent) -> Iterator[bytes]:
        """Read a large content in chunks of about a MiB."""

    @abstractmethod
    def expected_rows(self, table: DbTable, window: Sql | None, filters: Sql | None) -> Expected:
        """Estimate how many rows of a table (alias `b`) meet the conditions."""

    @abstractmethod
    def scattered_keys(self, table: DbTable, key: DbColumn, count: int) -> list[Values]:
        """Give up to about `count` keys from all over a table; none where it has no way."""

    @abstractmethod
    def close(self) -> None:
        """End transaction and connection; never raises."""
