"""A large export and what it takes: `python -m bench.soak [--gigabytes N]`.

Writes a sample of about so many GB of JSON Lines into SQLite, exports it through a real service,
and prints time and memory. Ends with an error where the memory passes its limit.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.scenarios.memory import MemoryWatch
from tests.scenarios.opening import KeyPair
from tests.scenarios.running import RunningService, cxport
from tests.scenarios.test_memory import LIMIT_BYTES

_INTERACTIONS_A_GIGABYTE = 390_000


def main() -> int:
    """Build, export, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--gigabytes", type=float, default=2)
    interactions = int(options.parse_args().gigabytes * _INTERACTIONS_A_GIGABYTE)
    with tempfile.TemporaryDirectory() as folder:
        dsn = f"sqlite:///{Path(folder) / 'history.sqlite'}"
        cxport("sample", dsn, "--interactions", str(interactions))
        keys = KeyPair(Path(folder))
        with RunningService(Path(folder)) as service:
            service.add_source("history", dsn)
            return export(service, keys, interactions)


def export(service: RunningService, keys: KeyPair, interactions: int) -> int:
    """Run one export of everything; give 1 where it took too much memory."""
    begun = time.monotonic()
    with service.client() as client, MemoryWatch(service.pid) as watch:
        service.upload(client, keys.certificate)
        record = service.wait(client, service.create_job(client), seconds=3600)
    seconds = time.monotonic() - begun
    print(f"{record['status']}: {interactions} interactions in {seconds:.0f} s")
    print(f"sealed {record['fileSize'] / 1e6:.0f} MB")
    for name, peak in (
        ("worker with API", watch.root_peak),
        ("one exporting process", watch.child_peak),
        ("whole process tree", watch.tree_peak),
    ):
        print(f"peak memory, {name}: {peak / (1 << 20):.0f} MiB")
    return int(watch.tree_peak >= LIMIT_BYTES or not record["status"].startswith("Completed"))


if __name__ == "__main__":
    sys.exit(main())
