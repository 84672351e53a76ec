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
from psycopg.abc import Params
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
from cxport.domain.said import Said
from cxport.domain.selection import Snapshot
from cxport.sources.dialect import (
    Connection,
    DbColumn,
    DbTable,
    Expected,
    Family,
    Rows,
    Sql,
    StoredContent,
    Values,
    joined,
    number,
    sql,
)
from cxport.sources.dsn import malformed
from cxport.sources.postgres_copy import PostgresCopy
from cxport.sources.postgres_dialect import (
    ALIKE,
    LOADERS,
    LenientLoader,
    PostgresDialect,
    columns_query,
    described,
)

#: Rows that libpq hands over at once: fewer cost time, more cost memory where rows are large.
_ROWS_AT_ONCE = 4

#: Rows of one FETCH, for rows that may carry a short content each.
_SIDE_ROWS = 16

_CHUNK_BYTES = 1 << 20

#: A reader may be idle for hours while others share its snapshot, so nothing but a dead network
#: ends it, which both sides notice in about a minute. JIT costs more than it gains for queries
#: that mostly copy.
_SETTINGS = (
    "SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET bytea_output = 'hex'; SET jit = off;"
    " SET extra_float_digits = 1; SET statement_timeout = 0; SET lock_timeout = '30s';"
    " SET idle_in_transaction_session_timeout = 0; SET tcp_keepalives_idle = 30;"
    " SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3"
)
DEFAULTS = {
    "connect_timeout": "10",
    "keepalives": "1",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "application_name": "cxport",
}


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
        for name, *loaders in LOADERS:
            for loader in loaders:
                adapters.register_loader(name, loader)
        adapters.register_loader("uuid", TextLoader)
        if self._parameter("server_encoding") == "SQL_ASCII":
            with _errors():
                # any other encoding would let the server refuse what is not valid in it
                self._pg.execute("SET client_encoding = 'SQL_ASCII'")
            for name in ("text", "varchar", "bpchar", "name"):
                adapters.register_loader(name, LenientLoader)

    @property
    def _in_utf8(self) -> bool:
        return self._parameter("client_encoding") == "UTF8"

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
        """Read the catalogue, along the search path where no schema is named."""
        return described(self.rows(columns_query(schema, names)), names)

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
        with self._cancellable(), closing(self._pg.cursor()) as cursor:
            rows = cursor.stream(query.text, query.params, size=_ROWS_AT_ONCE)
            with closing(cast("Rows", rows)):
                yield from rows

    def copied(self, query: Sql) -> PostgresCopy | None:
        """Give the answer as COPY BINARY, where its texts come in UTF-8."""
        if not self._in_utf8:
            return None
        return PostgresCopy(self._pg, query, self._column_types(query), self._cancellable)

    def _column_types(self, query: Sql) -> tuple[int, ...]:
        """Ask for the types of an answer, by taking none of it."""
        limited = self.dialect.limit(query, 0)
        with _errors(), self._pg.execute(limited.text, limited.params) as cursor:
            return tuple(column.type_code for column in cursor.description or ())

    @contextmanager
    def _cancellable(self) -> Iterator[None]:
        """Run one query whose end before its time leaves the transaction as it was."""
        self._run(Sql("SAVEPOINT cxport"))
        try:
            with _errors():
                yield
        finally:
            self._back_to_savepoint()

    def side_stream(self, query: Sql) -> Rows:
        """Read through a cursor of the server, which leaves the connection free in between."""
        binary = ALIKE.issuperset(self._column_types(query)) and self._in_utf8
        for rows in self._fetched(query, _SIDE_ROWS, binary=binary):
            yield from rows

    def _fetched(self, query: Sql, count: int, *, binary: bool) -> Iterator[list[Values]]:
        """Fetch so many rows at a time; `binary` spares contents the way over hex digits."""
        self._streams += 1
        with _errors(), self._pg.cursor(f"cxport_{self._streams}") as cursor:
            cursor.execute(query.text, cast("Params", query.params), binary=binary)
            while rows := cursor.fetchmany(count):
                yield rows

    def chunks(self, content: StoredContent) -> Iterator[bytes]:
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
            with _errors():
                rows = self._pg.execute(query.text, query.params, binary=True).fetchall()
            for (piece,) in rows:
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
        for rows in self._fetched(query, 1, binary=True):
            yield rows[0][0]

    def expected_rows(self, table: DbTable, window: Sql | None, filters: Sql | None) -> Expected:
        """Ask the planner, which has statistics of every column."""
        conditions = [one for one in (window, filters) if one]
        query = sql("EXPLAIN (FORMAT JSON) SELECT 1 FROM {}", self.dialect.table(table, "b"))
        if conditions:
            query = sql("{} WHERE {}", query, joined(" AND ", conditions))
        with _errors(), psycopg.ClientCursor(self._pg) as cursor:
            plan = cursor.execute(query.text, query.params).fetchall()[0][0]
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
        raise malformed(Said("host, port or options are not valid")) from None
    if not found.get("dbname"):
        raise malformed(Said("it names no database"))
    return found


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
        return SourceRefused(
            Said("the source database refuses the user, the password or the database")
        )
    return SourceUnreachable()


def translate(error: psycopg.Error) -> SourceError:
    """Give our error for psycopg's; the server's text may hold data and is not told."""
    state = error.sqlstate
    if _transient(error):
        reason = f" (SQLSTATE {state})" if state else ""
        return SourceUnreachable(Said("the source database does not answer{reason}", reason=reason))
    if state == "42501" or (state or "").startswith("28"):
        return SourceRefused(Said("the user has no right to read a table of the mapping"))
    if state in ("42P01", "42703"):
        return MappingMismatch((_missing_name(error),))
    return SourceError(
        Said("the source database reports an error (SQLSTATE {state})", state=state or "none")
    )


def _missing_name(error: psycopg.Error) -> str:
    """Find the name in `relation "chat" does not exist` or `column b.text does not exist`."""
    match = re.search(r'"([^"]+)"|\b[a-z]\.(\S+)', error.diag.message_primary or "")
    name = (match[1] or match[2]) if match else "a table or column that was there before"
    return name.rpartition(".")[2]
