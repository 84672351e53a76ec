"""The steps that are races: which sides run on which rows."""

from __future__ import annotations

import subprocess
from argparse import Namespace
from collections.abc import Sequence

from bench.kept import Json
from bench.loaders import Dlt, Sling
from bench.ours import Ours
from bench.peers import Typed, client
from bench.race import Racer, race
from bench.rows import read_rows
from bench.work import Grounds, Work

GZIP, IGZIP = "gzip -1", "igzip -1"
_OURS = Ours("CXPort")

#: Bytes of lines by which the level of zip is chosen, from the first rows of the database.
_TASTED_BYTES = 32_000_000
_ZIP_LEVELS = range(1, 10)


def postgresql(grounds: Grounds, given: Namespace) -> Json:
    """Race psql with gzip and igzip, and ourselves without the compiled code and as text."""
    work = grounds.sample("postgresql", given.interactions)
    ours = [_OURS, Ours("CXPort, pure Python", compiled=False), Ours("CXPort, text", text=True)]
    return race(work, [Typed(GZIP), Typed(IGZIP), *ours], given.runs)


def equal_ratio(grounds: Grounds, given: Namespace) -> Json:
    """Race psql with zip, at the level that compresses as we do."""
    work = grounds.sample("postgresql", given.interactions)
    level = zip_level(work)
    return race(work, [Typed(f"zip -q -{level} - -"), _OURS], given.runs)


def loaders(grounds: Grounds, given: Namespace) -> Json:
    """Race dlt and sling, which neither zip nor seal."""
    work = grounds.sample("postgresql", given.interactions)
    # the first run of each finds nothing in its caches, which counts little among tens of seconds
    return race(work, [_OURS, Dlt(), Sling()], min(2, given.runs))


def sqlite(grounds: Grounds, given: Namespace) -> Json:
    """Race sqlite3 with gzip."""
    return _race_of(grounds.sample("sqlite", given.others), [GZIP], given.runs)


def mariadb(grounds: Grounds, given: Namespace) -> Json:
    """Race mariadb with gzip."""
    return _race_of(grounds.sample("mariadb", given.others), [GZIP], given.runs)


def attachments(grounds: Grounds, given: Namespace) -> Json:
    """Race psql with gzip and igzip over documents that do not compress."""
    work = grounds.sample("postgresql", given.attachments, attachments=True)
    return _race_of(work, [GZIP, IGZIP], given.runs)


def _race_of(work: Work, compressors: Sequence[str], runs: int) -> Json:
    racers: list[Racer] = [*map(Typed, compressors), _OURS]
    return race(work, racers, runs)


def zip_level(work: Work) -> int:
    """Give the level of zip whose ratio over psql's lines is next to ours over our own lines."""
    done = _OURS.run(work)
    ours = read_rows(_OURS.lines(work, done)).raw_bytes / done.sealed_bytes
    command = f"{client(work)} | head -c {_TASTED_BYTES}"
    lines = subprocess.run(["bash", "-c", command], capture_output=True, check=True).stdout
    apart = {level: abs(len(lines) / _zipped(lines, level) - ours) for level in _ZIP_LEVELS}
    return min(apart, key=lambda level: apart[level])


def _zipped(lines: bytes, level: int) -> int:
    command = ["zip", "-q", f"-{level}", "-", "-"]
    return len(subprocess.run(command, input=lines, capture_output=True, check=True).stdout)
