"""The console over both stores, and in a real browser that is watched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.console.browsers import Tab, serving, watched
from tests.console.installation import Console, Person, console
from tests.servers import PostgresServer, free_port

URL = "https://console.example"
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep on one worker what shares an application: starting one takes as long as many tests."""
    for item in items:
        store = getattr(getattr(item, "callspec", None), "params", {}).get("served")
        if store and HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group(f"{item.path.stem} {store}"))


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


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """Serve the console over SQLite on a port, for browsers."""
    folder, port = tmp_path_factory.mktemp("lived"), free_port()
    url = f"http://127.0.0.1:{port}"
    store = f"sqlite:///{folder / 'store.sqlite'}"
    with console(store, folder, url) as found, serving(found.app, port):
        yield found


@pytest.fixture
def open_tab(browser: Browser, lived: Console) -> Callable[..., AbstractContextManager[Tab]]:
    """Give what opens a tab of a fresh browser; options are playwright's."""

    @contextmanager
    def opened(**options: Any) -> Iterator[Tab]:
        context = browser.new_context(**{"locale": "en", "timezone_id": "Europe/Paris", **options})
        with watched(context, lived.url) as tab:
            yield tab

    return opened
