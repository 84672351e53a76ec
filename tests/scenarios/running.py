"""A service as its users run it: `cxport serve` in a process of its own, asked over HTTP."""

from __future__ import annotations

import copy
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol, Self

import httpx
import psycopg

from cxport.blobs.base import BlobSettings
from tests.servers import free_port

#: How long a start, or a run of the sizes used in tests, may take on a slow machine.
START_SECONDS = 60
RUN_SECONDS = 240

Json = dict[str, Any]


def cxport(*words: str, environment: Mapping[str, str] | None = None) -> str:
    """Run one command of the command line and give what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "cxport", *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **(environment or {})},
    )
    assert done.returncode == 0, f"cxport {words[0]}: {done.stderr}{done.stdout}"
    return done.stdout


class Process(Protocol):
    """What is asked of a process."""

    @property
    def pid(self) -> int:
        """Its id, and that of its group."""

    def poll(self) -> int | None:
        """Give the exit code, None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the exit code."""

    def terminate(self) -> None:
        """Ask it to stop."""


class RunningService:
    """An installation in a folder, served on a loopback port; settings are CXPORT_ variables."""

    #: What Python runs: another one may do more than `cxport`.
    program: Sequence[str] = ("-m", "cxport")

    def __init__(self, folder: Path, **settings: str) -> None:
        self.data = folder / "data"
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = {f"CXPORT_{name.upper()}": value for name, value in settings.items()}
        self._options: tuple[str, ...] = ()
        self._process: Process | None = None
        self.log = folder / "service.log"
        self.credentials: Json = json.loads(
            cxport("init", "--data", str(self.data), "--json", environment=self._environment)
        )

    def __enter__(self) -> Self:
        """Start it."""
        self.start(*self._options)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it, surely."""
        self.kill()

    def started(self, *options: str) -> Self:
        """Give itself, to be used as a context, as `start` with these options would run it."""
        self._options = options
        return self

    def start(self, *options: str) -> None:
        """Start it, with options of `serve`, and wait until it is ready."""
        listening = ("--host", "127.0.0.1", "--port", str(self.port))
        self._process = self._launched("serve", "--data", str(self.data), *listening, *options)
        self._wait_until_ready()

    @property
    def environment(self) -> dict[str, str]:
        """What its processes see as their environment."""
        return {**os.environ, **self._environment}

    def _launched(self, *words: str) -> Process:
        """Launch a process of a group of its own that runs `cxport` with these words."""
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *self.program, *words],
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def beside(self) -> Self:
        """Give a further service of the same installation, on a port of its own; not started."""
        other = copy.copy(self)
        other.port = free_port()
        other.url = f"http://127.0.0.1:{other.port}"
        other.log = self.folder / f"service-{other.port}.log"
        return other

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        with httpx.Client() as client:
            while time.monotonic() < deadline:
                assert self._process is not None
                assert self._process.poll() is None, self.log.read_text()
                with suppress(httpx.TransportError):
                    if client.get(f"{self.url}/health/ready").status_code == httpx.codes.OK:
                        return
                time.sleep(0.05)
        raise TimeoutError(self.log.read_text())

    def kill(self) -> None:
        """Kill the service and its children at once, as a power cut would."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def stop(self) -> int:
        """Ask it to stop, and give its exit code."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(timeout=START_SECONDS)

    @property
    def pid(self) -> int:
        """The process id of the service."""
        assert self._process is not None
        return self._process.pid

    def admin(self, *words: str) -> str:
        """Run an administrator's command on this installation."""
        return cxport(*words, "--data", str(self.data), environment=self._environment)

    def add_source(self, name: str, dsn: str) -> None:
        """Add a source and check it."""
        self.admin("source", "add", name, "--kind", "ucs", "--dsn", dsn)
        self.admin("source", "check", name)

    def client(self) -> httpx.Client:
        """Give an HTTP client that is signed in, for paths below /udm/v10."""
        return self._client(self.credentials)

    def client_of(self, printed: str) -> httpx.Client:
        """Give the same for the tenant whose credentials `tenant create --json` printed."""
        return self._client(json.loads(printed))

    def _client(self, credentials: Json) -> httpx.Client:
        answer = httpx.post(
            f"{self.url}/auth/v3/oauth/token",
            data={"grant_type": "client_credentials", "scope": "*"},
            auth=(credentials["client_id"], credentials["client_secret"]),
        )
        assert answer.status_code == httpx.codes.OK, answer.text
        headers = {
            "x-api-key": credentials["api_key"],
            "Authorization": f"Bearer {answer.json()['access_token']}",
        }
        return httpx.Client(base_url=f"{self.url}/udm/v10", headers=headers, timeout=60)

    def upload(self, client: httpx.Client, certificate: Path) -> None:
        """Upload a certificate."""
        files = {"file": (certificate.name, certificate.read_bytes())}
        answer = client.post(f"/cipher/{certificate.name}", files=files)
        assert answer.status_code == httpx.codes.CREATED, answer.text

    def run_job(self, client: httpx.Client, **changes: Any) -> Json:
        """Create a job that runs at once, and wait until its run has ended."""
        return self.wait(client, self.create_job(client, **changes))

    def create_job(self, client: httpx.Client, **changes: Any) -> int:
        """Create a job that runs at once; `params` go into jobParams."""
        answer = client.post("/export/jobs", json=job(**changes))
        assert answer.status_code == httpx.codes.ACCEPTED, answer.text
        return int(answer.json()["id"])

    def wait(self, client: httpx.Client, job_id: int, seconds: float = RUN_SECONDS) -> Json:
        """Wait until the newest run of a job has ended, and give its record."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            record: Json = client.get(f"/export/history/{job_id}").raise_for_status().json()
            if record["status"] not in {"Queued", "In Progress", "Scheduled"}:
                return record
            time.sleep(0.1)
        raise TimeoutError(f"{record} {self.log.read_text()}")

    def files(self, client: httpx.Client, run_id: int) -> list[Json]:
        """Give the rows of a run's files."""
        answer = client.get("/file-metadatas", params={"historyId": str(run_id)})
        items: list[Json] = answer.raise_for_status().json()["items"]
        return items

    def download(self, client: httpx.Client, name: str) -> bytes:
        """Follow the redirect of a file while still sending the headers, as scripts do."""
        answer = client.get(f"/files/{name}", follow_redirects=True)
        return answer.raise_for_status().content


def kept_in(storage: BlobSettings) -> dict[str, str]:
    """Give the settings of a service that keeps its objects there."""
    return {
        "blobs": storage.url,
        "s3_endpoint": storage.endpoint,
        "s3_region": storage.region,
        "s3_access_key": storage.access_key,
        "s3_secret_key": storage.secret_key,
    }


def slow_down(dsn: str, *tables: str) -> None:
    """Let each row of these tables of a PostgreSQL sample take a moment to read."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for table in tables:
            connection.execute(f"ALTER TABLE {table} RENAME TO stored_{table}")
            connection.execute(
                f"CREATE VIEW {table} AS SELECT stored.* FROM stored_{table} stored, LATERAL"
                " (SELECT pg_sleep(0.001 + 0 * length(stored.id)) OFFSET 0) moment"
            )


def job(params: Json | None = None, **changes: object) -> Json:
    """Give the body of a job that exports all interactions of the source `history`, at once."""
    body = {
        "source": "history",
        "type": "UCS",
        "title": "everything",
        "timeFrame": {"all": True},
        "schedulerParam": {"immediately": True},
        "jobParams": {"type": "Interaction", "media": [], **(params or {})},
        "suspended": False,
    }
    return {**body, **changes}
