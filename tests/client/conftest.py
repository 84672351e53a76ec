"""A running service for the tests of the client."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cxport.client import Client
from tests.client.served import Served, serving


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Run a service that holds one finished export."""
    with serving(tmp_path_factory.mktemp("served")) as found:
        yield found


@pytest.fixture(autouse=True)
def unbroken(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test did to the way to the service ends with it."""
    yield
    if "served" in request.fixturenames:
        request.getfixturevalue("served").proxy.mend()


@pytest.fixture
def client(served: Served) -> Iterator[Client]:
    """Give a client of the running service."""
    with served.client() as found:
        yield found
