"""Oracle, over python-oracledb in its thin mode. Built for, not tested."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta

import oracledb

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
    sql,
)
from cxport.sources.dsn import Address

OPTIONS = frozenset({"protocol", "wallet_location", "config_dir"})

_PORT = 1521
_CONNECT_SECONDS = 10
_ROWS_AT_ONCE = 16
_CHUNK_BYTES = 1 << 20
_COUNTED_ROWS = 1_000_000
_SHORT = 4_000

_COLUMNS = """
    SELECT c.owner, c.table_name, c.column_name, c.data_type, c.nullable, c.char_length,
           (SELECT COUNT(*) FROM all_views w
            WHERE w.owner = c.owner AND w.view_name = c.table_name)
    FROM all_tab_columns c
    WHERE c.owner = NVL(UPPER({}), SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA'))
      AND LOWER(c.table_name) IN ({})
    ORDER BY c.table_name, c.column_id
"""

_INDEXES = """
    SELECT c.table_name, MIN(CASE c.column_position WHEN 1 THEN c.column_name END),
           CASE WHEN MIN(i.uniqueness) = 'UNIQUE' AND COUNT(*) = 1 THEN 1 ELSE 0 END
    FROM all_ind_columns c
    JOIN all_indexes i ON i.owner = c.index_owner AND i.index_name = c.index_name
    WHERE c.table_owner = NVL(UPPER({}), SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA'))
      AND LOWER(c.table_name) IN ({})
    GROUP BY c.table_name, c.index_owner, c.index_name
"""


class OracleDialect(Dialect):
    """Oracle's SQL."""

    mark = ":v"
    max_values = 1_000
    nowhere = " FROM DUAL"

    def limit(self, query: Sql, rows: int) -> Sql:
        """Limit a query to its first rows."""
        return sql(f"{{}} FETCH FIRST {rows} ROWS ONLY", query)

    def moment(self, column: DbColumn, moment: datetime) -> Sql:
        """Bind a moment in the type of the column, which alone lets its index be used."""
        naive = moment.astimezone(UTC).replace(tzinfo=None)
        if column.type == "DATE":
            # whole seconds: the next whole one divides them as the moment does
            whole = naive + timedelta(microseconds=-naive.microsecond % 1_000_000)
            return sql("CAST({} AS DATE)", self.bind(whole))
        if "TIME ZONE" in column.type:
            return sql("FROM_TZ(CAST({} AS TIMESTAMP), 'UTC')", self.bind(naive))
        return sql("CAST({} AS TIMESTAMP)", self.bind(naive))

    def length(self, name: Sql, column: DbColumn) -> Sql:
        """Give the length in bytes; of a CLOB in characters."""
        lob = column.type in ("BLOB", "CLOB", "NCLOB")
        return sql("DBMS_LOB.GETLENGTH({})" if lob else "LENGTHB({})", name)


class OracleConnection(Connection):
    """One connection to Oracle."""

    dialect = OracleDialect()
    interleaves = True

    def __init__(self, address: Address) -> None:
        with _errors():
            self._db = oracledb.connect(
                user=address.user,
                password=address.password,
                host=address.host,
                port=address.port or _PORT,
                service_name=address.database,
                tcp_connect_timeout=_CONNECT_SECONDS,
                expire_time=1,
                protocol=address.options.get("protocol"),
                wallet_location=address.options.get("wallet_location"),
                config_dir=address.options.get("config_dir"),
            )
        self.product = f"Oracle {self._db.version}"
        try:
            self.rows(Sql("ALTER SESSION SET TIME_ZONE = 'UTC'"))
        except BaseException:
            self.close()
            raise

    def begin(self, token: str | None) -> Snapshot:
        """Begin; every query of the transaction sees the moment of its beginning."""
        if token is not None:
            raise SnapshotGone
        self.rows(Sql("SET TRANSACTION READ ONLY"))
        now = self.rows(Sql("SELECT SYS_EXTRACT_UTC(SYSTIMESTAMP) FROM DUAL"))[0][0]
        return Snapshot(taken_at=now.replace(tzinfo=UTC))

    def describe(self, schema: str, names: Sequence[str]) -> dict[str, DbTable]:
        """Read the catalogue; of tables that differ in case, the one named exactly counts."""
        lower = joined(", ", [self.dialect.bind(name.lower()) for name in names])
        owner = self.dialect.bind(schema)
        columns = self.rows(sql(_COLUMNS, owner, lower))
        indexes = self.rows(sql(_INDEXES, owner, lower))
        tables = {
            table: _table([row for row in columns if row[1] == table], indexes)
            for table in dict.fromkeys(row[1] for row in columns)
        }
        folded = {table.lower(): table for table in reversed(tables)}
        actual = {name: name if name in tables else folded.get(name.lower()) for name in names}
        return {name: tables[table] for name, table in actual.items() if table}

    def rows(self, query: Sql) -> list[Values]:
        """Give all rows of a small answer."""
        with _errors(), self._db.cursor() as cursor:
            cursor.execute(query.text, list(query.params), fetch_lobs=False)
            return list(cursor.fetchall()) if cursor.description else []

    def rows_within(self, query: Sql, seconds: int) -> list[Values] | None:
        """Give all rows, or None where the server would need longer."""
        self._db.call_timeout = seconds * 1000
        try:
            with self._db.cursor() as cursor:
                cursor.execute(query.text, list(query.params), fetch_lobs=False)
                return list(cursor.fetchall())
        except oracledb.Error as error:
            if _code(error) in ("DPY-4024", "DPI-1067"):
                return None
            raise translate(error) from None
        finally:
            self._db.call_timeout = 0

    def stream(self, query: Sql, *, tolerant: bool = False) -> Rows:
        """Read rows a few at a time."""
        del tolerant
        with _errors(), self._db.cursor() as cursor:
            cursor.arraysize = cursor.prefetchrows = _ROWS_AT_ONCE
            cursor.execute(query.text, list(query.params), fetch_lobs=False)
            yield from cursor

    def side_stream(self, query: Sql) -> Rows:
        """Read like `stream`: a connection holds many cursors."""
        return self.stream(query)

    def chunks(self, content: StoredContent) -> Iterator[bytes]:
        """Read a content through its locator."""
        query = sql(
            "SELECT {} FROM {} WHERE {} = {}",
            self.dialect.column("c", content.column),
            self.dialect.table(content.table, "c"),
            self.dialect.column("c", content.key_column),
            self.dialect.bind_key(content.key_column, content.key),
        )
        with _errors(), self._db.cursor() as cursor:
            cursor.execute(query.text, list(query.params), fetch_lobs=True)
            for (lob,) in cursor:
                start = 1
                while chunk := lob.read(start, _CHUNK_BYTES):
                    yield chunk if isinstance(chunk, bytes) else str(chunk).encode()
                    start += _CHUNK_BYTES

    def expected_rows(self, table: DbTable, window: Sql | None, filters: Sql | None) -> Expected:
        """Take the statistics of the table, or count a window in its index up to a limit."""
        del filters
        if window is None:
            query = Sql(
                "SELECT num_rows FROM all_tables WHERE owner = :v AND table_name = :v",
                (table.schema, table.name),
            )
            found = self.rows(query)
            if found and found[0][0] is not None:
                return Expected(rows=int(found[0][0]), filtered=False)
        name = self.dialect.table(table, "b")
        rows = sql("SELECT 1 FROM {} WHERE {}", name, window or Sql("1 = 1"))
        query = sql("SELECT COUNT(*) FROM ({})", self.dialect.limit(rows, _COUNTED_ROWS))
        return Expected(rows=int(self.rows(query)[0][0]), filtered=False)

    def scattered_keys(self, table: DbTable, key: DbColumn, count: int) -> list[Values]:
        """Give none: moments are probed instead."""
        del table, key, count
        return []

    def close(self) -> None:
        """End transaction and connection."""
        with suppress(oracledb.Error), closing(self._db):
            self._db.rollback()


def _table(rows: list[Values], indexes: list[Values]) -> DbTable:
    columns = {
        name: DbColumn(
            name=name,
            type=kind,
            family=_family(kind),
            nullable=nullable == "Y",
            wide=kind in ("CLOB", "NCLOB", "BLOB", "LONG", "JSON") or (length or 0) > _SHORT,
        )
        for _, _, name, kind, nullable, length, _ in rows
    }
    mine = [row for row in indexes if row[0] == rows[0][1]]
    return DbTable(
        name=rows[0][1],
        schema=rows[0][0],
        columns=columns,
        indexed=frozenset(row[1] for row in mine),
        unique=frozenset(row[1] for row in mine if row[2]),
        view=bool(rows[0][6]),
    )


def _family(kind: str) -> Family:
    if "CHAR" in kind or kind in ("CLOB", "NCLOB", "LONG"):
        return Family.TEXT
    if kind == "DATE" or kind.startswith("TIMESTAMP"):
        return Family.TIME
    if kind in ("NUMBER", "FLOAT"):
        return Family.DECIMAL
    if kind.startswith("BINARY_"):
        return Family.FLOAT
    return Family.BYTES if kind in ("BLOB", "RAW", "LONG RAW") else Family.OTHER


@contextmanager
def _errors() -> Iterator[None]:
    """Turn the driver's errors into ours."""
    try:
        yield
    except oracledb.Error as error:
        raise translate(error) from None


def _code(error: oracledb.Error) -> str:
    return str(getattr(error.args[0], "full_code", "")) if error.args else ""


_REFUSED = ("ORA-01017", "ORA-01031", "ORA-01045", "ORA-28000", "ORA-28001", "DPY-6001")
_MISSING = ("ORA-00942", "ORA-00904")


def translate(error: oracledb.Error) -> SourceError:
    """Give our error for the driver's; the server's text may hold data and is not told."""
    code = _code(error)
    if code in _REFUSED:
        return SourceRefused(
            Said("the source database refuses the user or the password ({code})", code=code)
        )
    if code in _MISSING:
        return MappingMismatch(("a table or column that was there before",))
    if isinstance(error, oracledb.OperationalError | oracledb.InterfaceError):
        return SourceUnreachable(Said("the source database does not answer ({code})", code=code))
    return SourceError(Said("the source database reports {value}", value=code or "an error"))
