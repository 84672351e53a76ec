"""The store on both databases: one of each a session, and a tenant of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cxport.domain.tenant import Tenant
from cxport.store.database import Database, connect
from tests.servers import PostgresServer
from tests.store.samples import new_tenant


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    """Name the kind of database."""
    return str(request.param)


@pytest.fixture(scope="session")
def url(
    backend: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """Give a database for the whole session."""
    return _new(backend, request, tmp_path_factory.mktemp("store"))


@pytest.fixture
def fresh_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give an empty database of one's own."""
    return _new(backend, request, tmp_path)


def _new(backend: str, request: pytest.FixtureRequest, folder: Path) -> str:
    if backend == "sqlite":
        return f"sqlite:///{folder}/store.sqlite"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture(scope="session")
def db(url: str) -> Iterator[Database]:
    """Give the session's store, migrated."""
    database = connect(url)
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def fresh_db(fresh_url: str) -> Iterator[Database]:
    """Give a store of one's own, migrated."""
    database = connect(fresh_url)
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def tenant(db: Database) -> Tenant:
    """Give a tenant that has nothing yet."""
    return new_tenant(db)


@pytest.fixture
def other(db: Database) -> Tenant:
    """Give a further tenant that has nothing yet."""
    return new_tenant(db)
