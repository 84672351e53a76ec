"""A store of one's own for each test, and the master key that goes with it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cxport.blobs import BlobSettings
from cxport.blobs import connect as connect_blobs
from cxport.sealing.vault import Vault, new_master_key
from cxport.services import Services, ServiceSettings, assemble
from cxport.store.database import Database, connect
from tests.api.installation import PUBLIC_URL, WEAK, Clock, measured, migrated


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a store once, to be copied."""
    return migrated(tmp_path_factory.mktemp("empty"))


@pytest.fixture
def db(empty_store: Path, tmp_path: Path) -> Iterator[Database]:
    """Give a store of one's own."""
    found = connect(f"sqlite:///{shutil.copy(empty_store, tmp_path)}")
    yield found
    found.close()


@pytest.fixture
def vault() -> Vault:
    """Give what seals secrets."""
    return Vault([new_master_key()])


@pytest.fixture
def clock() -> Clock:
    """Give a clock that can be moved."""
    return Clock()


@pytest.fixture
def start(db: Database, vault: Vault, clock: Clock, tmp_path: Path) -> Callable[[], Services]:
    """Give what joins the services anew, as each process does at its start."""
    blobs = connect_blobs(BlobSettings(url=(tmp_path / "objects").as_uri()))

    def started() -> Services:
        settings = ServiceSettings(public_url=PUBLIC_URL)
        return assemble(
            db=db,
            box=vault,
            blobs=blobs,
            settings=settings,
            clock=clock,
            measure=measured,
            hasher=WEAK,
        )

    return started


@pytest.fixture
def services(start: Callable[[], Services]) -> Services:
    """Give the services."""
    return start()
