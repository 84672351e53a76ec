"""Tools that move tables: dlt and sling, writing plain JSON Lines, neither zipped nor sealed.

`make peers` installs both into build/peers. They read one view for each kind of interaction, which
is the query that psql runs; so they write the same rows, in a form of their own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench.ours import Done
from bench.peers import selects
from bench.work import Work

_PROGRAMS = Path(__file__).parents[1] / "build" / "peers" / "bin"

_DLT = """
import sys
import dlt
from dlt.sources.sql_database import sql_database
dsn, out, *views = sys.argv[1:]
pipeline = dlt.pipeline(
    "race", destination=dlt.destinations.filesystem(out), dataset_name="raced", pipelines_dir=out
)
source = sql_database(dsn, table_names=views, include_views=True)
source.max_table_nesting = 0
pipeline.run(source, loader_file_format="jsonl", write_disposition="replace")
"""


@dataclass(frozen=True)
class Dlt:
    """`dlt`, as its documentation begins: a `sql_database` into files."""

    name: str = "dlt, plain"
    whole: bool = False

    def installed(self) -> bool:
        """Tell whether `make peers` was run."""
        return (_PROGRAMS / "dlt").exists()

    def run(self, work: Work) -> Done:
        """Let it write all views."""
        out = _emptied(work)
        environment = {
            **os.environ,
            "NORMALIZE__DATA_WRITER__DISABLE_COMPRESSION": "true",
            "RUNTIME__DLTHUB_TELEMETRY": "false",
            "RUNTIME__LOG_LEVEL": "ERROR",
        }
        command = [str(_PROGRAMS / "python"), "-c", _DLT, work.dsn, str(out), *_views(work)]
        subprocess.run(command, env=environment, check=True, capture_output=True, cwd=out)
        return _done(out / "raced", "*/*.jsonl")

    def lines(self, _: Work, done: Done) -> Iterator[bytes]:
        """Give the lines of its files."""
        yield from _lines(done)


@dataclass(frozen=True)
class Sling:
    """`sling run`, a stream for each view."""

    name: str = "sling, plain"
    whole: bool = False

    def installed(self) -> bool:
        """Tell whether `make peers` was run."""
        return _sling() is not None

    def run(self, work: Work) -> Done:
        """Let it write all views, one after the other."""
        out = _emptied(work)
        environment = {
            **os.environ,
            "RACED": f"{work.dsn}?sslmode=disable",
            "SLING_DISABLE_TELEMETRY": "true",
            "SLING_HOME_DIR": str(out / "home"),
        }
        for view in _views(work):
            command = [str(_sling()), "run", "--src-conn", "RACED"]
            command += ["--src-stream", f"public.{view}"]
            command += ["--tgt-object", (out / "raced" / f"{view}.jsonl").as_uri()]
            subprocess.run(command, env=environment, check=True, capture_output=True)
        return _done(out / "raced", "*.jsonl*")

    def lines(self, _: Work, done: Done) -> Iterator[bytes]:
        """Give the lines of its files."""
        yield from _lines(done)


def _sling() -> Path | None:
    """Find the program itself: what the package `sling` starts would be downloaded first."""
    found = _PROGRAMS.parent.glob("lib/python3*/site-packages/sling_linux_*/bin/sling-linux-*")
    return next(found, None)


def _views(work: Work) -> list[str]:
    """Make the views where they are not there yet, and give their names."""
    found = {f"raced_{code}": query for code, query in selects().items()}
    with psycopg.connect(work.dsn, autocommit=True) as connection:
        for name, query in found.items():
            connection.execute(f"CREATE OR REPLACE VIEW {name} AS {query}".encode())
    return list(found)


def _emptied(work: Work) -> Path:
    out = work.folder / "loaded"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    return out


def _done(folder: Path, pattern: str) -> Done:
    files = tuple(file for file in sorted(folder.glob(pattern)) if "_dlt" not in str(file))
    return Done(files=files, sealed_bytes=sum(one.stat().st_size for one in files), peak_bytes=0)


def _lines(done: Done) -> Iterator[bytes]:
    for file in done.files:
        with file.open("rb") as lines:
            yield from lines
