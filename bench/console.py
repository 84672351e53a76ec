"""Pages of the console for a tenant with many records.

Fills a store of each kind, signs somebody in, and asks for every page, again and again: how long
the whole HTML takes, without the network.
"""

from __future__ import annotations

import math
import time
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from fastapi.testclient import TestClient

from bench.kept import Json
from bench.many import fill
from bench.work import Grounds
from cxport.store.database import connect
from tests.console.installation import console

#: What the p95 of every page must be under, in milliseconds, and with how many records.
LIMIT_MS = 200
RECORDS = 100_000

PAGES = (
    "/",
    "/jobs",
    "/jobs?sort=title&title=part+77",
    "/jobs?sort=-next&size=100",
    "/jobs/new",
    "/jobs/777",
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
    "/preferences",
    "/administration/sources",
    "/administration/users",
    "/administration/audit",
)


@dataclass(frozen=True)
class Timing:
    """What a page took, in milliseconds; `work_ms` is what this process itself worked for it.

    A machine that has much to do does not change the latter.
    """

    store: str
    path: str
    work_ms: float
    median_ms: float
    p95_ms: float
    worst_ms: float


def measured(store: str, client: TestClient, run_id: int, samples: int) -> Iterator[Timing]:
    """Ask for each page so many times, after once without looking at the clock."""
    for path in (*PAGES, f"/history/{run_id}"):
        client.get(f"/console{path}")
        asked = [_asked(client, path) for _ in range(samples)]
        times, worked = (sorted(column) for column in zip(*asked, strict=True))
        p95 = times[math.ceil(samples * 0.95) - 1]
        yield Timing(store, path, worked[samples // 2], times[samples // 2], p95, times[-1])


def _asked(client: TestClient, path: str) -> tuple[float, float]:
    begun, work = time.perf_counter(), time.process_time()
    answer = client.get(f"/console{path}")
    taken = time.perf_counter() - begun, time.process_time() - work
    if answer.status_code != 200:  # noqa: PLR2004 - OK
        raise SystemExit(f"{path}: {answer.status_code}")
    return taken[0] * 1000, taken[1] * 1000


def console_pages(grounds: Grounds, given: Namespace) -> Json:
    """Fill, and ask; `failed` where a page takes longer than it may."""
    found = [
        one
        for store, url in grounds.stores("console").items()
        for one in of_store(store, url, grounds.folder, RECORDS, given.samples)
    ]
    return {
        "records": RECORDS,
        "samples": given.samples,
        "pages": [asdict(one) for one in found],
        "failed": any(one.p95_ms > LIMIT_MS for one in found),
    }


def of_store(store: str, url: str, folder: Path, records: int, samples: int) -> list[Timing]:
    """Fill a store, sign somebody in, and ask for its pages."""
    db = connect(url)
    fill(db, records)
    db.close()
    (folder / store).mkdir()
    with console(url, folder / store, "https://console.example") as served:
        client = served.signed_in(served.person(tenant="many"))
        return list(measured(store, client, records + 777, samples))
