"""Chooses the driver for a DSN; a driver is loaded when it is first needed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from cxport.sources.dialect import Connection
from cxport.sources.dsn import product_of, sqlite_path

#: What opens a connection, and how many readers may share a snapshot (None = any number).
Opener = tuple[Callable[[], Connection], int | None]


def opener(dsn: str) -> Opener:
    """Give what opens a connection to the database of a DSN.

    Raises InvalidInput (`dsn`), and SourceError where its driver is not installed.
    """
    return _OPENERS[product_of(dsn)](dsn)


def _postgresql(dsn: str) -> Opener:
    from cxport.sources.postgres import PostgresConnection, parse_dsn

    parse_dsn(dsn)
    return partial(PostgresConnection, dsn), None


def _mariadb(dsn: str) -> Opener:
    from cxport.sources.mariadb import MariaConnection, parse_dsn

    return partial(MariaConnection, parse_dsn(dsn)), 1


def _sqlite(dsn: str) -> Opener:
    from cxport.sources.sqlite import SqliteConnection

    return partial(SqliteConnection, sqlite_path(dsn)), 1


_OPENERS: dict[str, Callable[[str], Opener]] = {
    "postgresql": _postgresql,
    "mariadb": _mariadb,
    "sqlite": _sqlite,
}
