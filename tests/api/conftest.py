"""One installation for most tests, with a tenant for each; another one where the clock moves."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest

from cxport.bootstrap.probe import Probe
from cxport.domain.places import AllowedPlaces
from cxport.sealing.certificate import make_certificate
from cxport.sealing.vault import Vault, new_master_key
from cxport.services import ServiceSettings
from cxport.store.database import connect
from tests.api.installation import PUBLIC_URL, Account, Installation, installed, migrated
from tests.servers import PostgresServer


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a store once, to be copied."""
    return migrated(tmp_path_factory.mktemp("empty"))


@pytest.fixture(scope="session")
def installation(
    empty_store: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """Serve an installation whose tests do not move the clock."""
    folder = tmp_path_factory.mktemp("installation")
    file = Path(shutil.copy(empty_store, folder))
    with installed(file, folder) as found:
        yield found


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def on_each_store(
    request: pytest.FixtureRequest, empty_store: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """Serve an installation on either database, that also reaches the databases of sources."""
    folder = tmp_path_factory.mktemp("on-each-store")
    store = f"sqlite:///{shutil.copy(empty_store, folder)}"
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        store = server.new_database()
    db, vault = connect(store), Vault([new_master_key()])
    db.migrate()
    settings = ServiceSettings(
        public_url=PUBLIC_URL,
        requests_per_minute=1_000_000,
        failures_per_account=1_000_000,
        failures_per_address=1_000_000,
        allowed_places=AllowedPlaces(hosts=("db.example",), folders=(folder / "allowed",)),
    )
    with installed(
        folder, folder, settings, vault=vault, probe=Probe(db, vault), store=store
    ) as found:
        yield found
    db.close()


@pytest.fixture
def install(
    empty_store: Path, tmp_path: Path
) -> Callable[..., AbstractContextManager[Installation]]:
    """Give what serves an installation of one's own, with settings of one's own."""
    return partial(installed, Path(shutil.copy(empty_store, tmp_path)), tmp_path)


@pytest.fixture
def own(
    install: Callable[..., AbstractContextManager[Installation]],
) -> Iterator[Installation]:
    """Serve an installation of one's own, whose clock may be moved."""
    with install() as found:
        yield found


@pytest.fixture(scope="session")
def key_and_certificate() -> tuple[bytes, bytes]:
    """Make a key and its certificate once."""
    return make_certificate("company", 30, 2048)


@pytest.fixture(scope="session")
def certificate(key_and_certificate: tuple[bytes, bytes]) -> bytes:
    """Give a certificate that is accepted."""
    return key_and_certificate[1]


@pytest.fixture
def bare(installation: Installation) -> Account:
    """Give a tenant with a source and without a certificate."""
    return installation.new_tenant()


@pytest.fixture
def tenant(bare: Account, certificate: bytes) -> Account:
    """Give a tenant that can create jobs."""
    assert bare.upload(certificate).status_code == 201
    return bare
