"""Writing rows into each database, as quickly as it takes them."""

from __future__ import annotations

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import psycopg
import pymysql
from pymysql.constants import ER
from pymysql.cursors import Cursor

from cxport.domain.errors import SourceError, SourceRefused, SourceUnreachable
from cxport.domain.said import Said
from cxport.sources import mariadb, postgres, sqlite
from cxport.sources.dsn import malformed, product_of, sqlite_path
from cxport.sources.sample.interactions import Row
from cxport.sources.sample.tables import MARIADB, POSTGRESQL, SQLITE, TABLES, Ddl, Table

#: Seconds to wait for another program that writes to an SQLite file.
_BUSY_SECONDS = 2

_NO_RIGHT = Said("the user has no right to make tables in this database")


class Database(ABC):
    """A connection that makes and fills tables.

    What was made stays once `finish` has returned, and goes with `abandon` otherwise. All but
    `abandon` and `close`, which never raise, raise the errors of SourceError.
    """

    ddl: Ddl

    def make(self, table: Table) -> None:
        """Make an empty table."""
        self._execute(self.ddl.create(table))

    @abstractmethod
    def insert(self, table: Table, rows: Sequence[Row]) -> None:
        """Write rows into a table that was made."""

    def finish(self) -> None:
        """Make the indexes, let the database count what it holds, and keep everything."""
        for table in TABLES:
            for statement in self.ddl.indexes(table):
                self._execute(statement)
            self._execute(f"{self.ddl.analyze} {table.name}")
        self._commit()

    @abstractmethod
    def abandon(self) -> None:
        """Take back what was made, as far as the database can still be reached."""

    @abstractmethod
    def close(self) -> None:
        """End the connection."""

    @abstractmethod
    def _execute(self, statement: str) -> None:
        """Run a statement of ours."""

    @abstractmethod
    def _commit(self) -> None:
        """Keep what was done since the last time."""


class Sqlite(Database):
    """A file of SQLite: all in one transaction; a file that is new goes with `abandon`."""

    ddl = SQLITE

    def __init__(self, dsn: str) -> None:
        self._path = sqlite_path(dsn)
        self._new = not self._path.exists()
        with _sqlite_errors():
            self._connection = sqlite3.connect(
                self._path, timeout=_BUSY_SECONDS, isolation_level=None
            )
        try:
            self._execute("BEGIN IMMEDIATE")
        except SourceError:
            self.close()
            raise

    def insert(self, table: Table, rows: Sequence[Row]) -> None:
        """Write rows one by one, which is what SQLite is quick at."""
        statement = table.insert("?")
        with _sqlite_errors():
            self._connection.executemany(statement, rows)

    def abandon(self) -> None:
        """Roll back, and remove the file where there was none before."""
        self.close()
        if self._new:
            with suppress(OSError):
                self._path.unlink()

    def close(self) -> None:
        """Close the file; what was not kept is rolled back."""
        self._connection.close()

    def _execute(self, statement: str) -> None:
        with _sqlite_errors():
            self._connection.execute(statement)

    def _commit(self) -> None:
        self._execute("COMMIT")


@contextmanager
def _sqlite_errors() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorname", "").startswith(
            ("SQLITE_CANTOPEN", "SQLITE_READONLY")
        ):
            raise SourceRefused(Said("the SQLite file cannot be made or written to here")) from None
        raise sqlite.translate(error) from None


class Postgresql(Database):
    """A database of PostgreSQL: all in one transaction, rows through COPY."""

    ddl = POSTGRESQL

    def __init__(self, dsn: str) -> None:
        with _postgresql_errors():
            settings = {**postgres.parse_dsn(dsn), "client_encoding": "UTF8"}
            self._connection = psycopg.connect(**settings)

    def insert(self, table: Table, rows: Sequence[Row]) -> None:
        """Copy rows; frozen, as nobody sees the table before its rows are kept."""
        statement = f"COPY {table.name} FROM STDIN WITH (FREEZE)".encode()
        with (
            _postgresql_errors(),
            self._connection.cursor() as cursor,
            cursor.copy(statement) as copy,
        ):
            for row in rows:
                copy.write_row(row)

    def abandon(self) -> None:
        """Leave it to the end of the connection, which rolls back."""
        self.close()

    def close(self) -> None:
        """Close the connection."""
        with suppress(psycopg.Error, OSError):
            self._connection.close()

    def _execute(self, statement: str) -> None:
        with _postgresql_errors():
            self._connection.execute(statement.encode())

    def _commit(self) -> None:
        with _postgresql_errors():
            self._connection.commit()


@contextmanager
def _postgresql_errors() -> Iterator[None]:
    try:
        yield
    except psycopg.errors.InsufficientPrivilege:
        raise SourceRefused(_NO_RIGHT) from None
    except psycopg.Error as error:
        raise postgres.translate(error) from None


class Mariadb(Database):
    """A database of MariaDB or MySQL: tables cannot be rolled back there, but dropped."""

    ddl = MARIADB

    def __init__(self, dsn: str) -> None:
        self._address = mariadb.parse_dsn(dsn)
        self._made: list[str] = []
        self._connection = self._connect()

    def make(self, table: Table) -> None:
        """Make an empty table, and remember it, unless the server says that it did not."""
        self._made.append(table.name)
        try:
            super().make(table)
        except SourceError:
            self._made.pop()
            raise

    def insert(self, table: Table, rows: Sequence[Row]) -> None:
        """Write rows, many with one statement, which PyMySQL sees to."""
        with _mariadb_errors(), self._connection.cursor() as cursor:
            cursor.executemany(table.insert("%s"), rows)
            self._connection.commit()

    def abandon(self) -> None:
        """Drop what was made, over a new connection: the old one may be lost, or in mid-answer."""
        self.close()
        with suppress(SourceError):
            self._connection = self._connect()
            for name in self._made:
                self._execute(f"DROP TABLE IF EXISTS {name}")
            self.close()

    def close(self) -> None:
        """Close the connection."""
        with suppress(pymysql.MySQLError, OSError):
            self._connection.close()

    def _connect(self) -> pymysql.Connection[Cursor]:
        address = self._address
        with _mariadb_errors():
            return pymysql.connect(
                host=address.host,
                port=address.port or _MARIADB_PORT,
                user=address.user,
                password=address.password,
                database=address.database,
                charset="utf8mb4",
                init_command="SET lock_wait_timeout = 60",
                ssl_ca=address.options.get("ssl_ca"),
                ssl_cert=address.options.get("ssl_cert"),
                ssl_key=address.options.get("ssl_key"),
            )

    def _execute(self, statement: str) -> None:
        with _mariadb_errors(), self._connection.cursor() as cursor:
            cursor.execute(statement)

    def _commit(self) -> None:
        """Do nothing: each statement was kept when it was done."""


_MARIADB_PORT = 3306


@contextmanager
def _mariadb_errors() -> Iterator[None]:
    try:
        yield
    except pymysql.MySQLError as error:
        if error.args and error.args[0] in (ER.DBACCESS_DENIED_ERROR, ER.TABLEACCESS_DENIED_ERROR):
            raise SourceRefused(_NO_RIGHT) from None
        raise mariadb.translate(error) from None
    except OSError:
        raise SourceUnreachable from None


def database_kind(dsn: str) -> type[Sqlite | Postgresql | Mariadb]:
    """Give what connects to the database of a DSN; raises InvalidInput (`dsn`)."""
    kinds: dict[str, type[Sqlite | Postgresql | Mariadb]] = {
        "sqlite": Sqlite,
        "postgresql": Postgresql,
        "mariadb": Mariadb,
    }
    try:
        return kinds[product_of(dsn)]
    except KeyError:
        raise malformed(
            Said("a sample is written to PostgreSQL, MariaDB, MySQL or SQLite")
        ) from None
