"""The results as a table, and as docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.work import ATTACHMENT_BYTES, Work

_DOCUMENT = Path(__file__).parents[1] / "docs" / "benchmarks.md"
_MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Result:
    """What one side took; no seconds where it is not installed."""

    work: str
    name: str
    seconds: float | None
    processor_seconds: float
    sealed_bytes: int
    peak_bytes: int


def table(results: Sequence[Result]) -> str:
    """Give the results as a table; the ratio is that of the first of each work."""
    lines = [
        "| rows of | who | seconds | times as fast | processor seconds | sealed MB | peak MB |",
        "|---|---|---|---|---|---|---|",
    ]
    first: dict[str, float] = {}
    for one in results:
        if one.seconds is None:
            lines.append(f"| {one.work} | {one.name} | not installed | | | | |")
            continue
        base = first.setdefault(one.work, one.seconds)
        memory = f"{one.peak_bytes / _MEGABYTE:.0f}" if one.peak_bytes else ""
        lines.append(
            f"| {one.work} | {one.name} | {one.seconds:.2f} | {base / one.seconds:.2f}"
            f" | {one.processor_seconds:.2f} | {one.sealed_bytes / _MEGABYTE:.0f} | {memory} |"
        )
    return "\n".join(lines)


def write(
    results: Sequence[Result], works: Sequence[Work], runs: int, load: float, pages: str
) -> None:
    """Write the document; `load` is that of the machine before anything of this was started.

    `pages` is the table of the console's pages.
    """
    counts = "\n".join(
        f"- {work.name}: {work.rows:,} interactions"
        + (f", each attachment {ATTACHMENT_BYTES:,} random bytes" if work.attachments else "")
        for work in works
        if work.rows
    )
    _DOCUMENT.write_text(
        _TEXT.format(
            runs=runs, counts=counts, table=table(results), machine=_machine(load), pages=pages
        )
    )


def _machine(load: float) -> str:
    versions = [
        f"- {os.cpu_count()} cores of {_processor()}, {platform.system()} {platform.machine()}",
        f"- other work on it before this was started: a load of {load:.1f}",
        f"- Python {platform.python_version()}",
    ]
    for command in ("psql --version", "openssl version", "sqlite3 --version", "mariadb --version"):
        said = subprocess.run(command.split(), capture_output=True, text=True, check=False).stdout
        versions.append(f"- {said.strip()}")
    return "\n".join(versions)


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    found = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(found, "an unnamed processor")


_TEXT = """# Benchmarks

CXPort beside the pipelines that a skilled person types, on the same rows, with the database on
the same machine. Written by `make bench`.

{table}

Times are medians of {runs} runs of each side, run in turn. "Times as fast" compares with the first
line of the same rows. Processor seconds are those of all processes of a side, the database's server
left out: other work on the machine changes them little. Memory is the peak of one reader process.

## What is compared

- **CXPort**: the whole path of a worker: two reader processes start, share one snapshot, plan, read
  every entity with its own table, write JSON Lines with their schemas, zip, seal as binary CMS,
  count and digest, and store objects durably. "Pure Python" is the same without the compiled
  code; "as S/MIME text" is sealed in the form that the product writes, which the others do not.
- **typed**: `psql | gzip -1 | openssl cms -encrypt -stream -aes256`, where psql runs `COPY (SELECT
  row_to_json(t) ...) TO STDOUT` of each entity joined with its own table; or `sqlite3` and
  `mariadb` with `json_object`. It keeps no count and no digest, and cannot be resumed.

Before the times are taken, each file is opened with OpenSSL, and all values of its rows are
compared (of attachments: the contents).

## The rows

{counts}

The sample contact centre (`cxport sample`): about 2.6 KB a row as JSON.

## The console's pages

The whole HTML of each page, with 100,000 jobs, runs and files of one tenant, without the network.
Each must be under 200 ms (p95). "Work" is the processor time of the process that answers, in the
median.

{pages}

## The machine

{machine}

## How to repeat it

    make bench

`python -m bench --help` lists what can be varied. A side that is not installed is left out and
named; Debian's package `isal` brings `igzip`. Other work on the machine spoils the times, and
ours most, as we use every core where `gzip` keeps one busy.
"""
