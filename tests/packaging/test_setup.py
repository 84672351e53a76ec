"""Setting up: what is missing is named, with the command that brings it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Give a checkout without an environment."""
    for name in ("tools", "requirements"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copyfile(ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    return tmp_path


def program(folder: Path, name: str, script: str) -> Path:
    """Make a program that stands in for one of the system's."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def refusal(folder: Path, *command: str, **variables: str) -> str:
    """Run a tool that must refuse, and give what it said."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stderr


def test_says_what_to_install_without_python(checkout: Path) -> None:
    """Without an interpreter the package is named."""
    said = refusal(checkout, "tools/setup.sh", "runtime", PYTHON="no-such-python")

    assert "no-such-python" in said
    assert "apt-get install python3 python3-venv" in said


def test_says_which_python_is_too_old(checkout: Path) -> None:
    """An older interpreter is refused before anything is made."""
    old = program(checkout / "old", "python3", 'test "$1" = -V && echo Python 3.9.2; exit 1')
    said = refusal(checkout, "tools/setup.sh", "runtime", PYTHON=str(old))

    assert "3.11 or later" in said
    assert "Python 3.9.2" in said
    assert not (checkout / ".venv").exists()


def test_says_what_to_install_without_venv(checkout: Path) -> None:
    """Debian's python3 alone makes no environment: the package that does is named."""
    programs = checkout / "programs"
    for name in ("bash", "dirname"):
        found = shutil.which(name)
        assert found
        program(programs, name, f'exec {found} "$@"')
    answers = 'case "$2" in *ensurepip*) exit 1;; *print*) echo python3.11-venv;; esac'
    program(programs, "python3", answers)
    said = refusal(checkout, "tools/setup.sh", "runtime", PATH=str(programs))

    assert "sudo apt-get install python3.11-venv" in said


def test_says_which_programs_the_tests_need() -> None:
    """Who is not root is told the whole command, with the missing packages."""
    setpriv, bash = shutil.which("setpriv"), shutil.which("bash")
    assert setpriv
    assert bash
    user = [setpriv, "--reuid=65534", "--regid=65534", "--clear-groups", "--"]
    script = (ROOT / "tools" / "system-packages.sh").read_text()
    said = refusal(
        Path("/"), *(user if os.geteuid() == 0 else []), bash, "-c", script, PATH="/nowhere"
    )

    assert "sudo apt-get install" in said
    assert "default-jdk-headless" in said
