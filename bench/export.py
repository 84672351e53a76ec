"""Our export beside the pipeline that a skilled person types, on the same rows, in turn.

`python -m bench.export [--interactions N] [--runs R]` starts a PostgreSQL on loopback, writes the
sample contact centre into it, and then runs, R times each and one after the other,

    psql "COPY (SELECT row_to_json(t) ...) TO STDOUT" | gzip -1 | openssl cms -encrypt -stream

and our whole path (reader processes, JSON Lines, zip, seal, digest, durable object), checks that
both hold the same interactions, and prints the medians and their ratio. It knows nothing of the
data but the tables' names.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import platform
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cxport.blobs.base import BlobSettings
from cxport.domain.catalogue import ENTITIES, DataType
from cxport.domain.sealing import DEFAULT_SPLIT_BYTES, Profile
from cxport.domain.selection import Part, Selection
from cxport.export.limits import plan_limits
from cxport.export.readers import Opening, RunReaders
from cxport.export.task import ExportPart, NeedsNumbering, OpenReader, PartExported, PlanRun
from cxport.sealing.certificate import make_certificate
from cxport.sources.base import SourceSettings
from cxport.sources.sample import write_sample
from tests.servers import PostgresServer

SELECTION = Selection(
    data_type=DataType.INTERACTION, entities=ENTITIES[DataType.INTERACTION], attachments=False
)


@dataclass(frozen=True)
class Place:
    """Where a benchmark works."""

    dsn: str
    folder: Path
    workers: int
    part_rows: int
    profile: Profile

    @property
    def certificate(self) -> Path:
        """The certificate that both seal to."""
        return self.folder / "cert.pem"

    @property
    def key(self) -> Path:
        """Its key."""
        return self.folder / "key.pem"


def run_peer(place: Place) -> Path:
    """Run the typed pipeline; a shell line, since that is what it is."""
    out = place.folder / "peer.der"
    query = f"SELECT row_to_json(t) FROM (SELECT * FROM {_table(place.dsn)}) t"  # noqa: S608 - our own table name
    copy = f"COPY ({query}) TO STDOUT (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')"
    line = (
        f'psql "$DSN" -qc "$COPY" | gzip -1 |'
        f" openssl cms -encrypt -stream -binary -aes256 -outform DER {place.certificate} > {out}"
    )
    subprocess.run(
        ["bash", "-o", "pipefail", "-c", line],
        check=True,
        env={"DSN": place.dsn, "COPY": copy, "PATH": "/usr/bin:/bin"},
    )
    return out


def _table(dsn: str) -> str:
    listed = subprocess.run(
        ["psql", dsn, "-qAtc", "SELECT quote_ident(relname) FROM pg_class WHERE relkind = 'r'"],
        check=True,
        capture_output=True,
        text=True,
    )
    return next(name for name in listed.stdout.split() if name.strip('"').lower() == "interaction")


@dataclass(frozen=True)
class Ours:
    """What one run of ours left behind."""

    files: list[Path]
    rows: int
    sealed_bytes: int
    peak_bytes: int


def run_ours(place: Place) -> Ours:
    """Export through the reader processes, as a worker does."""
    objects = place.folder / "objects"
    shutil.rmtree(objects, ignore_errors=True)
    opening = OpenReader(
        source=SourceSettings(dsn=place.dsn), blobs=BlobSettings(url=objects.as_uri())
    )
    readers = RunReaders(Opening(request=opening, most=place.workers))
    peak = Peak(readers)
    try:
        limits = plan_limits(DEFAULT_SPLIT_BYTES, place.part_rows)
        plan = readers.plan(PlanRun(selection=SELECTION, limits=limits))
        with ThreadPoolExecutor(place.workers) as pool:
            numbered = len(plan.parts) > 1
            done = list(pool.map(lambda part: _part(place, readers, part, numbered), plan.parts))
        peak.look()
    finally:
        readers.close()
    return Ours(
        files=[objects / f"p/{part.number}" for part in plan.parts],
        rows=sum(one.counts.exported for one in done),
        sealed_bytes=sum(one.size_bytes for one in done),
        peak_bytes=peak.bytes,
    )


def _part(place: Place, readers: RunReaders, part: Part, numbered: bool) -> PartExported:  # noqa: FBT001 - a field of the task
    task = ExportPart(
        run_id=1,
        selection=SELECTION,
        part=part,
        numbered=numbered,
        object_key=f"p/{part.number}",
        split_bytes=DEFAULT_SPLIT_BYTES,
        profile=place.profile,
        certificates=place.certificate.read_bytes(),
        made_at=datetime.now(UTC),
    )
    with readers.borrowed() as reader:
        outcome = reader.export(task, lambda _: None, lambda: False)
    if isinstance(outcome, NeedsNumbering) or outcome.remainder:
        raise RuntimeError("the plan was too small for this data")
    return outcome


class Peak:
    """The largest resident memory of any reader process, in bytes."""

    def __init__(self, readers: RunReaders) -> None:
        self._readers = readers
        self.bytes = 0

    def look(self) -> None:
        """Read the kernel's own high-water marks; to be called before the processes end."""
        for pid in self._readers.pids:
            status = Path(f"/proc/{pid}/status").read_text()
            mark = next(line for line in status.splitlines() if line.startswith("VmHWM"))
            self.bytes = max(self.bytes, int(mark.split()[1]) * 1024)


def ids_of_peer(place: Place, sealed: Path) -> str:
    """Give a digest of the sorted interaction ids that the typed pipeline wrote."""
    command = ["openssl", "cms", "-decrypt", "-inform", "DER", "-inkey", str(place.key)]
    with sealed.open("rb") as stream:
        done = subprocess.run(command, stdin=stream, capture_output=True, check=True)
    lines = gzip.decompress(done.stdout).splitlines()
    return _digest(json.loads(line)["id"] for line in lines)


def ids_of_ours(place: Place, files: list[Path]) -> str:
    """Give the same of ours."""
    return _digest(identity for file in files for identity in _ids(place, file))


def _ids(place: Place, file: Path) -> Iterator[str]:
    opened = place.folder / "opened.zip"
    command = ["openssl", "smime", "-decrypt", "-inkey", str(place.key), "-in", str(file)]
    subprocess.run([*command, "-out", str(opened)], check=True)
    with zipfile.ZipFile(opened) as archive:
        for name in archive.namelist():
            if not name.startswith("schema/"):
                yield from (json.loads(line)["id"] for line in archive.read(name).splitlines())


def _digest(ids: Iterator[str]) -> str:
    found = sorted(ids)
    return f"{len(found)} {hashlib.sha256(repr(found).encode()).hexdigest()[:16]}"


def timed(act: Callable[[], object]) -> float:
    """Give the seconds that something takes."""
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def main() -> None:
    """Build, run in turn, compare, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--interactions", type=int, default=200_000)
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--workers", type=int, default=2)
    given = options.parse_args()
    with PostgresServer() as server, tempfile.TemporaryDirectory() as folder:
        dsn = server.new_database()
        seconds = timed(lambda: write_sample(dsn, interactions=given.interactions, seed=1))
        print(f"wrote {given.interactions} interactions in {seconds:.0f} s")
        place = Place(
            dsn=dsn,
            folder=Path(folder),
            workers=given.workers,
            part_rows=given.interactions // given.workers,
            profile=Profile.COMPAT,
        )
        key, certificate = make_certificate("bench", 2, 2048)
        place.key.write_bytes(key)
        place.certificate.write_bytes(certificate)
        compare(place, given.runs)


def compare(place: Place, runs: int) -> None:
    """Run both in turn and print what came out."""
    peer, ours = run_peer(place), run_ours(place)
    same = ids_of_peer(place, peer) == ids_of_ours(place, ours.files)
    if not same:
        raise SystemExit("the two do not hold the same interactions")
    times: dict[str, list[float]] = {"peer": [], "cxport": []}
    for _ in range(runs):
        times["peer"].append(timed(lambda: run_peer(place)))
        times["cxport"].append(timed(lambda: run_ours(place)))
    medians = {name: statistics.median(found) for name, found in times.items()}
    print(f"{platform.machine()}, Python {platform.python_version()}, {place.workers} readers")
    for name, found in times.items():
        each = " ".join(f"{one:.2f}" for one in found)
        print(f"{name:8} median {medians[name]:6.2f} s   ({each})")
    print(
        f"rows {ours.rows}, sealed {ours.sealed_bytes / 1e6:.1f} MB, peer {peer.stat().st_size / 1e6:.1f} MB"
    )
    print(f"peak memory of one reader process {ours.peak_bytes / 1e6:.0f} MB")
    print(f"ratio of medians: {medians['peer'] / medians['cxport']:.2f}")


if __name__ == "__main__":
    main()
