"""The bill of materials names what is locked, and nothing else."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from tests.packaging.test_dependencies import LOCKS, ROOT


@pytest.mark.promise("S20")
def test_the_bill_names_every_locked_package() -> None:
    """Each entry of the lock with its version and every digest, as CycloneDX says."""
    made = subprocess.run(
        [sys.executable, "-m", "tools.sbom"], cwd=ROOT, check=True, capture_output=True
    ).stdout
    found = json.loads(made)
    lock = (LOCKS / "runtime.txt").read_text()

    assert (found["bomFormat"], found["specVersion"]) == ("CycloneDX", "1.6")
    named = {(one["name"], one["version"]) for one in found["components"]}
    assert named == set(re.findall(r"^([\w.-]+)==([^\s;]+)", lock, re.MULTILINE))
    digests = [
        one["value"]
        for component in found["components"]
        for one in component["properties"]
        if one["name"] == "cxport:sha256"
    ]
    assert sorted(digests) == sorted(re.findall(r"sha256:(\w+)", lock))
    references = [one["bom-ref"] for one in found["components"]]
    assert len(references) == len(set(references))
