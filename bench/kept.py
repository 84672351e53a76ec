"""Results, kept beside the page that is written from them, so that each step may be run alone."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

Json = dict[str, Any]

DOCS = Path(__file__).parents[1] / "docs"
RESULTS = DOCS / "benchmarks.json"

_VERSIONS = (
    "psql --version",
    "openssl version",
    "sqlite3 --version",
    "mariadb --version",
    "gzip --version",
    "igzip --version",
)


def kept(file: Path = RESULTS) -> Json:
    """Give what has been measured: `machine`, and `steps` by name."""
    if not file.exists():
        return {"machine": {}, "steps": {}}
    found: Json = json.loads(file.read_text())
    return found


def merged(before: Json, steps: Json, machine: Json) -> Json:
    """Give the results with these steps; figures of another machine are not kept beside them."""
    same = all(before["machine"].get(name) == machine[name] for name in ("cores", "processor"))
    older = before["steps"] if same else {}
    return {"machine": machine, "steps": {**older, **steps}}


def keep(results: Json, file: Path = RESULTS) -> None:
    """Write the results."""
    file.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")


def machine() -> Json:
    """Describe this machine and the programs on it."""
    return {
        "cores": os.cpu_count() or 1,
        "processor": _processor(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "programs": [said for command in _VERSIONS if (said := _said(command))],
    }


def _said(command: str) -> str:
    """Give the first line in which a program tells its version; nothing where it is not there."""
    try:
        done = subprocess.run(command.split(), capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    line = (done.stdout or done.stderr).partition("\n")[0].strip()
    return f"sqlite3 {line.split()[0]}" if command.startswith("sqlite3") else line


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    found = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(found, "an unnamed processor")
