"""An installation with the operator's identity provider."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest

from cxport.services import ServiceSettings
from tests.api.installation import PUBLIC_URL, Installation, installed, migrated
from tests.identity.provider import IdentityProvider, set_up

CLAIMS = {
    "exporter": {"tenant": "Acme", "realm_access": {"roles": ["other", "cx-admins"]}},
    "viewer": {"tenant": "acme", "realm_access": {"roles": ["cx-viewers"]}},
    "stranger": {"tenant": "Acme", "realm_access": {"roles": ["somebody", 7]}},
    "elsewhere": {"tenant": "Nowhere", "realm_access": {"roles": ["cx-admins"]}},
    "ann": {"tenant": "Acme", "realm_access": {"roles": ["cx-viewers"]}},
}


@pytest.fixture(scope="session")
def provider() -> Iterator[IdentityProvider]:
    """Run the identity provider."""
    server = IdentityProvider()
    server.claims.update(CLAIMS)
    with server:
        yield server


@pytest.fixture
def userinfo_only(provider: IdentityProvider) -> Iterator[None]:
    """Let the provider tell claims at its userinfo endpoint alone."""
    provider.claims_in_userinfo_only = True
    provider.renewed()
    yield
    provider.claims_in_userinfo_only = False
    provider.renewed()


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a store once, to be copied."""
    return migrated(tmp_path_factory.mktemp("empty"))


@pytest.fixture
def install(
    empty_store: Path, tmp_path: Path
) -> Callable[..., AbstractContextManager[Installation]]:
    """Give what serves an installation of one's own."""
    return partial(installed, Path(shutil.copy(empty_store, tmp_path)), tmp_path)


@pytest.fixture
def own(
    install: Callable[..., AbstractContextManager[Installation]], provider: IdentityProvider
) -> Iterator[Installation]:
    """Serve an installation with two tenants, which knows the provider."""
    settings = ServiceSettings(public_url=PUBLIC_URL, providers=(set_up(provider),))
    with install(settings) as found:
        for name in ("Acme", "Other"):
            found.services.tenants.create_tenant(name)
        yield found
