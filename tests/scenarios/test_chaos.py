"""The chaos scenario, short: `make chaos` does it for minutes."""

from __future__ import annotations

from pathlib import Path

from tests.scenarios.chaos import chaos


def test_whatever_happens_every_run_ends_complete(tmp_path: Path) -> None:
    """Under kills, stops and database restarts nine runs end, complete, with nothing twice.

    Every object that is stored at the end belongs to a file that is listed.
    """
    done = chaos(tmp_path, seconds=45, seed=7, interactions=6000)

    assert done["kill"] > 3
    assert sum(done.values()) > done["kill"]
