"""Databases with a contact history, for the tests of the sources."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cxport.sources import connect
from cxport.sources.base import Source, SourceSettings
from tests.sources.history import History, create, fill

PRODUCTS = ("sqlite", "postgresql", "mariadb")


@pytest.fixture(scope="session")
def new_dsn(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], str]:
    """Give a DSN of an empty database of a product."""

    def make(product: str) -> str:
        if product == "sqlite":
            return f"sqlite:///{tmp_path_factory.mktemp('source') / 'ucs.db'}"
        name = {"postgresql": "postgres", "mariadb": "mariadb"}[product]
        return str(request.getfixturevalue(name).new_database())

    return make


@pytest.fixture(scope="session", params=PRODUCTS)
def filled(request: pytest.FixtureRequest, new_dsn: Callable[[str], str]) -> History:
    """Give a history of 500 interactions that no test writes to."""
    history = create(new_dsn(request.param))
    fill(history, 500)
    return history


@pytest.fixture(params=PRODUCTS)
def empty(request: pytest.FixtureRequest, new_dsn: Callable[[str], str]) -> History:
    """Give empty tables of one's own in each database."""
    return create(new_dsn(request.param))


@pytest.fixture
def sqlite_history(tmp_path: Path) -> History:
    """Give empty tables in SQLite."""
    return create(f"sqlite:///{tmp_path / 'ucs.db'}")


@pytest.fixture
def postgres_history(postgres_dsn: str) -> History:
    """Give empty tables in PostgreSQL."""
    return create(postgres_dsn)


@pytest.fixture
def mariadb_history(mariadb_dsn: str) -> History:
    """Give empty tables in MariaDB."""
    return create(mariadb_dsn)


@pytest.fixture
def source(filled: History) -> Source:
    """Give the source of the filled history."""
    return connect(SourceSettings(dsn=filled.dsn))
