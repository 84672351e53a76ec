"""Killed at any point of a run, a service shows afterwards what it would have shown anyway."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from cxport.blobs.base import BlobSettings
from tests.scenarios.fault_points import POINTS, Point
from tests.scenarios.faults import Corner, FaultyService
from tests.scenarios.opening import KeyPair
from tests.scenarios.running import cxport, kept_in
from tests.servers import PostgresServer, S3Server

STORES = ("sqlite", "postgres")
STORAGES = ("folder", "s3")

#: `make faults` kills at each point in each corner; otherwise each point has one of them.
EVERYWHERE = os.environ.get("FAULTS") == "everywhere"

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


def cases() -> list[Any]:
    """Give the cases; those of a corner stay together, as they share its service."""
    return [
        pytest.param(
            (store, storage),
            point,
            id=f"{store}-{storage}-{point.name}",
            marks=pytest.mark.xdist_group(f"faults-{store}-{storage}"),
        )
        for store, storage, point in (everywhere() if EVERYWHERE else dealt())
    ]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give a source that is exported in three parts."""
    dsn = f"sqlite:///{tmp_path_factory.mktemp('source') / 'history.sqlite'}"
    cxport("sample", dsn, "--interactions", "2100")
    return dsn


@pytest.fixture(scope="module")
def corner_of(
    keys: KeyPair,
    source: str,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Iterator[Callable[[str, str], Corner]]:
    """Give the service of a store and a storage, started when it is first asked for."""
    made: dict[tuple[str, str], Corner] = {}
    with ExitStack() as running:

        def corner(store: str, storage: str) -> Corner:
            if (store, storage) not in made:
                folder = tmp_path_factory.mktemp(f"{store}-{storage}")
                objects = BlobSettings(url=(folder / "objects").as_uri())
                settings = {"blobs": objects.url}
                url = f"sqlite:///{folder / 'data' / 'store.sqlite'}"
                if storage == "s3":
                    server: S3Server = request.getfixturevalue("s3")
                    objects = server.settings()
                    settings = kept_in(objects)
                if store == "postgres":
                    database: PostgresServer = request.getfixturevalue("postgres")
                    url = database.new_database()
                    settings["database"] = url
                service = FaultyService(folder, **settings, part_rows="1000", workers="1")
                running.enter_context(service)
                found = Corner(service, url, objects, keys, source)
                running.callback(found.close)
                made[store, storage] = found
            return made[store, storage]

        yield corner


@pytest.mark.promise("R4")
@pytest.mark.parametrize(("corner", "point"), cases())
def test_a_crash_changes_nothing_you_can_see(
    corner_of: Callable[[str, str], Corner], corner: tuple[str, str], point: Point
) -> None:
    """R4: rows, manifest, marks and objects are those of an undisturbed run; what is done stays."""
    corner_of(*corner).crash(point)


def test_each_corner_is_met_often() -> None:
    """The points are dealt so that each store with each storage has at least five."""
    met = Counter((store, storage) for store, storage, _ in dealt())

    assert len(met) == len(STORES) * len(STORAGES)
    assert min(met.values()) >= 5
    assert {point for _, _, point in dealt()} == set(POINTS)
