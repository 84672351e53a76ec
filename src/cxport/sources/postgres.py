"""PostgreSQL, over psycopg 3."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from math import ceil
from typing import Any, cast

import psycopg
import psycopg.sql
from psycopg.abc import Buffer, Params
from psycopg.adapt import Loader
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.string import TextLoader

from cxport.domain.catalogue import Kind
from cxport.domain.errors import (
    MappingMismatch,
    SnapshotGone,
    SourceError,
    SourceRefused,
    SourceUnreachable,
)
from cxport.domain.selection import Snapshot
from cxport.sources.dialect import (
    Connection,
    Content,
    DbColumn,
    DbTable,
    Dialect,
    Expected,
    Family,
    Rows,
    Sql,
    Values,
    joined,
    number,
    sql,
)
from cxport.sources.dsn import malformed
from cxport.sources.values import EARLIEST, LATEST, Converter, to_object

#: Rows that libpq hands over at once: fewer cost time, more cost memory where rows are large.
_ROWS_AT_ONCE = 4

#: Rows of one FETCH, for rows that may carry a short content each.
_SIDE_ROWS = 16

_CHUNK_BYTES = 1 << 20

#: A dead network is noticed within about a minute, a transaction that nobody reads from ends
#: after an hour, and JIT costs more than it gains for queries that mostly copy.
_SETTINGS = (
    "SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET bytea_output = 'hex'; SET jit = off;"
    " SET extra_float_digits = 1; SET statement_timeout = 0;"
    " SET idle_in_transaction_session_timeout = '1h'; SET lock_timeout = '30s'"
)
DEFAULTS = {
    "connect_timeout": "10",
    "keepalives": "1",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "application_name": "cxport",
}

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


class _TimeLoader(Loader):
    """Leaves times as text, in the form of the files: nothing is parsed on the way."""

    def load(self, data: Buffer) -> str:
        text = str(data, "ascii")
        length = len(text) - 3 if text.endswith("+00") else len(text)
        if length == 19:  # noqa: PLR2004 - 2024-05-06 07:08:09
            return f"{text[:10]}T{text[11:19]}.000Z"
        if length > 19 and text[4] == "-" and text[-1] != "C":  # noqa: PLR2004 - with a fraction
            return f"{text[:10]}T{text[11:19]}.{text[20 : min(length, 23)]:0<3}Z"
        if length == 10:  # noqa: PLR2004 - 2024-05-06
            return f"{text}T00:00:00.000Z"
        return EARLIEST if text.endswith("BC") or text == "-infinity" else LATEST


class _ObjectLoader(Loader):
    """Leaves JSON as text; what is not an object stays bytes."""

    def load(self, data: Buffer) -> str | bytes:
        found = bytes(data)
        if found[:1] != b"{" or b"\n" in found:
            return to_object(found)
        return str(found, "utf-8", "replace")


class _LenientLoader(Loader):
    """Reads text of a database without an encoding, which may hold any bytes."""

    def load(self, data: Buffer) -> str:
        return str(data, "utf-8", "replace")


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


class PostgresConnection(Connection):
    """One connection to PostgreSQL."""

    dialect = PostgresDialect()
    interleaves = True

    def __init__(self, dsn: str) -> None:
        settings = {**DEFAULTS, **parse_dsn(dsn)}
        try:
            self._pg = psycopg.connect(**settings, autocommit=True)
        except psycopg.Error as error:
            raise _connect_error(error) from None
        self._streams = 0
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    def _prepare(self) -> None:
        with _errors():
            self._pg.execute(_SETTINGS)
        self.product = f"PostgreSQL {self._parameter('server_version').split()[0]}"
        adapters = self._pg.adapters
        for name in ("timestamp", "timestamptz", "date"):
            adapters.register_loader(name, _TimeLoader)
        for name in ("json", "jsonb"):
            adapters.register_loader(name, _ObjectLoader)
        adapters.register_loader("uuid", TextLoader)
        if self._parameter("server_encoding") == "SQL_ASCII":
            with _errors():
                # any other encoding would let the server refuse what is not valid in it
                self._pg.execute("SET client_encoding = 'SQL_ASCII'")
            for name in ("text", "varchar", "bpchar", "name"):
                adapters.register_loader(name, _LenientLoader)

    def _parameter(self, name: str) -> str:
        return self._pg.info.parameter_status(name) or ""

    def begin(self, token: str | None) -> Snapshot:
        """Begin, and export what is seen, or take over what another connection exported."""
        self._run(Sql("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
        if token is not None:
            return Snapshot(taken_at=self._import(token), token=token)
        query = Sql("SELECT pg_export_snapshot(), transaction_timestamp()")
        exported, taken_at = self.rows(query)[0]
        return Snapshot(taken_at=datetime.fromisoformat(taken_at), token=f"{exported} {taken_at}")

    def _import(self, token: str) -> datetime:
        """Take over a snapshot; the token carries the moment at which it was taken."""
        exported, _, taken_at = token.partition(" ")
        try:
            literal = psycopg.sql.Literal(exported)
            self._pg.execute(psycopg.sql.SQL("SET TRANSACTION SNAPSHOT {}").format(literal))
            return datetime.fromisoformat(taken_at)
        except psycopg.Error as error:
            if _transient(error):
                raise translate(error) from None
            raise SnapshotGone from None

    def describe(self, schema: str, names: Sequence[str]) -> dict[str, DbTable]:
        """Read the catalogue; of tables that differ in case, the one named exactly counts."""
        lower = [name.lower() for name in names]
        found: dict[tuple[str, str], list[Values]] = {}
        for row in self.rows(Sql(_COLUMNS, (lower, schema, schema))):
            found.setdefault((row[0], row[1]), []).append(row)
        tables = [_table(rows) for rows in found.values()]
        matches = {name: _match(name, tables) for name in names}
        return {name: table for name, table in matches.items() if table}

    def _run(self, query: Sql) -> psycopg.Cursor[Values]:
        with _errors():
            return self._pg.execute(query.text, query.params or None)

    def rows(self, query: Sql) -> list[Values]:
        """Give all rows of a small answer."""
        with _errors():
            return self._pg.execute(query.text, query.params).fetchall()

    def rows_within(self, query: Sql, seconds: int) -> list[Values] | None:
        """Give all rows, or None where the server would need longer."""
        self._run(Sql("SAVEPOINT cxport"))
        self._run(Sql(f"SET LOCAL statement_timeout = '{seconds}s'"))
        try:
            return self._pg.execute(query.text, query.params).fetchall()
        except psycopg.errors.QueryCanceled:
            return None
        except psycopg.Error as error:
            raise translate(error) from None
        finally:
            self._back_to_savepoint()

    def _back_to_savepoint(self) -> None:
        """Leave the error state that a cancelled query puts the transaction into."""
        if not self._pg.closed:
            with suppress(SourceError):
                self._run(Sql("ROLLBACK TO SAVEPOINT cxport"))
                self._run(Sql("RELEASE SAVEPOINT cxport"))

    def stream(self, query: Sql, *, tolerant: bool = False) -> Rows:
        """Read rows as they come over the network; closing early cancels the query."""
        del tolerant
        self._run(Sql("SAVEPOINT cxport"))
        try:
            with _errors(), closing(self._pg.cursor()) as cursor:
                rows = cursor.stream(query.text, query.params, size=_ROWS_AT_ONCE)
                with closing(cast("Rows", rows)):
                    yield from rows
        finally:
            self._back_to_savepoint()

    def side_stream(self, query: Sql) -> Rows:
        """Read through a cursor of the server, which leaves the connection free in between."""
        self._streams += 1
        with _errors(), self._pg.cursor(f"cxport_{self._streams}") as cursor:
            cursor.itersize = _SIDE_ROWS
            cursor.execute(query.text, cast("Params", query.params))
            while rows := cursor.fetchmany(_SIDE_ROWS):
                yield from rows

    def chunks(self, content: Content) -> Iterator[bytes]:
        """Read a content by pieces; one that is compressed is unpacked once, by the server."""
        name = self.dialect.column("c", content.column)
        row = sql(
            "FROM {} WHERE {} = {}",
            self.dialect.table(content.table, "c"),
            self.dialect.column("c", content.key_column),
            self.dialect.bind_key(content.key_column, content.key),
        )
        if content.column.family is not Family.BYTES:
            name = sql("convert_to({}::text, 'UTF8')", name)
        measure = sql("SELECT octet_length({}), pg_column_size({}) {}", name, name, row)
        for length, stored in self.rows(measure):
            pieces = self._unpacked if stored < length else self._pieces
            yield from pieces(name, row, length)

    def _pieces(self, name: Sql, row: Sql, length: int) -> Iterator[bytes]:
        for start in range(1, length + 1, _CHUNK_BYTES):
            cut = (name, number(start), number(_CHUNK_BYTES), row)
            query = sql("SELECT substring({} FROM {} FOR {}) {}", *cut)
            for (piece,) in self.rows(query):
                yield piece

    def _unpacked(self, name: Sql, row: Sql, length: int) -> Iterator[bytes]:
        """Cut pieces of a value that the inner query has unpacked, in place of one each."""
        query = sql(
            "SELECT substring(u.c FROM g.n FOR {}) FROM (SELECT {} || ''::bytea AS c {} OFFSET 0)"
            " AS u, generate_series(1, {}, {}) AS g(n)",
            number(_CHUNK_BYTES),
            name,
            row,
            number(length),
            number(_CHUNK_BYTES),
        )
        self._streams += 1
        with _errors(), self._pg.cursor(f"cxport_{self._streams}") as cursor:
            cursor.execute(query.text, cast("Params", query.params))
            while rows := cursor.fetchmany(1):
                yield rows[0][0]

    def expected_rows(self, table: DbTable, window: Sql | None, filters: Sql | None) -> Expected:
        """Ask the planner, which has statistics of every column."""
        conditions = [one for one in (window, filters) if one]
        query = sql("EXPLAIN (FORMAT JSON) SELECT 1 FROM {}", self.dialect.table(table, "b"))
        if conditions:
            query = sql("{} WHERE {}", query, joined(" AND ", conditions))
        with _errors(), psycopg.ClientCursor(self._pg) as cursor:
            plan = cursor.execute(query.text, query.params).fetchall()[0][0]
        # the loader leaves a list of plans as bytes, as only objects stay text
        return Expected(rows=round(json.loads(plan)[0]["Plan"]["Plan Rows"]), filtered=True)

    def scattered_keys(self, table: DbTable, key: DbColumn, count: int) -> list[Values]:
        """Take one row of each of some pages, chosen all over the table."""
        pages = self._pages(table)
        if not pages:
            return []
        query = sql(
            "SELECT k FROM (SELECT {} AS k, row_number() OVER (PARTITION BY"
            " (b.ctid::text::point)[0]) AS r FROM {} b TABLESAMPLE SYSTEM ({}) REPEATABLE (1)) s"
            " WHERE r <= {}",
            self.dialect.select(self.dialect.column("b", key), Kind.TEXT, key),
            self.dialect.table(table),
            number(min(100.0, 100.0 * count / pages)),
            number(max(1, ceil(count / pages))),
        )
        return self.rows(query)

    def _pages(self, table: DbTable) -> int:
        """Count the pages of a table; 0 where it has none of its own that can be sampled."""
        query = Sql(
            "SELECT pg_relation_size(c.oid) / current_setting('block_size')::int"
            " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = %s AND c.relname = %s AND c.relkind IN ('r', 'm')",
            (table.schema, table.name),
        )
        found = self.rows(query)
        return int(found[0][0]) if found else 0

    def close(self) -> None:
        """End transaction and connection."""
        with suppress(psycopg.Error, OSError):
            self._pg.close()


def parse_dsn(dsn: str) -> dict[str, Any]:
    """Take a DSN apart as libpq does; raises InvalidInput (`dsn`)."""
    try:
        found = conninfo_to_dict(dsn.strip())
        int(str(found.get("port") or "0").split(",")[0] or "0")
    except (psycopg.Error, ValueError):
        raise malformed("host, port or options are not valid") from None
    if not found.get("dbname"):
        raise malformed("it names no database")
    return found


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


@contextmanager
def _errors() -> Iterator[None]:
    """Turn psycopg's errors into ours."""
    try:
        yield
    except psycopg.Error as error:
        raise translate(error) from None


#: SQLSTATE classes and codes (PostgreSQL, Appendix A) that say: the same may succeed later.
_TRANSIENT = ("08", "53", "57", "40", "55P03", "25P03", "58")


def _transient(error: psycopg.Error) -> bool:
    if error.sqlstate is None:
        return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return error.sqlstate.startswith(_TRANSIENT)


def _connect_error(error: psycopg.Error) -> SourceError:
    """Tell refusals from failures: libpq gives no SQLSTATE while it connects.

    Texts of servers may be translated, so the password's having been asked for counts too.
    """
    text, connection = str(error), error.pgconn
    busy = any(word in text for word in ("too many", "connection slots", "starting", "shutting"))
    named = any(word in text for word in ("authentication", "does not exist", "pg_hba.conf"))
    asked = connection is not None and (connection.needs_password or connection.used_password)
    if ("FATAL" in text or asked) and (named or asked) and not busy:
        return SourceRefused("the source database refuses the user, the password or the database")
    return SourceUnreachable()


def translate(error: psycopg.Error) -> SourceError:
    """Give our error for psycopg's; the server's text may hold data and is not told."""
    state = error.sqlstate
    if _transient(error):
        reason = f" (SQLSTATE {state})" if state else ""
        return SourceUnreachable(f"the source database does not answer{reason}")
    if state == "42501" or (state or "").startswith("28"):
        return SourceRefused("the user has no right to read a table of the mapping")
    if state in ("42P01", "42703"):
        return MappingMismatch((_missing_name(error),))
    return SourceError(f"the source database reports an error (SQLSTATE {state})")


def _missing_name(error: psycopg.Error) -> str:
    """Find the name in `relation "chat" does not exist` or `column b.text does not exist`."""
    match = re.search(r'"([^"]+)"|\b[a-z]\.(\S+)', error.diag.message_primary or "")
    name = (match[1] or match[2]) if match else "a table or column that was there before"
    return name.rpartition(".")[2]
