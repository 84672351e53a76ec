"""Pages do not wait for how much there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.console import LIMIT_MS, of_store
from tests.servers import PostgresServer


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_every_page_is_there_in_no_time(
    store: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """With 5,000 records of each kind; `make bench` says it for 100,000.

    What this process works for a page is held to the limit here: others share these cores.
    """
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    if store == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.new_database()
    found = of_store(store, url, tmp_path, 5000, 5)
    slow = {one.path: one.work_ms for one in found if one.work_ms >= LIMIT_MS}

    assert slow == {}
