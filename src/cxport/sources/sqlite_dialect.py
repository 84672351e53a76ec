"""SQLite's SQL, and what its declared types promise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cxport.sources.dialect import (
    NUMBERS,
    DbColumn,
    DbTable,
    Dialect,
    Family,
    Sql,
    sql,
)
from cxport.sources.values import EPOCH, wire_time

#: A VARCHAR of up to this length is taken at its word when batches are gathered.
_SHORT = 4_000

#: A time with a zone may lie this far from where its text sorts.
_ZONE = timedelta(days=1)


class SqliteDialect(Dialect):
    """SQLite's SQL, with times as it keeps them: ISO text or a number, each row as it likes."""

    mark = "?"
    typed = False

    def table(self, table: DbTable, alias: str = "") -> Sql:
        """Name a table."""
        return Sql(f"{self.quote(table.name)} {alias}".rstrip())

    def holds_time(self, column: DbColumn) -> bool:
        """Take any column: each value tells by itself what it is."""
        del column
        return True

    def compare_time(
        self, name: Sql, column: DbColumn, encoding: str, operator: str, moment: datetime
    ) -> Sql:
        """Compare Julian days, which SQLite counts in whole milliseconds.

        An index cannot answer that: it narrows the rows first, to about a day.
        """
        exact = sql(
            f"{_julian(encoding)} {operator} julianday({{}})",
            name,
            name,
            name,
            self.bind(wire_time(moment)),
        )
        rough = _rough(column, encoding, operator, moment)
        return exact if rough is None else sql("{} AND {}", _raw(name, operator, rough), exact)

    def time_from(self, name: Sql, column: DbColumn, encoding: str, moment: datetime) -> Sql:
        """Compare as the index is sorted."""
        rough = _rough(column, encoding, ">=", moment, margin=timedelta(0))
        if rough is None:
            return self.compare_time(name, column, encoding, ">=", moment)
        return _raw(name, ">=", rough)

    def undated(self, name: Sql, column: DbColumn, encoding: str) -> Sql:
        """Tell the rows without a time, and those with a text that is none."""
        del column
        return sql(f"{_julian(encoding)} IS NULL", name, name, name)

    def length(self, name: Sql, column: DbColumn) -> Sql:
        """Give the length; of bytes without reading them, of text by reading it as bytes."""
        del column
        return sql(
            "CASE typeof({}) WHEN 'blob' THEN length({}) ELSE length(CAST({} AS BLOB)) END",
            name,
            name,
            name,
        )


def _julian(encoding: str) -> str:
    count = "{}" if encoding != "milliseconds" else "{} / 1000.0"
    return (
        "CASE typeof({}) WHEN 'text' THEN julianday({})"
        f" ELSE julianday({count}, 'unixepoch') END"
    )


def _raw(name: Sql, operator: str, value: str | float) -> Sql:
    return sql(f"{{}} {operator} {{}}", name, Sql("?", (value,)))


def _rough(
    column: DbColumn, encoding: str, operator: str, moment: datetime, margin: timedelta = _ZONE
) -> str | float | None:
    """Give a raw value that no row on the right side of a moment lies beyond; None: cannot tell.

    Text sorts by its day, which with a zone may be the day before or after in UTC.
    """
    if column.family is Family.TEXT:
        shift = -margin if operator == ">=" else 2 * margin
        try:
            return (
                (moment.astimezone(UTC) + shift).date().isoformat()
                if margin
                else (moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "seconds"))
            )
        except OverflowError:
            return None
    if column.family in NUMBERS:
        shift = margin if operator == "<" else -margin
        seconds = (moment + shift - EPOCH).total_seconds()
        return seconds * 1000 if encoding == "milliseconds" else seconds
    return None


def family_of(declared: str) -> Family:
    """Give the family of a declared type (SQLite, Datatypes, 3.1)."""
    name = declared.upper()
    if "INT" in name:
        return Family.INTEGER
    if any(word in name for word in ("CHAR", "CLOB", "TEXT")):
        return Family.TEXT
    return Family.BYTES if "BLOB" in name else Family.OTHER


def is_wide(declared: str) -> bool:
    """Tell whether values may be long, by the declared type."""
    name, _, length = declared.upper().rstrip(") ").partition("(")
    if "CHAR" in name and length.strip().isdigit():
        return int(length) > _SHORT
    return not any(word in name for word in ("INT", "REAL", "DATE", "TIME", "BOOL", "NUM", "DEC"))
