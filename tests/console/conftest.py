"""The console over both stores, and in a real browser that is watched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.console.installation import Console, Person, console
from tests.servers import PostgresServer

URL = "https://console.example"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Console]:
    """Give the application, over each of the stores."""
    folder: Path = tmp_path_factory.mktemp("console")
    url = f"sqlite:///{folder / 'store.sqlite'}"
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.new_database()
    with console(url, folder, URL) as found:
        yield found


@pytest.fixture
def ann(served: Console) -> Person:
    """Give the administrator of a tenant of her own."""
    return served.person()
