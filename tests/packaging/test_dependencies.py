"""Dependencies: locked with hashes, in step with pyproject.toml, and owned by one package each."""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import grimp
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = ROOT / "requirements"
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONTRACTS: list[dict[str, Any]] = PROJECT["tool"]["importlinter"]["contracts"]


def pins(lock: str) -> dict[str, str]:
    """Read the versions of a lock file; a package that varies with the Python has its highest."""
    found = re.findall(r"^([\w.-]+)==(\S+)", (LOCKS / f"{lock}.txt").read_text(), re.MULTILINE)
    return dict(sorted(found))


def requirements(group: str) -> list[Requirement]:
    """Read what a lock file is made from."""
    groups = PROJECT["dependency-groups"]
    entries = {"runtime": PROJECT["project"]["dependencies"], **groups}[group]
    return [Requirement(entry) for entry in entries if isinstance(entry, str)]


def _names(group: str) -> set[str]:
    return {canonicalize_name(one.name) for one in requirements(group)}


@pytest.mark.parametrize("lock", ["runtime", "build", "dev"])
def test_every_locked_package_has_its_hashes(lock: str) -> None:
    """A package whose bytes are not known in advance is not installed."""
    entries = re.split(r"^(?=\w)", (LOCKS / f"{lock}.txt").read_text(), flags=re.MULTILINE)[1:]

    bare = [entry for entry in entries if "--hash=sha256:" not in entry]

    assert entries
    assert not bare


@pytest.mark.parametrize("lock", ["runtime", "build", "dev"])
def test_locks_follow_the_project(lock: str) -> None:
    """Who adds a dependency or moves its bounds writes the locks anew (make lock)."""
    locked = pins(lock)

    for wanted in requirements(lock):
        assert wanted.specifier.contains(locked[canonicalize_name(wanted.name)]), wanted


def test_every_dependency_is_used() -> None:
    """What users install is imported by our code, or by a library that asks for it."""
    imported = {name.split(".")[0] for name in _libraries()}
    used = {
        canonicalize_name(package)
        for module, packages in packages_distributions().items()
        for package in packages
        if module in imported
    }
    asked_for_by_others = {"python-multipart", "tzdata"}

    assert set() == _names("runtime") - used - asked_for_by_others


def test_tests_run_what_users_run() -> None:
    """The development lock holds the versions of the runtime lock."""
    development = pins("dev")

    assert pins("runtime").items() <= development.items()
    assert pins("build").items() <= development.items()


def test_every_package_of_ours_has_its_importers_named() -> None:
    """A new package cannot be imported from anywhere: the contracts say who may."""
    named = {module for c in CONTRACTS for module in c.get("protected_modules", ())}
    found = {
        f"cxport.{path.stem}"
        for path in (ROOT / "src" / "cxport").iterdir()
        if (path.suffix == ".py" or (path.is_dir() and any(path.glob("*.py"))))
    }

    assert set() == found - named - {"cxport.__init__", "cxport.__main__", "cxport.domain"}


def test_every_library_has_an_owner() -> None:
    """A third-party library is imported by the packages that a contract names, or not at all."""
    owned = {module for c in CONTRACTS for module in c.get("protected_modules", ())}
    only_for_types = {"_typeshed"}

    assert set() == _libraries() - owned - sys.stdlib_module_names - only_for_types


def _libraries() -> set[str]:
    """Name what our code imports that is not ours."""
    graph = grimp.build_graph("cxport", include_external_packages=True, cache_dir=None)
    return {name for name in graph.modules if name.split(".")[0] != "cxport"}
