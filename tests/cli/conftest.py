"""A running service, and a way to run commands as a user does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.commands import Cxport
from tests.client.served import Served, serving


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Run a service that holds one finished export."""
    with serving(tmp_path_factory.mktemp("served")) as found:
        yield found


@pytest.fixture
def cxport(capsys: pytest.CaptureFixture[str]) -> Cxport:
    """Give what runs a command and tells how it ended."""
    return Cxport(capsys)


@pytest.fixture
def as_user(served: Served, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Served:
    """Let commands find the running service, and work in a folder of their own."""
    monkeypatch.setenv("CXPORT_PROFILE", str(served.profile))
    monkeypatch.setenv("CXPORT_DATA", str(served.data))
    monkeypatch.chdir(tmp_path)
    return served
