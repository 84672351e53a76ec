"""PostgreSQL's SQL, and how its values and its catalogue are read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format
from psycopg.types.string import TextBinaryLoader, TextLoader

from cxport.domain.catalogue import Kind
from cxport.sources.dialect import DbColumn, DbTable, Dialect, Family, Sql, Values, sql
from cxport.sources.values import EARLIEST, LATEST, Converter, wire_time

_FAMILIES = {
    **dict.fromkeys(("text", "varchar", "bpchar", "name", "citext", "char"), Family.TEXT),
    **dict.fromkeys(("int2", "int4", "int8"), Family.INTEGER),
    "numeric": Family.DECIMAL,
    **dict.fromkeys(("float4", "float8"), Family.FLOAT),
    "bool": Family.BOOLEAN,
    **dict.fromkeys(("timestamp", "timestamptz", "date"), Family.TIME),
    **dict.fromkeys(("json", "jsonb"), Family.JSON),
    "bytea": Family.BYTES,
}

#: Longer texts are counted when batches are gathered.
_SHORT = 4_000

_COLUMNS = """
    SELECT n.nspname, c.relname, c.relkind = 'v', a.attname,
           coalesce(bt.typname, t.typname), NOT a.attnotnull,
           has_column_privilege(c.oid, a.attnum, 'SELECT'),
           CASE WHEN coalesce(bt.typname, t.typname) IN ('varchar', 'bpchar')
                THEN coalesce(nullif(greatest(a.atttypmod, t.typtypmod), -1) - 4, 0) ELSE 0 END,
           EXISTS (SELECT 1 FROM pg_index x WHERE x.indrelid = c.oid AND x.indkey[0] = a.attnum
                   AND x.indisvalid AND x.indpred IS NULL),
           EXISTS (SELECT 1 FROM pg_index x WHERE x.indrelid = c.oid AND x.indkey[0] = a.attnum
                   AND x.indisunique AND x.indnkeyatts = 1 AND x.indisvalid AND x.indpred IS NULL)
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_type bt ON bt.oid = t.typbasetype AND t.typtype = 'd'
    WHERE c.relkind IN ('r', 'p', 'm', 'v', 'f') AND lower(c.relname) = ANY(%s)
      AND CASE WHEN %s = '' THEN n.nspname = ANY(current_schemas(false))
               ELSE lower(n.nspname) = lower(%s) END
    ORDER BY array_position(current_schemas(false), n.nspname), a.attnum
"""


class TimeLoader(Loader):
    """Leaves times as text, in the form of the files: nothing is parsed on the way."""

    def load(self, data: Buffer) -> str:
        """Give ISO 8601 in UTC, the session's zone; fractions are cut to milliseconds."""
        text = str(data, "ascii")
        length = len(text)
        if length == 23 and text[4] == "-" and text[19] == ".":  # noqa: PLR2004 - with milliseconds
            return f"{text[:10]}T{text[11:]}Z"
        if text.endswith("+00"):
            length -= 3
        if length == 19:  # noqa: PLR2004 - 2024-05-06 07:08:09
            return f"{text[:10]}T{text[11:19]}.000Z"
        if length > 19 and text[4] == "-" and text[-1] != "C":  # noqa: PLR2004 - with a fraction
            return f"{text[:10]}T{text[11:19]}.{text[20 : min(length, 23)]:0<3}Z"
        if length == 10:  # noqa: PLR2004 - 2024-05-06
            return f"{text}T00:00:00.000Z"
        return EARLIEST if text.endswith("BC") or text == "-infinity" else LATEST


class DocumentLoader(Loader):
    """Reads jsonb as COPY BINARY sends it: a byte in front tells the version of its form."""

    format = Format.BINARY

    def load(self, data: Buffer) -> str:
        """Give the text."""
        return str(data[1:], "utf-8")


class BinaryTimeLoader(Loader):
    """Reads microseconds since 2000 in UTC, into the form of the files."""

    format = Format.BINARY

    def load(self, data: Buffer) -> str:
        """Give what a TimeLoader gives of the same moment."""
        return _wire(int.from_bytes(data, "big", signed=True))


class BinaryDateLoader(Loader):
    """Reads days since 2000."""

    format = Format.BINARY

    def load(self, data: Buffer) -> str:
        """Give what a TimeLoader gives of the same day."""
        days = int.from_bytes(data, "big", signed=True)
        return _wire(days * _DAY_MICROSECONDS)


_Y2000 = datetime(2000, 1, 1, tzinfo=UTC)
_DAY_MICROSECONDS = 86_400_000_000


def _wire(microseconds: int) -> str:
    """Write a moment; infinities lie at the ends of the range, so far beyond our years."""
    try:
        return wire_time(_Y2000 + timedelta(microseconds=microseconds))
    except OverflowError:
        return EARLIEST if microseconds < 0 else LATEST


class LenientLoader(Loader):
    """Reads text of a database without an encoding, which may hold any bytes."""

    def load(self, data: Buffer) -> str:
        """Give text, with U+FFFD for what is not UTF-8."""
        return str(data, "utf-8", "replace")


#: How values are read, by type: from text, and as COPY BINARY sends them.
LOADERS: tuple[tuple[str, type[Loader], type[Loader]], ...] = (
    ("timestamp", TimeLoader, BinaryTimeLoader),
    ("timestamptz", TimeLoader, BinaryTimeLoader),
    ("date", TimeLoader, BinaryDateLoader),
    ("json", TextLoader, TextBinaryLoader),
    ("jsonb", TextLoader, DocumentLoader),
)

#: Types by their OIDs (pg_type.dat) whose values are the same from their binary form as from text.
ALIKE = frozenset(
    (
        *(16, 17, 19, 20, 21, 23, 25, 114),  # bool bytea name int8 int2 int4 text json
        *(1042, 1043, 1082, 1114, 1184),  # bpchar varchar date timestamp timestamptz
        *(1700, 3802),  # numeric jsonb
    )
)


class PostgresDialect(Dialect):
    """PostgreSQL's SQL."""

    def moment(self, column: DbColumn, moment: datetime) -> Sql:
        """Bind a moment as a type that every index on a time takes."""
        zone = "timestamptz" if column.type == "timestamptz" else "timestamp"
        return sql(f"{{}}::{zone}", super().moment(column, moment))

    def select(self, name: Sql, kind: Kind, column: DbColumn) -> Sql:
        """Let the server turn what is cheap for it and dear for us."""
        family = column.family
        if kind is Kind.TEXT and family not in (Family.TEXT, Family.BYTES):
            return sql("{}::text", name)
        if kind is Kind.BOOLEAN and family in (Family.INTEGER, Family.DECIMAL):
            return sql("({} <> 0)", name)
        if kind is Kind.INTEGER and family is Family.BOOLEAN:
            return sql("{}::integer", name)
        return name

    def converter(
        self, kind: Kind, column: DbColumn, encoding: str, label: str
    ) -> Converter | None:
        """Convert nothing that the loaders of the connection have made fit."""
        fits = {
            Kind.TEXT: column.family is not Family.BYTES,
            Kind.INTEGER: column.family in (Family.INTEGER, Family.BOOLEAN),
            Kind.BOOLEAN: column.family in (Family.BOOLEAN, Family.INTEGER, Family.DECIMAL),
            Kind.TIME: column.family is Family.TIME,
            Kind.OBJECT: column.family is Family.JSON,
        }
        return None if fits.get(kind) else super().converter(kind, column, encoding, label)

    def length(self, name: Sql, column: DbColumn) -> Sql:
        """Give the length without unpacking the value."""
        if column.family in (Family.TEXT, Family.BYTES):
            return sql("octet_length({})", name)
        return sql("pg_column_size({})", name)


def columns_query(schema: str, names: Sequence[str]) -> Sql:
    """Ask for the columns of tables, by their names in any case."""
    return Sql(_COLUMNS, ([name.lower() for name in names], schema, schema))


def described(rows: Sequence[Values], names: Sequence[str]) -> dict[str, DbTable]:
    """Build the tables; of those that differ in case, the one named exactly counts."""
    found: dict[tuple[str, str], list[Values]] = {}
    for row in rows:
        found.setdefault((row[0], row[1]), []).append(row)
    tables = [_table(columns) for columns in found.values()]
    matches = {name: _match(name, tables) for name in names}
    return {name: table for name, table in matches.items() if table}


def _table(rows: list[Values]) -> DbTable:
    columns = {}
    for _, _, _, name, kind, nullable, readable, length, _, _ in rows:
        family = _FAMILIES.get(kind, Family.OTHER)
        wide = family in (Family.TEXT, Family.JSON, Family.BYTES) and not 0 < length <= _SHORT
        columns[name] = DbColumn(
            name=name, type=kind, family=family, nullable=nullable, readable=readable, wide=wide
        )
    return DbTable(
        name=rows[0][1],
        schema=rows[0][0],
        columns=columns,
        indexed=frozenset(row[3] for row in rows if row[8]),
        unique=frozenset(row[3] for row in rows if row[9]),
        view=rows[0][2],
    )


def _match(name: str, tables: list[DbTable]) -> DbTable | None:
    same = [table for table in tables if table.name.lower() == name.lower()]
    return next((table for table in same if table.name == name), same[0] if same else None)
