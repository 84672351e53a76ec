"""Chooses the driver for a DSN; a driver is loaded when it is first needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from cxport.domain.errors import SourceError
from cxport.domain.said import Said
from cxport.sources.dialect import Connection
from cxport.sources.dsn import SCHEMES, allows_links, parse_address, product_of, sqlite_path

#: What opens a connection, and how many readers may share a snapshot (None = any number).
Opener = tuple[Callable[[], Connection], int | None]


def opener(dsn: str) -> Opener:
    """Give what opens a connection to the database of a DSN.

    Raises InvalidInput (`dsn`), and SourceError where its driver is not installed.
    """
    return _OPENERS[product_of(dsn)](dsn)


def shares_snapshot(dsn: str) -> bool:
    """Tell, without loading the driver, whether several readers may share a snapshot."""
    product = SCHEMES.get(dsn.strip().partition("://")[0].lower())
    return product in {"postgresql", "sqlite"}


def _postgresql(dsn: str) -> Opener:
    from cxport.sources.postgres import PostgresConnection, parse_dsn

    parse_dsn(dsn)
    return partial(PostgresConnection, dsn), None


def _mariadb(dsn: str) -> Opener:
    from cxport.sources.mariadb import MariaConnection, parse_dsn

    return partial(MariaConnection, parse_dsn(dsn)), 1


def _sqlite(dsn: str) -> Opener:
    from cxport.sources.sqlite import SqliteConnection

    return partial(SqliteConnection, sqlite_path(dsn), links=allows_links(dsn)), None


def _oracle(dsn: str) -> Opener:
    with _extra("oracle"):
        from cxport.sources.oracle import OPTIONS, OracleConnection
    return partial(OracleConnection, parse_address(dsn, OPTIONS)), 1


def _sqlserver(dsn: str) -> Opener:
    with _extra("sqlserver"):
        from cxport.sources.sqlserver import OPTIONS, SqlServerConnection
    return partial(SqlServerConnection, parse_address(dsn, OPTIONS)), 1


@contextmanager
def _extra(name: str) -> Iterator[None]:
    """Tell which extra brings a driver that is not installed."""
    try:
        yield
    except ModuleNotFoundError:
        raise SourceError(
            Said(
                "the driver of this database is not installed: pip install 'cxport[{name}]'",
                name=name,
            )
        ) from None


_OPENERS: dict[str, Callable[[str], Opener]] = {
    "postgresql": _postgresql,
    "mariadb": _mariadb,
    "sqlite": _sqlite,
    "oracle": _oracle,
    "sqlserver": _sqlserver,
}
