"""Our export beside others on the same rows, in turn, after their rows were compared."""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Iterable, Sequence
from typing import Protocol

from bench.kept import Json
from bench.ours import Done
from bench.rows import Rows, read_rows
from bench.work import Work


class Racer(Protocol):
    """One side."""

    @property
    def name(self) -> str:
        """What it is called in the table."""

    @property
    def whole(self) -> bool:
        """Whether its values have a form that can be compared; else the ids are."""

    def installed(self) -> bool:
        """Whether it can run here."""

    def run(self, work: Work) -> Done:
        """Export, and seal where it can."""

    def lines(self, work: Work, done: Done, /) -> Iterable[bytes]:
        """Give what it exported."""


def race(work: Work, racers: Sequence[Racer], runs: int) -> Json:
    """Let all run in turn, so many times; what each wrote first is held against the others'.

    The first of the racers is whom the others are compared with. Ends where rows differ.
    """
    running = [one for one in racers if one.installed()]
    timed: dict[str, list[tuple[float, float]]] = {one.name: [] for one in running}
    last: dict[str, Done] = {}
    found: dict[str, Rows] = {}
    for _ in range(runs):
        for one in running:
            begun, worked = time.perf_counter(), _processor_seconds()
            last[one.name] = one.run(work)
            taken = (time.perf_counter() - begun, _processor_seconds() - worked)
            timed[one.name].append(taken)
            print(f"  {one.name}: {taken[0]:.2f} s", flush=True)
            if one.name not in found:
                found[one.name] = read_rows(one.lines(work, last[one.name]), whole=one.whole)
                _compare(one, found[one.name], next(iter(found.values())))
    return {
        "rows": work.rows,
        "runs": runs,
        "sides": [
            _side(one.name, timed[one.name], last[one.name], found[one.name]) for one in running
        ],
        "missing": [one.name for one in racers if one not in running],
    }


def _side(name: str, timed: list[tuple[float, float]], done: Done, rows: Rows) -> Json:
    seconds, worked = (statistics.median(column) for column in zip(*timed, strict=True))
    return {
        "name": name,
        "seconds": round(seconds, 3),
        "processor_seconds": round(worked, 2),
        "raw_bytes": rows.raw_bytes,
        "file_bytes": done.sealed_bytes,
        "peak_bytes": done.peak_bytes,
    }


def _compare(racer: Racer, rows: Rows, first: Rows) -> None:
    same = rows.identities == first.identities and rows.count == first.count
    if not same or (racer.whole and rows.values != first.values):
        raise SystemExit(f"{racer.name} does not hold the same rows")


def _processor_seconds() -> float:
    """Give what this process and those that it waited for have used, the servers not among them."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)
