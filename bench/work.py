"""What is raced: databases with rows to export, and where each side leaves its file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from cxport.sealing.certificate import make_certificate
from cxport.sources.sample import write_sample
from tests.servers import MariaServer, PostgresServer

#: Bytes of each attachment in the race of attachments: they do not compress.
ATTACHMENT_BYTES = 200_000


@dataclass(frozen=True, kw_only=True)
class Work:
    """Rows to be exported and sealed; `product` is the database's."""

    name: str
    product: str
    dsn: str
    rows: int
    folder: Path
    readers: int
    attachments: bool = False

    @property
    def certificate(self) -> Path:
        """The certificate that all seal to."""
        return self.folder / "cert.pem"

    @property
    def key(self) -> Path:
        """Its key."""
        return self.folder / "key.pem"


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How many interactions each database holds."""

    postgresql: int
    others: int
    attachments: int


@contextmanager
def works(folder: Path, sizes: Sizes, readers: int) -> Iterator[list[Work]]:
    """Start the servers, write the rows, and give what is to be done."""
    key, certificate = make_certificate("bench", 2, 2048)
    (folder / "key.pem").write_bytes(key)
    (folder / "cert.pem").write_bytes(certificate)
    with PostgresServer() as postgres, MariaServer() as maria:
        rows = {"folder": folder, "readers": readers}
        yield [
            _written("PostgreSQL", "postgresql", postgres.new_database(), sizes.postgresql, **rows),
            _written("SQLite", "sqlite", f"sqlite:///{folder / 'bench.db'}", sizes.others, **rows),
            _written("MariaDB", "mariadb", maria.new_database(), sizes.others, **rows),
            _attached(postgres.new_database(), sizes.attachments, folder, readers),
        ]


def _written(  # noqa: PLR0913 - what a work is made of
    name: str, product: str, dsn: str, count: int, *, folder: Path, readers: int
) -> Work:
    if count:
        write_sample(dsn, interactions=count, seed=1)
    return Work(name=name, product=product, dsn=dsn, rows=count, folder=folder, readers=readers)


def _attached(dsn: str, count: int, folder: Path, readers: int) -> Work:
    """Give interactions whose documents are all large."""
    if count:
        write_sample(dsn, interactions=count, seed=1)
        with psycopg.connect(dsn, autocommit=True) as connection:
            for (identity,) in connection.execute("SELECT id FROM document").fetchall():
                change = "UPDATE document SET content = %s, thesize = %s WHERE id = %s"
                content = os.urandom(ATTACHMENT_BYTES)
                connection.execute(change, (content, ATTACHMENT_BYTES, identity))
            connection.execute("VACUUM ANALYZE")
    return Work(
        name="PostgreSQL, attachments",
        product="postgresql",
        dsn=dsn,
        rows=count,
        folder=folder,
        readers=readers,
        attachments=True,
    )
