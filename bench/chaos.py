"""Kills, stops and restarts over nine runs: `python -m bench.chaos [--seconds N] [--seed S]`."""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from tests.scenarios.chaos import chaos, told


def main() -> None:
    """Run the scenario and print what was done."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=120)
    options.add_argument("--seed", type=int, default=int(time.time()))
    options.add_argument("--interactions", type=int, default=20_000)
    given = options.parse_args()
    print(f"seed {given.seed}")
    with tempfile.TemporaryDirectory() as folder:
        done = chaos(Path(folder), given.seconds, given.seed, given.interactions)
    print(f"every run complete, nothing doubled, nothing left: {told(done)}")


if __name__ == "__main__":
    main()
