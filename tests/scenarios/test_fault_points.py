"""Killed at any point of a run, a service shows afterwards what it would have shown anyway."""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from cxport.blobs.base import BlobSettings
from tests.scenarios.fault_points import POINTS, Point
from tests.scenarios.faults import Corner, FaultyService
from tests.scenarios.opening import KeyPair
from tests.scenarios.running import cxport, kept_in
from tests.servers import PostgresServer, S3Server

STORES = ("sqlite", "postgres")
STORAGES = ("folder", "s3")

#: What `make faults` asks for: each point in each corner; otherwise each point once.
FAULTS = os.environ.get("FAULTS", "once")

Place = tuple[str, str, Point]


def everywhere() -> list[Place]:
    """Give each point with each store, and each storage that has it."""
    return [
        (store, storage, point)
        for store in STORES
        for storage in STORAGES
        for point in POINTS
        if point.storage in {"", storage}
    ]


def dealt() -> list[Place]:
    """Give each point once, the corners in turn."""
    found = everywhere()
    own = {point: [place for place in found if place[2] == point] for point in POINTS}
    return sorted(
        (own[point][number % len(own[point])] for number, point in enumerate(POINTS)),
        key=lambda place: place[:2],
    )


CHOSEN = everywhere() if FAULTS == "everywhere" else dealt()


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give a source that is exported in three parts."""
    dsn = f"sqlite:///{tmp_path_factory.mktemp('source') / 'history.sqlite'}"
    cxport("sample", dsn, "--interactions", "2100")
    return dsn


@pytest.fixture
def corner(  # noqa: PLR0913, PLR0917 - what a service stands on
    store: str,
    storage: str,
    keys: KeyPair,
    source: str,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> Iterator[Corner]:
    """Give a service with that store and that storage, and a run that nobody disturbed."""
    objects = BlobSettings(url=(tmp_path / "objects").as_uri())
    settings = {"blobs": objects.url}
    url = f"sqlite:///{tmp_path / 'data' / 'store.sqlite'}"
    if storage == "s3":
        server: S3Server = request.getfixturevalue("s3")
        objects = server.settings()
        settings = kept_in(objects)
    if store == "postgres":
        database: PostgresServer = request.getfixturevalue("postgres")
        url = database.new_database()
        settings["database"] = url
    with FaultyService(tmp_path, **settings, part_rows="1000", workers="1") as service:
        found = Corner(service, url, objects, keys, source)
        yield found
        found.close()


@pytest.mark.promise("R4")
@pytest.mark.promise("S9")
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("storage", STORAGES)
@pytest.mark.parametrize("store", STORES)
def test_a_crash_changes_nothing_you_can_see(corner: Corner, store: str, storage: str) -> None:
    """Rows, manifest, marks and objects are those of an undisturbed run; what is done stays (R4).

    Whatever the moment, nothing of the source is on disk in the clear (S9).
    """
    for of_store, of_storage, point in CHOSEN:
        if (of_store, of_storage) == (store, storage):
            try:
                corner.crash(point)
            except (AssertionError, TimeoutError, subprocess.TimeoutExpired) as error:
                error.add_note(f"killed at: {point.name}")
                raise


def test_each_corner_is_met_often() -> None:
    """The points are dealt so that each store with each storage has at least five."""
    met = Counter((store, storage) for store, storage, _ in dealt())

    assert len(met) == len(STORES) * len(STORAGES)
    assert min(met.values()) >= 5
    assert {point for _, _, point in dealt()} == set(POINTS)
