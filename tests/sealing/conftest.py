"""Key owners, made once: RSA keys take their time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sealing.samples import Owner, new_owner


@pytest.fixture(scope="session")
def folder_of_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keep the keys' files."""
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="session")
def alice(folder_of_keys: Path) -> Owner:
    """Own a key of 2048 bits."""
    return new_owner(folder_of_keys, "alice")


@pytest.fixture(scope="session")
def bob(folder_of_keys: Path) -> Owner:
    """Own another key."""
    return new_owner(folder_of_keys, "bob")


@pytest.fixture(scope="session")
def carol(folder_of_keys: Path) -> Owner:
    """Own a key so short that thousands of damaged files can be tried in seconds."""
    return new_owner(folder_of_keys, "carol", bits=1024)
