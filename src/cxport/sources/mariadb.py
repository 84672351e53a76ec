"""MariaDB and MySQL, over PyMySQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime

import pymysql
from pymysql.constants import CR, ER, FIELD_TYPE
from pymysql.converters import conversions
from pymysql.cursors import Cursor, SSCursor

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
    Dialect,
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
from cxport.sources.dsn import Address, parse_address
from cxport.sources.mariadb_rows import MariaRows

OPTIONS = frozenset({"ssl_ca", "ssl_cert", "ssl_key"})

_PORT = 3306
_CONNECT_SECONDS = 10

#: A silence of this long means that the server is gone: sorting may keep it silent for minutes.
_READ_SECONDS = 900

#: What one row of a large content carries; a quarter of the server's default packet.
_CHUNK_BYTES = 4 << 20

#: The server waits this long for a reader that is held up further down the pipeline.
_SETTINGS = (
    "SET time_zone = '+00:00', net_write_timeout = 3600, wait_timeout = 28800",
    "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
)

#: Times stay text: the files want text, and PyMySQL parses slowly.
_TIMES = (FIELD_TYPE.DATE, FIELD_TYPE.DATETIME, FIELD_TYPE.TIMESTAMP, FIELD_TYPE.TIME)
_CONVERSIONS = {kind: turn for kind, turn in conversions.items() if kind not in _TIMES}

_FAMILIES = {
    **dict.fromkeys(("char", "varchar", "enum", "set"), Family.TEXT),
    **dict.fromkeys(("tinytext", "text", "mediumtext", "longtext"), Family.TEXT),
    **dict.fromkeys(("tinyint", "smallint", "mediumint", "int", "bigint"), Family.INTEGER),
    "decimal": Family.DECIMAL,
    **dict.fromkeys(("float", "double"), Family.FLOAT),
    **dict.fromkeys(("date", "datetime", "timestamp"), Family.TIME),
    **dict.fromkeys(("binary", "varbinary", "bit"), Family.BYTES),
    **dict.fromkeys(("tinyblob", "blob", "mediumblob", "longblob"), Family.BYTES),
    "json": Family.JSON,
}

#: Longer texts are counted when batches are gathered.
_SHORT = 4_000

_COLUMNS = """
    SELECT t.table_schema, t.table_name, t.table_type LIKE '%%VIEW',
           COALESCE(t.engine, 'InnoDB') = 'InnoDB', c.column_name, c.data_type,
           c.is_nullable = 'YES', c.privileges LIKE '%%select%%',
           COALESCE(c.character_maximum_length, 0)
    FROM information_schema.tables t
    JOIN information_schema.columns c
      ON c.table_schema = t.table_schema AND c.table_name = t.table_name
    WHERE t.table_schema = COALESCE(NULLIF(%s, ''), DATABASE()) AND LOWER(t.table_name) IN ({})
    ORDER BY t.table_name, c.ordinal_position
"""

_INDEXES = """
    SELECT table_name, MIN(CASE seq_in_index WHEN 1 THEN column_name END),
           MAX(non_unique) = 0 AND COUNT(*) = 1
    FROM information_schema.statistics
    WHERE table_schema = COALESCE(NULLIF(%s, ''), DATABASE()) AND LOWER(table_name) IN ({})
    GROUP BY table_name, index_name
"""


class MariaDialect(Dialect):
    """MariaDB's SQL."""

    def quote(self, name: str) -> str:
        """Quote an identifier."""
        doubled = name.replace("`", "``")
        return f"`{self.escape(doubled)}`"

    def moment(self, column: DbColumn, moment: datetime) -> Sql:
        """Bind a moment; the session's zone is UTC."""
        return sql("CAST({} AS DATETIME(6))", super().moment(column, moment))


class MariaConnection(Connection):
    """One connection to MariaDB or MySQL."""

    dialect = MariaDialect()
    interleaves = False

    def __init__(self, address: Address) -> None:
        self._address = address
        self._my = self._connect()
        try:
            for setting in _SETTINGS:
                self._execute(Sql(setting))
            version, self._id = self.rows(Sql("SELECT VERSION(), CONNECTION_ID()"))[0]
        except BaseException:
            self.close()
            raise
        self._maria = "MariaDB" in version
        self.product = f"{'MariaDB' if self._maria else 'MySQL'} {version.partition('-')[0]}"

    def _connect(self) -> pymysql.Connection[Cursor]:
        address = self._address
        with _errors():
            connection = pymysql.connect(
                host=address.host,
                port=address.port or _PORT,
                user=address.user,
                password=address.password,
                database=address.database,
                charset="utf8mb4",
                conv=_CONVERSIONS,
                autocommit=True,
                connect_timeout=_CONNECT_SECONDS,
                read_timeout=_CONNECT_SECONDS,
                ssl_ca=address.options.get("ssl_ca"),
                ssl_cert=address.options.get("ssl_cert"),
                ssl_key=address.options.get("ssl_key"),
            )
        # a server that is slow to greet is down, one that is slow to answer may be sorting
        connection._read_timeout = _READ_SECONDS  # type: ignore[attr-defined]  # noqa: SLF001 - there is no public way
        return connection

    def begin(self, token: str | None) -> Snapshot:
        """Begin with a snapshot of all tables; another connection's cannot be shared."""
        if token is not None:
            raise SnapshotGone
        self._execute(Sql("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"))
        now = str(self.rows(Sql("SELECT UTC_TIMESTAMP(6)"))[0][0])
        return Snapshot(taken_at=datetime.fromisoformat(now).replace(tzinfo=UTC))

    def describe(self, schema: str, names: Sequence[str]) -> dict[str, DbTable]:
        """Read the catalogue; of tables that differ in case, the one named exactly counts."""
        lower = joined(", ", [self.dialect.bind(name.lower()) for name in names])
        columns = self.rows(_with_schema(_COLUMNS, schema, lower))
        indexes = self.rows(_with_schema(_INDEXES, schema, lower))
        tables = {
            table: _table([row for row in columns if row[1] == table], indexes)
            for table in dict.fromkeys(row[1] for row in columns)
        }
        folded = {table.lower(): table for table in reversed(tables)}
        actual = {name: name if name in tables else folded.get(name.lower()) for name in names}
        return {name: tables[table] for name, table in actual.items() if table}

    def _execute(self, query: Sql) -> None:
        with _errors(), self._my.cursor() as cursor:
            cursor.execute(query.text, query.params)

    def rows(self, query: Sql) -> list[Values]:
        """Give all rows of a small answer."""
        with _errors(), self._my.cursor() as cursor:
            cursor.execute(query.text, query.params)
            return list(cursor.fetchall())

    def rows_within(self, query: Sql, seconds: int) -> list[Values] | None:
        """Give all rows, or None where the server would need longer."""
        limit = "max_statement_time" if self._maria else "max_execution_time"
        self._execute(Sql(f"SET SESSION {limit} = {seconds if self._maria else seconds * 1000}"))
        try:
            with self._my.cursor() as cursor:
                cursor.execute(query.text, query.params)
                return list(cursor.fetchall())
        except pymysql.MySQLError as error:
            if _code(error) in (ER.STATEMENT_TIMEOUT, ER.QUERY_TIMEOUT):
                return None
            raise translate(error) from None
        finally:
            with suppress(SourceError):
                self._execute(Sql(f"SET SESSION {limit} = 0"))

    def stream(self, query: Sql, *, tolerant: bool = False) -> Rows:
        """Read rows as they come over the network; closing early ends the query."""
        del tolerant
        with self._answer(query) as cursor:
            while (row := cursor.fetchone()) is not None:
                yield row

    def copied(self, query: Sql) -> MariaRows:
        """Give the rows of the answer as the protocol has them."""
        limited = self.dialect.limit(query, 0)
        with _errors(), self._my.cursor() as described:
            described.execute(limited.text, limited.params)
            return MariaRows(query, described, self._answer)

    @contextmanager
    def _answer(self, query: Sql) -> Iterator[Cursor]:
        """Ask, and give the cursor to be read to its end; left earlier, it ends the query."""
        cursor = SSCursor(self._my)
        ended = False
        try:
            with _errors():
                cursor.execute(query.text, query.params)
                yield cursor
            ended = True
        except GeneratorExit:
            self._interrupt()
            raise
        finally:
            if not self._my.open:
                _forget(cursor)
            elif not ended:
                with suppress(pymysql.MySQLError, OSError):
                    cursor.close()
                # an interrupt that came too late must not hit the next query
                with suppress(SourceError):
                    self._execute(Sql("DO 0"))

    def _interrupt(self) -> None:
        """End the running query, as the server would send all of it first."""
        with suppress(SourceError), closing(self._connect()) as other, _errors():
            other.cursor().execute(f"KILL QUERY {self._id}")

    def side_stream(self, query: Sql) -> Rows:
        """Read like `stream`."""
        return self.stream(query)

    def chunks(self, content: StoredContent) -> Iterator[bytes]:
        """Read a content in one query, which holds it once while it cuts it into rows."""
        size, step = content.size or 0, number(_CHUNK_BYTES)
        query = sql(
            "WITH RECURSIVE g (n) AS (SELECT 1 UNION ALL SELECT n + {} FROM g WHERE n + {} <= {})"
            " SELECT STRAIGHT_JOIN g.n, SUBSTRING({}, g.n, {}) FROM {} JOIN g ON g.n > 0"
            " WHERE {} = {}",
            step,
            step,
            number(size),
            self.dialect.column("c", content.column),
            step,
            self.dialect.table(content.table, "c"),
            self.dialect.column("c", content.key_column),
            self.dialect.bind_key(content.key_column, content.key),
        )
        expected = 1
        with closing(self.stream(query)) as rows:
            for place, piece in rows:
                if place != expected or piece is None:
                    raise SourceError(Said("the source database gave an attachment out of order"))
                yield piece if isinstance(piece, bytes) else str(piece).encode()
                expected += _CHUNK_BYTES
        if expected <= size:
            raise SourceError(Said("the source database gave an attachment incompletely"))

    def expected_rows(self, table: DbTable, window: Sql | None, filters: Sql | None) -> Expected:
        """Ask the optimizer, which looks into the index of the window and knows no more."""
        del filters
        query = sql("EXPLAIN SELECT 1 FROM {}", self.dialect.table(table, "b"))
        if window:
            query = sql("{} WHERE {}", query, window)
        with _errors(), self._my.cursor() as cursor:
            cursor.execute(query.text, query.params)
            names = [column[0] for column in cursor.description]
            found = cursor.fetchall()
        rows = found[0][names.index("rows")] if found else 0
        return Expected(rows=int(rows or 0), filtered=False)

    def scattered_keys(self, table: DbTable, key: DbColumn, count: int) -> list[Values]:
        """Give none: neither pages nor row numbers can be asked for."""
        del table, key, count
        return []

    def close(self) -> None:
        """End transaction and connection, at once even while rows are being sent."""
        with suppress(pymysql.MySQLError, OSError):
            self._my._force_close()  # type: ignore[attr-defined]  # noqa: SLF001 - close() would read on


def parse_dsn(dsn: str) -> Address:
    """Take a DSN apart; raises InvalidInput (`dsn`)."""
    return parse_address(dsn, OPTIONS)


def _with_schema(query: str, schema: str, names: Sql) -> Sql:
    filled = sql(query, names)
    return Sql(filled.text, (schema, *filled.params))


def _table(rows: list[Values], indexes: list[Values]) -> DbTable:
    columns = {
        name: DbColumn(
            name=name,
            type=kind,
            family=_FAMILIES.get(kind, Family.OTHER),
            nullable=bool(nullable),
            readable=bool(readable),
            wide=length > _SHORT or kind == "json",
        )
        for _, _, _, _, name, kind, nullable, readable, length in rows
    }
    schema, table, view, steady = rows[0][:4]
    mine = [row for row in indexes if row[0] == table]
    return DbTable(
        name=table,
        schema=schema,
        columns=columns,
        indexed=frozenset(row[1] for row in mine),
        unique=frozenset(row[1] for row in mine if row[2]),
        view=bool(view),
        steady=bool(steady),
    )


@contextmanager
def _errors() -> Iterator[None]:
    """Turn PyMySQL's errors, and those of the network that it lets through, into ours."""
    try:
        yield
    except pymysql.MySQLError as error:
        raise translate(error) from None
    except OSError:
        raise SourceUnreachable from None


def _forget(cursor: SSCursor) -> None:
    """Keep PyMySQL from reading on, when it forgets an answer whose connection is gone."""
    result = cursor._result  # type: ignore[attr-defined]  # noqa: SLF001 - there is no public way
    if result is not None:
        result.unbuffered_active = False


def _code(error: pymysql.MySQLError) -> int:
    code = error.args[0] if error.args else 0
    return code if isinstance(code, int) else 0


#: Lock waits, deadlocks, limits, shutdown, killed: the same may succeed later.
_TRANSIENT = frozenset({1040, 1053, 1158, 1159, 1160, 1161, 1203, 1205, 1213, 1317, 1927, 3024})

#: Unknown or refused user, database or right.
_REFUSED = frozenset({1044, 1045, 1049, 1130, 1142, 1143, 1227, 1251, 1370, 1698, 1873, 4151})


def translate(error: pymysql.MySQLError) -> SourceError:
    """Give our error for PyMySQL's; the server's text may hold data and is not told."""
    code = _code(error)
    if code in _TRANSIENT or CR.CR_ERROR_FIRST <= code <= CR.CR_ERROR_LAST or code == 0:
        return SourceUnreachable(
            Said("the source database does not answer (error {code})", code=code)
        )
    if code in _REFUSED:
        return SourceRefused(
            Said(
                "the source database refuses the user, the password or the right to read ({code})",
                code=code,
            )
        )
    if code in (ER.NO_SUCH_TABLE, ER.BAD_FIELD_ERROR):
        named = str(error.args[1]).split("'")
        return MappingMismatch((named[1].rpartition(".")[2] if len(named) > 1 else "a table",))
    return SourceError(Said("the source database reports error {code}", code=code))
