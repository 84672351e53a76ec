"""Measures the product, step by step: `python -m bench [NAME...] [--write]`.

Without names every step is run. Each starts the servers it needs on loopback, and steps of one call
share their samples. With `--write` the results go into docs/benchmarks.json beside those of other
steps, and the pages are written from there. The product knows nothing of all this.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from bench import kept, pages
from bench.steps import STEPS
from bench.work import grounds


def options() -> argparse.ArgumentParser:
    """Give the options of all steps."""
    named = "\n".join(f"  {one.name:12} {one.minutes:4.1f} min  {one.what}" for one in STEPS)
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=__doc__,
        epilog=f"steps, and what each takes with these sizes on two quiet cores:\n{named}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="steps to run; none: all")
    parser.add_argument("--interactions", type=int, default=500_000, help="in PostgreSQL")
    parser.add_argument("--others", type=int, default=500_000, help="in SQLite and MariaDB")
    parser.add_argument("--attachments", type=int, default=8_000, help="with attachments")
    parser.add_argument("--content", type=int, default=900_000_000, help="bytes of the largest one")
    parser.add_argument("--top", type=int, default=1_000_000, help="rows up to which growth goes")
    parser.add_argument("--records", type=int, default=1_000_000, help="of each list")
    parser.add_argument("--samples", type=int, default=60, help="pages of each kind")
    parser.add_argument("--gigabytes", type=float, default=1, help="of the service's run")
    parser.add_argument("--opened", type=int, default=1_000_000_000, help="bytes to be opened")
    parser.add_argument("--idle", type=float, default=60, help="seconds that the service idles")
    parser.add_argument("--runs", type=int, default=3, help="of each side")
    parser.add_argument("--write", action="store_true", help="keep the results, write the pages")
    return parser


def measured(given: argparse.Namespace) -> kept.Json:
    """Run the steps that are named, and give their results."""
    names = given.names or [one.name for one in STEPS]
    known = {one.name: one for one in STEPS}
    if unknown := sorted(set(names) - set(known)):
        raise SystemExit(f"no such step: {', '.join(unknown)}; there are {', '.join(known)}")
    load, found = os.getloadavg()[0], {}
    with tempfile.TemporaryDirectory() as folder, grounds(Path(folder)) as shared:
        for name in names:
            print(f"{name}: {known[name].what}", flush=True)
            begun = time.monotonic()
            result = known[name].run(shared, given)
            about = {
                "load": round(load, 1),
                "on": datetime.now(UTC).date().isoformat(),
                "took_seconds": round(time.monotonic() - begun),
            }
            found[name] = {**about, **result}
            if given.write:  # at once, so that what ends a later step takes nothing away
                pages.write(kept.merged(kept.kept(), found, kept.machine()))
    return found


def main(arguments: list[str]) -> None:
    """Measure, and print what was measured."""
    found = measured(options().parse_args(arguments))
    print(pages.benchmarks({"machine": kept.machine(), "steps": found}))
    failed = [name for name, result in found.items() if result.get("failed")]
    if failed:
        raise SystemExit(f"outside of its limits: {', '.join(failed)}")


if __name__ == "__main__":
    main(sys.argv[1:])
