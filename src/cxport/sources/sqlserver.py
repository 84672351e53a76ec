"""SQL Server, over pymssql. Built for, not tested."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime

import pymssql

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
from cxport.sources.dsn import Address

OPTIONS = frozenset({"tds_version"})

_PORT = 1433
_CONNECT_SECONDS = 10
_CHUNK_BYTES = 1 << 20
_COUNTED_ROWS = 1_000_000
_SHORT = 4_000

_FAMILIES = {
    **dict.fromkeys(("char", "varchar", "nchar", "nvarchar", "text", "ntext"), Family.TEXT),
    **dict.fromkeys(("tinyint", "smallint", "int", "bigint"), Family.INTEGER),
    **dict.fromkeys(("decimal", "numeric", "money", "smallmoney"), Family.DECIMAL),
    **dict.fromkeys(("float", "real"), Family.FLOAT),
    "bit": Family.BOOLEAN,
    **dict.fromkeys(("date", "datetime", "datetime2", "smalldatetime"), Family.TIME),
    "datetimeoffset": Family.TIME,
    **dict.fromkeys(("binary", "varbinary", "image"), Family.BYTES),
}

_COLUMNS = """
    SELECT c.table_schema, c.table_name, c.column_name, c.data_type, c.is_nullable,
           c.character_maximum_length, t.table_type
    FROM information_schema.columns c
    JOIN information_schema.tables t
      ON t.table_schema = c.table_schema AND t.table_name = c.table_name
    WHERE c.table_schema = COALESCE(NULLIF({}, ''), SCHEMA_NAME())
      AND LOWER(c.table_name) IN ({})
    ORDER BY c.table_name, c.ordinal_position
"""

_INDEXES = """
    SELECT OBJECT_NAME(i.object_id), MIN(CASE ic.key_ordinal WHEN 1 THEN c.name END),
           CASE WHEN i.is_unique = 1 AND COUNT(*) = 1 THEN 1 ELSE 0 END
    FROM sys.indexes i
    JOIN sys.index_columns ic
      ON ic.object_id = i.object_id AND ic.index_id = i.index_id AND ic.key_ordinal > 0
    JOIN sys.columns c ON c.object_id = ic.object_id AND c.column_id = ic.column_id
    WHERE OBJECT_SCHEMA_NAME(i.object_id) = COALESCE(NULLIF({}, ''), SCHEMA_NAME())
      AND LOWER(OBJECT_NAME(i.object_id)) IN ({}) AND i.has_filter = 0
    GROUP BY i.object_id, i.index_id, i.is_unique
"""


class SqlServerDialect(Dialect):
    """SQL Server's SQL."""

    max_values = 2_000
    wildcards = "%_["

    def quote(self, name: str) -> str:
        """Quote an identifier."""
        doubled = name.replace("]", "]]")
        return f"[{self.escape(doubled)}]"

    def limit(self, query: Sql, rows: int) -> Sql:
        """Limit an ordered query to its first rows."""
        return sql(f"{{}} OFFSET 0 ROWS FETCH NEXT {rows} ROWS ONLY", query)

    def moment(self, column: DbColumn, moment: datetime) -> Sql:
        """Bind a moment in a type that is at least as fine as the column's."""
        kind = "datetimeoffset" if column.type == "datetimeoffset" else "datetime2"
        return sql(f"CAST({{}} AS {kind})", super().moment(column, moment))

    def length(self, name: Sql, column: DbColumn) -> Sql:
        """Give the length in bytes."""
        del column
        return sql("DATALENGTH({})", name)


class SqlServerConnection(Connection):
    """One connection to SQL Server."""

    dialect = SqlServerDialect()
    product = "SQL Server"
    interleaves = False

    def __init__(self, address: Address) -> None:
        with _errors():
            self._db = pymssql.connect(
                server=address.host,
                port=str(address.port or _PORT),
                user=address.user,
                password=address.password,
                database=address.database,
                login_timeout=_CONNECT_SECONDS,
                charset="UTF-8",
                appname="cxport",
                autocommit=True,
                tds_version=address.options.get("tds_version"),
            )

    def begin(self, token: str | None) -> Snapshot:
        """Begin in snapshot isolation, which the database must allow."""
        if token is not None:
            raise SnapshotGone
        self._run(Sql("SET TRANSACTION ISOLATION LEVEL SNAPSHOT"))
        self._run(Sql("BEGIN TRANSACTION"))
        now = self.rows(Sql("SELECT SYSUTCDATETIME(), (SELECT COUNT(*) FROM sys.schemas)"))[0][0]
        return Snapshot(taken_at=now.replace(tzinfo=UTC))

    def describe(self, schema: str, names: Sequence[str]) -> dict[str, DbTable]:
        """Read the catalogue; of tables that differ in case, the one named exactly counts."""
        lower = joined(", ", [self.dialect.bind(name.lower()) for name in names])
        columns = self.rows(sql(_COLUMNS, self.dialect.bind(schema), lower))
        indexes = self.rows(sql(_INDEXES, self.dialect.bind(schema), lower))
        tables = {
            table: _table([row for row in columns if row[1] == table], indexes)
            for table in dict.fromkeys(row[1] for row in columns)
        }
        folded = {table.lower(): table for table in reversed(tables)}
        actual = {name: name if name in tables else folded.get(name.lower()) for name in names}
        return {name: tables[table] for name, table in actual.items() if table}

    def _run(self, query: Sql) -> None:
        with _errors(), closing(self._db.cursor()) as cursor:
            cursor.execute(query.text)

    def rows(self, query: Sql) -> list[Values]:
        """Give all rows of a small answer."""
        with _errors(), closing(self._db.cursor()) as cursor:
            cursor.execute(query.text, query.params)
            return list(cursor.fetchall())

    def rows_within(self, query: Sql, seconds: int) -> list[Values] | None:
        """Give all rows, or None where the server reckons that it would need longer."""
        self._run(Sql(f"SET QUERY_GOVERNOR_COST_LIMIT {seconds}"))
        try:
            with closing(self._db.cursor()) as cursor:
                cursor.execute(query.text, query.params)
                return list(cursor.fetchall())
        except pymssql.Error as error:
            if _code(error) == _TOO_COSTLY:
                return None
            raise translate(error) from None
        finally:
            with suppress(SourceError):
                self._run(Sql("SET QUERY_GOVERNOR_COST_LIMIT 0"))

    def stream(self, query: Sql, *, tolerant: bool = False) -> Rows:
        """Read rows as they come over the network."""
        del tolerant
        with _errors(), closing(self._db.cursor()) as cursor:
            cursor.execute(query.text, query.params)
            yield from cursor

    def side_stream(self, query: Sql) -> Rows:
        """Read like `stream`."""
        return self.stream(query)

    def chunks(self, content: StoredContent) -> Iterator[bytes]:
        """Read a content by pieces, which the server finds without reading the rest."""
        for start in range(1, (content.size or 0) + 1, _CHUNK_BYTES):
            query = sql(
                "SELECT SUBSTRING({}, {}, {}) FROM {} WHERE {} = {}",
                self.dialect.column("c", content.column),
                number(start),
                number(_CHUNK_BYTES),
                self.dialect.table(content.table, "c"),
                self.dialect.column("c", content.key_column),
                self.dialect.bind_key(content.key_column, content.key),
            )
            for (piece,) in self.rows(query):
                yield piece if isinstance(piece, bytes) else str(piece).encode()

    def expected_rows(self, table: DbTable, window: Sql | None, filters: Sql | None) -> Expected:
        """Take the statistics of the table, or count a window in its index up to a limit."""
        del filters
        if window is None:
            query = Sql(
                "SELECT SUM(p.rows) FROM sys.partitions p WHERE p.index_id IN (0, 1)"
                " AND p.object_id = OBJECT_ID(QUOTENAME(%s) + '.' + QUOTENAME(%s))",
                (table.schema, table.name),
            )
            return Expected(rows=int(self.rows(query)[0][0] or 0), filtered=False)
        query = sql(
            "SELECT COUNT(*) FROM (SELECT TOP ({}) 1 AS one FROM {} WHERE {}) AS few",
            number(_COUNTED_ROWS),
            self.dialect.table(table, "b"),
            window,
        )
        return Expected(rows=int(self.rows(query)[0][0]), filtered=False)

    def scattered_keys(self, table: DbTable, key: DbColumn, count: int) -> list[Values]:
        """Give none: moments are probed instead."""
        del table, key, count
        return []

    def close(self) -> None:
        """End transaction and connection."""
        with suppress(pymssql.Error):
            self._db.close()


def _table(rows: list[Values], indexes: list[Values]) -> DbTable:
    columns = {
        name: DbColumn(
            name=name,
            type=kind,
            family=_FAMILIES.get(kind, Family.OTHER),
            nullable=nullable == "YES",
            wide=length is not None and not 0 < length <= _SHORT,
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
        view=rows[0][6] == "VIEW",
    )


@contextmanager
def _errors() -> Iterator[None]:
    """Turn the driver's errors into ours."""
    try:
        yield
    except pymssql.Error as error:
        raise translate(error) from None


def _code(error: pymssql.Error) -> int:
    first = error.args[0] if error.args else 0
    code = first[0] if isinstance(first, tuple) and first else first
    return code if isinstance(code, int) else 0


_TOO_COSTLY = 8649
_NO_SNAPSHOTS = 3952
_REFUSED = frozenset({229, 230, 916, 4060, 18452, 18456, 18470, 18486, 18487, 18488})
_MISSING = frozenset({207, 208})


def translate(error: pymssql.Error) -> SourceError:
    """Give our error for the driver's; the server's text may hold data and is not told."""
    code = _code(error)
    if code in _REFUSED:
        return SourceRefused(
            Said(
                "the source database refuses the user, the password or the right to read ({code})",
                code=code,
            )
        )
    if code in _MISSING:
        return MappingMismatch(("a table or column that was there before",))
    if code == _NO_SNAPSHOTS:
        return SourceError(
            Said("the source database must have ALLOW_SNAPSHOT_ISOLATION switched on")
        )
    if isinstance(error, pymssql.OperationalError | pymssql.InterfaceError):
        return SourceUnreachable(
            Said("the source database does not answer (error {code})", code=code)
        )
    return SourceError(Said("the source database reports error {code}", code=code))
