"""Services and sources for the scenarios."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.scenarios.opening import KeyPair
from tests.scenarios.running import RunningService, cxport, kept_in, slow_down
from tests.servers import MariaServer, PostgresServer, S3Server

#: Enough for every entity, attachments above the inline size, and several parts.
INTERACTIONS = "1500"


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> KeyPair:
    """Give a key and certificate."""
    return KeyPair(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="session")
def sample_dsn(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Callable[[str], str]:
    """Give the DSN of the sample contact centre in a database of the named kind, made once."""
    made: dict[str, str] = {}

    def dsn(kind: str) -> str:
        if kind not in made:
            if kind == "sqlite":
                made[kind] = f"sqlite:///{tmp_path_factory.mktemp('source') / 'history.sqlite'}"
            else:
                server: PostgresServer | MariaServer = request.getfixturevalue(kind)
                made[kind] = server.new_database()
            cxport("sample", made[kind], "--interactions", INTERACTIONS)
        return made[kind]

    return dsn


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """Run a service on embedded parts: SQLite and a folder."""
    with RunningService(tmp_path_factory.mktemp("embedded"), part_rows="1000") as service:
        yield service


@pytest.fixture(scope="session")
def distributed(
    tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer, s3: S3Server
) -> Iterator[RunningService]:
    """Run a service on PostgreSQL and S3."""
    storage = s3.settings()
    with RunningService(
        tmp_path_factory.mktemp("distributed"),
        part_rows="1000",
        database=postgres.new_database(),
        **kept_in(storage),
    ) as service:
        yield service


@pytest.fixture
def running_service(tmp_path: Path) -> Iterator[Callable[..., RunningService]]:
    """Give what starts a service of a test's own; it is killed at the end, surely."""
    started: list[RunningService] = []

    def start(**settings: str) -> RunningService:
        service = RunningService(tmp_path / f"service-{len(started)}", **settings)
        started.append(service)
        service.start()
        return service

    yield start
    for service in started:
        service.kill()


@pytest.fixture
def slow_dsn(postgres: PostgresServer) -> str:
    """Give a source that takes a moment for each e-mail: their table is a view that waits."""
    dsn = postgres.new_database()
    cxport("sample", dsn, "--interactions", "2500")
    slow_down(dsn, "emailin", "emailout")
    return dsn
