"""The storages that the contract is tried on."""

from __future__ import annotations

import pytest

from cxport.blobs import Blobs, BlobSettings, connect


@pytest.fixture(params=["local", "s3"])
def settings(request: pytest.FixtureRequest) -> BlobSettings:
    """Give the settings of an empty folder, and those of an empty prefix in a bucket."""
    found: BlobSettings = request.getfixturevalue(f"{request.param}_settings")
    return found


@pytest.fixture
def blobs(settings: BlobSettings) -> Blobs:
    """Give an empty storage of each kind."""
    return connect(settings)
