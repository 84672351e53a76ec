"""How time and memory grow: with rows, with processes that read, and with parts."""

from __future__ import annotations

import statistics
import time
from argparse import Namespace

from bench.kept import Json
from bench.ours import Ours
from bench.work import Grounds, Work

READERS = (1, 2, 4)
PARTS = (1, 3, 10, 30, 100)

_SIZES = (10_000, 100_000, 1_000_000, 5_000_000)
_PARTS_A_READER = 3


def growth(grounds: Grounds, given: Namespace) -> Json:
    """Export every size with 1, 2 and 4 readers, and one size in 1 to 100 parts with 2."""
    sizes = sorted({size for size in _SIZES if size < given.top} | {given.top})
    middle = grounds.sample("postgresql", sizes[min(1, len(sizes) - 1)])
    by_rows = []
    for size in sizes:
        work = grounds.sample("postgresql", size)
        runs = given.runs if size <= middle.rows else 1
        by_rows += [_point(work.read_by(readers, _PARTS_A_READER), runs) for readers in READERS]
    by_parts = [{"parts": parts, **_point(_cut(middle, parts), given.runs)} for parts in PARTS]
    return {"by_rows": by_rows, "by_parts": by_parts}


def _cut(work: Work, parts: int) -> Work:
    readers = min(2, parts)
    return work.read_by(readers, max(1, round(parts / readers)))


def _point(work: Work, runs: int) -> Json:
    seconds, peak = [], 0
    for _ in range(runs):
        begun = time.perf_counter()
        peak = max(peak, Ours("CXPort").run(work).peak_bytes)
        seconds.append(time.perf_counter() - begun)
    point = {
        "rows": work.rows,
        "readers": work.readers,
        "seconds": round(statistics.median(seconds), 3),
        "peak_bytes": peak,
    }
    print(f"  {point}", flush=True)
    return point
