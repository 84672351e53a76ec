"""The connection to the store: an SQLite file, or PostgreSQL."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    create_engine,
    event,
    make_url,
    select,
)
from sqlalchemy import exc as failures

from cxport.domain.errors import CxportError, SetupError, StoreUnavailable
from cxport.domain.said import Said
from cxport.domain.upgrade import SchemaState

#: How long a writer waits for another process's transaction on SQLite, and for PostgreSQL to
#: accept a connection.
_SQLITE_WAIT_SECONDS = 60
_CONNECT_SECONDS = 10


class Database:
    """The store's connections; any number of threads may use one Database.

    On SQLite writers queue: threads on a lock, processes on the database's own. Reads see one
    moment throughout a transaction and wait for nobody, on both databases.
    """

    def __init__(self, engine: Engine) -> None:
        sqlite = engine.dialect.name == "sqlite"
        self._turn: AbstractContextManager[Any] = threading.Lock() if sqlite else nullcontext()
        self._engine = engine
        self._reads = engine if sqlite else _snapshots(engine)
        self._writes = engine.execution_options(writes=True)
        self._joined = threading.local()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Begin a transaction that only reads, across tenants; see `scope` for within one.

        Raises StoreUnavailable.
        """
        if joined := self._ambient():
            yield joined
            return
        with _explained(), self._reads.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Begin a transaction that writes, across tenants; see `scope` for within one.

        It is committed at the end, or rolled back when an error passes through. Raises
        StoreUnavailable.
        """
        if joined := self._ambient():
            yield joined
            return
        with _explained(), self._turn, self._writes.begin() as connection:
            yield connection

    @contextmanager
    def together(self) -> Iterator[Connection]:
        """Make one transaction of all those that this thread begins inside, reads too.

        It is committed at the end, or rolled back as a whole. Raises StoreUnavailable.
        """
        with self.write() as connection:
            outer, self._joined.connection = self._ambient(), connection
            try:
                yield connection
            finally:
                self._joined.connection = outer

    def _ambient(self) -> Connection | None:
        """Give the transaction that this thread is in by `together`."""
        found: Connection | None = getattr(self._joined, "connection", None)
        return found

    def migrate(self) -> None:
        """Give the store what this version needs, in one transaction; older processes work on.

        Raises SetupError where the store does not admit this version (see `store.schema`), and
        StoreUnavailable.
        """
        from cxport.store import schema

        with self.write() as connection:
            schema.expand(connection)

    def finish_upgrade(self) -> None:
        """Take from the store what only older versions need, in one transaction.

        Raises SetupError where one of them runs, and as `migrate` does.
        """
        from cxport.store import schema

        with self.write() as connection:
            schema.finish(connection)

    def check_admitted(self) -> None:
        """Raise SetupError where the store does not admit this version any more."""
        from cxport.store import schema

        with self.read() as connection:
            schema.admit(connection)

    def schema_state(self) -> SchemaState:
        """Tell where the store stands between releases, and who uses it."""
        from cxport.store import schema

        with self.read() as connection:
            return schema.state(connection)

    def ping(self) -> None:
        """Raise StoreUnavailable where the database does not answer."""
        with self.read() as connection:
            connection.execute(select(1))

    def close(self) -> None:
        """Close the connections; those in use are closed when they are given back."""
        self._engine.dispose()


def connect(url: str) -> Database:
    """Give the store at a URL: `sqlite:////absolute/path`, or `postgresql://...` (libpq's).

    Nothing is sent before the first use. Raises SetupError for any other URL.
    """
    try:
        parsed = make_url(url)
    except (failures.ArgumentError, ValueError):
        raise SetupError(_URL_EXPECTED) from None
    if parsed.drivername == "sqlite":
        return Database(_sqlite(parsed))
    if parsed.drivername in {"postgresql", "postgresql+psycopg"}:
        return Database(_postgresql(parsed))
    raise SetupError(_URL_EXPECTED)


_URL_EXPECTED = "the store's URL must be sqlite:////absolute/path or postgresql://..."


def _sqlite(url: URL) -> Engine:
    """Open the file, made for its owner alone where it does not exist."""
    if not url.database or not url.database.startswith("/"):
        raise SetupError(_URL_EXPECTED)
    _create(url.database)
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"),
        connect_args={"timeout": _SQLITE_WAIT_SECONDS},
        pool_size=10,
        max_overflow=50,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _create(file: str) -> None:
    """Make the file where there is none.

    One that is there is not opened: closing it again would end the locks that SQLite holds on
    it in this process (https://sqlite.org/howtocorrupt.html, section 2.2).
    """
    try:
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise SetupError(f"the store's file cannot be made: {error.strerror}") from None


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Set what SQLite forgets with each connection; BEGIN is ours, not the driver's."""
    connection.isolation_level = None
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    _write_ahead(connection)


def _write_ahead(connection: Any) -> None:
    """Switch the file to WAL, which it stays in.

    Of two processes that do so at the same moment SQLite refuses one without letting it wait.
    """
    deadline = time.monotonic() + _SQLITE_WAIT_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except connection.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock first: a reader that becomes a writer later may not wait for it."""
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql(url: URL) -> Engine:
    """Open a pool that replaces connections which a restarted server has ended."""
    given = {"connect_timeout": str(_CONNECT_SECONDS), "application_name": "cxport"}
    return create_engine(
        url.set(drivername="postgresql+psycopg", query={**given, **url.query}),
        pool_size=5,
        max_overflow=15,
        pool_pre_ping=True,
        hide_parameters=True,
    )


def _snapshots(engine: Engine) -> Engine:
    """Let a transaction see one moment, so that a page and its count fit together."""
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


@contextmanager
def _explained() -> Iterator[None]:
    """Raise our errors in place of the driver's, which would name the address and the user."""
    try:
        yield
    except failures.StatementError as error:
        if isinstance(error.orig, CxportError):
            raise error.orig from None
        if _unreachable(error):
            raise StoreUnavailable(
                Said("the store does not answer{orig}", orig=_code(error.orig))
            ) from None
        raise
    except failures.TimeoutError:
        raise StoreUnavailable(Said("the store has no free connection")) from None


def _unreachable(error: failures.StatementError) -> bool:
    """Tell whether the database failed, not our statement (SQLite's driver has one class)."""
    if getattr(error.orig, "sqlite_errorname", "") == "SQLITE_ERROR":
        return False
    kinds = (failures.OperationalError, failures.InterfaceError)
    lost = isinstance(error, failures.DBAPIError) and error.connection_invalidated
    return lost or isinstance(error, kinds)


def _code(error: BaseException | None) -> str:
    """Give the driver's name for what happened, which holds nothing of ours: ` (SQLITE_FULL)`."""
    for attribute in ("sqlite_errorname", "sqlstate"):
        with suppress(AttributeError):
            return f" ({found})" if (found := getattr(error, attribute)) else ""
    return ""
