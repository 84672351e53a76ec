"""SQLite, over the standard library."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

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
    Unreadable,
    Values,
    sql,
)
from cxport.sources.sqlite_commit import NewestCommit
from cxport.sources.sqlite_dialect import SqliteDialect, family_of, is_wide

_CHUNK_BYTES = 1 << 20

#: Seconds to wait for a writer that locks the file.
_BUSY_SECONDS = 10

#: How often a reader begins anew where others commit meanwhile.
_TRIES = 20

#: Rows of a window that are counted in its index before a sample has to do.
_COUNTED_ROWS = 50_000


class SqliteConnection(Connection):
    """One connection to an SQLite file, which is never created or written to."""

    dialect = SqliteDialect()
    product = f"SQLite {sqlite3.sqlite_version}"
    interleaves = True
    plain_values = True

    def __init__(self, path: Path, *, links: bool = True) -> None:
        """Open the file; with `links` false SourceRefused where a link leads to it."""
        if not links:
            _check_links(path)
        _check_file(path)
        with _errors():
            self._db = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=ro",
                uri=True,
                timeout=_BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,
            )
        try:
            self._prepare()
            if not links:
                self._opened_without_links(path)
        except BaseException:
            self.close()
            raise

    def _prepare(self) -> None:
        self._db.text_factory = _LENIENT
        with _errors():
            self._db.execute("PRAGMA query_only = ON")
            self._db.execute("PRAGMA trusted_schema = OFF")
            # what is larger than a processor's cache makes reading slower
            self._db.execute("PRAGMA cache_size = -2000")

    def _opened_without_links(self, path: Path) -> None:
        """Look again when SQLite has the file, which it opens when it first reads."""
        with _errors():
            self._db.execute("SELECT count(*) FROM sqlite_master").fetchall()
        _check_links(path)

    def begin(self, token: str | None) -> Snapshot:
        """Begin, and read, which fixes what is seen.

        With a token only where the newest commit is the one that it names.
        """
        if token is not None:
            return self._join(token)
        taken_at = datetime.now(UTC)
        self._begin()
        return Snapshot(taken_at=taken_at)

    def share(self, snapshot: Snapshot) -> Snapshot:
        """Begin anew, until no commit has come in between, and name the one that is seen."""
        newest = self._newest_commit()
        for _ in range(_TRIES):
            before = newest.told()
            taken_at = datetime.now(UTC)
            self._begin_anew()
            if before and newest.told() == before:
                return Snapshot(taken_at=taken_at, token=f"{before} {taken_at.isoformat()}")
        return snapshot

    def _join(self, token: str) -> Snapshot:
        mark, _, taken_at = token.rpartition(" ")
        newest = self._newest_commit()
        self._begin_anew()
        if newest.told() != mark:
            raise SnapshotGone
        return Snapshot(taken_at=datetime.fromisoformat(taken_at), token=token)

    def _begin(self) -> None:
        with _errors():
            self._db.execute("BEGIN")
            self._db.execute("SELECT count(*) FROM sqlite_master").fetchall()

    def _begin_anew(self) -> None:
        with _errors():
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
        self._begin()

    def _newest_commit(self) -> NewestCommit:
        """Begin, so that a file in WAL mode has its index, and give what tells of commits."""
        self._begin_anew()
        mode, path = self.rows(
            Sql(
                "SELECT (SELECT journal_mode FROM pragma_journal_mode), file"
                " FROM pragma_database_list WHERE name = 'main'"
            )
        )[0]
        return NewestCommit(Path(path), wal=mode == "wal")

    def describe(self, schema: str, names: Sequence[str]) -> dict[str, DbTable]:
        """Read the schema; there is but one, so the mapping's is not looked at."""
        del schema
        listed = self.rows(
            Sql("SELECT name, type, wr FROM pragma_table_list WHERE schema = 'main'")
        )
        found = {}
        for name in names:
            same = [row for row in listed if row[0].lower() == name.lower()]
            if same:
                found[name] = self._table(*same[0])
        return found

    def _table(self, name: str, kind: str, without_rowid: int) -> DbTable:
        info = self.rows(
            Sql('SELECT name, type, "notnull", pk FROM pragma_table_xinfo(?)', (name,))
        )
        indexed, unique = self._indexed(name)
        keys = [row for row in info if row[3]]
        if len(keys) == 1:
            indexed.add(keys[0][0])
            unique.add(keys[0][0])
        columns = {
            column: self._column(
                name, column, declared, nullable=not notnull, seek=column in indexed
            )
            for column, declared, notnull, _ in info
        }
        return DbTable(
            name=name,
            schema="",
            columns=columns,
            indexed=frozenset(indexed),
            unique=frozenset(unique),
            view=kind == "view",
            rowid=kind == "table" and not without_rowid,
        )

    def _indexed(self, table: str) -> tuple[set[str], set[str]]:
        """Give the columns that indexes begin with, and those that are unique alone."""
        query = (
            'SELECT c.name, i."unique", (SELECT count(*) FROM pragma_index_info(i.name))'
            " FROM pragma_index_list(?) i JOIN pragma_index_info(i.name) c"
            " WHERE c.seqno = 0 AND NOT i.partial AND c.name IS NOT NULL"
        )
        rows = self.rows(Sql(query, (table,)))
        return {row[0] for row in rows}, {row[0] for row in rows if row[1] and row[2] == 1}

    def _column(
        self, table: str, name: str, declared: str, *, nullable: bool, seek: bool
    ) -> DbColumn:
        return DbColumn(
            name=name,
            type=declared or "no type",
            family=self._kept(table, name) if seek else family_of(declared),
            nullable=nullable,
            wide=is_wide(declared),
        )

    def _kept(self, table: str, name: str) -> Family:
        """Tell what an indexed column really holds: the ends of its index are of one type."""
        column = Sql(self.dialect.quote(name))
        parts = (column, Sql(self.dialect.quote(table)), column, column)
        end = sql("SELECT {} FROM {} WHERE {} IS NOT NULL ORDER BY {}", *parts)
        both = "SELECT typeof(({} LIMIT 1)), typeof(({} DESC LIMIT 1))"
        kinds = set(self.rows(sql(both, end, end))[0])
        if kinds == {"text"}:
            return Family.TEXT
        return Family.FLOAT if kinds <= {"integer", "real"} else Family.OTHER

    def rows(self, query: Sql) -> list[Values]:
        """Give all rows of a small answer."""
        before, self._db.text_factory = self._db.text_factory, _LENIENT
        try:
            with _errors():
                return self._db.execute(query.text, query.params).fetchall()
        finally:
            self._db.text_factory = before

    def rows_within(self, query: Sql, seconds: int) -> list[Values] | None:
        """Give all rows, or None where that takes longer."""
        end = time.monotonic() + seconds
        self._db.set_progress_handler(lambda: time.monotonic() > end, 20_000)
        try:
            return self._db.execute(query.text, query.params).fetchall()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname == "SQLITE_INTERRUPT":
                return None
            raise translate(error) from None
        finally:
            self._db.set_progress_handler(None, 0)

    def stream(self, query: Sql, *, tolerant: bool = False) -> Rows:
        """Read rows one by one."""
        # decoding with replacement costs a third of the speed and is hardly ever needed
        self._db.text_factory = _LENIENT if tolerant else str
        with _errors(), closing(self._db.execute(query.text, query.params)) as rows:
            yield from rows

    def side_stream(self, query: Sql) -> Rows:
        """Read rows one by one."""
        return self.stream(query, tolerant=True)

    def chunks(self, content: StoredContent) -> Iterator[bytes]:
        """Read a content through a handle on it, or by pieces where the table has no rowid."""
        table = content.table
        query = sql(
            "SELECT {} FROM {} WHERE {} = {}",
            Sql("c.rowid") if table.rowid else Sql("NULL"),
            self.dialect.table(table, "c"),
            self.dialect.column("c", content.key_column),
            self.dialect.bind_key(content.key_column, content.key),
        )
        for (rowid,) in self.rows(query):
            yield from self._pieces(content) if rowid is None else self._blob(content, rowid)

    def _blob(self, content: StoredContent, rowid: int) -> Iterator[bytes]:
        with _errors():
            blob = self._db.blobopen(content.table.name, content.column.name, rowid, readonly=True)
            with blob:
                while chunk := blob.read(_CHUNK_BYTES):
                    yield chunk

    def _pieces(self, content: StoredContent) -> Iterator[bytes]:
        query = sql(
            "SELECT substr(CAST({} AS BLOB), ?, ?) FROM {} WHERE {} = ?",
            self.dialect.column("c", content.column),
            self.dialect.table(content.table, "c"),
            self.dialect.column("c", content.key_column),
        )
        start = 1
        while True:
            found = self.rows(Sql(query.text, (start, _CHUNK_BYTES, content.key)))
            if not found or not found[0][0]:
                return
            yield found[0][0]
            start += _CHUNK_BYTES

    def expected_rows(self, table: DbTable, window: Sql | None, filters: Sql | None) -> Expected:
        """Count a window in its index while it is small; sample the table where it is not."""
        del filters
        total = self._total(table)
        if window is None:
            return Expected(rows=total, filtered=False)
        name = self.dialect.table(table, "b")
        counted = self._counted(sql("SELECT 1 FROM {} WHERE {}", name, window))
        if counted == _COUNTED_ROWS:
            counted = max(counted, round(total * self._share(table, window)))
        return Expected(rows=counted, filtered=False)

    def _total(self, table: DbTable) -> int:
        """Give the rows of a table by ANALYZE's statistics, its row numbers, or a capped count."""
        if self.rows(Sql("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'")):
            query = "SELECT stat FROM sqlite_stat1 WHERE tbl = ? AND stat IS NOT NULL"
            found = self.rows(Sql(query, (table.name,)))
            if found:
                return max(int(row[0].split()[0]) for row in found)
        if table.rowid:
            first, last = self._rowids(table)
            return last - first + 1
        return self._counted(sql("SELECT 1 FROM {}", self.dialect.table(table)))

    def _counted(self, query: Sql) -> int:
        """Count the rows of a query, up to a limit."""
        limited = self.dialect.limit(query, _COUNTED_ROWS)
        return int(self.rows(sql("SELECT count(*) FROM ({})", limited))[0][0])

    def _rowids(self, table: DbTable) -> tuple[int, int]:
        """Give the first and last row number; (1, 0) of an empty table."""
        name = self.dialect.table(table)
        query = "SELECT (SELECT min(rowid) FROM {}), (SELECT max(rowid) FROM {})"
        first, last = self.rows(sql(query, name, name))[0]
        return (1, 0) if first is None else (first, last)

    def _share(self, table: DbTable, window: Sql) -> float:
        """Tell what share of the rows lies in a window, by 500 of them."""
        if not table.rowid:
            return 0.0
        first, last = self._rowids(table)
        numbers = sorted({first + (last - first) * n // 499 for n in range(500)})
        marks = Sql(", ".join("?" * len(numbers)), tuple(numbers))
        name = self.dialect.table(table, "b")
        query = sql("SELECT sum({}), count(*) FROM {} WHERE b.rowid IN ({})", window, name, marks)
        inside, found = self.rows(query)[0]
        return (inside or 0) / found if found else 0.0

    def scattered_keys(self, table: DbTable, key: DbColumn, count: int) -> list[Values]:
        """Take the rows behind evenly spaced row numbers."""
        if not table.rowid:
            return []
        first, last = self._rowids(table)
        query = sql(
            "SELECT {} FROM {} WHERE b.rowid >= ? ORDER BY b.rowid LIMIT 1",
            self.dialect.column("b", key),
            self.dialect.table(table, "b"),
        )
        numbers = sorted({first + (last - first) * n // count for n in range(count)})
        return [row for number in numbers for row in self.rows(Sql(query.text, (number,)))]

    def close(self) -> None:
        """End transaction and connection."""
        with suppress(sqlite3.Error):
            self._db.close()


#: Decodes what is not UTF-8 with U+FFFD.
_LENIENT = partial(str, encoding="utf-8", errors="replace")


def _check_links(path: Path) -> None:
    """Refuse a file that another one has taken the place of, by a link to elsewhere."""
    try:
        moved = path.resolve(strict=True) != path
    except (OSError, RuntimeError):
        raise SourceUnreachable(Said("the SQLite file does not exist")) from None
    if moved:
        raise SourceRefused(Said("a link leads to the file of this source by now: add it again"))


def _check_file(path: Path) -> None:
    """Refuse what cannot be a database before SQLite looks at it; the path is not told."""
    try:
        if not path.is_file():
            raise SourceUnreachable(Said("the SQLite file does not exist"))
        with path.open("rb") as file:
            begin = file.read(16)
    except PermissionError:
        raise SourceRefused(Said("the SQLite file may not be read by this user")) from None
    except (OSError, ValueError):
        raise SourceUnreachable(Said("the SQLite file cannot be read")) from None
    if begin not in (b"", b"SQLite format 3\0"):
        raise SourceError(Said("the file is not an SQLite database"))


_UNREACHABLE = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_FULL")
_REFUSED = ("SQLITE_PERM", "SQLITE_AUTH", "SQLITE_READONLY")


@contextmanager
def _errors() -> Iterator[None]:
    """Turn sqlite3's errors into ours."""
    try:
        yield
    except sqlite3.Error as error:
        raise translate(error) from None


def translate(error: sqlite3.Error) -> Exception:
    """Give our error for sqlite3's; its text may hold data and is not told."""
    text, name = str(error), getattr(error, "sqlite_errorname", "")
    if "Could not decode to UTF-8" in text:
        return Unreadable()
    if text.startswith(("no such table: ", "no such column: ")):
        return MappingMismatch((text.partition(": ")[2],))
    if name.startswith(_UNREACHABLE):
        return SourceUnreachable(Said("the SQLite file cannot be read now ({name})", name=name))
    if name.startswith(_REFUSED):
        return SourceRefused(
            Said("the SQLite file may not be read by this user ({name})", name=name)
        )
    return SourceError(
        Said("the SQLite file cannot be read ({value})", value=name or type(error).__name__)
    )
