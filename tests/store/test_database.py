"""The connection: what it accepts, what it waits for, and what it says when it fails."""

from __future__ import annotations

import sqlite3
import stat
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from cxport.domain.errors import SetupError, StoreUnavailable
from cxport.domain.listing import Query
from cxport.domain.tenant import Tenant
from cxport.store import jobs, runs, tenants
from cxport.store.database import Database, connect
from tests.servers import PostgresServer, free_port
from tests.store.samples import a_begun_run, a_run, everything_of, new_tenant


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give a place for an SQLite store."""
    return tmp_path / "store.sqlite"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "store.sqlite",
        "sqlite://",
        "sqlite:///store.sqlite",
        "sqlite:///:memory:",
        "mysql://root:s3cret@db/cxport",
        "postgresql+asyncpg://cxport:s3cret@db/cxport",
        "postgresql://cxport:s3cret@db:port/cxport",
    ],
)
def test_other_urls_are_refused(url: str) -> None:
    """With what would be right, and without the URL, which may hold a password."""
    with pytest.raises(SetupError, match="sqlite:////absolute/path or postgresql://") as caught:
        connect(url)

    assert "s3cret" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_store_in_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """The message does not name the folder."""
    with pytest.raises(SetupError, match="No such file") as caught:
        connect(f"sqlite:///{tmp_path}/missing/store.sqlite")

    assert "missing" not in str(caught.value)


def test_a_new_file_is_its_owners_alone(file: Path) -> None:
    """Nobody else on the machine reads it, nor the files that SQLite keeps beside it."""
    with closing(connect(f"sqlite:///{file}")) as database:
        database.migrate()
        modes = {found.name: stat.S_IMODE(found.stat().st_mode) for found in file.parent.iterdir()}

    assert modes == {"store.sqlite": 0o600, "store.sqlite-wal": 0o600, "store.sqlite-shm": 0o600}


def test_sqlite_is_set_up_for_safety(file: Path) -> None:
    """Every connection writes ahead, waits for the disk and keeps references whole."""
    with closing(connect(f"sqlite:///{file}")) as database, database.read() as connection:
        found = [
            connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]

    assert found == ["wal", 2, 1, 60_000]


def test_a_writer_waits_for_another_process(file: Path) -> None:
    """A store that is being written to by somebody else is no failure."""
    with closing(connect(f"sqlite:///{file}")) as database:
        database.migrate()
        tenant = new_tenant(database)
        with closing(sqlite3.connect(file, isolation_level=None)) as elsewhere:
            elsewhere.execute("BEGIN IMMEDIATE")
            writer = threading.Thread(target=a_run, args=(database, tenant))
            writer.start()
            time.sleep(0.2)
            assert jobs.page(database, tenant.id, Query()).count == 0
            elsewhere.execute("COMMIT")
        writer.join()

        assert jobs.page(database, tenant.id, Query()).count == 1


def test_writers_that_read_first_do_not_fail_each_other(file: Path) -> None:
    """Two processes (here: two stores) that each read and then write both get through."""
    with (
        closing(connect(f"sqlite:///{file}")) as here,
        closing(connect(f"sqlite:///{file}")) as there,
    ):
        here.migrate()
        run = a_begun_run(here, new_tenant(here))

        def start(database: Database) -> None:
            for _ in range(25):
                runs.start_part(database, run.tenant_id, run.id, run.attempt, 1)

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(start, (here, there)))

        assert runs.parts(here, run.tenant_id, run.id)[0].starts == 50


def test_many_threads_write_at_once(db: Database, tenant: Tenant) -> None:
    """More than there are connections: all wait for their turn, none fails."""
    failures: list[BaseException] = []

    def write() -> None:
        try:
            a_run(db, tenant)
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test tells it
            failures.append(error)

    writers = [threading.Thread(target=write) for _ in range(60)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert failures == []
    assert jobs.page(db, tenant.id, Query()).count == 60


def test_a_failed_write_leaves_nothing(db: Database, tenant: Tenant) -> None:
    """An error in the middle of a transaction takes all of it back, and frees the turn."""
    before = everything_of(db, tenant.id)

    def write() -> None:
        with db.write() as connection:
            connection.execute(text("DELETE FROM tenants WHERE id = :id"), {"id": tenant.id})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write()

    assert everything_of(db, tenant.id) == before
    assert new_tenant(db).name


def test_a_full_disk_is_told(file: Path) -> None:
    """By the database's own name for it, and nothing of the write is left."""
    with closing(connect(f"sqlite:///{file}")) as database:
        database.migrate()
        tenant = new_tenant(database)
        with database.read() as connection:
            connection.execute(text("PRAGMA max_page_count = 1"))

        with pytest.raises(StoreUnavailable, match="SQLITE_FULL"):
            tenants.add_client(database, tenant.id, "c", "c" * 1_000_000, "", frozenset())

        assert tenants.client_by_id(database, "c") is None


def test_an_unreachable_store_says_no_more_than_that() -> None:
    """Neither address nor user nor password; the caller may try again."""
    url = f"postgresql://cxport:s3cret@127.0.0.1:{free_port()}/hidden"
    with closing(connect(url)) as database, pytest.raises(StoreUnavailable) as caught:
        database.ping()

    assert str(caught.value) == "the store does not answer"
    assert caught.value.transient
    assert caught.value.__suppress_context__


def test_a_store_comes_back_after_a_restart(postgres: PostgresServer) -> None:
    """Connections that the server has ended are replaced before anybody notices."""
    with closing(connect(postgres.new_database())) as database:
        database.ping()
        postgres.restart()
        database.ping()


def test_a_store_that_is_down_is_told_and_comes_back(postgres: PostgresServer) -> None:
    """Each use fails while it is away, and none once it answers again."""
    with closing(connect(postgres.new_database())) as database:
        database.ping()
        postgres.stop()
        try:
            with pytest.raises(StoreUnavailable):
                database.ping()
        finally:
            postgres.start()

        database.ping()


def test_a_connection_that_breaks_in_a_transaction_is_told(postgres: PostgresServer) -> None:
    """As a store that does not answer; the next transaction works."""
    with closing(connect(postgres.new_database())) as database:
        ended = text("SELECT pg_terminate_backend(pg_backend_pid())")
        with pytest.raises(StoreUnavailable), database.write() as connection:
            connection.execute(ended)

        database.ping()


def test_a_mistake_in_a_statement_is_not_taken_for_an_outage(db: Database) -> None:
    """It is raised as it is, without the values that were sent."""
    with pytest.raises(Exception, match="missing_table") as caught, db.read() as connection:
        connection.execute(text("SELECT * FROM missing_table WHERE x = :x"), {"x": "canary"})

    assert not isinstance(caught.value, StoreUnavailable)
    assert "canary" not in str(caught.value)
