"""Three workers, three tenants, nine runs, and everything that can happen to them meanwhile."""

from __future__ import annotations

import json
import random
import signal
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from cxport import blobs
from tests.scenarios import independent
from tests.scenarios.opening import KeyPair
from tests.scenarios.running import Json, RunningService, cxport, job, kept_in, slow_down
from tests.scenarios.workers import Workers
from tests.servers import BUCKET, PostgresServer, S3Server

TENANTS = ("north", "south", "west")
RUNS_EACH = 3
WORKERS = (1, 2, 3)

#: Seconds that a worker is stopped: longer than it takes to be thought dead.
_STOPPED_SECONDS = 18.0
_ENDED_SECONDS = 240.0


@dataclass
class Chaos:
    """A service, its servers, and what is done to them."""

    service: RunningService
    workers: Workers
    store: PostgresServer
    storage: S3Server
    prefix: str
    source_dsn: str
    keys: KeyPair
    draw: random.Random

    def run(self, seconds: float) -> dict[str, int]:
        """Start all runs, disturb them for so long, and check every one; tell what was done."""
        for number in WORKERS:
            self.workers.start(number)
        with ExitStack() as opened:
            clients = [opened.enter_context(closing(self._tenant(name))) for name in TENANTS]
            jobs = [(client, self._job(client)) for client in clients for _ in range(RUNS_EACH)]
            done = self._disturb(seconds)
            expected = independent.interactions(self.source_dsn)
            for client, identity in jobs:
                self._check(client, identity, expected)
            self._check_storage(clients)
        return done

    def _tenant(self, name: str) -> httpx.Client:
        made = self.service.admin("tenant", "create", name, "--json")
        words = ["source", "add", "history", "--kind", "ucs", "--dsn", self.source_dsn]
        self.service.admin(*words, "--tenant", name)
        self.service.admin("source", "check", "history", "--tenant", name)
        client = self.service.client_of(made)
        self.service.upload(client, self.keys.certificate)
        return client

    @staticmethod
    def _job(client: httpx.Client) -> int:
        answer = client.post("/export/jobs", json=job())
        return int(answer.raise_for_status().json()["id"])

    def _disturb(self, seconds: float) -> dict[str, int]:
        acts = {
            "kill": self._kill,
            "stop": self._stop_and_continue,
            "restart the database": self.store.restart,
        }
        done = dict.fromkeys(acts, 0)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(self.draw.uniform(0.5, 3))
            name = self.draw.choices(list(acts), weights=(6, 2, 1))[0]
            acts[name]()
            done[name] += 1
        return done

    def _kill(self) -> None:
        number = self.draw.choice(WORKERS)
        self.workers.kill(number)
        time.sleep(self.draw.uniform(0, 2))
        self.workers.start(number)

    def _stop_and_continue(self) -> None:
        number = self.draw.choice(WORKERS)
        self.workers.signal(number, signal.SIGSTOP)
        time.sleep(_STOPPED_SECONDS)
        self.workers.signal(number, signal.SIGCONT)

    def _check(
        self, client: httpx.Client, identity: int, expected: dict[str, dict[str, Json]]
    ) -> None:
        """Check that a run has ended, complete, and that its files hold every row once."""
        record = self.service.wait(client, identity, _ENDED_SECONDS)
        assert record["status"] == "Completed", record
        files = self.service.files(client, record["id"])
        sealed = [self.service.download(client, row["name"]) for row in files]
        lines = self.keys.lines(*sealed)
        for entity, rows in expected.items():
            assert len(lines.get(entity, [])) == len(rows), "a row came twice, or not at all"
            assert {line["id"]: line for line in lines.get(entity, [])} == rows

    def _check_storage(self, clients: list[httpx.Client]) -> None:
        """Check that the janitor leaves exactly the objects of files that are listed."""
        listed = sum(
            client.get("/file-metadatas").raise_for_status().json()["count"] for client in clients
        )
        whole = replace(self.storage.settings(self.prefix), url=f"s3://{BUCKET}")
        storage = blobs.connect(whole)
        deadline = time.monotonic() + 90
        while len(list(storage.keys(f"{self.prefix}/"))) != listed:
            assert time.monotonic() < deadline, "objects are left that no run knows"
            time.sleep(1)


def prepare_source(server: PostgresServer, interactions: int) -> str:
    """Write a sample whose e-mails each take a moment to read, so that runs last."""
    dsn = server.new_database()
    cxport("sample", dsn, "--interactions", str(interactions))
    slow_down(dsn, "emailin")
    return dsn


def chaos(folder: Path, seconds: float, seed: int, interactions: int) -> dict[str, int]:
    """Run the scenario on servers of its own; raises AssertionError where a promise breaks."""
    with PostgresServer() as store, PostgresServer() as source, S3Server() as storage:
        prefix = "chaos"
        objects = storage.settings(prefix)
        settings = {
            "database": store.new_database(),
            **kept_in(objects),
            "part_rows": "1000",
            "workers": "2",
        }
        service = RunningService(folder, **settings)
        with service.started("--no-worker"), Workers(service, folder, **settings) as workers:
            scenario = Chaos(
                service=service,
                workers=workers,
                store=store,
                storage=storage,
                prefix=prefix,
                source_dsn=prepare_source(source, interactions),
                keys=KeyPair(folder),
                draw=random.Random(seed),
            )
            return scenario.run(seconds)


def told(done: dict[str, int]) -> str:
    """Say what was done in one line."""
    return json.dumps(done)
