"""Pages of a tenant with many records: `python -m bench console [--records N]`.

Fills a store of each kind, signs somebody in, and asks for every page of lists, again and again.
Prints the 95th percentile of the time that the whole HTML takes, without the network.
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fastapi.testclient import TestClient

from bench.many import fill
from cxport.store.database import connect
from tests.console.installation import console
from tests.servers import PostgresServer

#: What the p95 of every page must be under, in milliseconds.
LIMIT_MS = 200
RECORDS, SAMPLES = 100_000, 40

PAGES = (
    "/",
    "/jobs",
    "/jobs?sort=title&title=part+77",
    "/jobs?sort=-next&size=100",
    "/history",
    "/history?size=100&page=900",
    "/history?sort=title&title=weekly",
    "/history?sort=-size&status=failed",
    "/history?sort=-rows&title=part+77",
    "/history?title=nowhere",
    "/history?job=777",
    "/history?created=2022-02-01",
    "/files",
    "/files?sort=until&size=100",
    "/files?name=-123&sort=-size",
    "/files?digest=nowhere",
)


@dataclass(frozen=True)
class Timing:
    """What a page took, in milliseconds, in ascending order."""

    path: str
    times: tuple[float, ...]
    #: What this process itself worked for it; a machine that has much to do does not change it.
    worked: tuple[float, ...]

    @property
    def median(self) -> float:
        """The time that half of them are under."""
        return self.times[len(self.times) // 2]

    @property
    def p95(self) -> float:
        """The time that 95 of 100 are under."""
        return self.times[math.ceil(len(self.times) * 0.95) - 1]


def measured(client: TestClient, samples: int) -> Iterator[Timing]:
    """Ask for each page so many times, after once without looking at the clock."""
    for path in PAGES:
        times, worked = [], []
        for sample in range(samples + 1):
            begun, work = time.perf_counter(), time.process_time()
            answer = client.get(f"/console{path}")
            taken = (time.perf_counter() - begun) * 1000
            if answer.status_code != 200:  # noqa: PLR2004 - OK
                raise SystemExit(f"{path}: {answer.status_code}")
            times += [taken] if sample else []
            worked += [(time.process_time() - work) * 1000] if sample else []
        yield Timing(path, tuple(sorted(times)), tuple(sorted(worked)))


def timings(store: str, folder: Path, records: int, samples: int) -> list[Timing]:
    """Fill a store and ask for its pages."""
    db = connect(store)
    fill(db, records)
    db.close()
    with console(store, folder, "https://console.example") as served:
        client = served.signed_in(served.person(tenant="many"))
        return list(measured(client, samples))


def table(found: Sequence[tuple[str, Timing]]) -> str:
    """Give the timings as a table."""
    lines = [
        "| store | page | work, ms | median, ms | p95, ms | slowest, ms |",
        "|---|---|---|---|---|---|",
    ]
    for store, one in found:
        work = one.worked[len(one.worked) // 2]
        told = f"{work:.0f} | {one.median:.0f} | {one.p95:.0f} | {one.times[-1]:.0f}"
        lines.append(f"| {store} | `{one.path}` | {told} |")
    return "\n".join(lines)


def of_stores(stores: Sequence[str], records: int, samples: int) -> list[tuple[str, Timing]]:
    """Fill a store of each kind, and ask for its pages."""
    with tempfile.TemporaryDirectory() as folder, PostgresServer() as server:
        urls = {
            "sqlite": f"sqlite:///{Path(folder)}/store.sqlite",
            "postgresql": server.new_database(),
        }
        return [
            (store, one)
            for store in stores or urls
            for one in timings(urls[store], Path(folder), records, samples)
        ]


def main(arguments: Sequence[str]) -> None:
    """Fill, ask, print."""
    options = argparse.ArgumentParser(prog="python -m bench console", description=__doc__)
    options.add_argument("--records", type=int, default=RECORDS, help="jobs, runs, and files")
    options.add_argument("--samples", type=int, default=SAMPLES, help="of each page")
    options.add_argument("--store", choices=("sqlite", "postgresql"), action="append")
    given = options.parse_args(arguments)
    print(f"must be under {LIMIT_MS} ms (p95), {given.records:,} jobs, runs and files")
    print(table(of_stores(given.store or (), given.records, given.samples)))
