"""The servers that other tests stand on."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import pymysql
import pytest
from sqlalchemy.engine import make_url

from tests import programs
from tests.servers import MariaServer, PostgresServer, embedded_postgres


def maria_answer(dsn: str, password: str = "") -> object:
    """Ask a MariaDB for its own name of the database."""
    url = make_url(dsn)
    connection = pymysql.connect(
        host=url.host,
        port=url.port or 0,
        user=url.username,
        password=password or url.password or "",
        database=url.database,
    )
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT database()")
        return cursor.fetchone()


def test_postgres_keeps_data_over_a_restart(postgres: PostgresServer) -> None:
    """A restart breaks connections and keeps databases."""
    dsn = postgres.new_database()
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS n")
    postgres.restart()

    with psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (1,)


def test_postgres_comes_back_after_a_crash(postgres: PostgresServer) -> None:
    """A killed server starts again at once, with what was committed."""
    dsn = postgres.new_database()
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS n")
    with psycopg.connect(dsn) as idle:
        postgres.kill()
        postgres.start()
        with pytest.raises(psycopg.OperationalError):
            idle.execute("SELECT 1")

    with psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (1,)


def test_postgres_asks_for_the_password(postgres_dsn: str) -> None:
    """A wrong password is refused."""
    wrong = make_url(postgres_dsn).set(password="wrong")

    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(wrong.render_as_string(hide_password=False))


def test_mariadb_restarts_and_asks_for_the_password(mariadb: MariaServer) -> None:
    """Databases outlive a restart, and a wrong password is refused."""
    dsn = mariadb.new_database()
    mariadb.restart()

    assert (make_url(dsn).database,) == maria_answer(dsn)
    with pytest.raises(pymysql.OperationalError):
        maria_answer(dsn, password="wrong")


def test_postgres_of_the_package_stands_in_for_debians() -> None:
    """Where Debian's PostgreSQL is missing, that of the package serves."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        with PostgresServer(programs=embedded_postgres(Path(folder))) as server:
            dsn = server.new_database()
            with psycopg.connect(dsn) as connection:
                assert connection.info.server_version >= 180_000


def test_a_missing_program_is_an_error_that_names_its_package(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Tests never pass by skipping: what is missing is said."""
    monkeypatch.setattr(programs, "SYSTEM_PROGRAMS", "/nowhere")
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(RuntimeError, match="install Debian's mariadb-server"), MariaServer():
        pass


def test_servers_die_with_the_process_that_started_them() -> None:
    """A killed test process leaves no server behind."""
    command = [sys.executable, "-m", "tests.servers", "s3"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        assert '"url": "s3://' in starter.stdout.readline()
        children = Path(f"/proc/{starter.pid}/task/{starter.pid}/children").read_text().split()
        folders = [Path(f"/proc/{pid}/cwd").readlink() for pid in children]
        starter.kill()

    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{pid}").exists() for pid in children) and time.monotonic() < deadline:
        time.sleep(0.05)
    for folder in folders:
        shutil.rmtree(folder)
    assert children
    assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]
