"""Our export beside the pipelines that people type, on the same rows, in turn.

`python -m bench [--interactions N] [--runs R] [--write]` starts the databases on loopback, writes
the sample contact centre into them, and then lets each side export and seal it, R times, one
after the other. It checks that all hold the same rows, prints the medians, and with `--write`
puts them into docs/benchmarks.md, with the times of the console's pages. `python -m bench lists`
measures lists instead, and `python -m bench console` pages alone. The product
knows nothing of it.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import re
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from bench import console, lists
from bench.ours import Done, Ours
from bench.peers import Typed
from bench.report import Result, table, write
from bench.work import Sizes, Work, works

_TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?Z?")

COMPRESSORS = ("gzip -1", "igzip -1", "zip -q - -")


class Racer(Protocol):
    """One side."""

    @property
    def name(self) -> str:
        """What it is called in the table."""

    def installed(self) -> bool:
        """Whether it can run here."""

    def run(self, work: Work) -> Done:
        """Export and seal."""

    def lines(self, work: Work, done: Done) -> Iterable[bytes]:
        """Give what it exported."""


def racers(work: Work) -> list[Racer]:
    """Give who runs: the first is whom the others are held against."""
    compressors = COMPRESSORS if work.product == "postgresql" else COMPRESSORS[:1]
    typed: list[Racer] = [Typed(one) for one in compressors]
    ours: list[Racer] = [Ours("CXPort")]
    if work.product == "postgresql":
        ours.append(Ours("CXPort, pure Python", compiled=False))
        ours.append(Ours("CXPort, as S/MIME text", text=True))
    return [*typed, *ours]


def race(work: Work, runs: int) -> list[Result]:
    """Let all run once to be checked, and then in turn to be timed."""
    every = racers(work)
    running = [one for one in every if one.installed()]
    expected = ""
    for one in running:
        found = rows(one.lines(work, one.run(work)))
        expected = expected or found
        if found != expected:
            raise SystemExit(f"{work.name}: {one.name} does not hold the same rows")
    times: dict[str, list[tuple[float, float]]] = {one.name: [] for one in running}
    last: dict[str, Done] = {}
    for _ in range(runs):
        for one in running:
            begun, worked = time.perf_counter(), _processor_seconds()
            last[one.name] = one.run(work)
            taken = (time.perf_counter() - begun, _processor_seconds() - worked)
            times[one.name].append(taken)
    missing = [Result(work.name, one.name, None, 0, 0, 0) for one in every if one not in running]
    return [
        Result(
            work.name,
            name,
            *(statistics.median(column) for column in zip(*found, strict=True)),
            last[name].sealed_bytes,
            last[name].peak_bytes,
        )
        for name, found in times.items()
    ] + missing


def _processor_seconds() -> float:
    """Give what this process and those that it waited for have used, the servers not among them."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def rows(lines: Iterable[bytes]) -> str:
    """Give the number of rows, and a digest of their values that does not tell their order."""
    count = total = 0
    for line in lines:
        row = normal(json.loads(line))
        digest = hashlib.sha256(json.dumps(row, sort_keys=True).encode()).digest()
        total = (total + int.from_bytes(digest, "big")) % (1 << 256)
        count += 1
    return f"{count} {total:x}"


def normal(row: dict[str, object]) -> dict[str, object]:
    """Give a row as every side has it: each database writes times and truth in its own way."""
    if "content" in row:
        return {key: row[key] for key in ("id", "entityid", "content")}
    found = {name: _normal(value) for name, value in row.items()}
    if isinstance(letters := found["allAttributes"], str):
        found["allAttributes"] = _octets(letters).hex()
    return found


def _octets(letters: str) -> bytes:
    """Read what one side writes in base64 and another in hexadecimal."""
    try:
        return bytes.fromhex(letters)
    except ValueError:
        return base64.b64decode(letters)


def _normal(value: object) -> object:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str) and _TIME.fullmatch(value):
        seconds, _, fraction = value.rstrip("Z").replace("T", " ").partition(".")
        return f"{seconds}.{fraction[:3]:0<3}"
    return value


def main() -> None:
    """Build, race, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--interactions", type=int, default=500_000, help="in PostgreSQL")
    options.add_argument("--others", type=int, default=100_000, help="in SQLite and MariaDB")
    options.add_argument("--attachments", type=int, default=8_000, help="with attachments")
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--readers", type=int, default=2)
    options.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    given = options.parse_args()
    load = os.getloadavg()[0]
    sizes = Sizes(postgresql=given.interactions, others=given.others, attachments=given.attachments)
    with tempfile.TemporaryDirectory() as folder, works(Path(folder), sizes, given.readers) as all_:
        results = [result for work in all_ if work.rows for result in race(work, given.runs)]
        print(table(results))
        pages = console.table(console.of_stores((), console.RECORDS, console.SAMPLES))
        print(pages)
        if given.write:
            write(results, all_, given.runs, load, pages)


if __name__ == "__main__":
    others = {"lists": lists.main, "console": console.main}
    if sys.argv[1:2] and sys.argv[1] in others:
        others[sys.argv[1]](sys.argv[2:])
    else:
        main()
