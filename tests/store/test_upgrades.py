"""Stores that releases have left behind, with data in them, are brought to today's schema."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, text

from cxport.domain.errors import SetupError
from cxport.domain.listing import Query
from cxport.domain.run import Status
from cxport.store import beats, certificates, files, jobs, migrations, runs, tenants
from cxport.store.database import Database, connect
from tests.store.samples import NOON, PLAN
from tests.store.test_counts import counted, looked_at
from tests.store.test_schema import described

GOLDEN = Path(__file__).parents[1] / "golden"
NEXT = Path(__file__).parents[1] / "scenarios" / "next_release" / "revisions"
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
    assert counted(upgraded) == looked_at(upgraded)
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


@pytest.fixture
def next_release(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Know two revisions more: one that expands, and one that contracts."""
    monkeypatch.setattr(migrations, "LOCATIONS", [*migrations.LOCATIONS, str(NEXT)])
    migrations.newest.cache_clear()
    yield
    migrations.newest.cache_clear()


@pytest.mark.promise("R15")
def test_a_start_leaves_what_older_processes_need(
    fresh_db: Database, request: pytest.FixtureRequest
) -> None:
    """It expands; finishing waits until none is left that beats, and then keeps them out."""
    beats.beat(fresh_db, "old")
    request.getfixturevalue("next_release")

    fresh_db.migrate()
    state = fresh_db.schema_state()
    assert (state.revision, state.floor, state.finishing) == ("9001", "", ("9002",))
    assert [one.id for one in state.older] == ["old"]
    with pytest.raises(SetupError, match=r"1, of 0\.1\.0"):
        fresh_db.finish_upgrade()
    assert fresh_db.schema_state() == state, "what was refused changed something"

    beats.beat(fresh_db, "new")
    beats.forget(fresh_db, "old")
    fresh_db.finish_upgrade()
    assert fresh_db.schema_state().floor == "9002"
    fresh_db.migrate()


@pytest.mark.promise("R15")
def test_an_older_release_is_admitted_until_the_upgrade_is_finished(
    fresh_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It starts on the expanded store, and changes nothing; on the finished one it does not."""
    ours = migrations.LOCATIONS
    with monkeypatch.context() as later:
        later.setattr(migrations, "LOCATIONS", [*ours, str(NEXT)])
        migrations.newest.cache_clear()
        fresh_db.migrate()
    migrations.newest.cache_clear()
    fresh_db.migrate()
    fresh_db.finish_upgrade()
    assert fresh_db.schema_state().revision == "9001"
    fresh_db.check_admitted()

    with monkeypatch.context() as later:
        later.setattr(migrations, "LOCATIONS", [*ours, str(NEXT)])
        migrations.newest.cache_clear()
        fresh_db.finish_upgrade()
    migrations.newest.cache_clear()
    for act in (fresh_db.migrate, fresh_db.finish_upgrade, fresh_db.check_admitted):
        with pytest.raises(SetupError, match="too old for the store: it knows revision"):
            act()


def test_a_new_store_is_finished(next_release: None, fresh_url: str) -> None:
    """There is nobody who could need what a contracting revision takes away."""
    db = connect(fresh_url)
    db.migrate()

    assert next_release is None
    assert db.schema_state().revision == "9002"
    db.close()
