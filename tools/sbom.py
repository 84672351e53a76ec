"""Writes what a release is made of, as CycloneDX 1.6 JSON: `make sbom`.

Every package of requirements/runtime.txt with its version, where it applies, and the digests that
its installation is held to. The same lock gives the same bytes.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
_ENTRY = re.compile(r"^(?=[A-Za-z0-9])", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def bill(lock: str, project: dict[str, Any]) -> dict[str, Any]:
    """Give the bill of materials of a lock file's text."""
    packages = [_component(entry) for entry in _ENTRY.split(lock) if "==" in entry]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": f"pkg:pypi/{project['name']}",
                "name": project["name"],
                "purl": f"pkg:pypi/{project['name']}",
            }
        },
        "components": packages,
    }


def _component(entry: str) -> dict[str, Any]:
    """Describe a package; its digests are those of every file that may be installed."""
    pin = Requirement(entry.partition("\\")[0].strip())
    (version,) = (one.version for one in pin.specifier)
    purl = f"pkg:pypi/{canonicalize_name(pin.name)}@{version}"
    marker = [{"name": "cxport:marker", "value": str(pin.marker)}] if pin.marker else []
    files = [{"name": "cxport:sha256", "value": digest} for digest in _HASH.findall(entry)]
    return {
        "type": "library",
        "bom-ref": purl,
        "name": pin.name,
        "version": version,
        "purl": purl,
        "properties": [*marker, *files],
    }


def main() -> None:
    """Write to standard output."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lock = (ROOT / "requirements" / "runtime.txt").read_text()
    json.dump(bill(lock, project), sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
