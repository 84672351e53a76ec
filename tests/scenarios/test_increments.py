"""Contact history over HTTP, increment by increment: replayed they are what the database holds."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import resources
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from cxport.export.manifest import read_manifest
from tests.scenarios import independent
from tests.scenarios.increments import filled, published, tick, wait_until_begun
from tests.scenarios.opening import KeyPair
from tests.scenarios.running import Json, RunningService
from tests.servers import MariaServer, PostgresServer
from tests.sources.history import History, create, fill, interaction

#: A change is exported by a run that begins so much later, and a second for whole seconds.
SETTLE_SECONDS = 1


@dataclass
class Follower:
    """A consumer of one job's increments, and the changes that it has to hear of."""

    service: RunningService
    client: httpx.Client
    keys: KeyPair
    history: History
    job_id: int
    fresh: Iterator[int] = field(default_factory=lambda: count(2_000_000))

    def change(self, number: int) -> None:
        """Add an interaction, and change two others, now."""
        now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}"
        row = interaction(next(self.fresh), 7, now)
        self.history.insert("Interaction", [row])
        for key in (number * 7919, (number + 20) * 7919):
            self.history.run(
                f"UPDATE Interaction SET Subject = 'changed {number}', ModifiedDate = '{now}'"
                f" WHERE Id = '{key % 1_000_003:012d}'"
            )

    def settled(self) -> None:
        """Wait until what was changed is old enough."""
        time.sleep(SETTLE_SECONDS + 1.1)

    def again(self) -> Json:
        """Run the job again, and give the run when it has ended."""
        return self.service.wait(self.client, tick(self.service, self.job_id))

    def runs(self) -> list[Json]:
        """Give the job's runs that were published, the oldest first."""
        query = {"jobId": str(self.job_id), "size": "1000"}
        items = self.client.get("/export/history", params=query).raise_for_status().json()["items"]
        return [one for one in sorted(items, key=lambda run: int(run["id"])) if published(one)]

    def lines(self, run: Json) -> list[Json]:
        """Open a run's files."""
        files = self.service.files(self.client, run["id"])
        sealed = [self.service.download(self.client, row["name"]) for row in files]
        return [line for lines in self.keys.lines(*sealed).values() for line in lines]

    def replayed(self) -> dict[str, Json]:
        """Apply the increments one after the other."""
        replica: dict[str, Json] = {}
        for run in self.runs():
            found = self.lines(run)
            assert len({line["id"] for line in found}) == len(found), "a row came twice"
            replica |= {line["id"]: told(line) for line in found}
        return replica

    def wanted(self) -> dict[str, Json]:
        """Give what the database holds."""
        found = independent.interactions(self.history.dsn).values()
        return {key: told(row) for rows in found for key, row in rows.items()}


def told(line: Json) -> Json:
    """Leave out what is null: a line lacks the keys of some columns that the table lacks."""
    return {key: value for key, value in line.items() if value is not None}


def followed(
    service: RunningService, client: httpx.Client, keys: KeyPair, dsn: str, folder: Path
) -> Follower:
    """Make a history and an incremental job of it, whose first run has ended."""
    history = create(dsn)
    fill(history, 1500)
    history.analyze()
    mapping = folder / "mapping.toml"
    text = resources.files("cxport.sources").joinpath("mappings/ucs85.toml").read_text()
    mapping.write_text(text.replace("settle_seconds = 300", f"settle_seconds = {SETTLE_SECONDS}"))
    words = ("--kind", "ucs", "--dsn", dsn, "--mapping", str(mapping))
    service.admin("source", "add", f"history {folder.name}", *words)
    service.admin("source", "check", f"history {folder.name}")
    service.upload(client, keys.certificate)
    source = f"history {folder.name}"
    job_id = service.create_job(client, source=source, timeFrame={"incremental": True})
    assert service.wait(client, job_id)["status"] == "Completed"
    return Follower(service, client, keys, history, job_id)


@pytest.mark.promise("R7")
@pytest.mark.parametrize("kind", ["sqlite", "postgres", "mariadb"])
def test_increments_replayed_equal_the_history(
    embedded: RunningService,
    keys: KeyPair,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    kind: str,
) -> None:
    """R7: each run begins where the last one ended, and tells so; what was changed comes again."""
    dsn = f"sqlite:///{tmp_path / 'history.db'}"
    if kind != "sqlite":
        server: PostgresServer | MariaServer = request.getfixturevalue(kind)
        dsn = server.new_database()
    with embedded.client() as client:
        one = followed(embedded, client, keys, dsn, tmp_path)
        for number in range(1, 4):
            one.change(number)
            one.settled()
            last = one.again()

        runs = one.runs()
        assert one.replayed() == one.wanted()
        assert [len(one.lines(run)) for run in runs] == [1500, 3, 3, 3]
        assert [run["dateFrom"] for run in runs[1:]] == [run["dateTo"] for run in runs[:-1]]
        assert runs[0]["dateFrom"] == ""
        name = f"{last['fileName'][:43]}.manifest.json"
        manifest: Any = read_manifest(embedded.download(client, name))
        assert manifest["incremental"] is True
        assert manifest["window"] == {"from": last["dateFrom"], "to": last["dateTo"]}
        assert one.again()["status"] == "No Data"


@pytest.mark.promise("R7")
def test_a_run_that_fails_leaves_no_gap(
    running_service: Callable[..., RunningService], keys: KeyPair, tmp_path: Path
) -> None:
    """R7: what was changed before a run that fails on a full disk is in the next run."""
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "cxport-test", disk], check=True)
    try:
        service = running_service(blobs=(disk / "objects").as_uri())
        with service.client() as client:
            dsn = f"sqlite:///{tmp_path / 'history.db'}"
            one = followed(service, client, keys, dsn, tmp_path)
            filler = filled(disk)
            one.change(1)
            one.settled()
            assert one.again()["status"] == "Failed"
            filler.unlink()
            one.change(2)
            one.settled()

            assert len(one.lines(one.again())) == 6
            assert one.replayed() == one.wanted()
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


@pytest.mark.promise("R7")
def test_a_killed_service_leaves_no_gap(
    running_service: Callable[..., RunningService], keys: KeyPair, tmp_path: Path
) -> None:
    """R7: after a kill in the middle of an increment nothing that was changed is missing."""
    service = running_service(part_rows="1000")
    with service.client() as client:
        one = followed(service, client, keys, f"sqlite:///{tmp_path / 'history.db'}", tmp_path)
        one.change(1)
        one.settled()
        run = tick(service, one.job_id)
        wait_until_begun(service, run)
        service.kill()
    one.change(1)
    one.change(2)

    service.start()

    with service.client() as client:
        one.client = client
        assert published(service.wait(client, run))
        one.settled()
        assert published(one.again())
        assert one.replayed() == one.wanted()
