"""What every test may ask for: real servers, started when the first test asks for one.

A missing server program is an error that names its package, never a skip. Each test process (with
xdist: each worker) has its own servers, so a test may restart or stop one of them as long as it
starts it again before it ends, whatever happens (`try ... finally: server.start()`).

Session fixtures (classes in tests/servers.py)::

    postgres: PostgresServer   .new_database() -> "postgresql://user:password@127.0.0.1:port/db"
    mariadb:  MariaServer      .new_database() -> "mariadb://user:password@127.0.0.1:port/db"
    s3:       S3Server         .settings(prefix="") -> BlobSettings (no prefix: one of its own)
                               .endpoint .bucket .access_key .secret_key
                               with s3.frozen(): ...  (takes requests, never answers)

    each:                      .restart() .stop() .start() .kill() (as a crash does) .port;
                               it ends with the thread that started it

Module fixture::

    browser: Browser           Chromium, by playwright

Test fixtures::

    postgres_dsn: str              a fresh PostgreSQL database
    mariadb_dsn: str               a fresh MariaDB database
    s3_settings: BlobSettings      a prefix of one's own in the bucket
    local_settings: BlobSettings   a folder of one's own

A test that wants to break a server for good starts its own: `with S3Server() as server: ...`.
The environment is scrubbed before any test: nothing of CXPORT_*, AWS_*, PG*, MYSQL_*, MARIADB_*.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from cxport.blobs.base import BlobSettings
from tests.programs import program
from tests.servers import MariaServer, PostgresServer, S3Server

for _name in list(os.environ):
    if _name.startswith(("CXPORT_", "AWS_", "PG", "MYSQL_", "MARIADB_")):
        del os.environ[_name]


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """Run a PostgreSQL server."""
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaServer]:
    """Run a MariaDB server."""
    with MariaServer() as server:
        yield server


@pytest.fixture(scope="session")
def s3() -> Iterator[S3Server]:
    """Run an S3 server with one bucket."""
    with S3Server() as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Chromium; it ends with the module, as its event loop is in the way of others."""
    path = str(program("chromium", "Debian's chromium"))
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=options)
        yield found
        found.close()


@pytest.fixture
def postgres_dsn(postgres: PostgresServer) -> str:
    """Give a fresh PostgreSQL database."""
    return postgres.new_database()


@pytest.fixture
def mariadb_dsn(mariadb: MariaServer) -> str:
    """Give a fresh MariaDB database."""
    return mariadb.new_database()


@pytest.fixture
def s3_settings(s3: S3Server) -> BlobSettings:
    """Give a prefix of one's own in the bucket of the S3 server."""
    return s3.settings()


@pytest.fixture
def local_settings(tmp_path: Path) -> BlobSettings:
    """Give a folder of one's own for objects."""
    return BlobSettings(url=(tmp_path / "blobs").as_uri())
