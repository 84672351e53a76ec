"""What is measured: databases with rows to export, made when a step first asks for them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg

from cxport.sealing.certificate import make_certificate
from cxport.sources.sample import write_sample
from tests.servers import MariaServer, PostgresServer, Server

#: Bytes of each attachment in the race of attachments: they do not compress.
ATTACHMENT_BYTES = 200_000


@dataclass(frozen=True, kw_only=True)
class Work:
    """Rows to be exported and sealed; `product` is the database's."""

    product: str
    dsn: str
    rows: int
    folder: Path
    readers: int = 2
    #: Parts that each reader gets, so that none is idle long at the end.
    parts_a_reader: int = 3
    attachments: bool = False

    @property
    def parts(self) -> int:
        """In how many parts they are exported."""
        return self.readers * self.parts_a_reader

    @property
    def certificate(self) -> Path:
        """The certificate that all seal to."""
        return self.folder / "cert.pem"

    @property
    def key(self) -> Path:
        """Its key."""
        return self.folder / "key.pem"

    def read_by(self, readers: int, parts_a_reader: int) -> Work:
        """Give the same rows, to be exported by so many readers in so many parts."""
        return replace(self, readers=readers, parts_a_reader=parts_a_reader)


class Grounds:
    """The servers and samples that the steps of one call share; all ends with it."""

    def __init__(self, folder: Path, ending: ExitStack) -> None:
        self.folder = folder
        self._ending = ending
        self._servers: dict[type[Server], Server] = {}
        self._works: dict[tuple[str, int, bool], Work] = {}
        key, certificate = make_certificate("bench", 2, 2048)
        (folder / "key.pem").write_bytes(key)
        (folder / "cert.pem").write_bytes(certificate)

    @property
    def postgres(self) -> PostgresServer:
        """The PostgreSQL server, started when it is first asked for."""
        server = self._server(PostgresServer)
        assert isinstance(server, PostgresServer)
        return server

    def stores(self, name: str) -> dict[str, str]:
        """Give the URL of a store that is yet to be made, by its kind."""
        return {
            "sqlite": f"sqlite:///{self.folder / name}.sqlite",
            "postgresql": self.postgres.new_database(),
        }

    def sample(self, product: str, count: int, *, attachments: bool = False) -> Work:
        """Give so many interactions in a database; with attachments, all documents are large."""
        asked = (product, count, attachments)
        if asked not in self._works:
            print(f"writing {count:,} interactions: {product}", flush=True)
            dsn = self._new_database(product, count)
            write_sample(dsn, interactions=count, seed=1)
            if attachments:
                _attach(dsn)
            self._works[asked] = Work(
                product=product, dsn=dsn, rows=count, folder=self.folder, attachments=attachments
            )
        return self._works[asked]

    def _new_database(self, product: str, count: int) -> str:
        if product == "sqlite":
            return f"sqlite:///{self.folder / f'sample-{count}.db'}"
        server = self._server(PostgresServer if product == "postgresql" else MariaServer)
        assert isinstance(server, PostgresServer | MariaServer)
        return server.new_database()

    def _server(self, kind: type[Server]) -> Server:
        if kind not in self._servers:
            self._servers[kind] = self._ending.enter_context(kind())
        return self._servers[kind]


@contextmanager
def grounds(folder: Path) -> Iterator[Grounds]:
    """Give the grounds of one call, in a folder that is empty."""
    with ExitStack() as ending:
        yield Grounds(folder, ending)


def _attach(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        for (identity,) in connection.execute("SELECT id FROM document").fetchall():
            change = "UPDATE document SET content = %s, thesize = %s WHERE id = %s"
            content = os.urandom(ATTACHMENT_BYTES)
            connection.execute(change, (content, ATTACHMENT_BYTES, identity))
        connection.execute("VACUUM ANALYZE")
