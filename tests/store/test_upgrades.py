"""Stores that releases have left behind, with data in them, are brought to today's schema."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, text

from cxport.domain.listing import Query
from cxport.domain.run import Status
from cxport.store import certificates, files, jobs, runs, tenants
from cxport.store.database import Database, connect
from tests.store.samples import NOON, PLAN
from tests.store.test_schema import described

GOLDEN = Path(__file__).parents[1] / "golden"
RELEASES = sorted(path.name for path in GOLDEN.iterdir())


@pytest.fixture
def left(backend: str, fresh_url: str, release: str) -> str:
    """Give the URL of a store as a release left it."""
    script = (GOLDEN / release / f"store.{backend}.sql").read_text()
    if backend == "sqlite":
        with sqlite3.connect(fresh_url.removeprefix("sqlite:///")) as connection:
            connection.executescript(script)
        connection.close()
    else:
        with psycopg.connect(fresh_url) as server:
            server.execute(script.encode())
    return fresh_url


def _rows(connection: Connection) -> dict[str, int]:
    """Count the rows of the tables that every release has."""
    names = ("tenants", "jobs", "runs", "run_parts", "files", "manifests", "certificates")
    return {
        name: int(connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one())
        for name in names
    }


@pytest.mark.promise("R15")
@pytest.mark.parametrize("release", RELEASES)
def test_an_upgraded_store_is_as_a_fresh_one(db: Database, left: str) -> None:
    """By the database's own description, and every row is still there."""
    upgraded = connect(left)
    with upgraded.read() as connection:
        before = _rows(connection)
    upgraded.migrate()

    with upgraded.read() as connection, db.read() as fresh:
        assert described(connection) == described(fresh)
        assert _rows(connection) == before
    assert before["runs"] == 7
    upgraded.close()


@pytest.mark.promise("R15")
@pytest.mark.parametrize("release", RELEASES)
def test_an_upgraded_store_is_worked_with(left: str) -> None:
    """Lists show what was there, and a run that was going goes on where it was."""
    db = connect(left)
    db.migrate()
    tenant = next(one for one in tenants.all(db) if one.name == "Müller & Söhne")

    page = runs.page(db, tenant.id, Query(contains={"title": "STRASSE"}))
    assert [run.spec.title for run in page.items] == ["Straße"]
    assert jobs.page(db, tenant.id, Query(contains={"status": "susp"})).count == 1
    assert files.page(db, tenant.id, Query(order="name"), NOON).count == 2
    assert certificates.in_force(db, tenant.id) is not None
    (going,) = runs.page(db, tenant.id, Query(equals={"status": ("inProgress",)})).items
    assert [part.part for part in runs.parts(db, tenant.id, going.id)] == list(PLAN)
    again = runs.begin(db, tenant.id, going.id, archive_id="", certificate_fingerprint="")
    assert (again.attempt, again.status) == (going.attempt + 1, Status.IN_PROGRESS)
    db.close()
