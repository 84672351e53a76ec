"""The wheel: what is inside, that it is reproducible, and that it works where nothing else is."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "src" / "cxport"

# One worker builds and installs it for all tests of this file
pytestmark = pytest.mark.xdist_group("wheel")


def build(project: Path, into: Path, **variables: str) -> Path:
    """Build the wheel of a project folder."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(into)]
    environment = {**os.environ, **variables}
    subprocess.run(command, cwd=project, check=True, capture_output=True, env=environment)
    (wheel,) = into.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel of this tree."""
    return build(ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Install the wheel into an environment of its own and give its programs' folder.

    Dependencies are those of the environment that runs the tests, lent by a path file, so that
    nothing is downloaded; a path file within a lent folder is not followed, so our own sources,
    which are installed there for development, stay out.
    """
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--offline", "--no-deps"]
    subprocess.run([*command, "--python", str(python), str(wheel)], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    yield python.parent
    shutil.rmtree(folder)


def run(program: Path, *arguments: str, cwd: Path) -> str:
    """Run a program away from our sources and give what it printed."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    done = subprocess.run(
        [program, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_holds_every_file_of_the_package(wheel: Path) -> None:
    """Mappings, migrations, phrases and the typing marker are inside, not only modules."""
    wanted = {
        f"cxport/{path.relative_to(SOURCES)}"
        for path in SOURCES.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    with zipfile.ZipFile(wheel) as archive:
        found = {name for name in archive.namelist() if ".dist-info/" not in name}

    assert wanted == found
    assert {"cxport/py.typed", "cxport/sources/mappings/ucs85.toml"} <= found
    assert any(name.startswith("cxport/store/migrations/") for name in found)


def test_names_its_licence_and_python(wheel: Path) -> None:
    """An installer and an auditor read licence and interpreter from the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        metadata = archive.read(name).decode()
        licence = archive.read(name.replace("METADATA", "licenses/LICENSE"))

    assert "License-Expression: Apache-2.0\n" in metadata
    assert "Requires-Python: >=3.11\n" in metadata
    assert (ROOT / "LICENSE").read_bytes() == licence


def copy_sources(tmp_path: Path) -> None:
    """Copy what a wheel is built from, with other times and permissions."""
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        shutil.copyfile(ROOT / name, tmp_path / name)
    shutil.copytree(SOURCES, tmp_path / "src" / "cxport", copy_function=shutil.copyfile)
    shutil.copytree(ROOT / "native", tmp_path / "native")
    (tmp_path / "tools").mkdir()
    shutil.copyfile(ROOT / "tools" / "native.py", tmp_path / "tools" / "native.py")
    for path in tmp_path.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
        os.utime(path, (1_000_000_000, 1_000_000_000))


def test_the_same_sources_give_the_same_bytes(wheel: Path, tmp_path: Path) -> None:
    """A checkout elsewhere, at another time and with other permissions, builds the same wheel."""
    copy_sources(tmp_path)

    assert wheel.read_bytes() == build(tmp_path, tmp_path / "dist").read_bytes()


def test_the_compiled_code_fits_every_python(wheel: Path) -> None:
    """The wheel holds the compiled code in the stable ABI, and says so in its name."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()

    assert "-cp311-abi3-linux_" in wheel.name
    assert "cxport/formats/_transcoder.abi3.so" in names


def test_builds_without_a_compiler(tmp_path: Path) -> None:
    """Where there is no compiler the wheel is the pure one, and no older code gets into it."""
    copy_sources(tmp_path)
    pure = build(tmp_path, tmp_path / "dist", CC="/nowhere/cc")
    with zipfile.ZipFile(pure) as archive:
        names = archive.namelist()

    assert pure.name.endswith("-py3-none-any.whl")
    assert not [name for name in names if name.endswith(".so")]


def test_runs_from_the_wheel_alone(installed: Path, tmp_path: Path) -> None:
    """What is imported is the installed package, not the sources beside the tests."""
    code = "import cxport; print(cxport.__file__)"

    assert str(installed.parent) in run(installed / "python", "-c", code, cwd=tmp_path)


def test_tells_its_version_and_commands(installed: Path, tmp_path: Path) -> None:
    """The command is installed, knows its version and lists what it can do."""
    program = installed / "cxport"

    assert "0.1.0" in run(program, "version", cwd=tmp_path)
    assert "serve" in run(program, "--help", cwd=tmp_path)


def test_sets_up_a_data_folder(installed: Path, tmp_path: Path) -> None:
    """Migrations work from the wheel: a first start makes store, administrator and tenant."""
    data = tmp_path / "data"
    found = json.loads(
        run(installed / "cxport", "init", "--data", str(data), "--json", cwd=tmp_path)
    )

    wanted = {"tenant", "api_key", "client_id", "client_secret", "username", "password"}
    assert wanted == set(found)
    assert data.stat().st_mode & 0o077 == 0
