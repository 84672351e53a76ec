"""Memory does not grow with what is exported."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.scenarios.memory import MemoryWatch
from tests.scenarios.opening import KeyPair
from tests.scenarios.running import RunningService, cxport

#: Of the worker process and the processes that export for it, all together.
LIMIT_BYTES = 256 << 20

#: About 200 MB of JSON Lines; the soak run does ten times as much under the same limit.
INTERACTIONS = 80_000


def test_an_export_of_200_mb_keeps_the_limit(
    running_service: Callable[..., RunningService], tmp_path: Path, keys: KeyPair
) -> None:
    """A worker with two exporting processes stays under 256 MiB, the API included."""
    dsn = f"sqlite:///{tmp_path / 'history.sqlite'}"
    cxport("sample", dsn, "--interactions", str(INTERACTIONS))
    service = running_service(part_rows="40000")
    service.add_source("history", dsn)
    with service.client() as client, MemoryWatch(service.pid) as watch:
        service.upload(client, keys.certificate)

        record = service.run_job(client)

    assert record["status"].startswith("Completed"), record
    assert record["fileSize"] > 40e6
    assert watch.child_peak > 10e6, "the watch must have seen the processes that export"
    assert watch.tree_peak < LIMIT_BYTES
