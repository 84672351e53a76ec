"""Tables of any database over HTTP: whole, and what is new; row by row as the database has it."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from cxport.export.manifest import read_manifest
from tests.formats.rfc4180 import parsed
from tests.scenarios import independent
from tests.scenarios.increments import filled, published, tick, wait_until_begun
from tests.scenarios.opening import KeyPair
from tests.scenarios.running import Json, RunningService
from tests.servers import MariaServer, PostgresServer
from tests.sources.tables import Tables

MAPPING = """
[[set]]
name = "Shop"
settle_seconds = 60

  [[set.table]]
  table = "orders"
  key = "id"
  mark = { time = "changed" }
  deleted = "gone"
  drop = ["secret"]

  [[set.table]]
  table = "clicks"
  key = "id"
  mark = { key = "id" }
  mask = { who = { hash = true }, place = { text = "somewhere" } }
"""
PRODUCTS = {"sqlite": "sqlite", "postgres": "postgresql", "mariadb": "mariadb"}
COLUMNS = {
    "sqlite": ("TEXT", "BLOB", "REAL"),
    "postgresql": ("timestamptz", "bytea", "double precision"),
    "mariadb": ("DATETIME(6)", "LONGBLOB", "DOUBLE"),
}
#: Fresh tables have no statistics, by which a plan is made.
ANALYZE = {
    "sqlite": ("ANALYZE",),
    "postgresql": ("ANALYZE",),
    "mariadb": ("ANALYZE TABLE orders PERSISTENT FOR ALL", "ANALYZE TABLE clicks"),
}
START = datetime(2024, 5, 6, 12, 0, 0, 123456, tzinfo=UTC)
INCREMENTAL = {"timeFrame": {"incremental": True}}
Cells = dict[str, str | None]


@pytest.fixture(params=PRODUCTS)
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Tables]:
    """Give a shop's tables in a database of each kind."""
    if request.param == "sqlite":
        dsn = f"sqlite:///{tmp_path / 'shop.db'}"
    else:
        server: PostgresServer | MariaServer = request.getfixturevalue(request.param)
        dsn = server.new_database()
    found = made(dsn, PRODUCTS[request.param])
    yield found
    found.close()


def made(dsn: str, product: str) -> Tables:
    """Make the tables, with some rows."""
    shop = Tables(dsn, product)
    when, raw, real = COLUMNS[product]
    shop.run(
        f"CREATE TABLE orders (id INTEGER PRIMARY KEY, body VARCHAR(2000), price DECIMAL(20,4),"
        f" weight {real}, raw {raw}, changed {when} NOT NULL, gone SMALLINT, secret VARCHAR(9))"
    )
    shop.run("CREATE TABLE clicks (id INTEGER PRIMARY KEY, who VARCHAR(20), place VARCHAR(20))")
    shop.run("BEGIN")
    for number in range(2400):
        order(shop, number)
    for number in range(300):
        who = None if number % 7 == 0 else f"user {number % 10}"
        shop.run("INSERT INTO clicks VALUES (?, ?, 'here')", number, who)
    shop.run("COMMIT")
    for statement in ANALYZE[product]:
        shop.run(statement)
    return shop


BODIES = (None, "", 'say "hi", twice', "two\r\nlines", "=1+1", "ünï ☎", "-12", "plain")


def order(shop: Tables, number: int) -> None:
    """Add an order; each is changed a second after the one before."""
    shop.run(
        "INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, 0, 'hidden')",
        number,
        BODIES[number % len(BODIES)],
        None if number % 5 == 0 else f"{number}.2500",
        number / 7,
        bytes([number % 256, 0, 255]) if number % 3 else None,
        moment(shop, number),
    )


def moment(shop: Tables, number: int) -> str:
    """Give when an order was changed, as its database takes it."""
    text = (START + timedelta(seconds=number)).replace(tzinfo=None).isoformat(" ")
    return f"{text}+00" if shop.product == "postgresql" else text


def wanted(shop: Tables, table: str, dropped: tuple[str, ...] = ("secret",)) -> dict[str, Cells]:
    """Give the rows of a table by key, as plain SQL gives them and the CSV must hold them."""
    found = independent.rows(shop.dsn, f"SELECT * FROM {table}")
    cells = (
        {name: cell(shop, value) for name, value in row.items() if name not in dropped}
        for row in found
    )
    return {str(row["id"]): row for row in cells}


def cell(shop: Tables, value: Any) -> str | None:
    """Write a value as the documentation says."""
    if isinstance(value, datetime):
        zone = "Z" if shop.product == "postgresql" else ""
        return f"{value.astimezone(UTC) if zone else value:%Y-%m-%dT%H:%M:%S.%f}{zone}"
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    if isinstance(value, float) and shop.product == "postgresql":
        return str(value).removesuffix(".0")
    if isinstance(value, Decimal):
        return f"{value:f}"
    return None if value is None else str(value)


@dataclass
class Exporter:
    """A signed-in client of a service with the shop as a source."""

    service: RunningService
    client: httpx.Client
    keys: KeyPair
    source: str = "shop"

    def add(self, shop: Tables, folder: Path) -> None:
        """Add the shop and a certificate."""
        mapping = folder / "shop.toml"
        mapping.write_text(MAPPING)
        words = ("--kind", "datasync", "--dsn", shop.dsn, "--mapping", str(mapping))
        self.service.admin("source", "add", self.source, *words)
        self.service.admin("source", "check", self.source)
        self.service.upload(self.client, self.keys.certificate)

    def job(self, **changes: Any) -> int:
        """Create a job of the shop's set."""
        body = {"source": self.source, "type": "DataSync", "params": {"type": "shop"}, **changes}
        return self.service.create_job(self.client, **body)

    def runs(self, job_id: int) -> list[Json]:
        """Give the runs of a job, the oldest first."""
        answer = self.client.get("/export/history", params={"jobId": str(job_id), "size": "1000"})
        return list(answer.json()["items"]) if answer.status_code == httpx.codes.OK else []

    def again(self, job_id: int) -> Json:
        """Run a job again, as its next tick would, and give the run when it has ended."""
        return self.service.wait(self.client, tick(self.service, job_id))

    def tables(self, run: Json) -> dict[str, list[Cells]]:
        """Open all files of a run: the rows of each table, by column."""
        found: dict[str, list[Cells]] = {}
        seen: set[str] = set()
        for row in self.service.files(self.client, run["id"]):
            archive = self.keys.unzip(self.service.download(self.client, row["name"]))
            for name in archive.namelist():
                assert name not in seen, "unpacking a set into one folder must lose nothing"
                assert name.endswith(".csv")
                seen.add(name)
                header, *lines = parsed(archive.read(name))
                table = name.removesuffix(".csv").partition("-")[0]
                found.setdefault(table, []).extend(
                    dict(zip(map(str, header), one, strict=True)) for one in lines
                )
        return found

    def replayed(self, job_id: int, table: str) -> dict[str, Cells]:
        """Apply the increments of a job one after the other, as a consumer would."""
        replica: dict[str, Cells] = {}
        for run in sorted(self.runs(job_id), key=lambda one: int(one["id"])):
            if published(run):
                found = self.tables(run).get(table, [])
                assert len({row["id"] for row in found}) == len(found), "a row came twice"
                replica |= {str(row["id"]): row for row in found}
        return replica


@pytest.fixture(scope="module")
def tables_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """Run a service for the tests that break nothing."""
    with RunningService(tmp_path_factory.mktemp("tables"), part_rows="1000") as service:
        yield service


@pytest.fixture
def exporter(tables_service: RunningService, keys: KeyPair, tmp_path: Path) -> Iterator[Exporter]:
    """Give a client, and the name of a source of one's own."""
    with tables_service.client() as client:
        yield Exporter(tables_service, client, keys, f"shop {tmp_path.name}")


def test_a_full_export_equals_the_tables(exporter: Exporter, shop: Tables, tmp_path: Path) -> None:
    """Every row is in the CSVs once, value by value; masks hold; the manifest tells the rest."""
    exporter.add(shop, tmp_path)

    run = exporter.service.wait(exporter.client, exporter.job(timeFrame={"all": True}))

    assert run["status"] == "Completed", run
    found = exporter.tables(run)
    assert len(exporter.service.files(exporter.client, run["id"])) > 1
    assert {row["id"]: row for row in found["orders"]} == wanted(shop, "orders")
    assert len(found["orders"]) == 2400
    clicks = {str(row["id"]): row for row in found["clicks"]}
    plain = wanted(shop, "clicks")
    assert {(key, row["place"]) for key, row in clicks.items()} == {
        (key, "somewhere") for key in plain
    }
    digests = {(plain[key]["who"], row["who"]) for key, row in clicks.items()}
    assert len(digests) == len({who for who, _ in digests}) == 11, "equal values, equal digests"
    assert all((who is None) == (digest is None) for who, digest in digests)
    manifest: Any = read_manifest(
        exporter.service.download(exporter.client, f"{run['fileName'][:43]}.manifest.json")
    )
    assert (manifest["type"], manifest["dataType"]) == ("DataSync", "Shop")
    assert [table["key"] for table in manifest["tables"]] == ["id", "id"]
    assert manifest["tables"][0]["deleted"] == "gone"
    assert manifest["tables"][1]["masked"] == ["who", "place"]
    assert manifest["counts"]["exported"] == 2700
    assert "hidden" not in json.dumps(manifest)


@pytest.mark.promise("R7")
def test_increments_replayed_equal_the_tables(
    exporter: Exporter, shop: Tables, tmp_path: Path
) -> None:
    """R7: inserts, updates and soft deletes between runs, replayed, give the tables."""
    exporter.add(shop, tmp_path)
    job = exporter.job(**INCREMENTAL)
    first = exporter.service.wait(exporter.client, job)
    for step in range(3):
        order(shop, 2400 + 2 * step)
        order(shop, 2401 + 2 * step)
        shop.run(
            "UPDATE orders SET body = ?, changed = ? WHERE id = ?",
            f"changed {step}",
            moment(shop, 2401 + 2 * step),
            step * 100 + 7,
        )
        shop.run(
            "UPDATE orders SET gone = 1, changed = ? WHERE id = ?",
            moment(shop, 2401 + 2 * step),
            step * 100 + 50,
        )
        shop.run("INSERT INTO clicks VALUES (?, 'new', 'here')", 300 + step)
        last = exporter.again(job)

    assert exporter.replayed(job, "orders") == wanted(shop, "orders")
    assert set(exporter.replayed(job, "clicks")) == set(wanted(shop, "clicks"))
    increment = exporter.tables(last)["orders"]
    assert 0 < len(increment) < 200, "an increment holds what is new and the lag, not all"
    assert len(exporter.tables(first)["orders"]) == 2400


@pytest.mark.promise("R7")
def test_a_run_that_fails_leaves_no_gap(
    running_service: Callable[..., RunningService], keys: KeyPair, tmp_path: Path
) -> None:
    """R7: what was new when a run failed on a full disk is in the next run."""
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "cxport-test", disk], check=True)
    try:
        service = running_service(blobs=(disk / "objects").as_uri())
        shop = made(f"sqlite:///{tmp_path / 'shop.db'}", "sqlite")
        with service.client() as client:
            exporter = Exporter(service, client, keys)
            exporter.add(shop, tmp_path)
            job = exporter.job(**INCREMENTAL)
            service.wait(client, job)
            filler = filled(disk)
            for number in range(2400, 2460):
                order(shop, number)
            assert exporter.again(job)["status"] == "Failed"
            filler.unlink()
            for number in range(3000, 3003):
                order(shop, number)
            assert published(exporter.again(job))

            assert exporter.replayed(job, "orders") == wanted(shop, "orders")
        shop.close()
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


@pytest.mark.promise("R7")
def test_a_killed_service_leaves_no_gap(
    running_service: Callable[..., RunningService], keys: KeyPair, tmp_path: Path
) -> None:
    """R7: after a kill in the middle of an increment nothing that was new is missing."""
    service = running_service(part_rows="1000")
    shop = made(f"sqlite:///{tmp_path / 'shop.db'}", "sqlite")
    with service.client() as client:
        exporter = Exporter(service, client, keys)
        exporter.add(shop, tmp_path)
        job = exporter.job(**INCREMENTAL)
        service.wait(client, job)
        for number in range(2400, 2430):
            order(shop, number)
        run = tick(service, job)
        wait_until_begun(service, run)
        service.kill()
    for number in range(2430, 2460):
        order(shop, number)

    service.start()

    with service.client() as client:
        exporter = Exporter(service, client, keys)
        assert published(service.wait(client, run))
        assert published(exporter.again(job))
        assert exporter.replayed(job, "orders") == wanted(shop, "orders")
    shop.close()


def test_later_columns_are_announced_and_taken_up_by_a_refresh(
    exporter: Exporter, tmp_path: Path
) -> None:
    """A column that came later is a warning of the run; after `source refresh` it is exported."""
    shop = made(f"sqlite:///{tmp_path / 'shop.db'}", "sqlite")
    exporter.add(shop, tmp_path)
    job = exporter.job(**INCREMENTAL)
    exporter.service.wait(exporter.client, job)
    shop.run("ALTER TABLE clicks ADD COLUMN device VARCHAR(9) DEFAULT 'phone'")

    warned = exporter.again(job)
    assert warned["status"] == "Completed with warnings"
    assert "device" not in exporter.tables(warned)["clicks"][0]
    manifest: Any = read_manifest(
        exporter.service.download(exporter.client, f"{warned['fileName'][:43]}.manifest.json")
    )
    assert "device" in manifest["warnings"][0]

    assert "1 job " in exporter.service.admin("source", "refresh", exporter.source)
    refreshed = exporter.again(job)
    assert refreshed["status"] == "Completed"
    assert exporter.tables(refreshed)["clicks"][0]["device"] == "phone"
    shop.close()


@pytest.mark.promise("S12")
def test_a_job_may_ask_for_tables_that_no_spreadsheet_runs(
    exporter: Exporter, tmp_path: Path
) -> None:
    """S12: `spreadsheetSafe` changes texts alone, and the manifest says that it did."""
    shop = made(f"sqlite:///{tmp_path / 'shop.db'}", "sqlite")
    exporter.add(shop, tmp_path)

    params = {"type": "Shop", "format": "CSV", "spreadsheetSafe": True}
    run = exporter.service.wait(
        exporter.client, exporter.job(timeFrame={"all": True}, params=params)
    )

    bodies = {row["body"] for row in exporter.tables(run)["orders"]}
    assert {"'=1+1", "'-12", "plain", ""} <= bodies
    assert not {"=1+1", "-12"} & bodies
    manifest: Any = read_manifest(
        exporter.service.download(exporter.client, f"{run['fileName'][:43]}.manifest.json")
    )
    assert manifest["spreadsheetSafe"] is True
    shop.close()
