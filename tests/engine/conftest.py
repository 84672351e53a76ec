"""What a worker has at hand, without a worker."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cxport import blobs
from cxport.blobs.base import BlobSettings
from cxport.engine.parts import MOST_STARTS
from cxport.engine.resources import Resources
from cxport.sealing.signature import new_signing_key
from cxport.sealing.vault import Vault, new_master_key
from cxport.store import database


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Resources]:
    """Give what a worker has at hand; it tries again at once, more often than a part may begin."""
    settings = BlobSettings(url=(tmp_path / "objects").as_uri())
    db = database.connect(f"sqlite:///{tmp_path / 'store.sqlite'}")
    db.migrate()
    found = Resources(
        db=db,
        box=Vault([new_master_key()]),
        blobs=blobs.connect(settings),
        blob_settings=settings,
        signing_key=new_signing_key(),
        environment={},
        clock=lambda: datetime.now(UTC),
        workers=1,
        part_rows=10_000,
        retention=timedelta(days=30),
        retry_seconds=(0.01,) * (MOST_STARTS + 5),
    )
    yield found
    found.readers.close()
    db.close()
