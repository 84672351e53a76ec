"""Ten thousand ticks under kills: `python -m bench.ticks [--minutes N] [--speed N]`.

Three tickers race on PostgreSQL over a clock that runs fast. One of them is killed again and again,
and the database is restarted, too. Ends with an error where a tick was lost or doubled.
"""

from __future__ import annotations

import argparse
import sys
import time

from tests.engine.ticking import Race
from tests.servers import PostgresServer

#: Every so-many-th kill the database is restarted as well.
_RESTARTS = 4


def main() -> int:
    """Race, check, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=int, default=3600)
    options.add_argument("--speed", type=float, default=2000)
    asked = options.parse_args()
    begun, restarts = time.monotonic(), 0
    with PostgresServer() as server:

        def at_kill(number: int) -> None:
            nonlocal restarts
            if number % _RESTARTS == 0:
                restarts += 1
                server.restart()

        race = Race(server.new_database(), asked.minutes, asked.speed, at_kill=at_kill)
        counts = race.run()
    seconds = time.monotonic() - begun
    print(f"{counts['ticks']} ticks in {counts['runs']} runs, {seconds:.0f} s")
    print(f"{counts['kills']} kills, {restarts} restarts of the database")
    print("0 ticks lost, 0 doubled")
    return 0


if __name__ == "__main__":
    sys.exit(main())
