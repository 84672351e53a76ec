"""The sizing model says what its figures mean."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.sizing import Costs, Demand, needs

COSTS = Costs(
    run_seconds=1.0,
    part_seconds=0.5,
    row_seconds=10e-6,
    worker_row_seconds=8e-6,
    source_row_seconds=4e-6,
    queue_seconds=0.5,
    worker_bytes=90_000_000,
    reader_bytes=60_000_000,
    worker_connections=12,
    run_operations=5.0,
    part_operations=2.0,
    row_bytes=2600.0,
    sealed_row_bytes=800.0,
)


def test_one_worker_takes_the_time_of_a_part_after_the_other() -> None:
    """A fixed time, eight parts' own, and each row's."""
    assert COSTS.seconds(rows=1_000_000, parts=8, workers=1, cores=2) == pytest.approx(1 + 4 + 10)


def test_workers_share_the_parts_until_the_cores_are_busy() -> None:
    """Two workers halve what a part takes; rows are as fast as two cores allow."""
    assert COSTS.seconds(rows=1_000_000, parts=8, workers=2, cores=2) == pytest.approx(1 + 2 + 6)
    assert COSTS.seconds(rows=1_000_000, parts=8, workers=4, cores=2) == pytest.approx(1 + 1 + 6)


def test_a_worker_without_a_part_is_no_gain() -> None:
    """Three parts on two workers take two rounds."""
    two = COSTS.seconds(rows=900_000, parts=3, workers=2, cores=64)

    assert two == pytest.approx(1 + 2 * 0.5 + 9 * 2 / 3)


def test_the_limit_that_is_met_first_stands_first() -> None:
    """What a demand needs is ordered by how far it goes beyond what there is."""
    found = needs(COSTS, Demand())

    assert [one.load for one in found] == sorted((one.load for one in found), reverse=True)
    assert {one.what for one in found} >= {"cores of workers", "connections to the store"}


def test_cores_follow_from_the_rows() -> None:
    """Half the days take twice the cores; slower rows take more."""
    first = {one.what: one.first for one in needs(COSTS, Demand())}
    sooner = {one.what: one.first for one in needs(COSTS, Demand(first_days=15))}
    slower = {
        one.what: one.first for one in needs(replace(COSTS, worker_row_seconds=16e-6), Demand())
    }

    assert first["cores of workers"] == pytest.approx(5e11 / (30 * 86_400) * 8e-6)
    assert sooner["cores of workers"] == pytest.approx(2 * first["cores of workers"])
    assert slower["cores of workers"] == pytest.approx(2 * first["cores of workers"])
