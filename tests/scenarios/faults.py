"""A service on one kind of store and storage that is killed at a point and started again.

What it shows afterwards is compared with what a run that nobody disturbed has shown.
"""

from __future__ import annotations

import hashlib
import json
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Table, select, update

from cxport import blobs
from cxport.blobs.base import BlobSettings
from cxport.domain.run import PartState, RunPart
from cxport.export.manifest import read_manifest
from cxport.store import runs
from cxport.store.database import connect
from cxport.store.tables import files, jobs, marks, tenants, ticks
from cxport.store.tables import runs as all_runs
from tests.scenarios.fault_points import Parts, Point
from tests.scenarios.forked import Forked
from tests.scenarios.opening import KeyPair
from tests.scenarios.plaintext import canaries, readable_in
from tests.scenarios.running import Json, Process, RunningService

#: What differs from run to run, and says nothing of what was exported.
_OF_THE_RUN = ("archive", "jobId", "historyId", "createdAt")
_OF_THE_FILE = ("name", "size", "sha256", "zipSha256", "snapshotAt")

_ROOT = Path(__file__).parents[2]
_AHEAD = timedelta(seconds=1)
_KILLED_SECONDS = 60.0
_TIDY_SECONDS = 30.0


class FaultyService(RunningService):
    """A service that dies at the point it was armed for."""

    def __init__(self, folder: Path, **settings: str) -> None:
        super().__init__(folder, **settings)
        self._trap = folder / "trap"
        temporary = folder / "temporary"
        temporary.mkdir()
        self._environment |= {"PYTHONPATH": str(_ROOT), "TMPDIR": str(temporary)}

    def _launched(self, *words: str) -> Process:
        return self._forked(words, self.log)

    def _forked(self, words: tuple[str, ...], log: Path) -> Process:
        return Forked((str(self._trap), *words), self.environment, log)

    def admin(self, *words: str) -> str:
        """Run an administrator's command; what it prints, a row of the source too, is kept out."""
        printed = self.folder / "printed"
        process = self._forked((*words, "--data", str(self.data)), printed)
        assert process.wait() == 0, printed.read_text()
        printed.unlink()
        return ""

    def arm(self, point: Point) -> None:
        """Let it die when it comes to a point."""
        self._trap.write_text(point.name)

    def wait_until_killed(self) -> None:
        """Wait until it has died, at that point and nowhere else."""
        assert self._process is not None
        assert self._process.wait(_KILLED_SECONDS) == -signal.SIGKILL, self.log.read_text()
        assert not self._trap.exists(), "it died elsewhere"


@dataclass(frozen=True)
class Shown:
    """What a run has shown to its tenant: rows by kind, each with how often it is there."""

    status: str
    lines: dict[str, Counter[str]]
    manifest: Json
    marks: list[str]


class Corner:
    """An installation with a source and a certificate, and what its undisturbed run showed."""

    def __init__(
        self, service: FaultyService, store: str, storage: BlobSettings, keys: KeyPair, dsn: str
    ) -> None:
        self._service = service
        self._db = connect(store)
        self._storage = blobs.connect(storage)
        self._keys = keys
        self._words = canaries(Path(dsn.removeprefix("sqlite:///")))
        service.add_source("history", dsn)
        self._client = service.client()
        service.upload(self._client, keys.certificate)
        with self._db.read() as connection:
            self._tenant = str(connection.execute(select(tenants.c.id)).scalar_one())
        job = self._job("undisturbed")
        self._undisturbed = self._shown(self._ended(job))
        self._parts = len(self._done(job))

    def crash(self, point: Point) -> None:
        """Kill the service once at a point, start it again, and check all that there is to see."""
        self._service.arm(point)
        job = self._job(point.name)
        if point.expiry:
            self._end_time_of_files(self._ended(job))
        self._service.wait_until_killed()
        self._check_sealed()
        finished = self._done(job)
        expected = self._parts if point.done is Parts.ALL else point.done.value
        assert len(finished) == expected, "the point lies elsewhere in the run"

        self._service.start()

        if not point.expiry:
            self._compare(self._shown(self._ended(job)))
        else:
            self._wait(lambda: self._is_gone(job), "the files are not gone")
        assert self._done(job)[: len(finished)] == finished, "a finished part was done again"
        self._check_nothing_doubled(job)
        self._wait(self._is_tidy, "an object is left that no file knows")
        self._check_sealed()

    def close(self) -> None:
        """Let go of what is open; the service is its maker's."""
        self._client.close()
        self._db.close()

    def _job(self, title: str) -> int:
        """Make a job that runs once, soon; its service may die before it can answer."""
        start = datetime.now(UTC) + _AHEAD
        with suppress(httpx.TransportError):
            self._service.create_job(
                self._client,
                title=title,
                timeFrame={"incremental": True},
                schedulerParam={"runs": "once", "startDate": start.isoformat()},
            )
        newest = max(self._rows(jobs), key=itemgetter("id"))
        assert newest["title"] == title
        return int(newest["id"])

    def _ended(self, job: int) -> Json:
        return self._service.wait(self._client, job)

    def _shown(self, record: Json) -> Shown:
        """Open all files of a run; the manifest's digests and signature are checked by the way."""
        names = [row["name"] for row in self._service.files(self._client, record["id"])]
        sealed = {name: self._service.download(self._client, name) for name in names}
        manifest = self._manifest(record["id"])
        for part in manifest["parts"]:
            content = sealed[part["name"]]
            assert (part["size"], part["sha256"]) == (len(content), _sha256(content))
        assert len(manifest["parts"]) == len(sealed)
        lines = self._keys.lines(*sealed.values())
        return Shown(
            status=record["status"],
            lines={kind: Counter(map(_line, found)) for kind, found in lines.items()},
            manifest=_comparable(manifest, record["id"]),
            marks=self._marks(record["parentId"], manifest),
        )

    def _manifest(self, run_id: int) -> Json:
        (run,) = self._rows(all_runs, id=run_id)
        name = f"export-{run['archive_id']}.manifest.json"
        found: Json = read_manifest(self._service.download(self._client, name))
        return found

    def _marks(self, job: int, manifest: Json) -> list[str]:
        """Give what the job has marks of; each is where the manifest's window ends."""
        found = self._rows(marks, job_id=job)
        reached = {datetime.fromisoformat(row["mark"]["value"]) for row in found}
        assert reached == {datetime.fromisoformat(manifest["window"]["to"])}
        return [row["table_name"] for row in found]

    def _done(self, job: int) -> list[RunPart]:
        """Give the finished parts of a job's run, whole: their starts, times and objects."""
        found = self._rows(all_runs, job_id=job)
        parts = runs.parts(self._db, self._tenant, found[0]["id"]) if found else []
        return [part for part in parts if part.state is PartState.DONE]

    def _compare(self, shown: Shown) -> None:
        """Check that all is as without a crash, the least to read about first."""
        assert shown.status == self._undisturbed.status
        assert shown.manifest == self._undisturbed.manifest
        assert shown.marks == self._undisturbed.marks
        assert shown.lines == self._undisturbed.lines

    def _check_nothing_doubled(self, job: int) -> None:
        (run,) = self._rows(all_runs, job_id=job)
        (tick,) = self._rows(ticks, job_id=job)
        assert (tick["state"], tick["run_id"]) == ("run", run["id"])

    def _check_sealed(self) -> None:
        """Check that nothing of the source can be read where the service writes."""
        found = readable_in(self._service.folder, self._words)
        assert not found, f"plaintext is on disk: {found}"

    def _end_time_of_files(self, record: Json) -> None:
        past = datetime.now(UTC) - timedelta(hours=1)
        with self._db.write() as connection:
            of_run = update(files).where(files.c.run_id == record["id"])
            assert connection.execute(of_run.values(expires_at=past)).rowcount == self._parts

    def _is_gone(self, job: int) -> bool:
        """Tell whether a run has expired, and the service gives nothing of it any more."""
        (run,) = self._rows(all_runs, job_id=job)
        listed = self._service.files(self._client, run["id"])
        manifest = self._client.get(f"/files/export-{run['archive_id']}.manifest.json")
        gone = manifest.status_code == httpx.codes.NOT_FOUND
        return run["status"] == "expired" and not listed and gone

    def _is_tidy(self) -> bool:
        """Tell whether the objects that are stored are those of files, no more and no fewer."""
        known = {row["object_key"] for row in self._rows(files)}
        return set(self._storage.keys(f"{self._tenant}/")) == known

    def _rows(self, table: Table, **key: object) -> list[dict[str, Any]]:
        wanted = (table.c[name] == value for name, value in key.items())
        with self._db.read() as connection:
            found = connection.execute(select(table).where(*wanted))
            return [dict(row) for row in found.mappings()]

    @staticmethod
    def _wait(condition: Callable[[], bool], otherwise: str) -> None:
        deadline = time.monotonic() + _TIDY_SECONDS
        while not condition():
            assert time.monotonic() < deadline, otherwise
            time.sleep(0.1)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _line(line: Json) -> str:
    return json.dumps(line, sort_keys=True)


def _comparable(manifest: Json, run_id: int) -> Json:
    """Leave out of a manifest what is another in each run."""
    parts = [
        {
            **{name: value for name, value in part.items() if name not in _OF_THE_FILE},
            "members": {
                name.replace(f"-{run_id}", "-RUN"): rows for name, rows in part["members"].items()
            },
        }
        for part in manifest["parts"]
    ]
    kept = {name: value for name, value in manifest.items() if name not in _OF_THE_RUN}
    kept["window"] = {"from": manifest["window"]["from"]}
    return {**kept, "parts": parts}
