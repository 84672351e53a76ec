"""From one release to the next on PostgreSQL, while runs go on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.scenarios.opening import KeyPair
from tests.scenarios.running import Json, RunningService, kept_in
from tests.scenarios.test_interrupted import assert_complete, exported, prepared, wait_for
from tests.scenarios.test_many_workers import states
from tests.scenarios.workers import Workers
from tests.servers import PostgresServer, S3Server

OLD, NEW = 1, 2
OURS = ("-m", "cxport")
FINISH = ("upgrade", "--finish")


class Installation:
    """Services and workers of two releases on one store."""

    def __init__(self, old: RunningService, settings: dict[str, str], engine: str) -> None:
        self.old = old
        self.settings = settings
        self.next = ("-m", "tests.scenarios.next_release", engine)
        named = {f"CXPORT_{name.upper()}": value for name, value in settings.items()}
        self._environment = {**os.environ, **named}

    def new(self) -> RunningService:
        """Give a service of the next release, to be started beside the old one."""
        service = self.old.beside().started("--no-worker")
        service.program = self.next
        return service

    def command(self, *words: str) -> str:
        """Run a command of the next release, and give what it printed."""
        done = self._run(words, self.next)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def refused(self, reason: str, *words: str, program: Sequence[str] = ()) -> None:
        """Run a command, of the next release unless told otherwise, that is refused."""
        done = self._run(words, program or self.next)
        assert done.returncode == 1
        assert reason in done.stderr

    def _run(
        self, words: Sequence[str], program: Sequence[str]
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *program, *words, "--data", str(self.old.data)],
            capture_output=True,
            text=True,
            check=False,
            env=self._environment,
        )

    def upgrade(self) -> Json:
        """Let the next release bring the store up, and give what it found."""
        found: Json = json.loads(self.command("upgrade", "--json"))
        return found


@pytest.fixture(params=["1", "2"], ids=["same workflows", "other workflows"])
def both(
    request: pytest.FixtureRequest,
    running_service: Callable[..., RunningService],
    postgres: PostgresServer,
    s3: S3Server,
) -> Installation:
    """Give an installation whose service is of this release."""
    settings = {"database": postgres.new_database(), "part_rows": "1000", "workers": "1"}
    settings |= kept_in(s3.settings())
    old = running_service(**settings)
    old.stop()
    old.start("--no-worker")
    return Installation(old, settings, request.param)


@pytest.mark.promise("R15")
def test_two_releases_work_at_once(
    both: Installation, slow_dsn: str, keys: KeyPair, tmp_path: Path
) -> None:
    """Old and new serve and work on the expanded store; each run ends once, and is whole.

    The upgrade is finished when the old ones are gone, and not before; then none is admitted.
    """
    old, workers = both.old, Workers(both.old, tmp_path, **both.settings)
    with workers, old.client() as client:
        workers.start(OLD)
        prepared(old, client, keys, slow_dsn)
        began_by_old = old.create_job(client)
        wait_for(lambda: ("running", 1) in states(both.settings["database"]))

        expanded = both.upgrade()
        assert (expanded["revision"], expanded["finished"]) == ("9001", False)
        assert len(expanded["processes"]) == 2
        both.refused("processes of an older version use the store (2, of 0.1.0)", *FINISH)

        workers.start(NEW, both.next)
        with both.new() as new, new.client() as other:
            jobs = [began_by_old, old.create_job(client), new.create_job(other)]
            wait_for(lambda: len(both.upgrade()["processes"]) == 4)
            workers.kill(OLD)
            workers.start(OLD)
            wait_for(lambda: workers.log.read_text().count("] working") == 3)
            assert workers.stop(OLD) == 0

            for job in jobs:
                record = new.wait(other, job)
                assert record["status"].startswith("Completed"), record
                assert old.wait(client, job) == record
                assert_complete(exported(new, other, keys, record), slow_dsn)
            assert old.stop() == 0
            both.command(*FINISH)
            assert both.upgrade()["oldest"] == "9002"
            both.refused("too old for the store", "tenant", "list", program=OURS)
            last = new.run_job(other)
            assert last["status"].startswith("Completed"), last
