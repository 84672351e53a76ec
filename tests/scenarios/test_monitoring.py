"""What an operator sees of a service and of a worker that really run."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from cxport.domain.tracing import root_span_of, trace_of
from tests.scenarios.collector import Collector, attributes
from tests.scenarios.opening import KeyPair
from tests.scenarios.running import RunningService, cxport, kept_in
from tests.scenarios.workers import Workers
from tests.servers import PostgresServer, S3Server, free_port

#: One service stands for all of these tests, and takes a minute and a half to have seen all.
pytestmark = pytest.mark.xdist_group("monitoring")

#: Stands in every name, secret and personal field that a run can meet.
CANARY = "CANARY"


@dataclass(frozen=True, kw_only=True)
class Watched:
    """A service that has finished a run and failed one, and all that it said of itself."""

    service: RunningService
    collector: Collector
    tenant_id: str
    run: dict[str, Any]
    failed: dict[str, Any]
    metrics: str
    #: Answers to requests that went wrong.
    refused: list[str]

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The log, line by line."""
        return [json.loads(line) for line in self.service.log.read_text().splitlines()]


def port_of(service: RunningService) -> int:
    """Give the port of its monitoring."""
    return int(service._environment["CXPORT_MONITORING_PORT"])  # noqa: SLF001 - the test's own


def monitoring(port: int, path: str) -> httpx.Response:
    """Ask the monitoring address."""
    return httpx.get(f"http://127.0.0.1:{port}{path}")


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory, keys: KeyPair) -> Iterator[Watched]:
    """Run everything once, with a collector, and stop it so that all is told."""
    folder = tmp_path_factory.mktemp("watched")
    database = folder / f"{CANARY}source.sqlite"
    cxport("sample", f"sqlite:///{database}", "--interactions", "1500")
    with pytest.MonkeyPatch.context() as environment, Collector() as collector:
        environment.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        environment.setenv("OTEL_BSP_SCHEDULE_DELAY", "200")
        service = RunningService(
            folder, log_format="json", part_rows="1000", monitoring_port=str(free_port())
        )
        with service:
            yield _session(service, collector, keys, database)


def _session(
    service: RunningService, collector: Collector, keys: KeyPair, database: Path
) -> Watched:
    service.add_source("history", f"sqlite:///{database}")
    with service.client() as client:
        service.upload(client, keys.certificate)
        run = service.run_job(client, title=f"{CANARY}title")
        refused = [
            client.get(path).text
            for path in (f"/files/{CANARY}.smime", "/export/jobs/77", f"/nothing/{CANARY}")
        ]
        database.rename(database.with_suffix(".away"))
        failed = service.run_job(client, title=f"{CANARY}title")
        files = service.files(client, run["id"])
        service.download(client, files[0]["name"])
    assert collector.until(lambda spans: sum(one.name == "run" for one in spans) == 2)
    with closing(sqlite3.connect(service.data / "store.sqlite")) as store:
        ((tenant_id,),) = store.execute("SELECT id FROM tenants").fetchall()
    return Watched(
        service=service,
        collector=collector,
        tenant_id=tenant_id,
        run=run,
        failed=failed,
        metrics=monitoring(port_of(service), "/metrics").text,
        refused=refused,
    )


def value(metrics: str, sample: str) -> float:
    """Read a sample by its name and labels; 0 where there is none."""
    found = re.search(rf"^{re.escape(sample)} (\S+)$", metrics, re.MULTILINE)
    return float(found[1]) if found else 0.0


def test_every_line_about_a_run_carries_its_id(watched: Watched) -> None:
    """From its beginning to its end, in JSON, and the trace that tells it from other tenants'."""
    for run in (watched.run, watched.failed):
        own = [line for line in watched.lines if line.get("run") == run["id"]]
        assert {line["trace"] for line in own} == {trace_of(watched.tenant_id, run["id"])}
        assert own[0]["event"] == "run begun"
    about = [
        line
        for line in watched.lines
        if re.match(r"run |part |trying again|internal error|object left", line["event"])
    ]
    assert {line["event"] for line in about} >= {
        "run begun",
        "run planned",
        "part done",
        "run published",
        "run failed",
    }
    assert all("run" in line and "trace" in line for line in about)
    assert all("part" in line for line in about if line["event"].startswith("part "))


def test_every_request_has_an_id(watched: Watched) -> None:
    """The caller's, where it is one, else one of our own: in the answer and in each line."""

    def asked(request_id: str) -> str:
        headers = {"X-Request-Id": request_id} if request_id else {}
        answer = httpx.get(f"{watched.service.url}/udm/v10/version", headers=headers)
        return answer.headers["x-request-id"]

    assert asked("my-request.1") == "my-request.1"
    for given in ("", "has space", "x" * 65, "{}", "-x"):
        assert re.fullmatch(r"[0-9a-f]{32}", asked(given))
    lines = [line for line in watched.lines if line["event"] == "request"]
    assert all(line["request"] for line in lines)
    assert lines[-6]["request"] == "my-request.1"


def test_metrics_tell_what_was_done(watched: Watched) -> None:
    """Runs, parts, rows, bytes, requests and failures are counted, and the store is asked."""
    metrics = watched.metrics
    files = watched.run["fileSize"]

    assert value(metrics, 'cxport_runs_ended_total{status="completed"}') == 1
    assert value(metrics, 'cxport_runs_ended_total{status="failed"}') == 1
    assert value(metrics, "cxport_sealed_bytes_total") == files
    assert value(metrics, "cxport_rows_exported_total") == 1500
    assert value(metrics, 'cxport_part_seconds_count{outcome="done"}') > 1
    assert value(metrics, "cxport_run_wait_seconds_count") >= 1
    assert value(metrics, "cxport_store_up") == 1
    assert value(metrics, 'cxport_runs{status="queued"}') == 0
    assert 0 < value(metrics, "cxport_certificate_days_left") < 4000
    route = 'method="GET",route="/udm/v10/export/history/{id}",status="200"'
    assert value(metrics, f"cxport_http_requests_total{{{route}}}") >= 2
    assert 'route="none"' in metrics


def test_a_run_is_one_trace(watched: Watched) -> None:
    """Its steps stand under the run as a whole; a request is a span with its route."""
    run_id = watched.run["id"]
    trace = bytes.fromhex(trace_of(watched.tenant_id, run_id))
    root = bytes.fromhex(root_span_of(watched.tenant_id, run_id))
    spans = [one for one in watched.collector.spans if one.trace_id == trace]
    (whole,) = [one for one in spans if one.span_id == root]
    steps = [one for one in spans if one.span_id != root]

    assert (whole.name, whole.parent_span_id) == ("run", b"")
    assert attributes(whole)["cxport.status"] == "completed"
    assert attributes(whole)["cxport.job"] == watched.run["parentId"]
    of_parts = [one for one in steps if one.name in {"read", "seal", "store"}]
    assert {one.name for one in steps if one not in of_parts} == {"plan", "part", "publish"}
    assert {one.parent_span_id for one in steps if one not in of_parts} == {root}
    assert all(attributes(one)["cxport.run"] == run_id for one in steps)
    requests = [attributes(one) for one in watched.collector.spans if one.name == "POST"]
    made = [one for one in requests if one["http.route"] == "/udm/v10/export/jobs"]
    assert watched.run["parentId"] in [one["cxport.job"] for one in made]


def test_a_part_tells_what_its_time_went_on(watched: Watched) -> None:
    """Reading, sealing and storing stand under the part, and take no longer than it."""
    trace = bytes.fromhex(trace_of(watched.tenant_id, watched.run["id"]))
    spans = [one for one in watched.collector.spans if one.trace_id == trace]
    parts = [one for one in spans if one.name == "part"]

    assert len(parts) > 1
    for part in parts:
        within = {one.name: one for one in spans if one.parent_span_id == part.span_id}
        assert set(within) == {"read", "seal", "store"}
        took = [one.end_time_unix_nano - one.start_time_unix_nano for one in within.values()]
        assert min(took) > 0
        assert sum(took) <= part.end_time_unix_nano - part.start_time_unix_nano
        for one in within.values():
            assert attributes(one) == attributes(part)
            assert part.start_time_unix_nano <= one.start_time_unix_nano


@pytest.mark.promise("S13")
def test_nothing_that_is_told_names_anybody(watched: Watched) -> None:
    """No secret, name, title, path or file is in logs, metrics, traces or error bodies."""
    known = watched.service.credentials
    told = {
        "log": watched.service.log.read_text(),
        "metrics": watched.metrics,
        "traces": bytes(watched.collector.raw).decode("utf-8", "replace"),
        "error bodies": "".join(watched.refused),
    }
    secrets = [known["api_key"], known["client_secret"], known["password"], CANARY]
    secrets += [watched.run["fileName"], str(watched.service.data), "sqlite:"]

    for where, text in told.items():
        assert len(text) > 100, where
        for secret in secrets:
            assert secret not in text, (where, secret)
    assert watched.tenant_id not in told["metrics"] + told["traces"]


def test_probes_are_answered_beside_the_metrics(watched: Watched) -> None:
    """The monitoring address answers three paths, and no other."""
    port = port_of(watched.service)

    assert monitoring(port, "/health/live").json() == {"status": "alive"}
    assert monitoring(port, "/health/ready").json() == {"status": "ready"}
    assert monitoring(port, "/metrics").headers["content-type"].startswith("text/plain")
    assert monitoring(port, "/udm/v10/version").status_code == 404
    assert httpx.get(f"{watched.service.url}/metrics").status_code == 404


def test_a_worker_is_seen_as_a_service_is(
    tmp_path: Path, postgres: PostgresServer, s3: S3Server
) -> None:
    """It tells its metrics, and says in words what it misses."""
    url = postgres.new_database()
    port = free_port()
    settings = {"database": url, **kept_in(s3.settings())}
    service = RunningService(tmp_path, **settings)
    workers = Workers(service, tmp_path, **settings, monitoring_port=str(port), log_format="json")
    with workers:
        workers.start(1)
        assert until(lambda: monitoring(port, "/health/ready").status_code == 200)
        assert until(lambda: value(monitoring(port, "/metrics").text, "cxport_workers") == 1)
        assert until(lambda: '"working"' in (tmp_path / "workers.log").read_text())
        with psycopg.connect(url, autocommit=True) as connection:
            name = connection.info.dbname
        with psycopg.connect(url.replace(f"/{name}", "/postgres"), autocommit=True) as other:
            other.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
            )
            assert until(lambda: monitoring(port, "/health/ready").status_code == 503)
            answer = monitoring(port, "/health/ready")
            assert answer.json()["missing"][0] == "the store does not answer"
            assert url not in answer.text
            other.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        assert until(lambda: monitoring(port, "/health/ready").status_code == 200)


def until(found: Callable[[], bool], seconds: float = 60) -> bool:
    """Wait until something is so; a process that does not listen yet is waited for."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if found():
                return True
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    return False
